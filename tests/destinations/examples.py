"""TikTok's own examples of hashes, somebody who has every identifier, and what becomes of an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from fullsignal.destinations import tiktok
from fullsignal.model import Event, User
from fullsignal.outgoing import Payload, Skip

NOW = 1763800060.0
PIXEL = "CD9079RC77U0N3GBV16Y"
# TikTok's own examples of hashes
ALICE = "848a771458438fc2ec420560d769fb9b9b86851ee338ec56517baabd79d3bb4f"
PHONE = "9f7ec22d72092cd3c0b58726ed9c2d91b92e51a3f29837508fb2948bb22dd2fd"
USER_123 = "80fba0ae1c48e3978e43e4efc365e14e12ea0c830ba8ba5b9a2dafc7e3f2ab8b"
JANE = "81f8f6dde88365f3928796ec7aa53f72820b06db8664f5fe76a7eb13e24546a2"
ZIP = "383f7fffd99f3b1c3066086bcf991eae7ad543589d12bd792ecb6dc8b5acebc1"
IDFA = "70574fa9c8f498a7b2e5c8712b1126de7b1406fd02fdc591821c5bd33092fd1c"
GAID = "0ebad966881e1eebffe69b3abf624631cf83ec9bf8cb3ce134c7c75c6d8ee7fc"
OTHER = "8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d"

Account = Callable[..., tiktok.Settings]
Make = Callable[..., Event]
EVERYBODY = User(
    hashed={
        "email_plain": [ALICE],
        "email_google": [OTHER],
        "phone_e164": [PHONE],
        "external_id": [USER_123],
        "first_name": [JANE],
        "last_name": [JANE],
        "zip": [ZIP],
        "idfa": [IDFA],
        "gaid": [GAID],
    },
    ids={"ttclid": "E.C.P.v3fQ", "ttp": "2F7h37YkS1j57AYSKTI7IHhJPYH", "idfv": "AB-1", "fbp": "fb.1.2.3"},
    ip="203.0.113.1",
    user_agent="Mozilla/5.0",
    locale="en-US",
    visitor_id="v-1",
    city="menlopark",
    state="ca",
    zip="94025",
    country="us",
)


def body(event: Event, settings: tiktok.Settings, now: float = NOW) -> dict[str, Any]:
    prepared = tiktok.prepare(event, settings, now)
    assert isinstance(prepared, Payload), prepared
    return msgspec.json.decode(prepared.body)


def skip(event: Event, settings: tiktok.Settings, now: float = NOW) -> Skip:
    prepared = tiktok.prepare(event, settings, now)
    assert isinstance(prepared, Skip), prepared
    return prepared
