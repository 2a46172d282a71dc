"""How many events one address may send with a public key.

A token bucket kept as one number: the moment at which it is full again. A bucket that is full is not kept.
"""

from __future__ import annotations

import ipaddress
import math
from functools import lru_cache
from typing import Final

from fullsignal.clock import Clock

EVENTS_PER_SECOND_MAX: Final = 50  # an office or a mobile carrier shares one address
EVENTS_BURST_MAX: Final = 1_000  # never less than a batch, which could not be sent at all
ADDRESSES_MAX: Final = 100_000  # about 20 MB

# No visitor comes from here: it is a proxy that nobody declared, or this machine. To limit it would be to
# limit every visitor together, and lose sales.
_NOBODY: Final = [
    ipaddress.ip_network(text)
    for text in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
]


class Limiter:
    def __init__(
        self,
        clock: Clock,
        per_second: float = EVENTS_PER_SECOND_MAX,
        burst: int = EVENTS_BURST_MAX,
        addresses_max: int = ADDRESSES_MAX,
    ) -> None:
        self._clock = clock
        self._interval = 1 / per_second
        self._window = burst / per_second
        self._addresses_max = addresses_max
        self._full_at: dict[tuple[str, str], float] = {}

    def take(self, site: str, ip: str, events: int = 1) -> int:
        """Seconds to wait, or 0 where the events may pass."""
        address = block(ip)
        if not address:
            return 0
        key = (site, address)
        now = self._clock.monotonic()
        full_at = max(self._full_at.get(key, now), now) + events * self._interval
        over = full_at - now - self._window
        if over > 1e-6:
            return math.ceil(over)
        if len(self._full_at) >= self._addresses_max and key not in self._full_at:
            self._forget(now)
        self._full_at[key] = full_at
        return 0

    def _forget(self, now: float) -> None:
        """Make room: full buckets first; if all are in use, the half that came first."""
        used = {k: at for k, at in self._full_at.items() if at > now}
        if len(used) > self._addresses_max // 2:
            used = dict(list(used.items())[-(self._addresses_max // 2) :])
        self._full_at = used


@lru_cache(maxsize=8192)
def block(ip: str) -> str:
    """What one visitor can have: an IPv4 address or an IPv6 /64. "" is nobody's in particular."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ""
    if any(address in network for network in _NOBODY):
        return ""
    if address.version == 6:
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return ip
