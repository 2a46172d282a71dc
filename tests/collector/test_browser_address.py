"""Under which address a browser knows us: a proxy that was declared says so, another is not believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullsignal.collector.address import Addresses
from fullsignal.config import Config, Server

PROXY, STRANGER = "10.0.0.7", "198.51.100.7"


def front(peer: str, *headers: tuple[bytes, bytes], trusted: str = "10.0.0.0/8") -> tuple[str, str]:
    server = Server(trusted_proxies=[trusted] if trusted else [])
    scope = {"client": (peer, 4711) if peer else None, "scheme": "http", "headers": list(headers)}
    return Addresses(Config(Path("fullsignal.toml"), server, {})).front(scope)


@pytest.mark.parametrize(
    ("host", "found"),
    [
        (b"Shop.Example", "shop.example"),
        (b"shop.example:8443", "shop.example"),
        (b"[2001:db8::1]:8080", "2001:db8::1"),
        (b"127.0.0.1:8080", "127.0.0.1"),
        (b"[", ""),
        (b":80", ""),
        (b"", ""),
    ],
)
def test_without_a_proxy_it_is_the_host_that_was_asked(host: bytes, found: str) -> None:
    assert front(STRANGER, (b"host", host), trusted="") == ("http", found)


FORWARDED = (
    (b"host", b"gateway:8080"),
    (b"x-forwarded-host", b"shop.example:443, inner.example"),
    (b"x-forwarded-proto", b"https, http"),
)


def test_of_several_proxies_the_outermost_saw_the_browser() -> None:
    assert front(PROXY, *FORWARDED) == ("https", "shop.example")
    assert front(PROXY, *reversed(FORWARDED)) == ("https", "shop.example")


@pytest.mark.parametrize(("peer", "trusted"), [(STRANGER, "10.0.0.0/8"), (PROXY, ""), ("", "10.0.0.0/8")])
def test_nobody_else_is_believed(peer: str, trusted: str) -> None:
    assert front(peer, *FORWARDED, trusted=trusted) == ("http", "gateway")


def test_a_proxy_that_says_nothing_leaves_what_it_asked_us() -> None:
    said = ((b"host", b"shop.example"), (b"x-forwarded-host", b" "), (b"x-forwarded-proto", b""))

    assert front(PROXY, *said) == ("http", "shop.example")
    assert front(PROXY) == ("http", "")
