"""What follows when a shop's API does not give what was asked for."""

from __future__ import annotations

import traceback
from typing import Final, Literal

import structlog
from msgspec import Struct

from fullsignal.config import ConfigError
from fullsignal.fetcher import FetchError

WAIT_SECONDS_MAX: Final = 3_600.0
REFUSED: Final = (
    "The shop refused the token: make one that may read orders, and put it where the configuration says."
)


log = structlog.get_logger("pulling")


class Failing(Struct, frozen=True):
    """Why, and whose fault it is.

    shop: nothing else of this shop would come now either      order: only this one
    token: as shop, until somebody puts another token there     gone: it does not exist
    """

    code: str
    fault: Literal["shop", "token", "order", "gone"]
    message: str
    after_seconds: float | None = None


def failing(error: FetchError | ConfigError) -> Failing:
    if isinstance(error, ConfigError):
        return Failing("configuration", "token", str(error))
    if error.status in {401, 403}:
        return Failing(error.code, "token", f"{error} {REFUSED}")
    if error.status in {404, 410}:
        return Failing(error.code, "gone", str(error))
    if error.status == 429 or error.status >= 500 or error.code in {"unreachable", "timeout"}:
        return Failing(error.code, "shop", str(error), error.after_seconds)
    return Failing(error.code, "order", str(error))


def wait_seconds(
    first: float, failures: int, after: float | None, at_most: float = WAIT_SECONDS_MAX
) -> float:
    """first, then twice as long each time; longer where the other side asks for it. failures: from 1 on."""
    wait = min(at_most, first * 2.0 ** min(failures - 1, 20))
    return wait if after is None else min(WAIT_SECONDS_MAX, max(wait, after))


def report(error: Exception, about: dict[str, str]) -> None:
    """A fault of ours. Its text stays out of the log: it may quote what the shop sent."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{last.name}, {last.filename} line {last.lineno}"
    log.error("fault", **about, error=type(error).__name__, place=place)
