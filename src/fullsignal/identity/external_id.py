"""The shop's own id of a customer: trimmed, its case kept (TikTok's GTM template, O; peers disagree)."""

from __future__ import annotations

from hashlib import sha256

from fullsignal.identity.given import Hashed, given, put
from fullsignal.model import Note


def hash_external_id(value: str, field: str, hashed: Hashed, notes: list[Note]) -> None:
    text = given(value, "external_id", field, hashed, notes)
    if text:
        put(hashed, "external_id", sha256(text.encode()).hexdigest())
