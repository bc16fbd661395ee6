"""Our relay as a server under test: every message by delivery token, counted by its limits, acknowledged."""

from __future__ import annotations

import secrets
import ssl
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import msgpack

import byre
from byre.crypto.hashes import sha256
from byre.identity.mailbox import MailboxKeys
from byre.relay.settings import Limits
from byre.wire.frames import (
    SUBPROTOCOL,
    Ack,
    Auth,
    Frame,
    Hello,
    MailboxNew,
    Msg,
    Send,
    TokenPut,
    decode_frame,
    encode_frame,
)
from tests.bench.relay_servers.link import Link
from tests.bench.relay_servers.load import BODY, Pair
from tests.bench.relay_servers.process import ServerProcess, free_port

APP = Path(__file__).resolve().parents[3] / "app"
RAISED = {
    "token_burst": 1_000_000_000,
    "token_per_s": 1_000_000_000,
    "socket_burst": 1_000_000_000,
    "socket_per_s": 1_000_000_000,
    "held_messages": 1_000_000,
    "held_bytes": 1_000_000_000,
    "free_disk_store_percent": 0,
    "free_disk_new_percent": 0,
}
"""Rates are checked for every message, only with higher numbers: a flood is what they are there to refuse."""
_ACKS_AT_ONCE = 32  # as our client does
W = TypeVar("W", bound="WebSocketLink")


class WebSocketLink(Link):
    """A client's WebSocket without a library: the load should cost the machine little. The mask is zero."""

    def __init__(self) -> None:
        super().__init__()
        self._is_open = False
        self.frames: list[bytes] = []

    async def open(self, path: str) -> Hello:
        """Shake hands and return the HELLO."""
        self.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n".encode()
        )
        hello = await self.answer()
        assert isinstance(hello, Hello)
        return hello

    async def answer(self) -> Frame:
        """Return the next frame."""
        await self.until(lambda: bool(self.frames))
        return decode_frame(self.frames.pop(0))

    async def ask(self, frame: Frame) -> Frame:
        """Send a frame and return the next one that comes."""
        self.send(encode_frame(frame))
        return await self.answer()

    def send(self, payload: bytes) -> None:
        """Send one binary message."""
        self.write(masked(payload))

    def parse(self) -> None:
        buffer = self.buffer
        if not self._is_open:
            head, end, _ = bytes(buffer).partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise ConnectionResetError(head.decode(errors="replace"))
            del buffer[: len(head) + 4]
            self._is_open = True
        at, size = 0, len(buffer)
        while size - at >= 2:
            start, length = at + 2, buffer[at + 1]
            if length == 126:
                start, length = at + 4, int.from_bytes(buffer[at + 2 : at + 4])
            elif length == 127:
                start, length = at + 10, int.from_bytes(buffer[at + 2 : at + 10])
            if size < start + length:
                break
            if buffer[at] == 0x82:
                self.frames.append(bytes(buffer[start : start + length]))
            elif buffer[at] == 0x89:
                self.write(b"\x8a\x80\0\0\0\0")
            at = start + length
        del buffer[:at]
        self.took()

    def took(self) -> None:
        """Handle `frames`, once the connection is in use."""


def masked(payload: bytes) -> bytes:
    """Return a client's WebSocket frame of a binary message."""
    size = len(payload)
    length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2)
    return b"\x82" + length + bytes(4) + payload


class _SendLink(WebSocketLink):
    pair: BytePair | None = None

    def took(self) -> None:
        if self.pair is not None:
            for data in self.frames:
                fields = msgpack.unpackb(data)
                if fields[0] == 0x12:
                    self.pair.acknowledged(int.from_bytes(fields[1]))
                elif fields[0] == 0x13:
                    self.pair.held(int.from_bytes(fields[1]))
                elif fields[0] != 0x11:
                    raise ConnectionResetError(str(decode_frame(data)))
            self.frames.clear()


class _ReceiveLink(WebSocketLink):
    pair: BytePair | None = None

    def took(self) -> None:
        if self.pair is not None:
            mids = []
            for data in self.frames:
                fields = msgpack.unpackb(data)
                if fields[0] == Msg.TYPE:
                    mids.append(fields[3])
            self.frames.clear()
            for start in range(0, len(mids), _ACKS_AT_ONCE):
                self.send(encode_frame(Ack(self.pair.keys.mailbox_id, tuple(mids[start : start + _ACKS_AT_ONCE]))))
            for mid in mids:
                self.pair.received(int.from_bytes(mid))


