"""The people the platform knows: who they are, what ads they saw, and what identifies them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .hashing import digests, wrong_digests
from .row import Row

__all__ = ["Graph", "Person", "PersonError", "Touch", "described"]

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
CONVERSIONS_KEPT_MAX = 1_000
TOUCHES_MAX = 1_000
LEARNED_MAX = 20  # of one key, for one person
PEOPLE_MAX = 1_000_000
# Priority of match keys, strongest first (order given by practitioners, S).
KEYS = ("ttclid", "email", "phone", "external_id", "ttp")
HASHED = ("email", "phone", "external_id")
LEARNABLE = ("external_id", "ttp")
IP_AND_AGENT = "ip+user_agent"


class PersonError(ValueError):
    """The person or touch cannot be added; the message says which field and why."""


@dataclass(frozen=True, slots=True)
class Touch:
    """One ad interaction. `at` is in seconds; only a click has a ttclid."""

    kind: str  # click | view
    at: float
    ad_id: str
    ttclid: str | None = None


@dataclass(slots=True)
class Person:
    """Everything here is in the clear: the people are invented."""

    id: str
    email: tuple[str, ...] = ()
    phone: tuple[str, ...] = ()
    external_id: tuple[str, ...] = ()
    ttp: tuple[str, ...] = ()
    ip: str = ""
    user_agent: str = ""
    first_name: str = ""
    last_name: str = ""
    country: str = ""
    touches: list[Touch] = field(default_factory=list)
    learned: dict[str, list[str]] = field(default_factory=dict)  # key -> values events taught the graph
    confirmed: int = 0  # counted events that matched
    conversions: deque[Row] = field(default_factory=lambda: deque(maxlen=CONVERSIONS_KEPT_MAX))


class Graph:
    """Lookups from key values to people. A value belongs to the first person who had it."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        # key -> digest -> how somebody's identifier was hashed wrongly, unless it is another's hashed rightly
        self.wrong: dict[str, dict[str, str]] = {key: {} for key in HASHED}
        self._right: dict[str, set[str]] = {key: set() for key in HASHED}
        self._by_key: dict[str, dict[str, Person]] = {key: {} for key in KEYS}
        self._by_address: dict[tuple[str, str], Person] = {}

    def add(self, *people: Person) -> None:
        """All or none: PersonError when an id is taken, a phone is no E.164, or there is no more room."""
        if len(self.people) + len(people) > PEOPLE_MAX:
            raise PersonError(f"no more than {PEOPLE_MAX} people")
        taken = set[str]()
        for person in people:
            if person.id in self.people or person.id in taken:
                raise PersonError(f"there is a person {person.id} already")
            taken.add(person.id)
            for phone in person.phone:
                if not E164.fullmatch(phone):
                    raise PersonError(f"phone {phone!r} is not E.164 with its plus")
        for person in people:
            self._index(person)

    def _index(self, person: Person) -> None:
        self.people[person.id] = person
        for key in HASHED:
            for clean in getattr(person, key):
                self._index_hashed(person, key, clean)
        for ttp in person.ttp:
            self._by_key["ttp"].setdefault(ttp, person)
        if person.ip and person.user_agent:
            self._by_address.setdefault((person.ip, person.user_agent), person)
        for touch in person.touches:
            self._index_touch(person, touch)

    def _index_hashed(self, person: Person, key: str, clean: str) -> None:
        """Two people may differ by what one gets wrong: C-17 lower-cased is the id of whoever is c-17."""
        digest = digests(**{key: clean})[key]
        right, wrong = self._right[key], self.wrong[key]
        self._by_key[key].setdefault(digest, person)
        right.add(digest)
        wrong.pop(digest, None)
        wrong.update((d, cause) for d, cause in wrong_digests(**{key: clean}).items() if d not in right)

    def touch(self, person: Person, touch: Touch) -> None:
        if len(person.touches) >= TOUCHES_MAX:
            raise PersonError(f"no more than {TOUCHES_MAX} ad interactions a person")
        person.touches.append(touch)
        self._index_touch(person, touch)

    def _index_touch(self, person: Person, touch: Touch) -> None:
        if touch.ttclid:
            self._by_key["ttclid"].setdefault(touch.ttclid, person)

    def match(self, event: Mapping[str, Any]) -> tuple[Person | None, tuple[str, ...]]:
        """The person an event belongs to, and the keys that agree on it, strongest first."""
        user = event.get("user") or {}
        # With tracking denied, identity is not used for matching (S1, att_status).
        denied = user.get("att_status") == "DENIED"
        person: Person | None = None
        keys = []
        for key, table in self._by_key.items():
            value = user.get(key)
            if key == "ttclid" and not value:
                value = _ttclid_in_url(event)
            if not value or (denied and key in HASHED):
                continue
            found = table.get(value) if type(value) is str else _any_of(value, table)
            if found is not None and (person is None or found is person):
                person = found
                keys.append(key)
        found = self._by_address.get((user.get("ip", ""), user.get("user_agent", "")))
        if found is not None and (person is None or found is person):
            person = found
            keys.append(IP_AND_AGENT)
        return person, tuple(keys)

    def learn(self, person: Person, event: Mapping[str, Any], keys: tuple[str, ...]) -> None:
        """An event that matched teaches the graph what else identifies the person.

        An address and a browser alone teach nothing: a household shares them.
        """
        user = event.get("user") or {}
        if keys == (IP_AND_AGENT,):
            return
        for key in LEARNABLE:
            if key in keys or not (value := user.get(key)):
                continue
            for one in [value] if type(value) is str else value:
                known = person.learned.setdefault(key, [])
                if one not in self._by_key[key] and len(known) < LEARNED_MAX:
                    self._by_key[key][one] = person
                    known.append(one)


def _any_of(values: Iterable[str], table: Mapping[str, Person]) -> Person | None:
    return next((table[value] for value in values if value in table), None)


def _ttclid_in_url(event: Mapping[str, Any]) -> str | None:
    """The backend reads the click id out of page.url when it is there (S2)."""
    page = event.get("page")
    url = page.get("url") if page else None
    if not url or "ttclid=" not in url:
        return None
    try:
        clicks = parse_qs(urlsplit(url).query).get("ttclid")
    except ValueError:
        return None
    return clicks[0] if clicks else None


def described(person: Person) -> dict[str, Any]:
    """The clean person, their ad interactions, and the conversions that were matched to them."""
    return {
        "id": person.id,
        **{key: list(getattr(person, key)) for key in ("email", "phone", "external_id", "ttp")},
        "ip": person.ip,
        "user_agent": person.user_agent,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "country": person.country,
        "clicks": [_touch(t) for t in person.touches if t.kind == "click"],
        "views": [_touch(t) for t in person.touches if t.kind == "view"],
        "learned": person.learned,
        "confirmed": person.confirmed,
        "conversions": [_conversion(row) for row in person.conversions],
    }


def _touch(touch: Touch) -> dict[str, Any]:
    plain: dict[str, Any] = {"at": touch.at, "ad_id": touch.ad_id}
    return plain | ({"ttclid": touch.ttclid} if touch.kind == "click" else {})


def _conversion(row: Row) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "received_at": row.received_at,
        "via": row.via,
        "event_source_id": row.event_source_id,
        "event": row.event,
        "event_id": row.event_id,
        "event_time": row.event_time,
        "counted": row.counted,
        "matched": list(row.matched),
        "attributed_to": row.attributed_to,
    }
