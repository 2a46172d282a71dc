"""Half of a character costs that character, and no sale."""

from __future__ import annotations

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fullsignal.model import Incoming
from fullsignal.sources import api
from fullsignal.sources.reading import decode
from fullsignal.sources.surrogates import mended

texts = st.text(max_size=20)
halves = st.text(st.characters(categories=["Cs"]), max_size=3)


@given(st.lists(st.tuples(texts, halves, st.sampled_from(["", "\\", "\\\\", "\\ud83d", "\U0001f600"]))))
def test_everything_that_javascript_writes_can_be_read(pieces: list[tuple[str, str, str]]) -> None:
    text = "".join("".join(piece) for piece in pieces)
    written = json.dumps({"a": text}).encode()  # as JSON.stringify writes it
    # Two halves that meet are a whole one to every reader.
    paired = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert msgspec.json.decode(mended(written)) == {"a": paired}


@given(st.dictionaries(texts, texts))
def test_what_is_whole_stays_as_it_is(value: dict[str, str]) -> None:
    for ascii_only in (True, False):
        written = json.dumps(value, ensure_ascii=ascii_only).encode()
        assert mended(written) == written


def test_a_batch_and_a_single_event_are_taken() -> None:
    view = rb'{"event":"view_item","items":[{"item_name":"Shoe \ud83d"}]}'
    (alone,) = api.decode(view)
    sale, beside = api.decode(b'{"batch":[{"event":"purchase","order_id":"1"},' + view + b"]}")
    assert isinstance(sale, Incoming)
    for one in (alone, beside):
        assert isinstance(one, Incoming)
        assert one.raw.items is not None
        assert one.raw.items[0].item_name == "Shoe \ufffd"


def test_a_signed_order_is_read() -> None:
    assert decode(rb'{"note":"\udc00 thanks"}').root == {"note": "\ufffd thanks"}
