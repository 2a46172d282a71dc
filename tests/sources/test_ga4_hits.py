"""What GA4's tag sends from a page, in the shapes of captured requests; the people are invented."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from fullsignal.model import Consent, Incoming, RawItem, RejectedError
from fullsignal.sources import ga4, ga4_file, ga4_hits, ga4_items
from fullsignal.sources.api import BodyError

FIXTURES = Path(__file__).parent / "fixtures"
NOW = 1_795_180_001.0
NOTHING: frozenset[str] = frozenset()
SHARED = {"v": "2", "tid": "G-SAMPLE0001", "cid": "1234567890.1795180000", "_p": "1795180000123", "_s": "1"}
GRANTED = Consent("granted", "granted", "granted")


def hits(name):
    """The fixture's request, as the collector takes it apart."""
    address, _, body = (FIXTURES / f"ga4_hit_{name}.txt").read_text().partition("\n")
    return decode(ga4_hits.parameters(address.partition("?")[2]), body)


def decode(shared, body="", cookies="", server=False, wanted=NOTHING):
    return ga4_hits.decode(shared, body, cookies, wanted, NOW, server)


def one(server=False, cookies="", **given):
    (incoming,) = decode({**SHARED, "en": "add_to_cart", **given}, "", cookies, server).found
    assert isinstance(incoming, Incoming)
    return incoming


def test_a_landing_page():
    found = hits("page_view")
    (incoming,) = found.found
    raw = incoming.raw
    url = "https://sample-store.example/?utm_source=tiktok&utm_campaign=autumn&ttclid=E.C.P.v3fQ"

    assert (raw.event, raw.page.url, raw.page.referrer, raw.page.title) == (
        "page_view",
        url,
        "https://www.tiktok.com/",
        "Sample Store",
    )
    assert (raw.user.visitor_id, raw.user.locale, raw.consent) == (
        "ga-1234567890-1795180000",
        "en-us",
        GRANTED,
    )
    assert (raw.channel, raw.event_time, raw.order_id) == (None, None, None)
    beacon = found.beacon
    assert (beacon.visitor_id, beacon.store, beacon.consent) == ("ga-1234567890-1795180000", True, GRANTED)
    assert beacon.last.ids == {"ttclid": "E.C.P.v3fQ"}
    assert beacon.last.utm == {"source": "tiktok", "campaign": "autumn"}
    assert beacon.last.at == NOW


def test_a_purchase_with_its_goods_in_the_body():
    found = hits("purchase")
    incoming, engagement = found.found
    raw = incoming.raw

    assert engagement == ga4.Unwanted("user_engagement")
    assert (raw.event, raw.event_id, raw.order_id) == ("purchase", None, "1001")
    assert (raw.value, raw.currency, raw.num_items) == (96.6, "USD", 3)
    assert raw.items == [
        RawItem("SKU-0001", "Alpha Mug", "Sample Vendor", "Mugs", "Blue", 24.0, 2),
        RawItem("SKU-0002", "Beta ~ Notebook", None, "Stationery", None, 36.0, 1),
    ]
    assert raw.properties == {"coupon": "AUTUMN", "shipping": 6.3, "tax": 6.3}
    assert raw.user.external_id == "cust-7400000000001"
    assert raw.user.country == "US"
    # printf jane@example.com | sha256sum
    assert raw.user.email == ["8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d"]
    assert incoming.notes == []
    assert found.beacon.last is None  # no landing


def test_the_goods_of_a_captured_hit():
    """foomo/sesamy-go has this item in its tests, as gtag.js sent it in June 2025."""
    captured = (
        "idSKU_12345~nmStan and Friends Tee~afGoogle Merchandise Store~cpSUMMER_FUN~ds2.22~lp0~brGoogle"
        "~caApparel~c2Adult~c3Shirts~c4Crew~c5Short sleeve~lirelated_products~lnRelated Products~vagreen"
        "~loChIJIQBpAG2ahYAR_6128GcTUEo~pr10.01~qt3"
    )

    assert one(pr1=captured).raw.items == [
        RawItem("SKU_12345", "Stan and Friends Tee", "Google", "Apparel", "green", 10.01, 3)
    ]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("nma~~b", "a~b"),
        ("nm~~", "~"),
        ("nma~~~~b", "a~~b"),
        ("nm  Mug ", "Mug"),
        ("nmMoët & Chandon", "Moët & Chandon"),
    ],
)
def test_a_name_with_what_divides(value, name):
    assert ga4_items.of_hit({"pr1": f"id1~{value}~pr5"}) == [
        {"item_id": "1", "item_name": name, "price": "5"}
    ]


