"""One WebSocket of a client: frames in one after the other, frames out at once, and nobody ever waits for it.

```
 bytes ─▶ websocket ─▶ decode ─▶ handle: at once, or as a task for what must wait for the disk (later frames queue up)
 push ─▶ gathered ─▶ one write at the end of the loop's turn ─▶ transport (while it takes more) ─▶ kernel
```
`push` never blocks: whoever pushes serves other clients too. A client that leaves more than `unread_bytes` unread is
closed (4408). Binary messages only, one frame each; what does not decode is answered with ERR proto, and a client that
goes on with it is closed (4400). There is no timer per socket: `beat` is called once a second for all of them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Final

from byre.errors import PeerError
from byre.relay.services import Services
from byre.relay.websocket import (
    BINARY,
    CLOSE,
    NO_CODE,
    PING,
    PONG,
    FrameReader,
    close_answer,
    close_frame,
    control_frame,
    data_header,
)
from byre.wire.frames import MAX_FRAME_BYTES, Err, Frame, Ping, Pong, decode_frame, encode_frame

CLOSE_PROTOCOL: Final = 4400
CLOSE_UNREAD: Final = 4408
CLOSE_RESTART: Final = 1012
BAD_FRAMES: Final = 8
CLOSE_S: Final = 2.0
GRACE_S: Final = 5.0
MOST_WAITING: Final = 64
WRITE_AHEAD_BYTES: Final = 64 * 1024

log = logging.getLogger(__name__)


class RelaySocket(asyncio.Protocol):
    """The common part of receive and send sockets.

    Args:
        on_lost: called once, when the connection is gone.
    """

    __slots__ = (
        "_bad_frames",
        "_close_by_s",
        "_close_code",
        "_counters",
        "_heard_s",
        "_is_close_sent",
        "_is_ended",
        "_is_flush_due",
        "_is_heard",
        "_is_paused",
        "_is_proven",
        "_limits",
        "_loop",
        "_on_lost",
        "_out",
        "_out_bytes",
        "_pings",
        "_reader",
        "_stuck_bytes",
        "_transport",
        "_waiting",
        "_work",
        "services",
    )

    def __init__(
        self, transport: asyncio.Transport, services: Services, *, on_lost: Callable[[RelaySocket], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()  # asked once: it costs a system call each time
        self._transport = transport
        self.services = services
        self._limits = services.limits
        self._counters = services.counters
        self._on_lost = on_lost
        # twice the frame: an oversized frame gets its ERR; beyond that the WebSocket itself is closed (1009)
        self._reader = FrameReader(2 * MAX_FRAME_BYTES)
        self._out: list[bytes] = []
        self._out_bytes = 0
        self._stuck_bytes = 0
        self._is_flush_due = False
        self._is_paused = False
        self._is_proven = True
        self._close_code: int | None = None
        self._close_by_s = 0.0
        self._is_close_sent = False
        self._is_ended = False
        self._bad_frames = 0
        self._waiting: list[tuple[int, bytes]] | None = None
        self._work: asyncio.Task[None] | None = None
        self._is_heard = False
        self._heard_s = services.clock.monotonic_s()
        self._pings = 0
        transport.set_write_buffer_limits(high=WRITE_AHEAD_BYTES)

    # --- for whoever serves the client --------------------------------------------------------------------------

    def push(self, frame: Frame) -> None:
        """Queue a frame; never waits. Frames to a socket that is closing are dropped."""
        data = encode_frame(frame)
        self._queue(data_header(len(data)) + data)

    def _queue(self, data: bytes) -> None:
        if self._close_code is not None:
            return
        self._out.append(data)
        self._out_bytes += len(data)
        if self._out_bytes + self._stuck_bytes > self._limits.unread_bytes:
            self._make_room()
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon(self._flush)

    def close_soon(self, code: int) -> None:
        """Close once what is queued is written; cut the connection when that takes too long."""
        if self._close_code is None:
            self._close_code = code
            self._close_by_s = self.services.clock.monotonic_s() + CLOSE_S
            self._flush_soon()

    def abort(self) -> None:
        """Cut the connection."""
        self._transport.abort()

    def beat(self, now_s: float) -> None:
        """Once a second: ask a silent client whether it is there, give up on one that does not answer."""
        if self._close_code is not None or self._is_close_sent:
            if now_s >= self._close_by_s:
                self.abort()
            return
        if self._is_heard:
            self._is_heard, self._heard_s, self._pings = False, now_s, 0
            return
        silent_s = now_s - self._heard_s
        if silent_s >= 2 * self._limits.ping_s + GRACE_S:
            self._counters.count("dead_closed")
            self._close_code = NO_CODE
            self.abort()
        elif silent_s >= self._limits.ping_s * (self._pings + 1):
            self._pings += 1
            self._write_control(control_frame(PING))

    def handle(self, frame: Frame) -> Coroutine[None, None, None] | None:
        """Act on one frame; return what has to wait for the disk. Refusals become ERR."""
        raise NotImplementedError

    def accepts(self, data: bytes) -> bool:
        """Tell whether these bytes may be looked at at all, for a client that has proven nothing yet."""
        return True

    def closed(self) -> None:
        """Clean up: the socket is gone or about to go."""

    def misplaced(self) -> None:
        """Answer a frame that does not belong on this socket."""
        self._refuse_bytes("proto")

    # --- the transport's side -----------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Take what the client sent."""
        self._is_heard = True
        try:
            for opcode, payload in self._reader.feed(data):
                if self._work is None:
                    if opcode == BINARY and self._close_code is None:
                        self._take_frame(payload)
                    else:
                        self._take(opcode, payload)
                elif opcode == PING:
                    self._write_control(control_frame(PONG, payload))
                else:
                    self._queue_up(opcode, payload)
            if self._reader.fault:
                self.close_soon(self._reader.fault)
        except Exception as error:
            # the type only: a message might quote what it failed on, and this log carries no identities
            log.error("a frame could not be handled: %s", type(error).__name__)
            self.abort()

    def eof_received(self) -> bool:
        """Close our side too."""
        return False

    def pause_writing(self) -> None:
        """The client reads more slowly than we write."""
        self._is_paused = True
        self._stuck_bytes = self._transport.get_write_buffer_size()

    def resume_writing(self) -> None:
        """There is room again."""
        self._is_paused = False
        self._stuck_bytes = 0
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        if self._close_code is None:
            self._close_code = NO_CODE
        self._out.clear()
        self._waiting = None
        self._end()
        self._on_lost(self)

    # --- in -----------------------------------------------------------------------------------------------------

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == BINARY:
            if self._close_code is None:
                self._take_frame(payload)
        elif opcode == CLOSE:
            self._answer_close(payload)
        elif opcode == PING:
            self._write_control(control_frame(PONG, payload))
        elif opcode != PONG and self._close_code is None and (self._is_proven or self.accepts(payload)):
            self._refuse_bytes("proto")

    def _take_frame(self, data: bytes) -> None:
        if not (self._is_proven or self.accepts(data)):
            return
        if len(data) > MAX_FRAME_BYTES:
            self._refuse_bytes("size")
            return
        try:
            frame = decode_frame(data)
        except PeerError:
            self._refuse_bytes("proto")
            return
        work = self.handle(frame)
        if work is not None:
            self._work = self.services.tasks.spawn(self._carry_out(work))

    def take_ping(self, frame: Frame) -> None:
        """Answer PING, ignore PONG, refuse anything else: for frames that no kind of socket knows better."""
        if isinstance(frame, Ping):
            self.push(Pong(frame.number))
        elif not isinstance(frame, Pong):
            self.misplaced()

    def _queue_up(self, opcode: int, payload: bytes) -> None:
        if self._waiting is None:
            self._waiting = []
        self._waiting.append((opcode, payload))
        if len(self._waiting) == MOST_WAITING:
            self._transport.pause_reading()

    async def _carry_out(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except BaseException:
            self._work = None
            self.abort()
            raise
        self._work = None
        waiting, self._waiting = self._waiting or [], None
        for index, (opcode, payload) in enumerate(waiting):
            self._take(opcode, payload)
            if self._work is not None:
                self._waiting = waiting[index + 1 :] + (self._waiting or [])
                break
        if len(waiting) >= MOST_WAITING and len(self._waiting or ()) < MOST_WAITING:
            self._transport.resume_reading()

    def _refuse_bytes(self, code: str) -> None:
        self._counters.count("proto_fail")
        self._bad_frames += 1
        self.push(Err(code, 0, None))
        if self._bad_frames >= BAD_FRAMES:
            self.close_soon(CLOSE_PROTOCOL)

    def _answer_close(self, payload: bytes) -> None:
        if not self._is_close_sent:
            self._is_close_sent = True
            if not self._is_paused:
                self._write_out()
            self._transport.write(close_answer(payload))
        if self._close_code is None:
            self._close_code = NO_CODE
        self._end()
        self._close_by_s = min(self._close_by_s or float("inf"), self.services.clock.monotonic_s() + CLOSE_S)
        self._transport.close()

    # --- out ----------------------------------------------------------------------------------------------------

    def _flush_soon(self) -> None:
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flush_due = False
        if self._transport.is_closing():  # lost or cut in this turn of the loop: there is nobody to write to
            self._out.clear()
            return
        if self._is_paused:
            if self._close_code is not None:
                self._end()
            return
        self._write_out()
        if self._close_code is not None and not self._is_close_sent:
            self._is_close_sent = True
            self._transport.write(close_frame(self._close_code))
            self._end()

    def _write_out(self) -> None:
        if self._out and not self._transport.is_closing():
            data = b"".join(self._out)
            self._out.clear()
            self._out_bytes = 0
            self._transport.write(data)

    def _write_control(self, data: bytes) -> None:
        # behind what is queued, or a client could have us queue answers to pings without bound
        if not self._is_close_sent:
            self._queue(data)

    def _make_room(self) -> None:
        """Much is queued: write it now if the client still reads, give it up if it does not."""
        if not self._is_paused:
            self._write_out()
        else:
            self._counters.count("slow_closed")
            self._out.clear()
            self._out_bytes = 0
            self.close_soon(CLOSE_UNREAD)

    def _end(self) -> None:
        if not self._is_ended:
            self._is_ended = True
            self.closed()
