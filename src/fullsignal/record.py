"""One event as the journal takes it: sealed, with its marks, and how its first copy begins."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import structs

from fullsignal import consent as consenting
from fullsignal.config import Site
from fullsignal.copies import DENIES, SHOP, SHOPS, match_keys
from fullsignal.journal import Keys, Row, SightingRow, Start
from fullsignal.journal.append import COOLING, PIXEL_MESSAGE, PIXEL_WINDOW_SECONDS
from fullsignal.journal.sightings import RANK, REPORTED
from fullsignal.model import (
    TRUST_BROWSER,
    TRUST_SIGNED,
    Beacon,
    Event,
    Note,
    Problem,
    RejectedError,
    Sighting,
)
from fullsignal.vocabulary import LASTING

EVENT_BYTES_MAX: Final = 64 * 1024
CONFIRM_WAIT_SECONDS: Final = 240  # under the platform's five minutes for merging
# What an event is found by; the ladder of stitching has rungs of the same names.
LOOKUPS: Final = (("email", "email_plain"), ("phone", "phone_e164"), ("external_id", "external_id"))
# Who hands in what happened long before: no other copy of it is on its way (docs/backfill.md).
LATE_SOURCES: Final = frozenset({"file"})

# What tells one order from another: two kinds of mark. And who has one name of the shop's beside its own.
ORDER: Final = "order"
NUMBER: Final = "order_number"
PAYMENTS: Final = frozenset({"stripe", "paypal"})

_COOLING_MESSAGE: Final = "It waits as long as orders.hold_hours says, to be dropped if it is cancelled."
_ITEMS_CUT: Final = Note("items_cut", "items", "The order is too large: only its first items were kept.")

Refs = tuple[tuple[str, str], ...]
Pixels = dict[tuple[str, str], Sighting]  # (event's name, event_id) -> what the pixel did with it


def record(
    event: Event,
    site: Site,
    site_id: int,
    keys: Keys,
    now: float,
    visitor: int | None = None,
    pixel: Sighting | None = None,
) -> Row:
    """The row of an event. Raises RejectedError where it is too large.

    site_id: of the journal. visitor: the mark of its visitor. pixel: what the browser's own pixel did with
    it.
    """
    bound_to = f"{site.name}/{event.event_id}"
    payload = keys.seal(event, bound_to)
    if len(payload) > EVENT_BYTES_MAX and event.trust == TRUST_SIGNED:
        payload = _cut(event, keys, bound_to)
    if len(payload) > EVENT_BYTES_MAX:
        raise RejectedError(
            Problem(
                "event_too_large",
                "event",
                f"is larger than {EVENT_BYTES_MAX // 1024} KB",
                "Send fewer items, or smaller properties.",
            )
        )
    mark = keys.mark
    user = event.user
    lookups = [mark(kind, h) for kind, family in LOOKUPS for h in user.hashed.get(family, ())]
    if "ttclid" in user.ids:
        lookups.append(mark("ttclid", user.ids["ttclid"]))
    sure, unsure = order_refs(event, site)
    if event.test_event_code:  # of a key space of its own, and yet to be found by its order
        lookups += [mark(kind, f"{site.name}\0\0{ref}") for kind, ref in sure + unsure]
    own = _own_mark(event, site, keys)
    start = begin(event, site, now, pixel)
    return Row(
        site=site_id,
        name=event.name,
        event_id=event.event_id,
        channel=event.channel,
        event_time=event.event_time,
        received_at=now,
        source=event.source,
        trust=event.trust,
        keys=match_keys(user)
        | (DENIES if event.consent.ad_user_data == "denied" else 0)
        | (SHOP if own is not None else 0),
        test=1 if event.test_event_code else 0,
        payload=payload,
        marks=_marks(own, sure, event, site, keys),
        unsure=_order_marks(unsure, event, site, keys),
        own=own,
        lookups=tuple(lookups),
        lasting=event.name in LASTING,
        start=start,
        effect=_effect(event),
        says_consent=bool(event.consent.ad_user_data),
        visitor=visitor,
        rung=event.stitched,
    )


def marks(event: Event, site: Site, keys: Keys) -> tuple[int, ...]:
    """Everything by which the journal may know it, with what is not sure (Row.unsure) at the end."""
    sure, unsure = order_refs(event, site)
    return _marks(_own_mark(event, site, keys), sure + unsure, event, site, keys)


def order_refs(event: Event, site: Site) -> tuple[Refs, Refs]:
    """What a shop calls this sale, as (kind of mark, name); and what one name may be, likelier first.

    Never cart or checkout tokens. A shop's ids and numbers are two series: with a plugin for sequential
    numbers one order's number is an older order's id. So each is a mark of its own kind. Pages and payment
    providers often know one name and call it the order's id, whichever it is.

    Without a leading #: pages show the number with it, and their data layers say it as it is shown.
    """
    if event.name != "purchase":
        return (), ()
    order_id, number = event.order_id.lstrip("#"), event.order_number
    by_number = ((NUMBER, number),) if number else ()
    if not order_id:
        return by_number, ()
    if event.source in SHOPS or (number and event.source not in PAYMENTS):
        return ((ORDER, order_id), *by_number), ()
    if event.trust == TRUST_BROWSER and site.orders.order_ref == "number":
        return ((NUMBER, order_id),), ()
    return by_number, ((ORDER, order_id), (NUMBER, order_id))


def _own_mark(event: Event, site: Site, keys: Keys) -> int | None:
    """See Row.own."""
    is_own = event.trust == TRUST_SIGNED and event.source in SHOPS and event.name == "purchase"
    if not is_own or not event.order_id:
        return None
    return keys.mark("shop_order", _space(event, site) + event.order_id)


def _marks(own: int | None, refs: Refs, event: Event, site: Site, keys: Keys) -> tuple[int, ...]:
    by_id = keys.mark("id", f"{_space(event, site)}{event.name}\0{event.event_id}")
    first = () if own is None else (own,)
    return (*first, by_id, *_order_marks(refs, event, site, keys))


def _order_marks(refs: Refs, event: Event, site: Site, keys: Keys) -> tuple[int, ...]:
    return tuple([keys.mark(kind, _space(event, site) + ref) for kind, ref in refs])


def _space(event: Event, site: Site) -> str:
    return f"{site.name}\0{event.test_event_code}\0"


def _cut(event: Event, keys: Keys, bound_to: str) -> bytes:
    """A shop does not send an order again with fewer lines: the sale counts, and so many of its items."""
    payload, kept = b"", len(event.items)
    while kept and (not payload or len(payload) > EVENT_BYTES_MAX):
        kept //= 2
        cut = structs.replace(event, items=event.items[:kept], notes=[*event.notes, _ITEMS_CUT])
        payload = keys.seal(cut, bound_to)
    return payload or keys.seal(event, bound_to)


def sightings(pixels: Pixels, site: Site, site_id: int, keys: Keys) -> tuple[SightingRow, ...]:
    return tuple(
        SightingRow(site_id, keys.mark("id", f"{site.name}\0\0{name}\0{event_id}"), name in LASTING, sighting)
        for (name, event_id), sighting in pixels.items()
    )


def pixels(beacon: Beacon | None) -> Pixels:
    """Of several sightings of one event the one that saw most."""
    found: Pixels = {}
    for name, event_id, sighting in beacon.sightings if beacon is not None else ():
        known = found.get((name, event_id))
        if known is None or RANK[sighting.state] > RANK[known.state]:
            found[name, event_id] = sighting
    return found


def begin(event: Event, site: Site, now: float, pixel: Sighting | None = None) -> Start | None:
    """Does the first copy of an event wait, or never go? None: it goes at once. First rule that fits.

    pixel: what the browser's own pixel did with it, where that is known by now.
    """
    start = _begin(event, site, now, pixel)
    cooled_at = event.event_time + site.orders.hold_hours * 3600
    if event.name != "purchase" or event.test_event_code or event.source in LATE_SOURCES:
        return start
    if cooled_at <= now:
        return start
    if start is not None and (start.then_do != "send" or (start.due_at or 0) >= cooled_at):
        return start  # it is not sent before that anyway
    return Start("held", COOLING, _COOLING_MESSAGE, cooled_at, "send")


def _begin(event: Event, site: Site, now: float, pixel: Sighting | None) -> Start | None:
    rule = event.rule
    if event.test_event_code:
        return None
    if rule is not None and rule.action == "skip":
        return Start("skipped", rule.reason, rule.message)
    if pixel is not None and pixel.state in REPORTED and now - event.event_time > PIXEL_WINDOW_SECONDS:
        return Start("skipped", "pixel_window_passed", PIXEL_MESSAGE)
    if rule is not None:
        return Start("held", rule.reason, rule.message, now + rule.seconds, rule.then)
    if event.source in LATE_SOURCES:
        return None
    if consenting.decide(event.consent, site.consent_unknown, event.region) == "wait":
        message = f"Consent is not known and {event.region or 'an unknown region'} asks for it."
        return Start("held", "consent", message, now + consenting.WAIT_SECONDS, "send")
    if event.name != "purchase" or event.channel != "web":
        return None
    if event.unconfirmed and site.confirms == "require":
        until = now + site.orders.hold_days_max * 86_400
        return Start("held", "confirm", "It waits for a signed order.", until, "expire")
    if event.unconfirmed:
        return Start("held", "confirm", "It waits for a signed order.", now + CONFIRM_WAIT_SECONDS, "send")
    if site.merge_wait_seconds > 0:
        return Start("held", "merge", "It waits for its other copy.", now + site.merge_wait_seconds, "send")
    return None


def _effect(event: Event) -> Literal["", "sale", "hold", "skip"]:
    """What this row says to a first copy that is not sent yet."""
    if event.name != "purchase":
        return ""
    return event.rule.action if event.rule is not None else "sale"
