"""What real visitors' browsers did with our cookies: are ids as old in Safari as elsewhere, and whose address
does the collector see?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fullsignal.cli.check_first_party import DOCS
from fullsignal.cli.finding import Finding, ok, warn
from fullsignal.clock import SystemClock
from fullsignal.config import Config
from fullsignal.journal import JournalError
from fullsignal.journal.outcomes import Reader
from fullsignal.stitch import opened

DAY: Final = 86_400.0
CAP_DAYS: Final = 7  # what Safari leaves of a cookie that it does not take for the site's own
KNOWN_DAYS_MIN: Final = 14  # so long ago they must have come first, to have had time to come again
ENOUGH: Final = 20  # of each kind; fewer say nothing
EXPECTED_MIN: Final = 5  # so many should have come again, before their absence is told
ADDRESSES_OF: Final = 200  # the newest visitors
ADDRESSES_MIN: Final = 10


def findings(config: Config) -> Iterator[Finding]:
    try:
        reader = Reader(config.data_dir)
    except JournalError:
        return
    try:
        now = SystemClock().now()
        for site in config.sites.values():
            newest = reader.newest_visitors(site.name, ADDRESSES_OF)
            if not newest and not site.browser.script_url:
                continue
            ages = reader.visitor_ages(site.name, now - KNOWN_DAYS_MIN * DAY, CAP_DAYS * DAY)
            yield ids(site.name, ages)
            found = [opened(reader.keys.unseal_bytes, mark, payload) for mark, payload in newest]
            yield from addresses(site.name, [one.ip for one in found if one is not None])
    finally:
        reader.close()


def ids(site: str, ages: dict[bool, tuple[int, int, float]]) -> Finding:
    """ages: as Reader.visitor_ages gives them. Who comes every week keeps an id under any limit, in every
    browser: so Safari's are compared with the others'."""
    name = f"visitors {site}"
    nobody = (0, 0, 0.0)
    (safari, safari_again, longest), (others, others_again, _) = (
        ages.get(True, nobody),
        ages.get(False, nobody),
    )
    if safari < ENOUGH or others < ENOUGH:
        return ok(
            name,
            f"too few to measure: {safari} of Safari and {others} of other browsers first came more than "
            f"{KNOWN_DAYS_MIN} days ago, {ENOUGH} of each are needed",
        )
    said = (
        f"of {safari} in Safari who first came more than {KNOWN_DAYS_MIN} days ago, "
        f"{_share(safari_again, safari)} were known again after {CAP_DAYS} days; in other browsers "
        f"{_share(others_again, others)} of {others}. Safari's oldest id is {longest / DAY:.0f} days old"
    )
    expected = safari * others_again / others
    if expected >= EXPECTED_MIN and safari_again < expected / 2:
        return warn(name, f"{said}: Safari cuts its cookies short.", f"Change the set-up: {DOCS}.")
    return ok(name, said)


def addresses(site: str, ips: list[str]) -> Iterator[Finding]:
    """ips: of the newest visitors; "" is none, or a private one."""
    name = f"addresses {site}"
    different = {ip for ip in ips if ip}
    if len(ips) < ADDRESSES_MIN:
        return
    if len(different) > 1:
        yield ok(name, f"{len(different)} different ones of the last {len(ips)} visitors")
        return
    have = "one and the same address" if different else "no public address"
    yield warn(
        name,
        f"The last {len(ips)} visitors have {have}: the collector sees a proxy's.",
        f"Let the proxy send X-Forwarded-For, and put its address into server.trusted_proxies: {DOCS}.",
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}"
