"""A file's events and bodies are those that intake and the destination make of its rows one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fullsignal import consent as consenting
from fullsignal.bulk import Reading, requests, take
from fullsignal.config import Connection, Orders, Site
from fullsignal.destinations import tiktok
from fullsignal.identity.ids import NAMES
from fullsignal.intake import Caller
from fullsignal.intake import take as intake_take
from fullsignal.model import (
    Consent,
    Event,
    Incoming,
    RawEvent,
    RawItem,
    RawLead,
    RawPage,
    RawUser,
    RejectedError,
)
from fullsignal.outgoing import Skip

NOW = 1_795_200_000.0


@pytest.fixture(scope="module", params=[1, 200], autouse=True)
def numbers_of_one_country(request: pytest.FixtureRequest) -> Iterator[None]:
    """From how many numbers on phones go by patterns: so few rows would never come to it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fullsignal.bulk.phones.MANY", request.param)
        yield


DIGEST = "b64b178a98dfec3c9923bfa5ecacb1789ae82e7032542785a08d0864dd32c7f6"
NONE_HASHED = "140bedbf9c3f6d56a9846d2ba7088798683f4da0c248231336e6a05679e4fdfe"  # SHA-256 of "none"
ZEROS_HASHED = "86ad8ed6a6d8be3b8f9dbb6e1a5c0cd5c0d5bb5d2e2b6c6f8b3a1d0e4f5a6b7c"

