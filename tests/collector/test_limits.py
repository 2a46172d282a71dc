"""The pace of one address."""

from __future__ import annotations

import pytest

from fullsignal.clock import ManualClock
from fullsignal.collector.limits import Limiter, block


@pytest.fixture
def clock():
    return ManualClock(1000.0)


def test_a_burst_passes_then_one_for_every_fifth_of_a_second(clock):
    limiter = Limiter(clock, per_second=5, burst=10)

    assert [limiter.take("shop", "198.51.100.7") for _ in range(11)] == [0] * 10 + [1]

    clock.advance(0.2)
    assert [limiter.take("shop", "198.51.100.7") for _ in range(2)] == [0, 1]

    clock.advance(3600)
    assert [limiter.take("shop", "198.51.100.7") for _ in range(11)] == [0] * 10 + [1]


def test_the_wait_is_as_long_as_it_takes_and_a_refusal_costs_nothing(clock):
    limiter = Limiter(clock, per_second=5, burst=10)
    limiter.take("shop", "198.51.100.7", 10)

    # 10 events at 5 a second
    assert [limiter.take("shop", "198.51.100.7", 10) for _ in range(3)] == [2, 2, 2]

    clock.advance(2)
    assert limiter.take("shop", "198.51.100.7", 10) == 0


def test_sites_and_addresses_do_not_share(clock):
    limiter = Limiter(clock, per_second=1, burst=1)

    taken = [
        limiter.take(*who) for who in [("a", "198.51.100.7"), ("b", "198.51.100.7"), ("a", "198.51.100.8")]
    ]

    assert taken == [0, 0, 0]


def test_an_ipv6_visitor_has_a_whole_64(clock):
    assert block("2001:db8:1:2::1") == block("2001:db8:1:2:ffff::9") != block("2001:db8:1:3::1")


@pytest.mark.parametrize("ip", ["", "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "::1", "fd00::1"])
def test_an_address_that_is_no_visitor_s_is_not_limited(clock, ip):
    # Behind a proxy that nobody declared, every visitor has this address.
    limiter = Limiter(clock, per_second=1, burst=1)

    assert [limiter.take("shop", ip) for _ in range(5)] == [0] * 5


def test_memory_is_bounded_whoever_comes(clock):
    limiter = Limiter(clock, per_second=1, burst=100, addresses_max=1000)

    for i in range(5000):
        limiter.take("shop", f"198.51.{i // 250}.{i % 250}")
        assert len(limiter._full_at) <= 1000

    # who came last is still counted
    assert limiter.take("shop", "198.51.19.249", 100) > 0
