"""`/_emulator/*`: look at what arrived, move the clock, script faults."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from .faults import FaultError
from .tiktok.body import UnreadableError, decoded
from .tiktok.people import Person, PersonError
from .tiktok.people import described as described_person
from .tiktok.registration import person_from, touch_from
from .tiktok.report import report
from .tiktok.switches import SwitchError, described, flip

if TYPE_CHECKING:
    from .server import Emulator

__all__ = ["routes"]

ROWS_DEFAULT = 10_000
ROWS_MAX = 100_000
PEOPLE_DEFAULT = 100
LATEST_SECONDS = 10**11


class ControlError(ValueError):
    """The control request cannot be carried out; the message says what to change."""


def routes(emulator: Emulator) -> list[web.RouteDef]:
    desk = Desk(emulator)
    return [
        web.post("/_emulator/reset", desk.reset),
        web.get("/_emulator/clock", desk.clock),
        web.post("/_emulator/clock", desk.move_clock),
        web.get("/_emulator/faults", desk.faults),
        web.post("/_emulator/faults", desk.script),
        web.delete("/_emulator/faults", desk.clear_faults),
        web.get("/_emulator/switches", desk.switches),
        web.post("/_emulator/switches", desk.flip),
        web.get("/_emulator/events", desk.events),
        web.get("/_emulator/report", desk.report),
        web.get("/_emulator/people", desk.people),
        web.post("/_emulator/people", desk.add_people),
        web.get("/_emulator/people/{id}", desk.person),
        web.post("/_emulator/ads", desk.add_ad),
    ]


class Desk:
    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def reset(self, request: web.Request) -> web.Response:
        """Everything as it was at the start: rows, faults, clock, switches, people."""
        self._emulator.reset()
        return _json({"reset": True, "now": self._emulator.clock.now()})

    async def clock(self, request: web.Request) -> web.Response:
        clock = self._emulator.clock
        return _json({"now": clock.now(), "frozen": clock.frozen})

    async def move_clock(self, request: web.Request) -> web.Response:
        typed = await _object(request, "set", "advance_seconds", "frozen")
        clock = self._emulator.clock
        to, by = _number(typed, "set"), _number(typed, "advance_seconds") or 0
        if not 0 <= (clock.now() if to is None else to) + by < LATEST_SECONDS:
            raise ControlError("the clock goes from 1970 to 5138")
        if "set" in typed:
            clock.set(to, frozen=bool(typed.get("frozen")))
        elif "frozen" in typed:
            clock.set(clock.now(), frozen=bool(typed["frozen"]))
        clock.advance(by)
        return await self.clock(request)

    async def faults(self, request: web.Request) -> web.Response:
        return _json(self._emulator.faults.described())

    async def script(self, request: web.Request) -> web.Response:
        """One fault or an array of them; the answer is the whole list."""
        typed = await _body(request)
        faults = self._emulator.faults
        faults.add_all(typed if isinstance(typed, list) else [typed])
        return _json(faults.described())

    async def clear_faults(self, request: web.Request) -> web.Response:
        self._emulator.faults.clear()
        return _json([])

    async def switches(self, request: web.Request) -> web.Response:
        return _json(described(self._emulator.platform.switches))

    async def flip(self, request: web.Request) -> web.Response:
        flip(self._emulator.platform.switches, await _body(request))
        return await self.switches(request)

    async def events(self, request: web.Request) -> web.Response:
        """Rows with seq above `after`, oldest first, as a JSON array."""
        rows = self._emulator.platform.store.listed(
            _whole(request, "after", 0, 10**15),
            min(_whole(request, "limit", ROWS_DEFAULT, 10**15), ROWS_MAX),
            request.query.get("event_id"),
        )
        return _json([row.described() for row in rows])

    async def report(self, request: web.Request) -> web.Response:
        return _json(report(self._emulator.platform, self._emulator.clock.now()))

    async def people(self, request: web.Request) -> web.Response:
        """Everybody in order of registration, `limit` at a time, after the id `after`."""
        known = self._emulator.platform.graph.people
        start = known.get(request.query.get("after", ""))
        rest = iter(known.values())
        if start is not None:
            rest = itertools.dropwhile(lambda person: person is not start, rest)
            next(rest)
        chosen = itertools.islice(rest, min(_whole(request, "limit", PEOPLE_DEFAULT, 10**15), ROWS_MAX))
        return _json([described_person(person) for person in chosen])

    async def person(self, request: web.Request) -> web.Response:
        return _json(described_person(self._known(request.match_info["id"])))

    async def add_people(self, request: web.Request) -> web.Response:
        """One person or an array of them, all or none; the answer is the array of their ids."""
        typed = await _body(request)
        graph, now = self._emulator.platform.graph, self._emulator.clock.now()
        people = [person_from(one, now) for one in (typed if isinstance(typed, list) else [typed])]
        graph.add(*people)
        return _json([person.id for person in people])

    async def add_ad(self, request: web.Request) -> web.Response:
        """`{"person": id, "kind": "click"|"view", "at", "ad_id", "ttclid"}`; the answer is the person."""
        typed = await _object(request, "person", "kind", "at", "ad_id", "ttclid")
        person = self._known(str(typed.pop("person", "")))
        touch = touch_from(typed, self._emulator.clock.now())
        self._emulator.platform.graph.touch(person, touch)
        return _json(described_person(person))

    def _known(self, person_id: str) -> Person:
        person = self._emulator.platform.graph.people.get(person_id)
        if person is None:
            raise web.HTTPNotFound(
                text=json.dumps({"error": f"no person {person_id}"}), content_type="application/json"
            )
        return person


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(
        body=json.dumps(value).encode(),
        content_type="application/json",
        status=status,
        headers={"X-Emulator": "fullsignal"},
    )


async def _body(request: web.Request) -> Any:
    try:
        return decoded(await request.read() or b"{}")
    except UnreadableError as problem:
        raise ControlError(f"the body is not JSON: {problem}") from None


async def _object(request: web.Request, *known: str) -> dict[str, Any]:
    typed = await _body(request)
    if not isinstance(typed, dict):
        raise ControlError("send a JSON object")
    if unknown := set(typed) - set(known):
        raise ControlError(f"unknown field {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return typed


def _number(typed: dict[str, Any], name: str) -> float | None:
    value = typed.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LATEST_SECONDS:
        raise ControlError(f"{name} is a number of seconds, or null")
    return float(value)


def _whole(request: web.Request, name: str, default: int, most: int) -> int:
    text = request.query.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit():
        raise ControlError(f"{name} is a whole number")
    return min(int(text[:16]), most)


@web.middleware
async def explain(request: web.Request, handler: Any) -> web.StreamResponse:
    """Bad control requests become HTTP 400 that say what to change."""
    try:
        response: web.StreamResponse = await handler(request)
    except (ControlError, FaultError, PersonError, SwitchError) as problem:
        return _json({"error": str(problem)}, status=400)
    return response
