"""POST /v1/events: the one route that is called for every event, so no framework stands before it."""

from __future__ import annotations

from time import perf_counter
from typing import Final

from fullsignal.collector import cors
from fullsignal.collector.keys import Key
from fullsignal.collector.reception import Reception
from fullsignal.collector.replies import (
    JSON,
    Receive,
    Refusal,
    Reply,
    Scope,
    Send,
    encode,
    lines,
    send_json,
    status_of,
)
from fullsignal.intake import Result
from fullsignal.model import Problem
from fullsignal.sources import api

PATH: Final = "/v1/events"


class Events:
    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        if scope["method"] == "OPTIONS":
            await cors.preflight(send)
            return
        if scope["method"] != "POST":
            await self._reception.refuse(send, _NOT_POST, cors.JSON_ANYWHERE)
            return
        try:
            key, results = await self._post(scope, receive)
        except Exception as error:
            await self._reception.refuse(send, error, cors.JSON_ANYWHERE)
            return
        headers = cors.JSON_ANYWHERE if key.public else JSON
        await send_json(send, status_of(results), encode(Reply(lines(results))), headers)
        self._reception.metrics.took(perf_counter() - started)

    async def _post(self, scope: Scope, receive: Receive) -> tuple[Key, list[Result]]:
        reception, headers = self._reception, dict(scope["headers"])
        key = reception.keys.find(headers.get(b"authorization", b""), scope["query_string"])
        caller = reception.caller(key, scope, headers)
        try:
            incoming = api.decode(await reception.read(receive, headers), reception.events_max)
        except api.BodyError as error:
            raise Refusal(error.status, error.problem) from None
        return key, await reception.take(incoming, caller, key)


_NOT_POST: Final = Refusal(
    405,
    Problem("method_not_allowed", "", f"{PATH} takes POST only.", f"POST one event or a batch to {PATH}."),
    [(b"allow", b"POST, OPTIONS")],
)