def test_goods_come_in_their_order_and_up_to_200():
    given = {
        "pr10": "idc",
        "pr2": "idb",
        "pr1": "ida",
        "pr201": "idx",
        "pr0": "idx",
        "prx": "idx",
        "pr": "idx",
    }

    assert [item["item_id"] for item in ga4_items.of_hit(given)] == ["a", "b", "c"]


def test_a_price_with_the_decimals_of_a_division():
    assert one(pr1="id1~pr73.91304347826087~qt1").raw.items[0].price == 73.91304347826087


def test_what_cannot_be_read_costs_that_field():
    incoming = one(**{"epn.value": "NaN", "cu": "dollars", "pr1": "id1~prfree~qt1.5"})

    assert (incoming.raw.value, incoming.raw.items) == (None, [RawItem("1")])
    assert [note.field for note in incoming.notes] == [
        "items[0].price",
        "items[0].quantity",
        "value",
    ]


def test_goods_without_a_quantity_are_one_each():
    raw = one(pr1="id1~pr3", pr2="id2~qt2").raw

    assert [item.quantity for item in raw.items] == [1, 2]
    assert raw.num_items == 3


# ---- several, and again ---------------------------------------------------------------------------------


def test_a_line_is_an_event_with_what_all_share():
    body = (
        "en=page_view&dl=https%3A%2F%2Fshop.example%2F\r\nen=search&ep.search_term=red%20mug&gcs=G100\r\n\r\n"
    )
    first, second = decode({**SHARED, "gcs": "G111"}, body).found

    assert (first.raw.event, first.raw.page.url, first.raw.consent.ad_storage) == (
        "page_view",
        "https://shop.example/",
        "granted",
    )
    assert (second.raw.event, second.raw.search_term, second.raw.consent.ad_storage) == (
        "search",
        "red mug",
        "denied",
    )


def test_the_same_hit_again_has_the_same_id():
    def ids(shared, body="en=search\nen=search"):
        return [incoming.raw.event_id for incoming in decode(shared, body).found]

    assert ids(SHARED) == ids(dict(reversed(SHARED.items())))
    assert len({*ids(SHARED), *ids({**SHARED, "_s": "2"}), *ids({**SHARED, "_p": "1"})}) == 6
    assert ids({**SHARED, "_s": ""}) == [None, None]  # nothing tells two clicks apart


def test_a_bad_line_costs_the_others_nothing():
    body = "en=search\nep.x=1\n" + "&".join(["a=1"] * 1_001) + "\nen=search&_s=2"
    found = decode(SHARED, body).found

    assert [isinstance(one, Incoming) for one in found] == [True, False, False, True]
    assert [one.problems[0].code for one in found if isinstance(one, RejectedError)] == [
        "missing_field",
        "too_many_parameters",
    ]


def test_too_much_at_once_is_refused():
    with pytest.raises(BodyError) as caught:
        decode(SHARED, "en=search\n" * 101)
    assert (caught.value.status, caught.value.problem.code) == (413, "batch_too_large")

    with pytest.raises(BodyError) as caught:
        ga4_hits.parameters("&".join(["a=1"] * 1_001))
    assert (caught.value.status, caught.value.problem.code) == (400, "too_many_parameters")


def test_how_the_visitor_came_is_the_first_page_to_say_it():
    lines = [
        "en=scroll&dl=https%3A%2F%2Fshop.example%2Fa",
        f"en=page_view&dl={quote('https://shop.example/?gclid=abc&email=jane%40example.com', safe='')}",
        "en=page_view&dl=https%3A%2F%2Fshop.example%2F%3Fttclid%3Dx",
    ]
    touch = decode(SHARED, "\n".join(lines)).beacon.last

    assert (touch.ids, touch.url) == ({"gclid": "abc"}, "https://shop.example/?gclid=abc")


# ---- a file of them -------------------------------------------------------------------------------------


def test_a_file_has_bodies_or_hits():
    body = (FIXTURES / "ga4_mp_purchase.json").read_bytes()
    line = body.replace(b"\n", b"")
    view, bought = ((FIXTURES / f"ga4_hit_{name}.txt").read_bytes() for name in ("page_view", "purchase"))

    def names(content):
        return [getattr(one, "name", None) or one.raw.event for one in ga4_file.read(content, NOTHING, NOW)]

    assert names(body) == ["purchase"]
    assert names(line + b"\n" + line) == ["purchase", "purchase"]
    assert names(b"[" + line + b"," + line + b"]") == ["purchase", "purchase"]
    assert names(view + bought) == ["page_view", "purchase", "user_engagement"]
    assert names(b"v=2&en=search\n") == ["search"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"[1]", b"\xff\xfe", b"x", b"?", b"/g/collect?" + b"a=1&" * 2_000]
)
def test_what_is_neither_is_told(content):
    found = ga4_file.read(content, NOTHING, NOW)

    assert found
    assert all(isinstance(one, RejectedError) for one in found)
