"""Where a request comes from and went to, believing only proxies that were declared.

That is `server.trusted_proxies`: anybody can write an X-Forwarded-For.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Final

from fullsignal.collector.replies import Scope
from fullsignal.config import Config, ConfigError

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_HOP_LENGTH_MAX: Final = 60  # an IPv6 address with brackets, zone and port


class Addresses:
    def __init__(self, config: Config) -> None:
        self._trusted = [_network(text) for text in config.server.trusted_proxies]
        self._country_header = config.server.country_header.casefold().encode()
        # Proxies are few, visitors come in runs; parsing an address costs up to 24 us.
        self._hop = lru_cache(maxsize=8192)(self._read_hop)

    def of(self, scope: Scope) -> tuple[str, str]:
        """(address, country) of the caller; "" is unknown."""
        peer = scope.get("client")
        if peer is None:
            return "", ""
        address: str = peer[0]
        if not self._trusted:
            return (address[7:] if address.startswith("::ffff:") else address), ""
        address, trusted = self._hop(address)
        if not trusted:
            return address, ""
        return self._forwarded(scope), self._country(scope)

    def front(self, scope: Scope) -> tuple[str, str]:
        """(scheme, host) under which the caller knows us, in small letters; the host without its port."""
        scheme, host = self.origin(scope)
        return scheme, _without_port(host)

    def origin(self, scope: Scope) -> tuple[str, str]:
        """The same, the port with it where there is one."""
        scheme, host = scope["scheme"], b""
        behind = self._trusted and scope.get("client") and self._hop(scope["client"][0])[1]
        for name, value in scope["headers"]:
            if name == b"host":
                host = host or value
            elif behind and name == b"x-forwarded-host":
                host = _first(value) or host
            elif behind and name == b"x-forwarded-proto":
                scheme = _first(value).decode("latin-1") or scheme
        return scheme.casefold(), host.decode("latin-1").strip().casefold()

    def _forwarded(self, scope: Scope) -> str:
        """The right-most hop that is not a trusted proxy: everything left of it is the caller's own word.

        "" where no proxy named anybody: a proxy's own address must never pass for a customer's.
        """
        given = b",".join(v for k, v in scope["headers"] if k == b"x-forwarded-for").decode("latin-1")
        address = ""
        for hop in reversed(given.split(",")):
            hop = hop.strip()
            if not hop:
                continue
            address, trusted = self._hop(hop) if len(hop) <= _HOP_LENGTH_MAX else ("", False)
            if not trusted:
                break
        return address

    def _country(self, scope: Scope) -> str:
        if not self._country_header:
            return ""
        for name, value in scope["headers"]:
            if name == self._country_header:
                text: str = value.decode("latin-1").strip().upper()
                # Cloudflare says XX for unknown and T1 for Tor.
                return text if len(text) == 2 and text.isascii() and text.isalpha() and text != "XX" else ""
        return ""

    def _read_hop(self, text: str) -> tuple[str, bool]:
        """An address as it is usually written, and whether it is a trusted proxy's; "" is no address."""
        try:
            address = ipaddress.ip_address(_without_port(text))
        except ValueError:
            return "", False
        if isinstance(address, ipaddress.IPv6Address):
            # Written with a zone it could not be compared; mapped, it is an IPv4 address.
            address = address.ipv4_mapped or ipaddress.IPv6Address(int(address))
        return str(address), any(address in network for network in self._trusted)


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    if text.count(":") == 1:
        return text.partition(":")[0]
    return text


def _first(hops: bytes) -> bytes:
    """What the outermost of several proxies said: each adds its own at the end."""
    return hops.partition(b",")[0].strip()


def _network(text: str) -> _Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ConfigError(
            f"server.trusted_proxies: {text} is no network. Write an address or a range: 10.0.0.0/8."
        ) from None