class BytePair(Pair):
    """A send socket and a receive socket."""

    def __init__(self, server: Byre) -> None:
        super().__init__()
        self._server = server
        self.keys = MailboxKeys.generate(secrets.token_bytes)
        self._sender = _SendLink()
        self._receiver = _ReceiveLink()
        token = secrets.token_bytes(32)
        self._token = token
        example = masked(encode_frame(Send(b"\xffmid" * 4, self.keys.mailbox_id, token, 0, 0, BODY)))
        self._before, _, self._after = example.partition(b"\xffmid" * 4)

    async def open(self) -> None:
        self._receiver = await self._server.attached(_ReceiveLink, self.keys)
        await self._receiver.ask(TokenPut(bytes(16), self.keys.mailbox_id, ((sha256(self._token), 0),)))
        self._receiver.pair = self
        self._sender = await _SendLink.connect(self._server.port)
        await self._sender.open("/s")
        self._sender.pair = self

    def send(self, number: int) -> None:
        self._sender.write(self._before + number.to_bytes(16) + self._after)

    async def leave(self) -> None:
        await self._receiver.close()

    async def come_back(self) -> None:
        self._receiver = await _ReceiveLink.connect(self._server.port)
        hello = await self._receiver.open("/r")
        self._receiver.pair = self
        self._receiver.send(encode_frame(auth(hello, self.keys, self._server.url)))

    async def close(self) -> None:
        await self._receiver.close()
        await self._sender.close()


def auth(hello: Hello, keys: MailboxKeys, url: str) -> Auth:
    """Return the AUTH frame of one mailbox."""
    signature = keys.sign_auth(relay_id=hello.relay_id, origin=url, nonce=hello.nonce)
    return Auth(((keys.mailbox_id, keys.auth_public, signature),))


class Byre:
    """The relay of this checkout.

    Args:
        certificate: (chain, key) files for TLS in process; None for plain.
    """

    name: ClassVar = "byre"
    held_in: ClassVar = "SQLCipher, synchronous=FULL"
    port: int
    url: str

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self._certificate = certificate
        self._tls = _trusting() if certificate else None
        self.process: ServerProcess | None = None

    def version(self) -> str:
        """Return the package's version."""
        return byre.__version__

    def limits(self) -> dict[str, Any]:
        """Return every limit that the relay runs with."""
        return asdict(replace(Limits(), **RAISED))

    async def start(self, folder: Path) -> None:
        """Start it on a fresh data directory."""
        self.port = free_port()
        self.url = f"{'https' if self._certificate else 'http'}://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "byre", "relay", "--data", str(folder / "byre")]
        command += ["--listen", f"127.0.0.1:{self.port}"]
        command += [f"--limit-{name.replace('_', '-')}={value}" for name, value in RAISED.items()]
        if self._certificate:
            command += ["--tls-cert", str(self._certificate[0]), "--tls-key", str(self._certificate[1])]
        self.process = await ServerProcess.start(
            command, log=folder / "byre.log", port=self.port, environment={"PYTHONPATH": str(APP)}
        )

    async def pair(self) -> Pair:
        """Open a pair."""
        pair = BytePair(self)
        await pair.open()
        return pair

    async def idle(self) -> Link:
        """Open a receive socket with a mailbox of its own that nobody writes to."""
        return await self.attached(_ReceiveLink, MailboxKeys.generate(secrets.token_bytes))

    async def attached(self, kind: type[W], keys: MailboxKeys) -> W:
        """Make a mailbox and attach it to a new socket."""
        link = await kind.connect(self.port, tls=self._tls)
        hello = await link.open("/r")
        signature = keys.sign_mbnew(relay_id=hello.relay_id, origin=self.url, nonce=hello.nonce)
        await link.ask(MailboxNew(bytes(16), keys.mailbox_id, keys.auth_public, signature))
        await link.ask(auth(hello, keys, self.url))
        await link.answer()  # the count of key packages
        return link


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the loopback, our own throw-away certificate
    return context
