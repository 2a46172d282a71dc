"""One kept connection to the server."""

from __future__ import annotations

import http.client
import ssl
import time
from typing import Final, NamedTuple
from urllib.parse import urlsplit

ANSWER_BYTES_MAX: Final = 4_000_000
# Reuse no connection that the server, or a proxy before it, may be closing at this moment.
IDLE_SECONDS_MAX: Final = 4.0


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


class Connection:
    """Raises ValueError for a url or a key that cannot be right. Used by one thread at a time."""

    def __init__(self, url: str, key: str, timeout_seconds: float, context: ssl.SSLContext | None) -> None:
        self._host, self._port, self._path, secure = _target(url)
        self._context = (context or ssl.create_default_context()) if secure else None
        self._timeout = timeout_seconds
        self._headers = {
            "Authorization": f"Bearer {_checked(key)}",
            "Content-Type": "application/json",
            "User-Agent": "fullsignal-python",
        }
        self._open: http.client.HTTPConnection | None = None
        self._used_at = 0.0

    def post(self, batch: list[bytes]) -> Answer:
        """Raises OSError or http.client.HTTPException; the events may have arrived nevertheless."""
        body = b'{"batch":[' + b",".join(batch) + b"]}"
        kept = self._open is not None and time.monotonic() - self._used_at < IDLE_SECONDS_MAX
        if kept:
            try:
                return self._exchange(body)
            except (ConnectionError, http.client.BadStatusLine):
                pass  # it was closed under us, which says nothing about the server
        self.close()
        return self._exchange(body)

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _exchange(self, body: bytes) -> Answer:
        connection = self._open = self._open or self._new()
        try:
            connection.request("POST", self._path, body, self._headers)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.headers.items()}
            answer = Answer(response.status, headers, response.read(ANSWER_BYTES_MAX))
            done = response.isclosed() and not response.will_close
        except BaseException:
            self.close()
            raise
        if not done:
            self.close()
        self._used_at = time.monotonic()
        return answer

    def _new(self) -> http.client.HTTPConnection:
        if self._context is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=self._timeout, context=self._context
        )


def _target(url: str) -> tuple[str, int | None, str, bool]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"url is the server's address, such as https://t.shop.example, not {url!r}.")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("url must have no user, query or fragment; the key has its own argument.")
    path = parts.path.rstrip("/").removesuffix("/v1/events")
    return parts.hostname, parts.port, f"{path}/v1/events", parts.scheme == "https"


def _checked(key: str) -> str:
    if not key.startswith(("sk_", "pk_")) or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("key is one of the site's keys: sk_... for servers, pk_... for browsers.")
    return key
