"""A file of what GA4 sends, for `preview`: bodies of the Measurement Protocol, or hits of /g/collect.

Hits stand as they are copied from a browser's tools: an address with its query, and below it the lines of the
body, if it had one.
"""

from __future__ import annotations

import re

import msgspec

from fullsignal.model import RejectedError
from fullsignal.sources import api, ga4_hits, ga4_mp
from fullsignal.sources.ga4 import Found

_ADDRESS = re.compile(r"^(https?://|/|\?)\S*\?|^\?")


def read(body: bytes, wanted: frozenset[str], now: float) -> list[Found]:
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if text[:1] in (b"{", b"["):
        return [one for part in _bodies(text) for one in _protocol(part, wanted, now)]
    return [one for group in _groups(text.decode("utf-8", "replace")) for one in _hits(group, wanted, now)]


def _bodies(text: bytes) -> list[bytes]:
    """One body, an array of them, or one a line."""
    try:
        if text.startswith(b"["):
            return [bytes(raw) for raw in msgspec.json.decode(text, type=list[msgspec.Raw])] or [text]
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        rows = [row for row in text.splitlines() if row.strip()]
        return rows if len(rows) > 1 and all(row.lstrip().startswith(b"{") for row in rows) else [text]
    return [text]


def _protocol(body: bytes, wanted: frozenset[str], now: float) -> list[Found]:
    try:
        return ga4_mp.decode(body, wanted, now).found
    except api.BodyError as error:
        return [RejectedError(error.problem)]


def _groups(text: str) -> list[list[str]]:
    """An address with the lines below it; a line alone is a hit of its own."""
    groups: list[list[str]] = []
    for line in text.splitlines():
        line = line.strip()
        if not line:
            continue
        if _ADDRESS.match(line):
            groups.append([line.partition("?")[2]])
        elif groups and groups[-1][0].startswith("v="):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups or [[""]]


def _hits(group: list[str], wanted: frozenset[str], now: float) -> list[Found]:
    try:
        shared = ga4_hits.parameters(group[0])
        return ga4_hits.decode(shared, "\n".join(group[1:]), "", wanted, now, server=True).found
    except api.BodyError as error:
        return [RejectedError(error.problem)]
