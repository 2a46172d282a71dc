"""Types of the documented fields of one event. Unknown fields pass: `user.ttclidX` got code 0 (S2, M).

That a known field of the wrong type is refused is measured for event_id (S15) and content_id (S8) and
assumed for the others; so is that null counts as absent.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from . import facts
from .switches import Switches

__all__ = ["first_problem", "missing"]

MILLISECONDS_FROM = 10**11  # the year 5138 in seconds, 1973 in milliseconds
NUMBER_MAX = 10**18


class Kind(Enum):
    """The words complete the platform's sentence "not a valid ..."; a plain value needs no second look."""

    STRING = ("string", str)
    STRINGS = ("string or array of strings", str)
    ARRAY = ("array of strings", None)
    NUMBER = ("number", float)
    INTEGER = ("integer", int)
    BOOLEAN = ("boolean", bool)
    OBJECT = ("object", dict)
    ITEMS = ("array of objects", None)

    def __init__(self, words: str, plain: type | None) -> None:
        self.words = words
        self.plain = plain


LISTS = (Kind.STRINGS, Kind.ARRAY, Kind.ITEMS)


def _all(kind: Kind, names: str) -> dict[str, Kind]:
    return dict.fromkeys(names.split(), kind)


# field -> kind, one table an object (S1, S2)
EVENT: dict[str, Kind] = _all(Kind.OBJECT, "user properties page app ad lead") | _all(
    Kind.BOOLEAN, "limited_data_use"
)
USER = _all(Kind.STRINGS, "email phone external_id") | _all(
    Kind.STRING,
    "ttclid ttp ip user_agent locale first_name last_name city state country zip_code"
    " idfa gaid idfv att_status",
)
PROPERTIES = (
    _all(Kind.ITEMS, "contents")
    | _all(Kind.ARRAY, "content_ids")
    | _all(Kind.NUMBER, "value")
    | _all(Kind.INTEGER, "num_items")
    | _all(
        Kind.STRING, "content_type currency search_string query description order_id shop_id customer_type"
    )
)
ITEM = _all(Kind.STRING, "content_id content_name content_category brand") | _all(
    Kind.NUMBER, "price quantity"
)
NESTED: dict[str, dict[str, Kind]] = {
    "user": USER,
    "properties": PROPERTIES,
    "page": _all(Kind.STRING, "url referrer"),
    "app": _all(Kind.STRING, "app_id app_name app_version"),
    "ad": _all(Kind.STRING, "callback campaign_id ad_id creative_id")
    | _all(Kind.BOOLEAN, "is_retargeting attributed"),
    "lead": _all(Kind.STRING, "lead_id lead_event_source"),
}

# event source -> the object and field it cannot do without (S1)
NEEDED = {"web": ("page", "url"), "app": ("app", "app_id"), "crm": ("lead", "lead_id")}


def missing(*names: str) -> str:
    return f"Missing required field(s): {', '.join(names)}."


def _invalid(name: str, kind: Kind) -> str:
    return f"Invalid value for {name}: not a valid {kind.words}."


def first_problem(event: Any, index: int, alone: bool, source: str, switches: Switches) -> str | None:
    """The refusal for the first thing wrong with one event, or None. `alone`: it is the only one in data.

    Field order and wording are inferred. Recorded is only "Invalid value for event_id: not a valid
    string.", without a position, for a request of one event.
    """
    path = f"data[{index}]"
    if type(event) is not dict:
        return _invalid(path, Kind.OBJECT)
    return (
        _own_fields(event, path, alone, source, switches)
        or _nested_fields(event, path)
        or _needed(event, path, source, switches)
    )


def _own_fields(event: dict[str, Any], path: str, alone: bool, source: str, switches: Switches) -> str | None:
    name = event.get("event")
    if name is None or name == "":
        return missing(f"{path}.event")
    if type(name) is not str:
        return _invalid(f"{path}.event", Kind.STRING)
    if source == "offline" and name not in facts.OFFLINE_EVENTS:
        return f"Invalid value for {path}.event: offline takes standard events only."
    moment = event.get("event_time")
    if moment is None:
        return missing(f"{path}.event_time")
    if type(moment) is not int:
        return _invalid(f"{path}.event_time", Kind.INTEGER)
    seconds_max = MILLISECONDS_FROM * (1_000 if switches.accept_event_time_ms else 1)
    if not 0 <= moment <= seconds_max:
        return f"Invalid value for {path}.event_time: not a Unix timestamp in seconds."
    event_id = event.get("event_id")
    if event_id is not None and type(event_id) is not str:
        return _invalid("event_id" if alone else f"{path}.event_id", Kind.STRING)
    return None


def _nested_fields(event: dict[str, Any], path: str) -> str | None:
    for name, value in event.items():
        kind = EVENT.get(name)
        if kind is None or value is None:
            continue
        if kind.plain is None or not isinstance(value, kind.plain):
            return _invalid(f"{path}.{name}", kind)
        if isinstance(value, dict) and (problem := _fields(value, NESTED[name], f"{path}.{name}")):
            return problem
    return None


def _fields(values: dict[str, Any], table: dict[str, Kind], path: str) -> str | None:
    for name, value in values.items():
        kind = table.get(name)
        if kind is None or type(value) is kind.plain or value is None:
            continue
        if kind is Kind.NUMBER and type(value) is int and abs(value) < NUMBER_MAX:
            continue
        if type(value) is not list or kind not in LISTS:
            return _invalid(f"{path}.{name}", kind)
        for position, item in enumerate(value):
            where = f"{path}.{name}[{position}]"
            if not isinstance(item, dict if kind is Kind.ITEMS else str):
                return _invalid(where, Kind.OBJECT if kind is Kind.ITEMS else Kind.STRING)
            if isinstance(item, dict) and (problem := _fields(item, ITEM, where)):
                return problem
    return None


def _needed(event: dict[str, Any], path: str, source: str, switches: Switches) -> str | None:
    if source == "web" and switches.require_user_for_web and not event.get("user"):
        return missing(f"{path}.user")
    if source not in NEEDED or (source == "web" and not switches.require_page_url):
        return None
    holder, name = NEEDED[source]
    inside = event.get(holder)
    if not inside or not inside.get(name):
        return missing(f"{path}.{holder}.{name}")
    return None
