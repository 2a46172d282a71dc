"""timestamp = receivedAt - (sentAt - originalTimestamp), within bounds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fullsignal.sources.reading import Document
from fullsignal.sources.segment_time import happened, seconds

NOW = 1_795_184_110.0


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T14:15:10Z", 1_795_184_110),
        ("2026-11-20T14:15:10.250Z", 1_795_184_110.25),
        ("2026-11-20T14:15:10.123456789Z", 1_795_184_110.123456),
        ("2026-11-20T16:15:10+02:00", 1_795_184_110),
        ("2026-11-20T14:15:10", 1_795_184_110),
        (1_795_184_110, 1_795_184_110),
        (1_795_184_110_500, 1_795_184_110.5),
        ("1795184110", 1_795_184_110),
    ],
)
def test_a_time_in_its_forms(text, expected):
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text", ["", "yesterday", None, True, [], {}, -5, 0, "0001-01-01T00:00:00Z", "9" * 40]
)
def test_what_is_no_time(text):
    assert seconds(text) is None


@pytest.mark.parametrize(
    ("at", "sent", "expected", "noted"),
    [
        (NOW - 10, None, NOW - 10, False),
        (NOW - 10, NOW - 1, NOW - 10, False),  # the way here
        # An hour ahead, and half a minute before it was sent.
        (NOW + 3_570, NOW + 3_600, NOW - 30, True),
        (NOW - 3_630, NOW - 3_600, NOW - 30, True),  # an hour behind
        (NOW - 130, NOW - 30, NOW - 100, False),
        (NOW - 3 * 86_400, NOW - 2 * 86_400, NOW - 3 * 86_400, False),  # it waited somewhere
        (NOW + 400 * 86_400, NOW + 400 * 86_400, NOW, True),
        (NOW + 50, NOW + 20, NOW, False),  # after it was sent: not later than now
        (NOW - 365 * 86_400, NOW, NOW - 365 * 86_400, False),  # history, told by a right clock
    ],
)
def test_a_wrong_clock_is_corrected(at, sent, expected, noted):
    document = Document({"timestamp": iso(at)})
    assert happened(document, iso(sent) if sent else None, NOW) == pytest.approx(expected)
    assert [note.code for note in document.notes] == (["clock_corrected"] if noted else [])


def test_the_batchs_sent_at_counts_before_the_calls():
    document = Document({"timestamp": iso(NOW - 10), "sentAt": iso(NOW + 3_600)})
    assert happened(document, iso(NOW), NOW) == NOW - 10


def test_what_segment_itself_sends_on_is_corrected_already():
    document = Document(
        {"timestamp": iso(NOW - 10), "originalTimestamp": iso(NOW + 3_590), "sentAt": iso(NOW + 3_600)}
    )
    assert happened(document, None, NOW) == NOW - 10


def test_the_original_alone_is_corrected():
    document = Document({"originalTimestamp": iso(NOW + 3_590), "sentAt": iso(NOW + 3_600)})
    assert happened(document, None, NOW) == NOW - 10


def test_no_time_is_none_and_an_unreadable_one_is_noted():
    assert happened(Document({}), None, NOW) is None
    document = Document({"timestamp": "soon"})
    assert happened(document, None, NOW) is None
    assert [note.code for note in document.notes] == ["field_unreadable"]
