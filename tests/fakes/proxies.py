"""Proxies in one process that know where names lead: SOCKS5 (RFC 1928, 1929) and HTTP CONNECT.

They keep what a client asked them: which credentials, which host, spelled as a name or as an address.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

HOST_UNREACHABLE = 4


@dataclass
class FakeProxy:
    """`names` maps host names to ports on this machine; loopback addresses lead to themselves."""

    is_socks: bool = True
    password: str | None = None
    names: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    circuits: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"{'socks5h' if self.is_socks else 'http'}://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            upstream = await (self._socks(reader, writer) if self.is_socks else self._http(reader, writer))
            if upstream is not None:
                await asyncio.gather(_pump(reader, upstream[1]), _pump(upstream[0], writer))
        writer.close()

    async def _socks(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        _, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        assert 2 in methods, "credentials are what keeps circuits apart"
        writer.write(b"\x05\x02")
        _, length = await reader.readexactly(2)
        username = (await reader.readexactly(length)).decode()
        password = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        is_right = self.password is None or password == self.password
        writer.write(b"\x01" + (b"\x00" if is_right else b"\x01"))
        if not is_right:
            return None
        self.circuits.append((username, password))
        _, command, _, kind = await reader.readexactly(4)
        assert command == 1
        if kind == 3:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            host = ".".join(str(part) for part in await reader.readexactly(4))
        (port,) = struct.unpack(">H", await reader.readexactly(2))
        upstream = await self._open(host, port)
        reply = 0 if upstream else HOST_UNREACHABLE
        writer.write(bytes((5, reply, 0, 1)) + bytes(6))
        return upstream

    async def _http(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split("\r\n")[0].split(" ")
        assert method == "CONNECT"
        host, _, port = target.rpartition(":")
        upstream = await self._open(host, int(port))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" if upstream else b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        return upstream

    async def _open(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        self.asked.append((host, port))
        target = self.names.get(host, port if host == "127.0.0.1" else None)
        if target is None:
            return None
        try:
            return await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            return None


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def proxy(*, is_socks: bool = True, password: str | None = None) -> AsyncIterator[FakeProxy]:
    """Run a proxy for the length of the block."""
    made = FakeProxy(is_socks=is_socks, password=password)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(made.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