TEXT = st.text(max_size=20)
EMAILS = st.one_of(
    st.sampled_from(
        [
            *("a.b+c@gmail.com", "Maya.Okafor@Example.com", "x@y", "no-reply@example.com", "test@test.com"),
            *(
                "first_last@example.co.uk",
                "o'brien@example.org",
                "a..b@googlemail.com",
                "bad-email",
                "@",
                "a@",
            ),
            *(
                "jörg@example.de",
                "+tag@example.com",
                "-@x.com",
                "a,b@example.com",
                "x@-",
                "user%40x@example.com",
            ),
            *(DIGEST, DIGEST.upper(), NONE_HASHED, "a@b@c.com", "x@example..com", "x@.com", "ab@xn--p1ai"),
        ]
    ),
    st.from_regex(r"[A-Za-z0-9.+_-]{1,12}@(gmail|example|x)\.(com|de)", fullmatch=True),
    TEXT,
)
PHONES = st.one_of(
    st.sampled_from(
        [
            *(
                "+12025550143",
                "+447700900123",
                "(202) 555-0143",
                "2025550143",
                "12025550143",
                "0049 176 1234567",
            ),
            *(
                "+11111111111",
                "0000000000",
                "+10000000000",
                "176 12345678",
                "+4917612345678",
                "+49017612345678",
            ),
            *(
                "12",
                "+1",
                "call me",
                DIGEST,
                ZEROS_HASHED,
                "+1 (202) 555-0143",
                "020 7946 0018",
                "+8613812345678",
            ),
            *(
                "+3312345678",
                "+33123456789",
                "+33(0)1 23 45 67 89",
                "01012345678",
                "+80012345678",
                "+999123456789",
            ),
        ]
    ),
    st.from_regex(r"\+(1|44|49|33|61|7|39|55|52|81|86|91)[0-9]{6,12}", fullmatch=True),
    st.from_regex(r"0?[0-9]{6,11}", fullmatch=True),
    TEXT,
)
PLACES = st.one_of(
    st.sampled_from(["New York", "São Paulo", "St. John's", "null", "x", "Łódź", "test", DIGEST]), TEXT
)
ZIPS = st.one_of(
    st.sampled_from(["10001", "10001-2345", "SW1A 1AA", "00000", "D-10115", "1234567", DIGEST, "٣٤"]), TEXT
)
IPS = st.one_of(
    st.sampled_from(
        [
            *(
                "203.0.113.24",
                "10.0.0.1",
                "192.168.1.1",
                "172.20.0.1",
                "172.32.0.1",
                "100.64.0.1",
                "100.128.0.1",
            ),
            *("224.0.0.1", "127.0.0.1", "0.0.0.0", "256.1.1.1", "01.2.3.4", "1.2.3", "2001:db8::1", "::1"),
            *("::ffff:203.0.113.9", "fe80::1", "169.254.1.1", "99.1.2.3", "unknown"),
        ]
    ),
    st.ip_addresses().map(str),
    TEXT,
)
URLS = st.sampled_from(
    [
        *(
            "https://shop.example/",
            "https://shop.example/a/b?x=1",
            "https://shop.example/?ttclid=E.C.P.abc&gclid=1",
        ),
        *(
            "https://shop.example/?email=a@b.com",
            "https://u:p@shop.example/x",
            "/thanks",
            "https://shop.example/a@b.co",
        ),
        *(
            "https://shop.example/" + "a" * 900,
            "https://shop.example/%40",
            "https://shop.example/#x=1",
            "nonsense",
        ),
    ]
)
IDS = st.one_of(
    st.sampled_from(
        ["1001", "#1001", "##", "a@b.com", "x" * 300, "{order_number}", 'say "hi"\\', "null", "é", "a b"]
    ),
    TEXT,
)
CLICKS = st.one_of(
    st.sampled_from(["E.C.P." + "a" * 40, "x" * 1001, "__CLICKID__", "null", 'a"b\\c', "é"]), TEXT
)
# As a file has them -> as the public API would be told.
ITEMS: dict[str, list[RawItem] | None] = {
    '[{"content_id":"SKU-1","price":24,"quantity":2}]': [RawItem("SKU-1", price=24, quantity=2)],
    '[{"id":7,"name":"Socks \\"L\\"","price":"9.50"},{"sku":"b"}]': [
        RawItem("7", 'Socks "L"', price="9.50"),
        RawItem("b"),
    ],
    '[{"title":"a@b.com mail","qty":"1"}]': [RawItem(item_name="a@b.com mail", quantity="1")],
    '[{"id":"x","price":"1,50"}]': [RawItem("x", price="1,50")],
    '[{"id":"x","quantity":0.5}]': [RawItem("x", quantity=0.5)],
    "[{}]": [RawItem()],
    "[]": [],
}
ANYTHING: dict[str, st.SearchStrategy[str]] = {
    "email": EMAILS,
    "phone": PHONES,
    "external_id": IDS,
    "first_name": PLACES,
    "last_name": PLACES,
    "city": PLACES,
    "state": PLACES,
    "zip": ZIPS,
    "country": st.sampled_from(
        ["US", "us", "Germany", "DE", "xx", "UK", "The Netherlands", "XK", "Côte d'Ivoire"]
    ),
    "ip": IPS,
    "user_agent": st.one_of(
        st.sampled_from(['Mozilla/5.0 "x" \\', "null", "x" * 1100, "Mozilla/5.0 é"]), TEXT
    ),
    "locale": st.sampled_from(["en-US", "en_US", "english!", "null"]),
    "visitor_id": st.sampled_from(["fs.1.abc", "a@b.com", "x" * 300, "null"]),
    "ttclid": CLICKS,
    "ttp": CLICKS,
    "gclid": CLICKS,
    "idfa": st.sampled_from(["6D92078A-8246-4BA4-AE5B-76104861E7DC"]),
    "order_id": IDS,
    "order_number": IDS,
    "event_id": IDS,
    "value": st.one_of(
        st.floats(allow_nan=False, allow_infinity=False).map(repr),
        st.sampled_from(["0", "46.0", "46", "-5", "0.1"]),
    ),
    "currency": st.sampled_from(["USD", "usd", "EUR", "XXX", "$", "US", "JPY", "KZT"]),
    "page_url": URLS,
    "referrer": URLS,
    "customer_type": st.sampled_from(["new", "RETURNING", "vip", "é"]),
    "content_type": st.sampled_from(["product", "Product_Group", "x"]),
    "content_ids": st.sampled_from(["a,b", '["a","b"]', "a"]),
    "num_items": st.sampled_from(["0", "2", "2.5", "-1", "2.0"]),
    "contents": st.sampled_from(sorted(ITEMS)),
    "shop_id": IDS,
    "description": st.sampled_from(["Two socks", "mail a@b.com", "+1 202 555 0143", "x" * 50, "é"]),
    "search_term": st.sampled_from(["socks", "a@b.com"]),
    "channel": st.sampled_from(["web", "offline", "crm", "app"]),
    "consent": st.sampled_from(["granted", "no", "unknown"]),
    "ad_storage": st.sampled_from(["denied", "yes"]),
    "lead_id": st.sampled_from(["123", "é", 'x"y']),
    "lead_event_source": st.sampled_from(["crm", "x y"]),
    "test_event_code": st.sampled_from(["TEST123"]),
}
USER = [name for name in RawUser.__struct_fields__ if name in ANYTHING]
PLAIN = [
    *(
        "event_id",
        "order_id",
        "order_number",
        "currency",
        "customer_type",
        "channel",
        "content_type",
        "shop_id",
    ),
    *("description", "search_term", "test_event_code"),
]
EVENTS = st.sampled_from(
    ["purchase", "Purchase", "CompletePayment", "lead", "my event!", "Refund", "page_view", "x" * 101]
)
TIMES = st.integers(min_value=1_700_000_000, max_value=1_795_300_000)
NOTHING = ("", "\\N", "NULL", "null", "#N/A")


