"""A connection that breaks the hard way."""

from __future__ import annotations

import socket
import struct

from aiohttp import web

__all__ = ["reset_connection"]


def reset_connection(request: web.Request) -> web.Response:
    """Send RST instead of an answer: with a linger time of zero, closing discards what is unsent."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response(status=500)
