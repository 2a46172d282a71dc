"""Rows of files: usual ones, odd ones and hostile ones, in every field a mapping may name."""

from __future__ import annotations

from hypothesis import strategies as st

from fullsignal.config import Connection, Orders, Site
from fullsignal.model import RawItem, RawUser

NOW = 1_795_200_000.0
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
        [
            "1001",
            "#1001",
            "##",
            "a@b.com",
            "x" * 300,
            "{order_number}",
            "o{order_number}",
            'say "hi"\\',
            "null",
            "NaN",
            "(Not Set)",
            "é",
            "a b",
        ]
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
TIMES = st.integers(min_value=1_700_000_000, max_value=1_795_280_000)
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
