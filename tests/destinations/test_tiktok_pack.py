from __future__ import annotations

import json
from collections.abc import Callable

from fullsignal.destinations import tiktok
from fullsignal.outgoing import Payload

Account = Callable[..., tiktok.Settings]
PIXEL = "CD9079RC77U0N3GBV16Y"
WEB = ("web", PIXEL, "")


def test_a_request_holds_the_root_the_events_and_the_token(account: Account) -> None:
    test = ("web", PIXEL, 'T"1')
    made = [(1, Payload(b'{"a":1}', WEB)), (2, Payload(b'{"a":2}', test)), (3, Payload(b'{"a":3}', WEB))]
    settings = account(settings={"pixel_code": PIXEL, "partner_name": "Shop & Co"})
    plain, tested = tiktok.pack(made, settings, "test_token")

    assert plain.url == "https://business-api.tiktok.com/open_api/v1.3/event/track/"
    assert plain.headers == {"Access-Token": "test_token", "Content-Type": "application/json"}
    assert plain.seqs == [1, 3]
    assert json.loads(plain.body) == {
        "event_source": "web",
        "event_source_id": PIXEL,
        "partner_name": "Shop & Co",
        "data": [{"a": 1}, {"a": 3}],
    }
    assert tested.seqs == [2]
    assert json.loads(tested.body) == {
        "event_source": "web",
        "event_source_id": PIXEL,
        "test_event_code": 'T"1',
        "partner_name": "Shop & Co",
        "data": [{"a": 2}],
    }


def test_two_thousand_and_one_events_are_three_requests(account: Account) -> None:
    made = [(seq, Payload(b"{}", WEB)) for seq in range(2001)]
    requests = tiktok.pack(made, account(), "t")

    assert [len(r.seqs) for r in requests] == [1000, 1000, 1]
    assert [seq for r in requests for seq in r.seqs] == list(range(2001))


def test_a_request_never_has_more_bytes_than_allowed(account: Account) -> None:
    # {"event_source":"web","event_source_id":"CD9079RC77U0N3GBV16Y","data":[ has 71 bytes, the end ]} has 2.
    # An event is 6 + 3,992 + 2 = 4,000: four of them and three commas make 16,076, and a fifth is too many
    # for 16,384.
    large = Payload(b'{"x":"' + b"y" * 3992 + b'"}', WEB)
    requests = tiktok.pack([(seq, large) for seq in range(9)], account(batch_bytes_max=16_384), "t")

    assert [len(r.seqs) for r in requests] == [4, 4, 1]
    assert [len(r.body) for r in requests] == [16_076, 16_076, 4_073]


def test_nothing_prepared_is_nothing_to_send(account: Account) -> None:
    assert tiktok.pack([], account(), "t") == []
