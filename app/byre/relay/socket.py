"""One WebSocket of a client: frames out through a bounded queue that nobody waits for, frames in one after the other.

`push` never blocks: whoever pushes serves other clients too. A client that leaves more than `unread_bytes` unread is
closed (4408). Binary messages only, one frame each; what does not decode is answered with ERR proto, and a client that
goes on with it is closed (4400).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Final

from aiohttp import ClientConnectionResetError, WSMsgType, web

from byre.errors import EnvironmentFault, PeerError
from byre.relay.counters import Counters
from byre.relay.refusal import Refusal
from byre.relay.settings import Limits
from byre.wire.frames import MAX_FRAME_BYTES, Err, Frame, Ping, Pong, decode_frame, encode_frame

CLOSE_PROTOCOL: Final = 4400
CLOSE_UNREAD: Final = 4408
CLOSE_RESTART: Final = 1012
BAD_FRAMES: Final = 8
ABORT_S: Final = 1.0


class RelaySocket:
    """The common part of receive and send sockets.

    Args:
        abort: cuts the connection: who does not read does not take part in an orderly close either.
    """

    def __init__(
        self, websocket: web.WebSocketResponse, *, abort: Callable[[], None], limits: Limits, counters: Counters
    ) -> None:
        self._abort = abort
        self._websocket = websocket
        self._limits = limits
        self._counters = counters
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._has_output = asyncio.Event()
        self._close_code: int | None = None
        self._bad_frames = 0

    def push(self, frame: Frame) -> None:
        """Queue a frame; never waits. Frames to a socket that is closing are dropped."""
        if self._close_code is not None:
            return
        data = encode_frame(frame)
        self._queue.append(data)
        self._queued_bytes += len(data)
        if self._queued_bytes > self._limits.unread_bytes:
            self._counters.count("slow_closed")
            self._queue.clear()
            self.close_soon(CLOSE_UNREAD)
            asyncio.get_running_loop().call_later(ABORT_S, self._abort)
        self._has_output.set()

    def close_soon(self, code: int) -> None:
        """Close once what is queued is written."""
        if self._close_code is None:
            self._close_code = code
        self._has_output.set()

    async def serve(self) -> None:
        """Run until the socket is closed by either side."""
        writer = asyncio.get_running_loop().create_task(self._write())
        try:
            await self._read()
        finally:
            is_told = self._close_code is not None
            self._close_code = self._close_code or 1000
            self.closed()
            if is_told:  # why it is closed may still wait in the queue when the client's next frame ends the reading
                await asyncio.wait([writer], timeout=ABORT_S)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def handle(self, frame: Frame) -> None:
        """Act on one frame; Refusals become ERR."""
        raise NotImplementedError

    def accepts(self, data: bytes) -> bool:
        """Tell whether these bytes may be looked at at all."""
        return True

    def closed(self) -> None:
        """Clean up: the socket is gone."""

    async def _read(self) -> None:
        async for message in self._websocket:
            if self._close_code is not None:
                break
            if message.type is not WSMsgType.BINARY:
                self._refuse_bytes("proto")
                continue
            if not self.accepts(message.data):
                continue
            if len(message.data) > MAX_FRAME_BYTES:
                self._refuse_bytes("size")
                continue
            try:
                frame = decode_frame(message.data)
            except PeerError:
                self._refuse_bytes("proto")
                continue
            if isinstance(frame, Ping):
                self.push(Pong(frame.number))
            elif not isinstance(frame, Pong):
                await self.handle(frame)

    def misplaced(self) -> None:
        """Answer a frame that does not belong on this socket."""
        self._refuse_bytes("proto")

    def _refuse_bytes(self, code: str) -> None:
        self._counters.count("proto_fail")
        self._bad_frames += 1
        self.push(Err(code, 0, None))
        if self._bad_frames >= BAD_FRAMES:
            self.close_soon(CLOSE_PROTOCOL)

    async def _write(self) -> None:
        with contextlib.suppress(ClientConnectionResetError, ConnectionError):
            while True:
                while self._queue:
                    data = self._queue.popleft()
                    await self._websocket.send_bytes(data)
                    self._queued_bytes -= len(data)
                if self._close_code is not None:
                    break
                self._has_output.clear()
                await self._has_output.wait()
        # also after a write error: ends the read loop
        with contextlib.suppress(ClientConnectionResetError, ConnectionError):
            await self._websocket.close(code=self._close_code or 1000)


def refusal_of(error: PeerError | EnvironmentFault) -> Refusal:
    """Return the refusal that says as much of an error as a peer may know."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, EnvironmentFault):
        return Refusal("disk", retry_after_ms=10_000)
    return Refusal("proto")
