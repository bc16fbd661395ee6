"""A WebSocket that sends what it is told, right or wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from byre.wire.frames import MAX_FRAME_BYTES, SUBPROTOCOL, Frame, Hello, decode_frame, encode_frame
from tests.patience import WAIT_S


class RawSocket:
    """One socket, past its HELLO."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse, hello: Hello) -> None:
        self.websocket = websocket
        self.hello = hello

    async def send(self, message: Frame | bytes | str) -> None:
        """Send a frame, or bytes or a text as they are."""
        if isinstance(message, str):
            await self.websocket.send_str(message)
        else:
            await self.websocket.send_bytes(message if isinstance(message, bytes) else encode_frame(message))

    async def receive(self) -> Frame | int:
        """Return the next frame, or the code that the socket was closed with."""
        message = await self.websocket.receive(timeout=WAIT_S)
        if message.type is aiohttp.WSMsgType.BINARY:
            return decode_frame(message.data)
        return self.websocket.close_code or 0


@asynccontextmanager
async def raw_socket(url: str, path: str, connector: aiohttp.BaseConnector | None = None) -> AsyncIterator[RawSocket]:
    """Open /r or /s of a relay."""
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.ws_connect(
            url + path, protocols=(SUBPROTOCOL,), max_msg_size=2 * MAX_FRAME_BYTES, compress=0
        ) as websocket,
    ):
        hello = decode_frame((await websocket.receive(timeout=WAIT_S)).data)
        assert isinstance(hello, Hello)
        yield RawSocket(websocket, hello)
