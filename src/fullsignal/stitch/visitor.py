"""What is remembered of a visitor, how it grows, and what of it an event gets. Pure: no clock, no I/O.

Hashes of people, click and browser ids, address and user agent, the last page and how the visitor came. It is
sealed before it touches the disk (`stitch/memory.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, structs

from fullsignal import consent as consenting
from fullsignal.model import (
    TRUST_BROWSER,
    UNKNOWN_CONSENT,
    Beacon,
    Consent,
    Event,
    Note,
    Touch,
    User,
)

Hashed = Mapping[str, list[str]]

SEEN_SECONDS: Final = 3_600  # how seldom a visit alone, with nothing new to remember, is written down
VALUES_MAX: Final = 20  # of one family of hashes
ID_CHARACTERS_MAX: Final = 1_000
URL_CHARACTERS_MAX: Final = 1_000
STORAGE: Final = 1  # `Visitor.denied`: click and browser ids only
EVERYTHING: Final = 2

# The families by which two people are told apart, of all those whose digests say something about a person.
_WHO: Final = ("email_plain", "phone_e164", "external_id")
_SIGNED_IN: Final = frozenset({"email", "phone", "external"})  # groups that an order teaches
_SEEN: Final = ("ip", "user_agent", "locale")
# Safari, and every browser that runs on its engine: those of iOS do. Chrome names that engine too.
_WEBKIT: Final = re.compile(r"^(?!.*(?:Chrome/|Android)).*AppleWebKit/")
_NOBODY: Final = User()


class Visitor(Struct, frozen=True, omit_defaults=True):
    """One browser of one site. Times are Unix seconds."""

    first_at: float
    seen_at: float
    id: str = ""
    denied: int = 0  # STORAGE or EVERYTHING: nothing else is remembered then
    safari: bool = False  # its cookies live as long as Safari lets them
    hashed: dict[str, list[str]] = {}
    ids: dict[str, str] = {}
    ip: str = ""
    user_agent: str = ""
    locale: str = ""
    url: str = ""  # the last page
    first: Touch | None = None
    last: Touch | None = None
    consent: Consent = UNKNOWN_CONSENT
    limited: bool = False  # use of its data is limited (`opt_out = "limit"`)


def forgotten(visitor: Visitor | None, denied: int, now: float) -> Visitor:
    """Nothing is left but what it denied."""
    if visitor is None:
        return Visitor(now, now, denied=denied)
    if visitor.denied == denied and now - visitor.seen_at < SEEN_SECONDS:
        return visitor
    return Visitor(visitor.first_at, now, denied=denied, safari=visitor.safari)


def slim(visitor: Visitor) -> Visitor:
    """Of somebody who was told far too much: who they are, and nothing that anybody could fill at will."""
    hashed = {family: values[:2] for family, values in visitor.hashed.items()}
    return structs.replace(visitor, hashed=hashed, ids={}, url="", first=None, last=None)


# ---- learning ----------------------------------------------------------------------------------------------


def learn(
    visitor: Visitor | None, event: Event | None, beacon: Beacon | None, now: float, seen: User = _NOBODY
) -> Visitor:
    """The visitor as known from now on; the very same object where nothing is new.

    beacon: what its browser says of itself, with the consent that counts, and `opted_out` where that limits
    the use of its data; `seen` is then its address and user agent. event: of its browser (trust 0), or an
    order that was stitched to it, which tells who somebody is and nothing of their device. A visitor who had
    denied begins anew.
    """
    if visitor is None or visitor.denied:
        new = old = forgotten(visitor, 0, now)
    else:
        new = old = visitor
    changes: dict[str, Any] = {}
    if beacon is not None:
        changes = _said(old, beacon) | _surroundings(old, seen)
    if event is not None and event.trust == TRUST_BROWSER:
        changes["ids"] = _ids(changes.get("ids", old.ids), event.user.ids)
        changes |= _surroundings(old, event.user)
        if event.url:
            changes["url"] = _short(event.url)
    if event is not None and event.user.hashed:
        taught = event.user.hashed
        if event.trust != TRUST_BROWSER:
            taught = {family: values for family, values in taught.items() if _group(family) in _SIGNED_IN}
        changes["hashed"] = _people(old.hashed, taught)
    if changes:
        new = structs.replace(old, **changes)
    if beacon is not None and (new != old or now - old.seen_at >= SEEN_SECONDS):
        return structs.replace(new, seen_at=now)
    return visitor if visitor is not None and new == visitor else new


def _said(old: Visitor, beacon: Beacon) -> dict[str, Any]:
    first, last = beacon.first, beacon.last
    ids = _ids(old.ids, last.ids) if last is not None else old.ids
    changes: dict[str, Any] = {
        "id": beacon.visitor_id,
        "ids": _ids(ids, beacon.ids),
        "limited": beacon.opted_out,
    }
    if beacon.consent != UNKNOWN_CONSENT:
        changes["consent"] = beacon.consent
    if first is not None and (old.first is None or first.at < old.first.at):
        changes["first"] = _touch(first)
    if last is not None and (old.last is None or last.at >= old.last.at):
        changes["last"] = _touch(last)
    return changes


def _surroundings(old: Visitor, user: User) -> dict[str, Any]:
    changes: dict[str, Any] = {field: value for field in _SEEN if (value := getattr(user, field))}
    if user.user_agent and user.user_agent != old.user_agent:
        changes["safari"] = _WEBKIT.match(user.user_agent) is not None
    return changes


def _ids(known: Mapping[str, str], said: Mapping[str, Any]) -> dict[str, str]:
    """The later ones win."""
    new = {name: str(value) for name, value in said.items() if value and len(str(value)) <= ID_CHARACTERS_MAX}
    return {**known, **new}


def _touch(touch: Touch) -> Touch:
    ids = _ids({}, touch.ids)
    return structs.replace(touch, ids=ids, url=_short(touch.url), referrer=_short(touch.referrer))


def _short(url: str) -> str:
    """Click ids are kept beside it, so a long query may go."""
    if len(url) > URL_CHARACTERS_MAX:
        url = consenting.bare(url)
    return url if len(url) <= URL_CHARACTERS_MAX else ""


def _people(known: Hashed, said: Hashed) -> dict[str, list[str]]:
    """The later one wins, a group of families at a time (every e-mail hash is of one address).

    Where somebody else signs in, nothing of the one before stays: a mixture of two people matches neither.
    """
    mine = {} if is_another(known, said) else dict(known)
    for family in _WHO:
        if family in mine and family in said and set(said[family]) <= set(mine[family]):
            said = {f: values for f, values in said.items() if _group(f) != _group(family)}
    replaced = {_group(family) for family in said}
    kept = {family: values for family, values in mine.items() if _group(family) not in replaced}
    return kept | {family: values[:VALUES_MAX] for family, values in said.items()}


def is_another(known: Hashed, said: Hashed) -> bool:
    """They have something in common by which people are told apart, and nothing of it is equal."""
    both = [family for family in _WHO if family in known and family in said]
    return bool(both) and not any(set(known[family]) & set(said[family]) for family in both)


def _group(family: str) -> str:
    """`email` of email_plain and email_google, `first` of first_name and first_name_kept."""
    return family.partition("_")[0]


# ---- giving ------------------------------------------------------------------------------------------------


def fill(event: Event, visitor: Visitor, rung: str) -> Event:
    """The event with what it lacks and its visitor has; `rung`: where an order's visitor was found, else "".

    An order that says nothing of consent has its visitor's. A browser speaks for itself, unless its visitor
    denied: that holds for everybody.
    """
    changes: dict[str, Any] = {"stitched": rung} if rung else {}
    consent = _consent(event.consent, visitor, bool(rung))
    if consent != event.consent:
        changes["consent"] = consent
        changes["notes"] = [*event.notes, _FROM_VISITOR]
    if visitor.limited and not event.limited_data_use:
        changes["limited_data_use"] = True
    user, url = event.user, event.url
    if not visitor.denied:
        user, url = _filled(user, visitor), url or visitor.url
    if "denied" in (consent.ad_user_data, consent.ad_storage):
        user, url = consenting.allowed(consent, user), consenting.bare(url)
        changes["referrer"] = consenting.bare(event.referrer)
    if url != event.url:
        changes["url"] = url
    if user is not event.user:
        changes["user"] = user
    return structs.replace(event, **changes) if changes else event


_FROM_VISITOR: Final = Note(
    "consent_from_visitor", "consent", "Its visitor's browser said so, and the event did not say otherwise."
)


def _consent(said: Consent, visitor: Visitor, asks: bool) -> Consent:
    if visitor.denied == EVERYTHING:
        return consenting.DENIED
    if visitor.denied == STORAGE:
        return structs.replace(said, ad_storage="denied")
    if not asks:
        return said
    theirs = visitor.consent
    return Consent(
        ad_storage=said.ad_storage or theirs.ad_storage,
        ad_user_data=said.ad_user_data or theirs.ad_user_data,
        ad_personalization=said.ad_personalization or theirs.ad_personalization,
    )


def _filled(user: User, visitor: Visitor) -> User:
    changes: dict[str, Any] = {}
    if visitor.hashed and not is_another(visitor.hashed, user.hashed):
        has = {_group(family) for family in user.hashed}
        more = {family: values for family, values in visitor.hashed.items() if _group(family) not in has}
        if more:
            changes["hashed"] = {**user.hashed, **more}
    if visitor.ids.keys() - user.ids.keys():
        changes["ids"] = {**visitor.ids, **user.ids}
    for field in _SEEN:
        if getattr(visitor, field) and not getattr(user, field):
            changes[field] = getattr(visitor, field)
    if visitor.id and not user.visitor_id:
        changes["visitor_id"] = visitor.id
    return structs.replace(user, **changes) if changes else user
