"""One TCP (or TLS) connection of the load: bytes in to a parser, lines out at once; waits only while it opens."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import TypeVar, cast

L = TypeVar("L", bound="Link")


class Link(asyncio.Protocol):
    """A connection whose subclass parses what comes in (`parse` is given the buffer and takes from it)."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._is_lost = asyncio.Event()
        self._came = asyncio.Event()

    @classmethod
    async def connect(cls: type[L], port: int, *, tls: ssl.SSLContext | None = None) -> L:
        """Open a connection to a port of the loopback."""
        loop = asyncio.get_running_loop()
        _, link = await loop.create_connection(
            cls, "127.0.0.1", port, ssl=tls, server_hostname="localhost" if tls else None
        )
        return link

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost.set()
        self._came.set()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.parse()
        self._came.set()

    def parse(self) -> None:
        """Take what is complete out of the buffer."""

    def write(self, data: bytes) -> None:
        """Send."""
        assert self._transport is not None
        self._transport.write(data)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for input that makes the condition true."""
        async with asyncio.timeout(60):
            while not condition():
                if self._is_lost.is_set():
                    raise ConnectionResetError("the server closed the connection")
                self._came.clear()
                await self._came.wait()

    async def close(self) -> None:
        """Close and wait for the end."""
        if self._transport is not None:
            self._transport.close()
            await self._is_lost.wait()
