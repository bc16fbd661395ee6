"""An open WebSocket to a relay: whole binary messages both ways.

TLS everywhere but on loopback (`wire.relay_url` refuses the rest before anything is dialled); no compression, since
lengths of sealed envelopes are all that is left to learn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from byre.errors import EnvironmentFault, PeerError

if TYPE_CHECKING:
    import aiohttp

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


def unreachable() -> EnvironmentFault:
    """Return the error of a relay that does not answer."""
    return EnvironmentFault("The relay cannot be reached.", code="relay_unreachable")
