"""Asking the API of a shop or a payment service: bounded in time and size, only from hosts that were meant.

What a webhook or a configuration names is never simply asked for: whoever calls says which hosts are allowed.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Mapping
from typing import Any, Final

import aiohttp
from msgspec import Struct
from yarl import URL

BYTES_MAX: Final = 20_000_000
_PART: Final = 65_536
_NOTHING: Final[Mapping[str, str]] = {}
# What else stands in an address is read differently by different programs: whose host is it then?
_PLAIN: Final = re.compile(r"[!#-;=?-\[\]_a-z~]{1,4000}", re.ASCII)
_NEAR: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Fetched(Struct, frozen=True):
    """An answer with a status below 400. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class FetchError(Exception):
    """Nothing usable came.

    code: host_not_allowed, unreachable, timeout, too_large, unreadable, http_404 ...
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
        return await self._ask("GET", url, hosts, headers, params=dict(params))

    async def post(
        self,
        url: str,
        *,
        hosts: Collection[str],
        form: Mapping[str, str],
        headers: Mapping[str, str] = _NOTHING,
    ) -> Fetched:
        """The same with a form: how access tokens are asked for. Raises FetchError."""
        return await self._ask("POST", url, hosts, headers, data=dict(form))

    async def _ask(
        self, method: str, url: str, hosts: Collection[str], headers: Mapping[str, str], **what: Any
    ) -> Fetched:
        _allow(url, hosts)
        where = URL(url).host
        # Compressed answers are opened here, within the bound: aiohttp would open a small bomb whole.
        sent = {"Accept-Encoding": "gzip", **headers}
        try:
            async with self._open().request(
                method, URL(url), headers=sent, allow_redirects=False, **what
            ) as answer:
                if answer.status >= 300:
                    raise _refused(answer, where)
                body = await self._read(answer, where)
                return Fetched(answer.status, {k.lower(): v for k, v in answer.headers.items()}, body)
        except TimeoutError:
            raise FetchError("timeout", f"{where} did not answer in time.") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # ValueError: a header or an answer that no program would write. Its text may hold either.
            raise FetchError("unreachable", f"{where} cannot be reached ({type(error).__name__}).") from None

    def _open(self) -> aiohttp.ClientSession:
        """No cookies, no proxy and no passwords from the environment: what is sent is what was given."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout,
                connector=self._connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session

    async def _read(self, answer: aiohttp.ClientResponse, where: str | None) -> bytes:
        packed = answer.headers.get("Content-Encoding", "identity").strip().casefold()
        if packed not in {"identity", "gzip", "x-gzip", ""}:
            raise FetchError("unreadable", f"{where} answered in a compression that was not asked for.")
        unzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in packed else None
        body = bytearray()
        try:
            async for part in answer.content.iter_chunked(_PART):
                body += part if unzip is None else unzip.decompress(part, self._bytes_max + 1 - len(body))
                if len(body) > self._bytes_max or (unzip is not None and unzip.unconsumed_tail):
                    raise FetchError("too_large", f"{where} sent more than {self._bytes_max} bytes.")
        except zlib.error:
            raise FetchError("unreadable", f"{where} answered with broken compression.") from None
        if unzip is not None and (unzip.unused_data or not unzip.eof):
            raise FetchError("unreadable", f"{where} answered with half of a compressed body, or with two.")
        return bytes(body)


def is_allowed(url: str, hosts: Collection[str]) -> bool:
    """Whether an address is HTTPS (or of this machine), without a user, and its host one of `hosts`."""
    if not _PLAIN.fullmatch(url):
        return False
    try:
        parts = URL(url)
        host, port = (parts.host or "").casefold(), parts.explicit_port
    except ValueError:
        return False
    near = host in _NEAR
    if parts.scheme != "https" and not (near and parts.scheme == "http"):
        return False
    if parts.user is not None or parts.password is not None or (port not in (None, 443) and not near):
        return False
    return any(
        host == allowed or (allowed.startswith("*.") and host.endswith(allowed[1:])) for allowed in hosts
    )


def _allow(url: str, hosts: Collection[str]) -> None:
    if not is_allowed(url, hosts):
        raise FetchError("host_not_allowed", "The address is not one of the source's own, over HTTPS.")


def _refused(answer: aiohttp.ClientResponse, where: str | None) -> FetchError:
    return FetchError(
        f"http_{answer.status}", f"{where} answered {answer.status}.", answer.status, _after_seconds(answer)
    )


def _after_seconds(answer: aiohttp.ClientResponse) -> float | None:
    """Retry-After in seconds; or as BigCommerce says it, in milliseconds under a name of its own."""
    for name, unit in (("Retry-After", 1), ("X-Rate-Limit-Time-Reset-Ms", 1_000)):
        after = answer.headers.get(name, "").strip()
        if after.isascii() and after.isdigit() and len(after) < 10:
            return int(after) / unit
    return None
