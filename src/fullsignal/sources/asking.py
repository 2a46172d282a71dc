"""Asking a shop's own API for its orders, page by page: what the sources that can be asked share.

Patient and bounded: a limit or a fault is waited out some times, and then said. Nothing of an answer is
logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from fullsignal.clock import sleep
from fullsignal.config import ConfigError, is_loopback
from fullsignal.fetcher import Fetched, Fetcher, FetchError
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources.reading import Document

TRIES_MAX: Final = 6
WAIT_SECONDS_MAX: Final = 60.0
PAGES_MAX: Final = 20_000  # two million orders of Shopify: more is a loop
_PASSING: Final = frozenset({"timeout", "unreachable"})


class OrdersError(Exception):
    """The shop's orders could not be had. The message says what to do; it holds nothing of the answer."""


async def ask(
    fetcher: Fetcher,
    url: str,
    *,
    headers: Mapping[str, str],
    remedies: Mapping[int, str],
    params: Mapping[str, str] | None = None,
) -> Fetched:
    """GET, again where the other side is busy. remedies: what to do about a status. Raises OrdersError."""
    host = urlsplit(url).hostname or ""
    for tries in range(1, TRIES_MAX + 1):
        try:
            return await fetcher.get(url, hosts={host}, headers=headers, params=params or {})
        except FetchError as error:
            passing = error.code in _PASSING or error.status == 429 or error.status >= 500
            if not passing or tries == TRIES_MAX:
                raise _error(error, remedies) from None
            after = error.after_seconds if error.after_seconds is not None else float(2**tries)
            await sleep(min(after, WAIT_SECONDS_MAX))
    raise AssertionError("the last try answers or raises")


def _error(error: FetchError, remedies: Mapping[int, str]) -> OrdersError:
    remedy = remedies.get(error.status, "")
    if not remedy and 300 <= error.status < 400:
        remedy = "It leads elsewhere: name the address that answers itself."
    if not remedy and (error.status == 429 or error.status >= 500):
        remedy = "It did so several times; try again later."
    return OrdersError(f"{error} {remedy}".strip())


def base(endpoint: str, own: str, where: str) -> str:
    """The API's address, without a slash at the end. Raises ConfigError."""
    if endpoint and not is_loopback(endpoint):
        raise ConfigError(f"{where}.endpoint is for tests: only an address of this machine, or leave it out.")
    return (endpoint or own).rstrip("/")


def documents(fetched: Fetched, list_name: str, who: str) -> list[Document]:
    """The objects of a page: the body itself where `list_name` is "", else its list of that name."""
    try:
        body: Any = msgspec.json.decode(fetched.body)
    except (ValueError, RecursionError):
        body = None
    if list_name:
        body = body.get(list_name) if isinstance(body, dict) else None
    if not isinstance(body, list):
        raise OrdersError(f"{who} answered something that is no list of orders. Is the address the API's?")
    return [Document(one if isinstance(one, dict) else {}) for one in body]


def read(
    page: Sequence[Document], reader: Callable[[Document], Sequence[Incoming]]
) -> list[Incoming | RejectedError]:
    """Each as its webhook would be read; one that cannot be read costs itself alone."""
    found: list[Incoming | RejectedError] = []
    for document in page:
        try:
            incoming = reader(document)
            document.check()
            found += incoming
        except RejectedError as error:
            found.append(error)
    return found
