"""How long Safari keeps the script's cookies, by where it is served from.

The expected answers follow WebKit's source, `setCookieTransformForFirstPartyRequest` in NetworkTaskCocoa.mm
and `IPAddress::matchingNetMaskLength` in DNS.cpp.
"""

from __future__ import annotations

import pytest

from fullsignal.cli.check_first_party import Host, finding, relation, resolve

SHOP = ("93.184.10.1",)


def host(name: str, *addresses: str, alias_of: str = "") -> Host:
    return Host(name, alias_of or name, addresses or SHOP)


@pytest.mark.parametrize(
    ("page", "script", "kind"),
    [
        # the page's own host, whatever it is an alias of
        (host("shop.example"), host("shop.example"), "path"),
        (
            host("www.shop.example", alias_of="x.cdn.example"),
            host("www.shop.example", alias_of="y.b.com"),
            "path",
        ),
        # no alias: 16 bits of IPv4
        (host("shop.example"), host("t.shop.example", "93.184.250.9"), "network"),
        (host("shop.example"), host("t.shop.example", "93.185.10.1"), "away"),
        (host("www.shop.co.uk"), host("t.shop.co.uk", "93.184.250.9"), "network"),
        # 64 bits of IPv6
        (host("shop.example", "2600:1:2:3::1"), host("t.shop.example", "2600:1:2:3:ffff::1"), "network"),
        (host("shop.example", "2600:1:2:3::1"), host("t.shop.example", "2600:1:2:4::1"), "away"),
        # one has IPv6 and the other has not: no bit is the same then
        (host("shop.example", *SHOP, "2600:1:2:3::1"), host("t.shop.example", *SHOP), "mixed"),
        (host("shop.example", *SHOP), host("t.shop.example", "2600:1:2:3::1"), "away"),
        # several addresses, of which a browser takes one
        (host("shop.example", "93.184.1.1", "93.184.2.1"), host("t.shop.example", "93.184.3.1"), "network"),
        (host("shop.example", "93.184.1.1"), host("t.shop.example", "93.184.3.1", "94.1.1.1"), "mixed"),
        # an alias: its end decides, and no address
        (host("shop.example"), host("t.shop.example", "94.1.1.1", alias_of="srv.shop.example"), "alias"),
        (host("shop.example"), host("t.shop.example", *SHOP, alias_of="x.tracker.example"), "away"),
        (
            host("www.shop.example", alias_of="a.cdn.example"),
            host("t.shop.example", "94.1.1.1", alias_of="b.cdn.example"),
            "alias",
        ),
        (host("www.shop.example", alias_of="a.cdn.example"), host("t.shop.example", "94.1.1.1"), "away"),
        # two shops below one public suffix are two sites
        (host("a.myshopify.com"), host("t.b.myshopify.com"), "apart"),
        (host("shop.example"), host("collector.example"), "apart"),
        # from inside a network nobody can tell what visitors see
        (host("shop.example"), host("t.shop.example", "10.0.0.7"), "unknown"),
    ],
)
def test_safari_takes_it_for_the_site_s_own_or_not(page: Host, script: Host, kind: str) -> None:
    assert relation(page, script).kind == kind


def test_it_is_said_in_days_with_the_reason_and_the_advice() -> None:
    page = host("shop.example")
    near = relation(page, host("t.shop.example", "93.184.250.9"))
    away = relation(page, host("t.shop.example", alias_of="x.tracker.example"))

    good = finding("first party shop", near, 395, "the page is page_url")
    bad = finding("first party shop", away, 395, "the page is page_url")

    assert (good.status, good.message[:16]) == ("ok", "Safari: 395 days")
    assert bad.status == "warn"
    assert bad.message == (
        "Safari: 7 days at most, because t.shop.example is an alias (CNAME) of x.tracker.example, which is "
        "not the shop's domain (the page is page_url). Other browsers: 395 days."
    )
    assert "docs/first-party.md" in bad.remedy


@pytest.mark.parametrize(
    ("days", "said"),
    [(395, "Safari: 7 days"), (1000, "Safari: 7 days"), (3, "Safari: 3 days"), (0, "No cookies")],
)
def test_no_more_days_are_promised_than_the_cookie_has(days: int, said: str) -> None:
    away = relation(host("shop.example"), host("t.shop.example", "94.1.1.1"))

    assert finding("", away, days, "").message.startswith(said)


def test_every_kind_that_is_not_well_has_advice() -> None:
    for script in ("collector.example", "t.shop.example"):
        for addresses in (("94.1.1.1",), ("10.0.0.7",), (*SHOP, "94.1.1.1")):
            found = finding("", relation(host("shop.example"), host(script, *addresses)), 395, "")
            assert found.status == "warn" and found.remedy


def test_names_are_asked_for() -> None:
    found = resolve("localhost")

    assert found.name == "localhost"
    assert set(found.addresses) <= {"127.0.0.1", "::1"} and found.addresses
