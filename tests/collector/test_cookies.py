"""The visitor's cookies: for which hosts, for how long, and how they are read."""

from __future__ import annotations

import pytest

from fullsignal.collector.cookies import domain_for, expiring, registrable, setting, visitor

ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("shop.example", "shop.example"),
        ("www.shop.example", "shop.example"),
        ("t.shop.co.uk", "shop.co.uk"),
        ("shop.co.uk", "shop.co.uk"),
        # Whoever has a name under a shared host has that name alone.
        ("sample-store.myshopify.com", "sample-store.myshopify.com"),
        ("t.sample.github.io", "sample.github.io"),
        ("t.xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("co.uk", ""),
        ("myshopify.com", ""),
        ("localhost", ""),
        ("intranet", ""),
        ("127.0.0.1", ""),
        ("198.51.100.7", ""),
        ("::1", ""),
        ("", ""),
        ("shop.example.", ""),
        (".shop.example", ""),
        ("a..example", ""),
        ("shop.example; secure", ""),
        ("x" * 300 + ".example", ""),
    ],
)
def test_a_cookie_is_for_what_the_shop_registered(host, domain):
    assert registrable(host) == domain


@pytest.mark.parametrize(
    ("host", "wanted", "domain"),
    [
        ("t.shop.example", "t.shop.example", "t.shop.example"),
        ("t.eu.shop.example", ".EU.shop.example", "eu.shop.example"),
        ("t.shop.example", "other.example", ""),
        ("myshop.example", "shop.example", ""),
        ("127.0.0.1", "shop.example", ""),
        ("t.shop.example", ".", ""),
    ],
)
def test_another_domain_may_be_named_if_the_host_is_below_it(host, wanted, domain):
    assert domain_for(host, wanted, "") == domain


@pytest.mark.parametrize(
    ("host", "page", "domain"),
    [
        ("t.shop.example", "www.shop.example", "shop.example"),
        ("t.shop.example", "", "shop.example"),
        # A proxy that nobody declared: the browser asked www.shop.example and would refuse our domain.
        ("collector.internal.example", "www.shop.example", ""),
        ("127.0.0.1", "www.shop.example", ""),
        ("localhost", "localhost", ""),
    ],
)
def test_a_domain_that_the_browser_would_refuse_is_not_named(host, page, domain):
    assert domain_for(host, "", page) == domain


def test_the_cookies_as_they_go_out():
    assert setting(ID, 395, "shop.example", secure=True) == [
        (
            b"set-cookie",
            b"_fs_vid=" + ID.encode() + b"; Max-Age=34128000; Domain=shop.example; Path=/; HttpOnly; "
            b"SameSite=Lax; Secure",
        ),
        (
            b"set-cookie",
            b"_fs_v="
            + ID.encode()
            + b"; Max-Age=34128000; Domain=shop.example; Path=/; SameSite=Lax; Secure",
        ),
    ]


def test_no_cookie_lives_longer_than_395_days():
    ((_, cookie), _) = setting(ID, 4000, "", secure=False)

    assert cookie == b"_fs_vid=" + ID.encode() + b"; Max-Age=34128000; Path=/; HttpOnly; SameSite=Lax"


def test_cookies_that_go_go_from_the_domain_and_from_the_host():
    gone = [cookie for _, cookie in expiring("shop.example", secure=True)]

    assert len(gone) == 4
    assert all(b"=; Max-Age=0; " in cookie for cookie in gone)
    assert [b"Domain" in cookie for cookie in gone] == [False, False, True, True]
    assert len(expiring("", secure=True)) == 2


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (f"_fs_vid={ID}", ID),
        (f"a=b; _fs_vid={ID}; c=d", ID),
        (f"a=b;_fs_vid={ID} ", ID),
        (f"_fs_vid=; _fs_vid={ID}", ID),
        (f"_fs_vid={ID}; _fs_vid=other-visitor", ID),
        (f"_fs_v={ID}", ""),
        (f"x_fs_vid={ID}", ""),
        ("_fs_vid=<script>alert(1)</script>", ""),
        ("_fs_vid", ""),
        ("", ""),
        ("\xff\xfe=;;;==", ""),
    ],
)
def test_the_visitor_is_read_from_the_cookie_that_no_script_can_write(header, found):
    assert visitor(header.encode("latin-1")) == found
