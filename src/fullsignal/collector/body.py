"""A request's body: of a type we read, whole, and no larger than allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fullsignal.collector.replies import Receive, Refusal
from fullsignal.model import Problem

# sendBeacon can send text/plain without asking first (no CORS preflight), and application/json cannot.
_TYPES: Final = (b"application/json", b"text/plain")
_PLAIN: Final = frozenset({b"application/json", b"text/plain;charset=UTF-8", b"text/plain"})


class DisconnectedError(Exception):
    """The caller left, or the server closed a request that took too long. There is nobody to answer."""


def check_headers(headers: Mapping[bytes, bytes], bytes_max: int) -> None:
    """Refuse by the headers alone what the body could not make good. Raises Refusal."""
    check_type(headers)
    check_encoding(headers)
    check_length(headers, bytes_max)


def check_type(headers: Mapping[bytes, bytes]) -> None:
    kind = headers.get(b"content-type", b"")
    if kind not in _PLAIN and kind.split(b";", 1)[0].strip().lower() not in _TYPES:
        raise Refusal(415, _WRONG_TYPE)


def check_encoding(headers: Mapping[bytes, bytes]) -> None:
    encoding = headers.get(b"content-encoding")
    if encoding is not None and encoding.strip().lower() not in (b"identity", b""):
        raise Refusal(415, _ENCODED)


def check_length(headers: Mapping[bytes, bytes], bytes_max: int) -> None:
    length = headers.get(b"content-length")
    if length is not None and length.isdigit() and int(length[:20]) > bytes_max:
        raise Refusal(413, _too_large(bytes_max))


async def read(receive: Receive, bytes_max: int) -> bytes:
    """The whole body. Raises Refusal(413), or DisconnectedError.

    How long it may take is the server's affair (collector/server.py): a timer here would cost every request
    what only a hostile one makes necessary.
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body") and message["type"] == "http.request" and len(body) <= bytes_max:
        return body
    parts, size = [], 0
    while True:
        if message["type"] != "http.request":
            raise DisconnectedError
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > bytes_max:
            raise Refusal(413, _too_large(bytes_max))
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()


def _too_large(bytes_max: int) -> Problem:
    return Problem(
        "body_too_large",
        "",
        f"The body is larger than {bytes_max} bytes.",
        "Send the events in several requests. For your own events server.body_bytes_max may be raised.",
    )


_WRONG_TYPE: Final = Problem(
    "unsupported_content_type",
    "",
    "The Content-Type is neither application/json nor text/plain.",
    "Send JSON as `Content-Type: application/json`; a browser's beacon may send it as text/plain.",
)
_ENCODED: Final = Problem(
    "unsupported_content_encoding",
    "",
    "The body is compressed, and compressed bodies are not read.",
    "Send the JSON as it is, without Content-Encoding.",
)
