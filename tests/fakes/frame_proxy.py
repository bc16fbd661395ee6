"""A TCP proxy that ill-treats whole WebSocket frames: drops, doubles, swaps them, or feeds them byte by byte.

The handshake passes as it is. What it does to the frames of one read is decided by a seeded dice; `is_faulty` switches
it on. It knows only where frames begin and end.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field


def split(data: bytes) -> tuple[list[bytes], bytes]:
    """Return the whole frames in some bytes, and the rest."""
    frames, at = [], 0
    while len(data) - at >= 2:
        length, start = data[at + 1] & 0x7F, at + 2
        if length == 126:
            length, start = int.from_bytes(data[at + 2 : at + 4]), at + 4
        elif length == 127:
            length, start = int.from_bytes(data[at + 2 : at + 10]), at + 10
        end = start + (4 if data[at + 1] & 0x80 else 0) + length
        if start > len(data) or end > len(data):
            break
        frames.append(data[at:end])
        at = end
    return frames, data[at:]


def mistreated(frames: list[bytes], dice: random.Random, chance: float) -> list[bytes]:
    """Return what is left of some frames: each may be dropped, doubled or swapped with its neighbour."""
    left: list[bytes] = []
    for frame in frames:
        fate = dice.random()
        if fate < chance:
            continue
        left.append(frame)
        if fate < 2 * chance:
            left.append(frame)
        elif fate < 3 * chance and len(left) > 1:
            left[-1], left[-2] = left[-2], left[-1]
    return left


@dataclass
class FrameProxy:
    """Listens on `port`, connects to `target`."""

    port: int
    target: int
    dice: random.Random
    chance: float = 0.05
    is_faulty: bool = False
    drips: bool = False
    touched: int = 0
    """How many frames were dropped, doubled or moved."""
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _hushed: set[asyncio.StreamWriter] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """Cut everything."""
        if self._server is not None:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Cut every connection that is open."""
        for writer in list(self._writers):
            writer.transport.abort()

    def hush(self) -> None:
        """Pass nothing on any more that belongs to what is open now; nobody is told, as when a peer has vanished."""
        self._hushed |= self._writers

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, far_writer}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, far_writer))
                group.create_task(self._pump(far_reader, writer))
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for each in (writer, far_writer):
                each.transport.abort()
                self._writers.discard(each)
                self._hushed.discard(each)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readuntil(b"\r\n\r\n"))
        rest = b""
        while data := await reader.read(65536):
            if writer in self._hushed:
                continue
            frames, rest = split(rest + data)
            if self.is_faulty:
                before = list(frames)
                frames = mistreated(frames, self.dice, self.chance)
                self.touched += frames != before
            for frame in frames:
                if self.drips and self.is_faulty:
                    for byte in frame:
                        writer.write(bytes((byte,)))
                        await asyncio.sleep(0)
                else:
                    writer.write(frame)
            await writer.drain()
        raise ConnectionResetError
