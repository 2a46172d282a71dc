"""One call in Segment's form, read by the source."""

from __future__ import annotations

import json
from typing import Any

from fullsignal.config import Site
from fullsignal.model import Incoming
from fullsignal.sources import segment

NOW = 1_795_184_104.0  # 2026-11-20T14:15:04Z
ANONYMOUS = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"


def read(call: dict[str, Any], site: Site | None = None, public: bool = False) -> segment.Message:
    calls = segment.open_body(json.dumps(call).encode(), "")
    (found,) = segment.read(calls, site or Site("shop"), NOW, public, 10)
    assert isinstance(found, segment.Message), found
    return found


def event(call: dict[str, Any], site: Site | None = None, public: bool = False) -> Incoming:
    found = read({"type": "track", "event": "Order Completed", **call}, site, public).event
    assert found is not None
    return found


def codes(incoming: Incoming) -> list[str]:
    return [note.code for note in incoming.notes]
