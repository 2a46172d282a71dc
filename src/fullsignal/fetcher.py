"""GET from the API of a shop or a payment service: bounded in time and size, only from hosts that were meant.

What a webhook or a configuration names is never simply asked for: whoever calls says which hosts are allowed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from msgspec import Struct
from yarl import URL

BYTES_MAX: Final = 20_000_000
_NOTHING: Final[Mapping[str, str]] = {}


class Fetched(Struct, frozen=True):
    """An answer with a status below 400. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class FetchError(Exception):
    """Nothing usable came. `code`: host_not_allowed, unreachable, timeout, too_large, http_404 ...

    The message never holds the address's query, a header or anything of the answer.
    """

    def __init__(self, code: str, message: str, status: int = 0, after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status  # 0: no HTTP answer
        self.after_seconds = after_seconds  # how long the other side asks to wait


class Fetcher:
    """`async with Fetcher() as fetcher: ...`. One pool of connections; requests may run side by side."""

    def __init__(
        self,
        timeout_seconds: float = 20,
        bytes_max: int = BYTES_MAX,
        connector: aiohttp.BaseConnector | None = None,
    ) -> None:
        """connector: how connections are made, where not by DNS and the system's certificates."""
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._bytes_max = bytes_max
        self._connector = connector
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Fetcher:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(
        self,
        url: str,
        *,
        hosts: Collection[str],
        headers: Mapping[str, str] = _NOTHING,
        params: Mapping[str, str] = _NOTHING,
    ) -> Fetched:
        """hosts: exact names, or "*.example.com" for every host below it. Raises FetchError.

        HTTPS only, but for hosts of this machine. Redirects are not followed: they would carry headers on.
        """
        _allow(url, hosts)
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, connector=self._connector)
        where = urlsplit(url).hostname
        try:
            async with self._session.get(
                URL(url), headers=dict(headers), params=dict(params), allow_redirects=False
            ) as answer:
                if answer.status >= 300:
                    raise _refused(answer, where)
                body = await answer.content.read(self._bytes_max + 1)
                while len(body) <= self._bytes_max and (more := await answer.content.readany()):
                    body += more
                if len(body) > self._bytes_max:
                    raise FetchError("too_large", f"{where} sent more than {self._bytes_max} bytes.")
                return Fetched(answer.status, {k.lower(): v for k, v in answer.headers.items()}, body)
        except TimeoutError:
            raise FetchError("timeout", f"{where} did not answer in time.") from None
        except (aiohttp.ClientError, OSError) as error:
            raise FetchError("unreachable", f"{where} cannot be reached ({type(error).__name__}).") from None


def is_allowed(url: str, hosts: Collection[str]) -> bool:
    """Whether an address is HTTPS (or of this machine), without a user, and its host one of `hosts`."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").casefold(), parts.port
    except ValueError:
        return False
    near = host in {"127.0.0.1", "::1", "localhost"}
    if parts.scheme != "https" and not (near and parts.scheme == "http"):
        return False
    if parts.username is not None or parts.password is not None or (port not in (None, 443) and not near):
        return False
    return any(
        host == allowed or (allowed.startswith("*.") and host.endswith(allowed[1:])) for allowed in hosts
    )


def _allow(url: str, hosts: Collection[str]) -> None:
    if not is_allowed(url, hosts):
        raise FetchError("host_not_allowed", "The address is not one of the source's own, over HTTPS.")


def _refused(answer: aiohttp.ClientResponse, where: str | None) -> FetchError:
    after = answer.headers.get("Retry-After", "")
    return FetchError(
        f"http_{answer.status}",
        f"{where} answered {answer.status}.",
        answer.status,
        float(after) if after.isascii() and after.isdigit() else None,
    )
