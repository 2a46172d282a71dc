"""TikTok Events API 2.0: POST /open_api/v1.3/event/track/, for web, app, offline and CRM.

tables.py names and codes · account.py what the operator writes · event.py one event · requests.py many of
them · answers.py what TikTok said · pixel.py its script for browsers.
"""

from __future__ import annotations

from typing import Final

from fullsignal.destinations.tiktok.account import HOSTS, NAME, Settings, settings
from fullsignal.destinations.tiktok.answers import read
from fullsignal.destinations.tiktok.event import MATCH_KEYS, match_keys, prepare
from fullsignal.destinations.tiktok.pixel import pixel
from fullsignal.destinations.tiktok.requests import pack, probe

__all__ = [
    "MATCH_KEYS",
    "Settings",
    "ambiguous_margin_seconds",
    "dedup_window_seconds",
    "hosts",
    "match_key_names",
    "match_keys",
    "merge_window_seconds",
    "name",
    "pack",
    "pixel",
    "prepare",
    "probe",
    "read",
    "settings",
]

name: Final = NAME
hosts: Final = HOSTS
# Both windows run from the receipt of the first copy (O; that the clock is TikTok's, O~).
dedup_window_seconds: Final = 48 * 3600
merge_window_seconds: Final = 300
ambiguous_margin_seconds: Final = 2 * 3600  # our own caution
match_key_names: Final = MATCH_KEYS
