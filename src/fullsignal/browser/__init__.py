"""The browser script as it is served, and what names it.

The files are built from the TypeScript beside them (`make script`) and committed, so that an installation
needs no Node. They are read once, when somebody asks for them.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Final

PARTS: Final = ("send", "pixel", "more")  # what fs.js loads when a page has use for it

SCRIPT: bytes  # fs.js
DEBUG: bytes  # fs-debug.js, the overlay
HASH: str  # the first 12 hex digits of fs.js's SHA-256, as in /fs.<hash>.js
INTEGRITY: str  # of fs.js, for a script element's `integrity`


def __getattr__(name: str) -> bytes | str:
    match name:
        case "SCRIPT":
            return _built("fs.js")
        case "DEBUG":
            return _built("fs-debug.js")
        case "HASH":
            return hashlib.sha256(_built("fs.js")).hexdigest()[:12]
        case "INTEGRITY":
            return f"sha384-{_base64(hashlib.sha384(_built('fs.js')).digest())}"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def part(name: str) -> tuple[str, bytes]:
    """(the digest in its address, the file), as fs.js asks for it: /fs-<name>.<digest>.js. See parts.ts."""
    text = _built(f"fs-{name}.js")
    return re.sub(r"\W", "_", _base64(hashlib.sha256(text).digest())[:12]), text


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


@cache
def _built(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()