@st.composite
def files(draw: st.DrawFn) -> list[dict[str, str | None]]:
    fields = draw(st.lists(st.sampled_from(sorted(ANYTHING)), unique=True, max_size=12))
    rows = draw(st.integers(1, 8))
    return [
        {
            "event": draw(EVENTS),
            "event_time": str(draw(TIMES)),
            **{field: draw(st.one_of(st.none(), ANYTHING[field])) for field in fields},
        }
        for _ in range(rows)
    ]


SITES = st.builds(
    Site,
    name=st.just("shop"),
    country=st.sampled_from(["", "US", "DE", "GB"]),
    consent_unknown=st.sampled_from(["send", "region", "deny"]),
    orders=st.builds(
        Orders,
        order_ref=st.sampled_from(["id", "number"]),
        purchase_id=st.sampled_from(["purchase.{order_id}", "{order_number}-{order_id}", "o{order_id}o"]),
    ),
)
SENDS = Connection(
    "shop",
    "tiktok",
    "tiktok",
    "live",
    batch_events_max=3,
    settings={"pixel_code": "CD9079RC77U0N3GBV16Y", "offline_event_set_id": "77", "crm_event_set_id": "78"},
)


def frame_of(rows: list[dict[str, str | None]]) -> pl.DataFrame:
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    numbers = pl.int_range(1, len(rows) + 1, dtype=pl.UInt64, eager=True)
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
        numbers.alias("__row")
    )


def told(row: dict[str, str | None]) -> dict[str, str]:
    """What is there, trimmed, as a careful person would copy it out of the file."""
    trimmed = {name: (value or "").strip() for name, value in row.items()}
    return {name: value for name, value in trimmed.items() if value not in NOTHING}


def raw_of(row: dict[str, str], event_id: str) -> RawEvent:
    words = {"granted": "granted", "yes": "granted", "no": "denied", "denied": "denied", "unknown": ""}
    every = words[row.get("consent", "unknown")]
    consent = Consent(words[row["ad_storage"]] if "ad_storage" in row else every, every, every)
    lead = {name: row[name] for name in ("lead_id", "lead_event_source") if name in row}
    ids = row.get("content_ids")
    return RawEvent(
        event=row["event"],
        event_time=int(row["event_time"]),
        user=RawUser(
            **{name: row[name] for name in USER if name in row},
            ids={name: row[name] for name in sorted(NAMES) if name in row},
        ),
        page=RawPage(url=row.get("page_url"), referrer=row.get("referrer")),
        value=float(row["value"]) if "value" in row else None,
        num_items=float(row["num_items"]) if "num_items" in row else None,
        consent=consent,
        lead=RawLead(**lead),
        items=ITEMS[row["contents"]] if "contents" in row else None,
        content_ids=None if ids is None else ["a", "b"] if "b" in ids else ["a"],
        **({name: row[name] for name in PLAIN if name in row} | ({"event_id": event_id} if event_id else {})),
    )


