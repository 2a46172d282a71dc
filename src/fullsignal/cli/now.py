"""What time it is for a command: by the clock of whoever delivers, so that ages are counted alike."""

from __future__ import annotations

import json
import os
import urllib.request
from typing import TYPE_CHECKING, Final

from fullsignal.clock import SystemClock

if TYPE_CHECKING:
    from fullsignal.config import Config

TEST_CLOCK: Final = "FULLSIGNAL_TEST_CLOCK"  # as gateway.py reads it
ANSWER_SECONDS_MAX: Final = 5.0


def now_of(config: Config, site: str) -> float:
    """Unix seconds: the running server's, which may follow a test's clock; without one that clock, or ours.

    Raises ConfigError where a test's clock is named beside real tokens, or does not answer.
    """
    from fullsignal.journal import JournalError
    from fullsignal.operator import ask

    try:
        reply = ask(config.data_dir, {"do": "waiting", "site": site}, ANSWER_SECONDS_MAX)
    except JournalError:  # somebody is there and does not answer; whoever needs that says so
        reply = None
    if reply is not None and reply["ok"]:
        return float(reply["now"])
    url = os.environ.get(TEST_CLOCK, "")
    return _of_a_test(config, url) if url else SystemClock().now()


def _of_a_test(config: Config, url: str) -> float:
    from fullsignal.config import ConfigError, is_loopback

    real = [c.key for c in config.connections() if not config.access_token(c).startswith("test_")]
    if real or not is_loopback(url):
        raise ConfigError(
            f"{TEST_CLOCK} is for tests: every token must begin with test_, and it must be local."
        )
    address = f"{url.rstrip('/')}/_emulator/clock"
    try:
        with urllib.request.urlopen(address, timeout=ANSWER_SECONDS_MAX) as answer:  # noqa: S310
            return float(json.load(answer)["now"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigError(f"{TEST_CLOCK} names {url}, and no emulator answers there.") from None
