"""Whose address a request has, seen through proxies that were declared and through those that were not."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullsignal.collector.address import Addresses
from fullsignal.config import Config, ConfigError, Server


def addresses(*trusted, country_header="CF-IPCountry"):
    server = Server(trusted_proxies=list(trusted), country_header=country_header)
    return Addresses(Config(Path("fullsignal.toml"), server, {}))


def scope(peer, *forwarded, country=""):
    headers = [(b"x-forwarded-for", text.encode()) for text in forwarded]
    if country:
        headers.append((b"cf-ipcountry", country.encode()))
    return {"client": (peer, 4711) if peer else None, "headers": headers}


def test_without_proxies_it_is_the_connection_s_and_every_header_is_ignored():
    assert addresses().of(scope("198.51.100.7", "203.0.113.9", country="DE")) == ("198.51.100.7", "")
    assert addresses().of(scope("::ffff:198.51.100.7")) == ("198.51.100.7", "")
    assert addresses().of(scope("")) == ("", "")


def test_a_peer_that_is_no_trusted_proxy_is_not_believed():
    found = addresses("10.0.0.0/8").of(scope("198.51.100.7", "203.0.113.9", country="DE"))

    assert found == ("198.51.100.7", "")


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        (["203.0.113.9"], "203.0.113.9"),
        (["1.2.3.4, 203.0.113.9"], "203.0.113.9"),  # 1.2.3.4 is what the caller wrote
        (["1.2.3.4", "203.0.113.9"], "203.0.113.9"),  # the same, as two headers
        (["203.0.113.9, 10.0.0.2, 10.0.0.3"], "203.0.113.9"),
        (["203.0.113.9:51234"], "203.0.113.9"),
        (["[2001:DB8::1]:443"], "2001:db8::1"),
        (["2001:db8:0:0::1"], "2001:db8::1"),
        (["::ffff:203.0.113.9"], "203.0.113.9"),
        (["203.0.113.9 , "], "203.0.113.9"),
        (["10.0.0.9, 10.0.0.2"], "10.0.0.9"),  # all trusted: the first of them asked
        (["203.0.113.9, unknown"], ""),  # the proxy did not know; what stands left of it is anybody's
        (["203.0.113.9, " + "9" * 5000], ""),
        (["999.1.1.1"], ""),
        ([""], ""),
        ([], ""),  # never the proxy's own address
    ],
)
def test_behind_a_trusted_proxy_it_is_the_right_most_hop_that_is_not_one(forwarded, expected):
    assert addresses("10.0.0.0/8").of(scope("10.0.0.1", *forwarded))[0] == expected


@pytest.mark.parametrize(
    ("country", "expected"), [("DE", "DE"), ("de", "DE"), ("XX", ""), ("T1", ""), ("DEU", ""), ("", "")]
)
def test_the_country_comes_from_a_trusted_proxy_s_header(country, expected):
    assert addresses("10.0.0.0/8").of(scope("10.0.0.1", "203.0.113.9", country=country))[1] == expected


def test_no_country_is_read_where_no_header_is_named():
    assert addresses("10.0.0.0/8", country_header="").of(scope("10.0.0.1", country="DE")) == ("", "")


def test_what_is_no_network_is_said_at_the_start():
    with pytest.raises(ConfigError, match=r"server\.trusted_proxies: nginx is no network"):
        addresses("nginx")
