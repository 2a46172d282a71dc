"""Everything that is wrong with one event's shape, told so that it can be mended.

msgspec stops at the first error and is right to; this slower pass runs only for an event it refused. The
shapes are read from the struct itself, so that a field is written down once. No value is ever repeated, and
a name only when it looks like a field's name: a caller may put an email address in the wrong place.
"""

from __future__ import annotations

import difflib
import re
from functools import cache
from typing import Any, Final

from msgspec import Struct, inspect

from fullsignal.model import Problem

PROBLEMS_MAX: Final = 20  # per event; nobody mends more at a time
HINTS_MAX: Final = 100  # per body: looking for the nearest name is dear, and bodies may be hostile
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What other tools call a field.
_WORDS: Final = """
    amount=value total=value revenue=value phone_number=phone mobile=phone mail=email email_address=email
    id=item_id sku=item_id name=item_name qty=quantity brand=item_brand event_name=event timestamp=event_time
    user_id=external_id postal_code=zip zip_code=zip user_data=user contents=items products=items app=app_id
    ttclid=ids ttp=ids fbclid=ids gclid=ids fbp=ids
"""
_MEANT: Final[dict[str, str]] = dict(word.split("=") for word in _WORDS.split())
_CALLED: Final[dict[type, str]] = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    float: "a decimal number",
    type(None): "null",
}


class Budget:
    """How much may still be spent on one body."""

    def __init__(self) -> None:
        self.hints = HINTS_MAX


def problems(value: Any, struct: type[Struct], budget: Budget) -> list[Problem]:
    """What keeps `value`, decoded JSON, from being a `struct`. At most PROBLEMS_MAX, the last telling so."""
    walk = _Walk(struct, budget)
    walk.value(value, _shape(struct), "")
    if len(walk.found) > PROBLEMS_MAX:
        more = Problem("more_problems", "", "There are more problems than are listed.", "Mend these first.")
        return [*walk.found[: PROBLEMS_MAX - 1], more]
    return walk.found


def open_fields(struct: type[Struct]) -> tuple[str, ...]:
    """The fields that take anything inside."""
    shape = _shape(struct)
    assert isinstance(shape, inspect.StructType)
    return tuple(f.name for f in shape.fields if any(map(_takes_anything, _members(f.type))))


class _Walk:
    def __init__(self, struct: type[Struct], budget: Budget) -> None:
        self.struct = struct
        self.budget = budget
        self.found: list[Problem] = []

    def value(self, value: Any, shape: inspect.Type, path: str) -> None:
        if len(self.found) > PROBLEMS_MAX:
            return
        members = _members(shape)
        fitting = next((m for m in members if _fits(value, m)), None)
        if fitting is None:
            self.found.append(_unfit(value, members, path))
        elif isinstance(fitting, inspect.StructType):
            self.object(value, fitting, path)
        elif isinstance(fitting, inspect.ListType):
            for i, one in enumerate(value):
                self.value(one, fitting.item_type, f"{path}[{i}]")
        elif isinstance(fitting, inspect.DictType):
            for name, one in value.items():
                self.value(one, fitting.value_type, _join(path, name))

    def object(self, value: dict[str, Any], shape: inspect.StructType, path: str) -> None:
        known = {f.encode_name: f for f in shape.fields}
        for name, one in value.items():
            if name in known:
                self.value(one, known[name].type, _join(path, name))
            elif len(self.found) <= PROBLEMS_MAX:
                self.found.append(self.unknown(name, tuple(known), path))
        for name, field in known.items():
            if field.required and name not in value:
                where = _join(path, name)
                self.found.append(Problem("missing_field", where, "is missing", f"Set {where}."))

    def unknown(self, name: str, known: tuple[str, ...], path: str) -> Problem:
        where = _join(path, name)
        near = ""
        if _NAME.fullmatch(name) and self.budget.hints > 0:
            self.budget.hints -= 1
            near = _nearest(name, known, path, self.struct)
        remedy = f"Did you mean {near}?" if near else "Put data of your own under properties."
        return Problem("unknown_field", where, "is not a known field", remedy)


