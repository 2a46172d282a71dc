"""Does the platform take the token, and does its clock agree with ours?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Final

from fullsignal import reasons
from fullsignal.cli.finding import Finding, fail, ok, warn
from fullsignal.cli.platform import exchange
from fullsignal.clock import SystemClock
from fullsignal.config import Config, ConfigError, Connection
from fullsignal.destinations import get
from fullsignal.outgoing import Answer, Response

CLOCK_SECONDS_MAX: Final = 30.0


def findings(config: Config, offline: bool) -> Iterator[Finding]:
    for connection in config.connections():
        yield _mode(connection)
        try:
            token = config.access_token(connection)
        except ConfigError as error:
            yield fail(f"token {connection.key}", str(error), "The platform's own settings page makes one.")
            continue
        yield from _suspects(connection, token)
        if not offline:
            yield from _ask(connection, token)


def _mode(connection: Connection) -> Finding:
    name = f"mode {connection.key}"
    if connection.mode == "observe":
        return warn(
            name,
            "observe: everything is taken and shown, nothing is sent.",
            "fullsignal go-live, when `fullsignal events list` shows what it should",
        )
    return ok(name, "live. Nothing else may report the same sales from a server under other event ids")


def _suspects(connection: Connection, token: str) -> Iterator[Finding]:
    """What can be seen without asking."""
    if re.search(r"""[\s"']""", token):
        yield fail(
            f"token {connection.key}",
            "There are spaces, line breaks or quotes inside the token.",
            "Store the token alone: one line, no quotes.",
        )
    pixel = str(connection.settings.get("pixel_code", ""))
    if pixel.isdigit():
        yield warn(
            f"pixel code {connection.key}",
            "pixel_code has digits only: that looks like the numeric pixel id.",
            "Copy the code with letters that stands under the pixel's name.",
        )


def _ask(connection: Connection, token: str) -> Iterator[Finding]:
    destination = get(connection.destination)
    settings = destination.settings(connection)
    request = destination.probe(settings, token)
    response, milliseconds = exchange(request, connection.timeout_seconds)
    answer = destination.read(request, response, settings)
    yield _token(connection, answer, milliseconds)
    yield from _clock(connection, response)


def _token(connection: Connection, answer: Answer, milliseconds: float) -> Finding:
    name = f"token {connection.key}"
    told = reasons.answered(connection.destination, answer.code)
    said = f"It said: {answer.code} {answer.message}".strip()
    match answer.verdict:
        case "accepted" | "bisect":  # bisect: all that is wrong is that there was no event in it
            return ok(name, f"the platform takes it ({milliseconds:.0f} ms)")
        case "pause":
            return fail(name, f"{told.sentence} {said}", told.remedy)
        case "throttled":
            return warn(name, f"{told.sentence} {said}", told.remedy)
        case _:
            if answer.code == "unreachable":
                return fail(name, told.sentence, told.remedy)
            return warn(name, f"Not known: {told.sentence} {said}", "Check again in a minute.")


def _clock(connection: Connection, response: Response) -> Iterator[Finding]:
    headers = {name.casefold(): value for name, value in response.headers.items()}
    try:
        theirs = parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return
    ahead = SystemClock().now() - theirs
    name = f"clock {connection.key}"
    if abs(ahead) > CLOCK_SECONDS_MAX:
        way = "ahead of" if ahead > 0 else "behind"
        yield warn(
            name,
            f"This machine's clock is {abs(ahead):.0f} s {way} the platform's.",
            "Turn on time synchronisation (timedatectl set-ntp true): event times are wrong until then.",
        )
    else:
        yield ok(name, "agrees with the platform's")
