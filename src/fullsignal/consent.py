"""May this event go to an ad platform? One table; no state, no I/O.

Needed is `ad_user_data`. Unknown consent follows the site's `consent_unknown`:

| ad_user_data | consent_unknown | region            | decision |
|--------------|-----------------|-------------------|----------|
| granted      | any             | any               | send     |
| denied       | any             | any               | deny     |
| unknown      | send            | any               | send     |
| unknown      | deny            | any               | wait     |
| unknown      | region          | EEA, UK, CH       | wait     |
| unknown      | region          | not known         | wait     |
| unknown      | region          | elsewhere         | send     |

Somebody who opted out of sale (Global Privacy Control, or the shop's own "do not sell or share") is heard
before that, by the site's `opt_out`:

| opt_out | opted out | consent becomes    | limited_data_use |
|---------|-----------|--------------------|------------------|
| any     | no        | what was said      | as the event has it |
| deny    | yes       | denied, all three  | as the event has it |
| limit   | yes       | what was said      | yes              |
| ignore  | yes       | what was said      | as the event has it |

`wait` means: hold for ten minutes, in case another copy of the event carries an answer; then deny.
`ad_storage` denied strips click and browser ids, whatever the decision.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import structs

from fullsignal.model import UNKNOWN_CONSENT, Consent, Event, User

Decision = Literal["send", "wait", "deny"]

WAIT_SECONDS: Final = 600
DENIED: Final = Consent(ad_storage="denied", ad_user_data="denied", ad_personalization="denied")

# Where consent must be given before, and not merely not withdrawn: EU 27, Iceland, Liechtenstein, Norway
# (EEA), the United Kingdom and Switzerland. Design decision; not legal advice.
_EEA = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO"
OPT_IN_REGIONS: Final = frozenset((*_EEA.split(), "GB", "CH"))

_TABLE: Final[dict[tuple[str, str], Decision]] = {
    ("send", "opt_in"): "send",
    ("send", "unknown"): "send",
    ("send", "elsewhere"): "send",
    ("deny", "opt_in"): "wait",
    ("deny", "unknown"): "wait",
    ("deny", "elsewhere"): "wait",
    ("region", "opt_in"): "wait",
    ("region", "unknown"): "wait",
    ("region", "elsewhere"): "send",
}


def heard(said: Consent, opted_out: bool, rule: str) -> tuple[Consent, bool]:
    """What consent amounts to, and whether the use of data is limited, for who may have opted out."""
    if opted_out and rule == "deny":
        return DENIED, False
    return said, opted_out and rule == "limit"


def decide(consent: Consent, unknown: str, region: str) -> Decision:
    """region: ISO alpha-2, upper case, or "" where it is not known."""
    if consent.ad_user_data == "granted":
        return "send"
    if consent.ad_user_data == "denied":
        return "deny"
    where = "unknown" if not region else "opt_in" if region in OPT_IN_REGIONS else "elsewhere"
    return _TABLE[unknown, where]


def stripped(event: Event) -> Event:
    """The event without click and browser ids, where any of its copies denies ad_storage."""
    if event.consent.ad_storage != "denied":
        return event
    user, url, referrer = without_storage(event.user), bare(event.url), bare(event.referrer)
    return structs.replace(event, user=user, url=url, referrer=referrer)


def allowed(consent: Consent, user: User) -> User:
    """What may be kept of a person who denies something: of one who denies ad_user_data the country."""
    return User(country=user.country) if consent.ad_user_data == "denied" else without_storage(user)


def remembers(consent: Consent, unknown: str, region: str) -> bool:
    """May a visitor be remembered, and cookies be set? Unknown storage counts as the region has it."""
    if "denied" in (consent.ad_storage, consent.ad_user_data) or decide(consent, unknown, region) != "send":
        return False
    return consent.ad_storage == "granted" or decide(UNKNOWN_CONSENT, unknown, region) == "send"


def bare(url: str) -> str:
    """An address without its query, which may carry a click id."""
    return url.partition("?")[0].partition("#")[0]


def without_storage(user: User) -> User:
    """The same person without click and browser ids."""
    return User(
        hashed=user.hashed,
        ip=user.ip,
        user_agent=user.user_agent,
        locale=user.locale,
        city=user.city,
        state=user.state,
        zip=user.zip,
        country=user.country,
    )
