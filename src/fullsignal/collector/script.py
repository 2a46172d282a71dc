"""GET /fs.js, /fs.<hash>.js, /fs-<part>.<hash>.js and /fs-debug.js: our script, for pages on any origin.

What has no hash in its name changes with every release, so pages may keep it for an hour. What has one is of
one release for ever: for pages that name the digest (`integrity`), and for fs.js, which knows its parts'.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fullsignal import browser
from fullsignal.collector.replies import Refusal
from fullsignal.model import Problem

HOUR: Final = "public, max-age=3600"
FOR_EVER: Final = "public, max-age=31536000, immutable"
_HEADERS: Final = {
    "content-type": "text/javascript; charset=utf-8",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
    "vary": "accept-encoding",
}


class File:
    """A script, packed once."""

    def __init__(self, text: bytes) -> None:
        self._plain = text
        self._packed = gzip.compress(text, 9, mtime=0)
        # Weak: the same for both encodings.
        self._tag = f'W/"{hashlib.sha256(text).hexdigest()[:12]}"'

    def answer(self, request: Request, keep: str) -> Response:
        headers = {**_HEADERS, "cache-control": keep, "etag": self._tag}
        if _names(request.headers.get("if-none-match", ""), self._tag):
            return Response(status_code=304, headers=headers)
        if not _takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(self._plain, headers=headers)
        return Response(self._packed, headers={**headers, "content-encoding": "gzip"})


async def _newest(request: Request) -> Response:
    return _script().answer(request, HOUR)


async def _exact(request: Request) -> Response:
    if request.path_params["digest"] != browser.HASH:
        raise Refusal(404, _ANOTHER)
    return _script().answer(request, FOR_EVER)


async def _part(request: Request) -> Response:
    name = request.path_params["part"]
    if name not in browser.PARTS or request.path_params["digest"] != browser.part(name)[0]:
        raise Refusal(404, _ANOTHER)
    return _part_file(name).answer(request, FOR_EVER)


async def _overlay(request: Request) -> Response:
    return _debug().answer(request, HOUR)


ROUTES: Final = [
    Route("/fs.js", _newest),
    Route("/fs.{digest}.js", _exact),
    Route("/fs-debug.js", _overlay),
    Route("/fs-{part}.{digest}.js", _part),
]


@cache
def _script() -> File:
    return File(browser.SCRIPT)


@cache
def _part_file(name: str) -> File:
    return File(browser.part(name)[1])


@cache
def _debug() -> File:
    return File(browser.DEBUG)


def _names(tags: str, ours: str) -> bool:
    return tags.strip() == "*" or ours in [tag.strip() for tag in tags.split(",")]


def _takes_gzip(accepts: str) -> bool:
    for one in accepts.casefold().split(","):
        name, _, weight = one.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


_ANOTHER: Final = Problem(
    "another_script",
    "",
    "This server has another release of the script than the page asks for.",
    "Run `fullsignal tag --sri` again and put what it prints into the page; /fs.js is always the newest.",
)
