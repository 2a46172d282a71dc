"""fullsignal.Client against a server that misbehaves: nothing is lost, nothing is sent without end."""

from __future__ import annotations

import time

import pytest

KEY = "sk_shop_0123456789"


@pytest.mark.parametrize(
    "answer",
    [
        (503, {"Retry-After": "0"}, b'{"results":[],"errors":[{"code":"queue_full"}]}'),
        (503, {}, b"<html>"),
        (500, {}, b""),
        (502, {}, b"Bad Gateway"),
        (408, {}, b""),
        (429, {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, b""),
        (200, {}, b"<html>it works</html>"),
        (202, {}, b'{"results":[]}'),
        (202, {}, b'{"results":[{"index":1,"status":"accepted"}]}'),
        (202, {}, b'{"results":[{"index":0,"status":"perhaps"}]}'),
        (202, {}, b"[" * 100_000),
        (0, {}, b""),
    ],
)
def test_what_was_not_answered_for_is_sent_again_under_the_same_id(script, make, answer):
    script.answers = [answer]
    client = make(script.url)

    client.track("purchase", event_id="e-1")

    assert client.flush()
    assert [[e["event_id"] for e in batch] for batch in script.seen] == [["e-1"], ["e-1"]]
    assert script.seen[0] == script.seen[1]
    assert (client.stats()["sent"], client.stats()["retried"]) == (1, 1)


@pytest.mark.parametrize("status", [401, 403, 404, 415, 422])
def test_a_refusal_is_final(script, make, status):
    script.answers = [(status, {}, b"no")]
    given_up = []
    client = make(script.url, on_error=lambda e, p: given_up.append(p["code"]))

    client.track("a")

    assert client.flush()
    assert (len(script.seen), given_up) == (1, [f"http_{status}"])


def test_a_redirect_is_not_followed_for_it_would_carry_the_key_away(script, make):
    script.answers = [(308, {"Location": "https://elsewhere.example/"}, b"")]
    given_up = []
    client = make(script.url, on_error=lambda e, p: given_up.append(p["remedy"]))

    client.track("a")

    assert client.flush()
    assert given_up == ["Give the client that url: https://elsewhere.example/"]


def test_each_event_has_its_own_fate(script, make):
    script.answers = [script.results("accepted", "duplicate", "rejected", "accepted")]
    given_up = []
    client = make(script.url, on_error=lambda e, p: given_up.append((e["event_id"], p["code"])))

    for i in range(4):
        client.track("a", event_id=str(i))

    assert client.flush()
    assert client.stats() == {**client.stats(), "sent": 2, "duplicate": 1, "rejected": 1}
    assert given_up == [("2", "no")]


def test_a_batch_that_is_refused_as_a_whole_is_halved_until_the_cause_is_alone(script, make):
    def strict(events):
        bad = any(e["event_id"] == "5" for e in events)
        return (400, {}, b'{"results":[],"errors":[{"code":"odd"}]}') if bad else script.accept(events)

    script.answers = [strict] * 50
    given_up = []
    client = make(script.url, on_error=lambda e, p: given_up.append((e["event_id"], p["code"])))

    for i in range(8):
        client.track("a", event_id=str(i))

    assert client.flush()
    assert given_up == [("5", "odd")]
    assert client.stats()["sent"] == 7


def test_retry_after_is_waited_for(script, make):
    script.answers = [(503, {"Retry-After": "1"}, b"")]
    client = make(script.url)

    began = time.monotonic()
    client.track("a")

    assert client.flush()
    assert 1 <= time.monotonic() - began < 3
