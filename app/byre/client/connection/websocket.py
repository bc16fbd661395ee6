"""The door to aiohttp: dialling a relay's WebSocket. aiohttp is imported on the first dial, after the first paint.

TLS everywhere but on loopback (`wire.relay_url` refuses the rest before anything is dialled); no compression, since
lengths of sealed envelopes are all that is left to learn; no cookies, no redirects to elsewhere.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from byre.errors import EnvironmentFault, PeerError
from byre.wire.frames import MAX_FRAME_BYTES, SUBPROTOCOL

if TYPE_CHECKING:
    import aiohttp

CONNECT_S: Final = 15.0
HEARTBEAT_S: Final = 25.0


class Wire:
    """One open WebSocket: whole binary messages in and out."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self._websocket = websocket

    async def receive(self) -> bytes | None:
        """Return the next message, None once the socket is closed.

        Raises:
            PeerError: "malformed" for anything but a binary message.
        """
        import aiohttp

        message = await self._websocket.receive()
        if message.type is aiohttp.WSMsgType.BINARY:
            data: bytes = message.data
            return data
        if message.type in (
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSING,
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.ERROR,
        ):
            return None
        raise PeerError("The relay sent something that is not a frame.", code="malformed")

    async def send(self, data: bytes) -> None:
        """Send one message; waits while the socket's buffer is full.

        Raises:
            EnvironmentFault: "relay_unreachable" when the socket is gone.
        """
        import aiohttp

        try:
            await self._websocket.send_bytes(data)
        except (aiohttp.ClientError, ConnectionError):
            raise unreachable() from None

    async def close(self) -> None:
        """Close the socket."""
        await self._websocket.close()


class Dialer:
    """Opens WebSockets; one HTTP session for all relays, made on first use."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def dial(self, url: str) -> Wire:
        """Connect to `url` (http or https).

        Raises:
            EnvironmentFault: "relay_unreachable".
        """
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with asyncio.timeout(CONNECT_S):
                websocket = await self._session.ws_connect(
                    url,
                    protocols=(SUBPROTOCOL,),
                    heartbeat=HEARTBEAT_S,
                    compress=0,
                    max_msg_size=2 * MAX_FRAME_BYTES,
                )
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise unreachable() from None
        return Wire(websocket)

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def unreachable() -> EnvironmentFault:
    """Return the error of a relay that does not answer."""
    return EnvironmentFault("The relay cannot be reached.", code="relay_unreachable")