def _nearest(name: str, known: tuple[str, ...], path: str, struct: type[Struct]) -> str:
    """The field that was probably meant: here in another spelling, elsewhere by this name, or alike."""
    snake = _CAMEL.sub("_", name).replace("-", "_").casefold()
    if snake in known:
        return _join(path, snake)
    places = _places(struct)
    meant = _MEANT.get(snake, snake)
    if meant in known:
        return _join(path, meant)
    if meant in places:
        return places[meant]
    alike = difflib.get_close_matches(snake, known, 1)
    if alike:
        return _join(path, alike[0])
    far = difflib.get_close_matches(snake, places, 1, 0.7)
    return places[far[0]] if far else ""


@cache
def _shape(struct: type[Struct]) -> inspect.Type:
    return inspect.type_info(struct)


@cache
def _places(struct: type[Struct]) -> dict[str, str]:
    """Where each field of `struct` stands, by its last name: {"price": "items[].price"}."""
    places: dict[str, str] = {}

    def visit(shape: inspect.Type, path: str) -> None:
        for member in _members(shape):
            if isinstance(member, inspect.ListType):
                visit(member.item_type, f"{path}[]")
            elif isinstance(member, inspect.StructType):
                for field in member.fields:
                    places.setdefault(field.encode_name, _join(path, field.encode_name))
                for field in member.fields:
                    visit(field.type, _join(path, field.encode_name))

    visit(_shape(struct), "")
    return places


def _members(shape: inspect.Type) -> tuple[inspect.Type, ...]:
    return shape.types if isinstance(shape, inspect.UnionType) else (shape,)


def _takes_anything(shape: inspect.Type) -> bool:
    if isinstance(shape, inspect.DictType):
        return _takes_anything(shape.value_type)
    return isinstance(shape, inspect.AnyType)


def _fits(value: Any, shape: inspect.Type) -> bool:
    """Is this the member of a union that such a value belongs to? Its inside is looked at later."""
    kind = type(value)
    if isinstance(shape, inspect.LiteralType):
        return kind is str and value in shape.values
    if isinstance(shape, inspect.FloatType):
        return kind is float or kind is int
    return isinstance(shape, inspect.AnyType) or kind is _PYTHON.get(type(shape))


_PYTHON: Final[dict[type, type]] = {
    inspect.StructType: dict,
    inspect.DictType: dict,
    inspect.ListType: list,
    inspect.StrType: str,
    inspect.IntType: int,
    inspect.BoolType: bool,
    inspect.NoneType: type(None),
}


def _unfit(value: Any, members: tuple[inspect.Type, ...], path: str) -> Problem:
    choices = [str(v) for m in members if isinstance(m, inspect.LiteralType) for v in m.values if v]
    if choices and isinstance(value, str):
        listed = ", ".join(choices)
        return Problem("not_allowed", path, "has a value that is not allowed", f"Use one of {listed}.")
    names = [_expected(m) for m in members if not isinstance(m, inspect.NoneType)]
    expected = " or ".join(dict.fromkeys(names))
    return Problem(
        "wrong_type",
        path,
        f"{'' if path else 'The event '}should be {expected}, found {_CALLED[type(value)]}",
        f"Send {expected}, or leave it out." if path and path != "event" else f"Send {expected}.",
    )


def _expected(shape: inspect.Type) -> str:
    if isinstance(shape, inspect.LiteralType):
        return "a string"
    return "a number" if isinstance(shape, inspect.FloatType) else _CALLED[_PYTHON[type(shape)]]


def _join(path: str, name: str) -> str:
    shown = name if _NAME.fullmatch(name) else "(unnamed)"
    return f"{path}.{shown}" if path else shown
