"""The statements of queries.sql, by name: `Q["claim"]`."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Final


def _read() -> dict[str, str]:
    text = files("fullsignal.journal").joinpath("queries.sql").read_text(encoding="utf-8")
    pieces = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)[1:]
    found = {}
    for name, body in zip(pieces[::2], pieces[1::2], strict=True):
        # A comment that stands above the next statement belongs to that one.
        found[name] = body[: body.index(";") + 1].strip()
    return found


Q: Final = _read()
SCHEMA: Final = files("fullsignal.journal").joinpath("schema.sql").read_text(encoding="utf-8")
