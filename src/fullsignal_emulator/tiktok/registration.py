"""People and ad interactions that somebody registers over the control API."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping
from typing import Any

from . import synthetic
from .people import Person, PersonError, Touch

__all__ = ["person_from", "touch_from"]

LATEST_SECONDS = 10**11
LISTS = ("email", "phone", "external_id", "ttp")
TEXTS = ("ip", "user_agent", "first_name", "last_name", "country")


def person_from(typed: object, now: float) -> Person:
    """A person from JSON: clean values, `clicks: [{ttclid, at, ad_id}]`, `views: [{at, ad_id}]`.

    Every field may be missing; an id is made up. Raises PersonError.
    """
    if not isinstance(typed, Mapping):
        raise PersonError("a person is a JSON object")
    known = {"id", "clicks", "views", *LISTS, *TEXTS}
    if unknown := set(typed) - known:
        raise PersonError(f"unknown field {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
    person = Person(id=_text(typed, "id") or f"x{secrets.token_hex(6)}")
    for name in LISTS:
        setattr(person, name, _texts(typed, name))
    for name in TEXTS:
        setattr(person, name, _text(typed, name))
    person.touches = [touch_from({"kind": "click", **each}, now) for each in _objects(typed, "clicks")]
    person.touches += [touch_from({"kind": "view", **each}, now) for each in _objects(typed, "views")]
    return person


def touch_from(typed: Mapping[str, Any], now: float) -> Touch:
    """`{"kind": "click"|"view", "at": s, "ad_id", "ttclid"}`; a click without ttclid is given one."""
    kind = typed.get("kind", "click")
    if kind not in ("click", "view"):
        raise PersonError("kind is click or view")
    at = typed.get("at", now)
    if isinstance(at, bool) or not isinstance(at, int | float) or not abs(at) < LATEST_SECONDS:
        raise PersonError("at is a number of seconds")
    ttclid = _text(typed, "ttclid")
    if kind == "click" and not ttclid:
        ttclid = synthetic.ttclid(random.SystemRandom())
    return Touch(kind, float(at), _text(typed, "ad_id") or synthetic.ADS[0], ttclid or None)


def _objects(typed: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    values = typed.get(name) or []
    if not isinstance(values, list) or not all(isinstance(one, Mapping) for one in values):
        raise PersonError("clicks and views are arrays of objects")
    return values


def _text(typed: Mapping[str, Any], name: str) -> str:
    value = typed.get(name) or ""
    if not isinstance(value, str):
        raise PersonError(f"{name} is a string")
    return value


def _texts(typed: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = typed.get(name) or []
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise PersonError(f"{name} is a string or an array of strings")
    return tuple(values)
