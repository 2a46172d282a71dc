"""A raw event's JSON -> TikTok's JSON: decode, canonical, prepare, pack. Events per processor second."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import phonenumbers

import events
from fullsignal.canonical import canonical
from fullsignal.config import Connection, Site
from fullsignal.destinations import tiktok
from fullsignal.identity import identify, phone
from fullsignal.model import Incoming
from fullsignal.outgoing import Payload
from fullsignal.sources import api
from measuring import cpu_seconds, interleaved, spread, table

SITE = Site("shop", country="US")
SETTINGS = tiktok.settings(
    Connection("shop", "tiktok", "tiktok", "live", settings={"pixel_code": "CD9079RC77U0N3GBV16Y"})
)
PACKED = 1_000
SLICE = 50


def whole(bodies: list[bytes]) -> int:
    """Every step for every event; returns how many bytes came out."""
    size = 0
    prepared: list[tuple[int, Payload]] = []
    for seq, body in enumerate(bodies):
        for one in api.decode(body):
            assert isinstance(one, Incoming)
            event = canonical(one, SITE, source="api", trust=1, now=events.NOW)
            payload = tiktok.prepare(event, SETTINGS, events.NOW)
            assert isinstance(payload, Payload), payload
            prepared.append((seq, payload))
        if len(prepared) >= PACKED:
            size += sum(len(request.body) for request in tiktok.pack(prepared, SETTINGS, "test_token"))
            prepared.clear()
    return size + sum(len(request.body) for request in tiktok.pack(prepared, SETTINGS, "test_token"))


def stages(bodies: list[bytes]) -> dict[str, float]:
    """Processor microseconds an event. `canonical` is without `identify`, which is inside it.

    A few events at a time, so that what was made is still near the processor, as it is in use.
    """
    spent = dict.fromkeys(("decode", "identify", "canonical", "prepare", "pack"), 0.0)
    notes: list[Any] = []

    def take(stage: str, make: Callable[[], Any]) -> Any:
        before = time.process_time()
        made = make()
        spent[stage] += (time.process_time() - before) / len(bodies) * 1e6
        return made

    for at in range(0, len(bodies), SLICE):
        some = bodies[at : at + SLICE]
        raw: Any = take("decode", lambda: [api.decode(body)[0] for body in some])  # noqa: B023
        phone.read.cache_clear()
        take("identify", lambda: [identify(one.raw.user, region="US", notes=notes) for one in raw])  # noqa: B023
        phone.read.cache_clear()
        made = take(
            "canonical",
            lambda: [canonical(one, SITE, source="api", trust=1, now=events.NOW) for one in raw],  # noqa: B023
        )
        payloads = take("prepare", lambda: [tiktok.prepare(one, SETTINGS, events.NOW) for one in made])  # noqa: B023
        take("pack", lambda: tiktok.pack(list(enumerate(payloads)), SETTINGS, "test_token"))  # noqa: B023
    spent["canonical"] -= spent["identify"]
    return spent


def least(bodies: list[bytes]) -> None:
    """What any Python program must do with the standard library: read the JSON, hash seven texts."""
    for body in bodies:
        event = json.loads(body)
        user = event["user"]
        for field in ("email", "phone", "phone", "first_name", "last_name", "zip", "email"):
            user[field] = hashlib.sha256(user[field].encode()).hexdigest()


@contextlib.contextmanager
def numbers_read_by(library: Any) -> Iterator[None]:
    before, phone.LIBRARY = phone.LIBRARY, library
    phone.read.cache_clear()
    try:
        yield
    finally:
        phone.LIBRARY = before
        phone.read.cache_clear()


def main(argv: list[str]) -> None:
    options = argparse.ArgumentParser(prog="event_to_body", description=__doc__)
    options.add_argument("--events", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--peers", type=Path, help="folder made by peers/install.sh")
    chosen = options.parse_args(argv)
    plus = events.bodies(chosen.events, "plus")
    national = events.bodies(chosen.events, "national")
    fast = phone.LIBRARY if phone.LIBRARY is not phonenumbers else None

    def rate(run: Callable[[list[bytes]], Any], bodies: list[bytes], library: Any = phone.LIBRARY) -> float:
        with numbers_read_by(library):
            return len(bodies) / cpu_seconds(lambda: run(bodies))

    variants = {
        "phones as + and digits": lambda: rate(whole, plus),
        "national phones, phonenumbers": lambda: rate(whole, national, phonenumbers),
        "yardstick: json.loads and 7 SHA-256": lambda: rate(least, plus),
    }
    if fast is not None:
        variants["national phones, rphonenumbers (`fast`)"] = lambda: rate(whole, national, fast)
    for name, command in _peers(chosen.peers):
        variants[name] = lambda command=command: _ask(command, plus[: chosen.events // 4])  # type: ignore[misc]
    found = interleaved(variants, chosen.rounds)
    limit = statistics.median(found["yardstick: json.loads and 7 SHA-256"])
    in_bytes, out_bytes = len(plus[0]), whole(plus) // len(plus)
    print(f"One event: {in_bytes} bytes in, {out_bytes} bytes out; {len(plus)} different events a round.\n")
    table(
        ("events per processor second", f"median [least .. most] of {chosen.rounds}", "of the yardstick"),
        [(n, spread(v), f"{statistics.median(v) / limit:.2f}") for n, v in found.items()],
    )

    split: dict[str, dict[str, list[float]]] = {}
    for _ in range(chosen.rounds):
        for name, bodies, library in (("+digits", plus, phone.LIBRARY), ("national", national, phonenumbers)):
            with numbers_read_by(library):
                for stage, micros in stages(bodies).items():
                    split.setdefault(stage, {}).setdefault(name, []).append(micros)
    table(
        ("us of processor an event", "+digits", "national, phonenumbers"),
        [(stage, *(spread(by[n], ".2f") for n in ("+digits", "national"))) for stage, by in split.items()],
    )


def _peers(folder: Path | None) -> list[tuple[str, list[str]]]:
    """What others wrote, where it is installed: each reads bodies from stdin and prints events a second."""
    if folder is None:
        return []
    here = Path(__file__).parent / "peers"
    found = [
        ("peer: pytt-events-api (Python)", folder / "python/bin/python", [str(here / "pytt.py")]),
        ("peer: Segment's action (Node)", folder / "node_modules", ["node", str(here / "segment.js")]),
    ]
    return [
        (name, [str(needs), *command] if needs.name == "python" else [*command, str(needs)])
        for name, needs, command in found
        if needs.exists()
    ]


def _ask(command: list[str], bodies: list[bytes]) -> float:
    said = subprocess.run(
        command, input=b"\n".join(bodies), stdout=subprocess.PIPE, check=True, env=dict(os.environ)
    )
    return float(said.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