def one_by_one(
    rows: list[dict[str, str | None]], site: Site, found: dict[int, Event]
) -> tuple[list[tuple[int, Event]], list[tuple[int, str]]]:
    events, refused = [], []
    for number, row in enumerate(rows, 1):
        mine = found.get(number)
        made = mine.event_id if mine is not None and mine.event_id.startswith("row.") else ""
        try:
            raw = raw_of(told(row), "" if "event_id" in told(row) else made)
            events.append((number, intake_take(Incoming(raw), Caller(site, "file", 1), NOW)))
        except RejectedError as error:
            refused.append((number, error.problems[0].code))
    return events, refused


@settings(deadline=None, max_examples=100)
@given(files(), SITES)
def test_events_are_those_of_intake(rows: list[dict[str, str | None]], site: Site) -> None:
    reading = Reading({name: name for name in rows[0]})
    taken = take(frame_of(rows), reading, site, source="file", trust=1, now=NOW)
    events, refused = one_by_one(rows, site, dict(zip(taken.rows, taken.events, strict=True)))
    assert list(zip(taken.rows, taken.events, strict=True)) == events
    assert [(one.row, one.code) for one in taken.rejects] == refused
    assert taken.notes == Counter(note.code for _, event in events for note in event.notes)


@settings(deadline=None, max_examples=100)
@given(files(), SITES)
def test_bodies_are_those_of_prepare_and_pack(rows: list[dict[str, str | None]], site: Site) -> None:
    reading = Reading({name: name for name in rows[0]})
    frame = frame_of(rows)
    taken = take(frame, reading, site, source="file", trust=1, now=NOW)
    made = requests(frame, reading, site, SENDS, source="file", trust=1, now=NOW)
    bodies, skipped = prepared(taken.events, site)
    assert made.bodies == bodies
    assert made.skipped == skipped
    assert made.rejects == taken.rejects
    assert made.notes == taken.notes
    assert made.events + sum(skipped.values()) == len(taken.events)


def prepared(events: list[Event], site: Site) -> tuple[list[bytes], Counter[str]]:
    to = tiktok.settings(SENDS)
    skipped: Counter[str] = Counter()
    payloads: list[Any] = []
    for at, event in enumerate(events):
        if consenting.decide(event.consent, site.consent_unknown, event.region) != "send":
            skipped["consent"] += 1
            continue
        payload = tiktok.prepare(consenting.stripped(event), to, NOW)
        if isinstance(payload, Skip):
            skipped[payload.reason] += 1
        else:
            payloads.append((at, payload))
    return [one.body for one in tiktok.pack(payloads, to, "test_token")], skipped


def test_most_rows_of_a_usual_file_need_no_careful_look(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[dict[str, str | None]] = [
        {
            "event": "Purchase",
            "event_time": str(1_795_000_000 + at),
            "email": f"first.last+{at}@example.com",
            "phone": f"+1202555{100 + at:04}",
            "order_id": str(at),
            "value": "46.50",
            "currency": "USD",
            "ip": f"203.0.113.{at}",
        }
        for at in range(50)
    ]

    def never(*_: object) -> None:
        raise AssertionError("a plain row went through intake")

    monkeypatch.setattr("fullsignal.bulk.taking.intake_take", never)
    reading = Reading({name: name for name in rows[0]})
    taken = take(frame_of(rows), reading, Site("shop", country="US"), source="file", trust=1, now=NOW)
    assert len(taken.events) == 50
