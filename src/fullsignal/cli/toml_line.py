"""Change one setting in a TOML text and nothing else: comments, order and spacing stay."""

from __future__ import annotations

import copy
import re
import tomllib
from typing import Any, Final

_TABLE: Final = re.compile(r"\s*\[(?!\[)([^\]]+)\]\s*(?:#.*)?$")
_ANY_TABLE: Final = re.compile(r"\s*\[")


class CannotEditError(ValueError):
    """The text is written in a way that this does not understand."""


def set_text(text: str, table: tuple[str, ...], key: str, value: str) -> str:
    """The text with `key = "value"` in that table. CannotEditError rather than change anything else."""
    wanted = copy.deepcopy(tomllib.loads(text))
    _at(wanted, table)[key] = value
    lines = text.splitlines(keepends=True)
    start = next((i for i, line in enumerate(lines) if _is_header(line, table)), None)
    if start is None:
        raise CannotEditError(f"there is no line [{'.'.join(table)}]")
    end = next((i for i in range(start + 1, len(lines)) if _ANY_TABLE.match(lines[i])), len(lines))
    setting = re.compile(rf"""(\s*{re.escape(key)}\s*=\s*)("[^"\n]*"|'[^'\n]*')(.*)$""", re.DOTALL)
    for i in range(start + 1, end):
        found = setting.match(lines[i])
        if found:
            lines[i] = f'{found[1]}"{value}"{found[3]}'
            break
    else:
        newline = "\r\n" if lines[start].endswith("\r\n") else "\n"
        lines[start] = lines[start].rstrip("\r\n") + newline
        lines.insert(start + 1, f'{key} = "{value}"{newline}')
    changed = "".join(lines)
    try:
        same = tomllib.loads(changed) == wanted
    except tomllib.TOMLDecodeError:
        same = False
    if not same:
        raise CannotEditError("it is written in a way that cannot be edited line by line")
    return changed


def _at(document: dict[str, Any], table: tuple[str, ...]) -> dict[str, Any]:
    for part in table:
        document = document[part]
    return document


def _is_header(line: str, table: tuple[str, ...]) -> bool:
    found = _TABLE.match(line)
    return found is not None and tuple(p.strip().strip("\"'") for p in found[1].split(".")) == table
