"""How the script's address relates to the shop's page, and how long Safari lets its cookies live.

WebKit shortens the cookies of a request to the same site to 7 days in two cases: the host is an alias
(CNAME) that ends in a domain which is neither the site's own nor the one the page's alias ends in; or it is
no alias, and its address shares less than half with the page's (IPv4 16 bits, IPv6 64). Read in WebKit's
source, `setCookieTransformForFirstPartyRequest` in NetworkTaskCocoa.mm; not tried in a Safari by us. Other
browsers make no such difference.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Final, Literal, NamedTuple

from fullsignal.cli.finding import Finding, ok, warn
from fullsignal.collector.cookies import registrable

DAYS_MAX: Final = 395
DOCS: Final = "docs/first-party.md"
_SHARED_BITS: Final = {4: 16, 6: 64}


class Host(NamedTuple):
    """A name, and what the name servers say of it."""

    name: str
    canonical: str  # where its aliases end; the name itself where it is none
    addresses: tuple[str, ...]


class Relation(NamedTuple):
    """path: the page's own host. network, alias: another host that Safari takes for the site's own.
    away: one that it does not. mixed: it depends on the address that a browser happens to choose.
    apart: another site. unknown: it cannot be told from here.
    """

    kind: Literal["path", "network", "alias", "away", "mixed", "apart", "unknown"]
    why: str


def resolve(name: str) -> Host:
    """Asks the name servers. Raises OSError where there is no such name."""
    found = socket.getaddrinfo(name, 443, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
    canonical = next((entry[3] for entry in found if entry[3]), name).rstrip(".").casefold()
    return Host(name, canonical, tuple(dict.fromkeys(str(entry[4][0]) for entry in found)))


def relation(page: Host, script: Host) -> Relation:
    """By the rule above. Both hosts in lower case."""
    site = registrable(page.name) or page.name
    if script.name == page.name:
        return Relation("path", f"it is served on the page's own host, {page.name}")
    if (registrable(script.name) or script.name) != site:
        return Relation("apart", f"{script.name} and the page's {page.name} are two sites")
    if script.canonical != script.name:
        return _by_alias(page, script, site)
    return _by_address(page, script)


def _by_alias(page: Host, script: Host, site: str) -> Relation:
    ends = registrable(script.canonical) or script.canonical
    of_page = registrable(page.canonical) or page.canonical
    if ends == site:
        return Relation("alias", f"{script.name} is an alias (CNAME) inside {site}")
    if page.canonical != page.name and ends == of_page:
        return Relation("alias", f"{script.name} and {page.name} are both aliases (CNAME) that end in {ends}")
    return Relation(
        "away", f"{script.name} is an alias (CNAME) of {script.canonical}, which is not the shop's domain"
    )


def _by_address(page: Host, script: Host) -> Relation:
    ours, theirs = ([ipaddress.ip_address(text) for text in host.addresses] for host in (script, page))
    if not all(address.is_global for address in (*ours, *theirs)):
        return Relation(
            "unknown", f"from here {script.name} or {page.name} has a private address; visitors see another"
        )
    met = [_near(a, b) for a in ours for b in theirs if a.version == b.version]
    shown = f"{script.name} ({', '.join(script.addresses)}) and {page.name} ({', '.join(page.addresses)})"
    if met and all(met):
        if {a.version for a in ours} == {a.version for a in theirs}:
            return Relation("network", f"{shown} are in the same network")
        return Relation("mixed", f"of {shown} only one has IPv6, and over IPv6 they are two networks")
    if any(met):
        return Relation("mixed", f"of {shown} some are in the same network and some are not")
    return Relation("away", f"{shown} are in different networks")


def _near(
    one: ipaddress.IPv4Address | ipaddress.IPv6Address, other: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> bool:
    """The first half of IPv6, of IPv4 the first half too: 16 bits of 32."""
    return not (int(one) ^ int(other)) >> (one.max_prefixlen - _SHARED_BITS[one.version])


def finding(name: str, found: Relation, cookie_days: int, page_from: str) -> Finding:
    """page_from: how we know the page's address, for whoever reads it."""
    days = min(cookie_days, DAYS_MAX)
    if not days:
        return warn(name, "No cookies are set: cookie_days is 0.", f"See cookie_days in {DOCS}.")
    why = f"because {found.why} ({page_from})"
    match found.kind:
        case "path":
            return ok(name, f"Safari: {days} days, {why}.")
        case "network" | "alias":
            return ok(name, f"Safari: {days} days, {why}.")
        case "away":
            return warn(
                name,
                f"Safari: {min(days, 7)} days at most, {why}. Other browsers: {days} days.",
                f"Serve the script under a path of the shop's own host, or from its network: {DOCS}.",
            )
        case "mixed":
            return warn(
                name,
                f"Safari: {days} days for some visitors and 7 at most for others, {why}.",
                f"Give both hosts the same kinds of addresses in one network, or use a path: {DOCS}.",
            )
        case "apart":
            return warn(
                name,
                f"No browser keeps its cookies, {why}.",
                f"Set script_url to an address under the shop's own domain: {DOCS}.",
            )
        case _:
            return warn(
                name,
                f"How long Safari keeps its cookies is not known, {why}.",
                "Run `fullsignal check` on a machine that is not in the same network.",
            )
