"""The yardstick of ingest: uvicorn and a raw ASGI application that reads the body and answers 202."""

from __future__ import annotations

import asyncio
import json
import socket

import uvicorn
import uvloop

from serving import answer_questions

_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"2")]


async def app(scope: dict, receive, send) -> None:  # type: ignore[no-untyped-def, type-arg]
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 202, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": b"{}"})


async def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    print(json.dumps({"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
    await answer_questions(None)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    uvloop.run(main())
