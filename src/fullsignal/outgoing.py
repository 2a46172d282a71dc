"""The nouns on the way out: Payload -> Request -> Response -> Answer. Nothing here does work."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Payload(Struct, frozen=True):
    """One event in a destination's own words."""

    body: bytes  # the encoded event object
    group: tuple[str, ...]  # events with equal groups may share a request: (channel, test code)


class Skip(Struct, frozen=True):
    """This event does not go to this destination."""

    reason: str
    message: str = ""
    state: Literal["skipped", "suppressed", "expired", "refused", "held"] = "skipped"


class Request(Struct, frozen=True):
    """One HTTP request; `seqs[i]` is the journal row of the i-th event in the body."""

    url: str
    headers: dict[str, str]
    body: bytes
    seqs: list[int]


class Response(Struct, frozen=True):
    """What came back, always: `error` says what went wrong on the way.

    status 0 means no HTTP answer. `reached` is False only where the request provably never arrived.
    """

    status: int = 0
    headers: dict[str, str] = {}
    body: bytes = b""
    error: str = ""
    reached: bool = True


class Failed(Struct, frozen=True):
    """One event of a request that was otherwise taken."""

    index: int
    code: str
    message: str


Verdict = Literal["accepted", "per_event", "retry", "throttled", "ambiguous", "bisect", "pause"]


class Answer(Struct, frozen=True):
    """How a destination read a Response. One per request.

    accepted: every event was taken          per_event: all but `failed` were taken
    retry: nothing was taken, try later      throttled: the same, and slow down
    ambiguous: it may have been taken        bisect: refused because of at least one event in it
    pause: refused because of the account or the settings; nothing about the events
    """

    verdict: Verdict
    code: str = ""  # the platform's code, or "http_502", "timeout" ...
    message: str = ""  # the platform's words
    request_id: str = ""
    after_seconds: float | None = None  # how long the platform asks us to wait
    failed: tuple[Failed, ...] = ()
    reason: str = ""  # for pause: "auth", "permission", "settings"
