"""mosquitto (MQTT 3.1.1, QoS 1, password on): the sender's PUBACK and the receiver's are the acknowledgement.

What it holds for a receiver who is away lies in memory: it has no commit per message.
"""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any, ClassVar

from tests.bench.relay_servers.link import Link
from tests.bench.relay_servers.load import BODY, Pair
from tests.bench.relay_servers.process import ServerProcess, free_port, program, version_of

INSTALL = "apt install mosquitto"


class MqttLink(Link):
    """A client; `took` gets every packet after CONNACK and SUBACK."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[int] = []

    @classmethod
    async def login(cls, port: int, name: str, *, is_clean: bool, pair: MqttPair | None = None) -> MqttLink:
        link = await cls.connect(port)
        link.pair = pair
        flags = 0xC0 | (0x02 if is_clean else 0)
        body = b"\x00\x04MQTT\x04" + bytes((flags,)) + b"\x00\x00" + text(name) + text("bench") + text("bench")
        link.write(packet(0x10, body))
        await link.until(lambda: 0x20 in link.answers)
        return link

    pair: MqttPair | None = None

    def parse(self) -> None:
        buffer, at, size = self.buffer, 0, len(self.buffer)
        while size - at >= 2:
            start, length, shift = at + 1, 0, 0
            while start < size:
                byte = buffer[start]
                length |= (byte & 0x7F) << shift
                shift += 7
                start += 1
                if byte < 0x80:
                    break
            else:
                break
            if size < start + length:
                break
            self.took(buffer[at], bytes(buffer[start : start + length]))
            at = start + length
        del buffer[:at]

    def took(self, first: int, body: bytes) -> None:
        """Handle one packet."""
        kind = first & 0xF0
        if kind == 0x40 and self.pair is not None:
            self.pair.puback(int.from_bytes(body[:2]))
        elif kind == 0x30:
            topic = 2 + int.from_bytes(body[:2])
            self.write(b"\x40\x02" + body[topic : topic + 2])
            if self.pair is not None:
                self.pair.arrived(int.from_bytes(body[topic + 2 : topic + 10]))
        else:
            self.answers.append(kind)


def packet(first: int, body: bytes) -> bytes:
    """Return a control packet."""
    size, length = len(body), b""
    while True:
        size, digit = divmod(size, 128)
        length += bytes((digit | (0x80 if size else 0),))
        if not size:
            return bytes((first,)) + length + body


def text(value: str) -> bytes:
    """Return a string of MQTT."""
    return len(value).to_bytes(2) + value.encode()


class MqttPair(Pair):
    """A publisher and a subscriber with a session that lasts."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__()
        self._port = port
        self._name = name
        self._is_away = False
        self._half: set[int] = set()
        self._sender = MqttLink()
        self._receiver = MqttLink()

    async def open(self) -> None:
        self._receiver = await MqttLink.login(self._port, "r" + self._name, is_clean=False, pair=self)
        self._receiver.write(packet(0x82, b"\x00\x01" + text("p/" + self._name) + b"\x01"))
        await self._receiver.until(lambda: 0x90 in self._receiver.answers)
        self._sender = await MqttLink.login(self._port, "s" + self._name, is_clean=True, pair=self)

    def send(self, number: int) -> None:
        identifier = (number % 65535 + 1).to_bytes(2)
        self._sender.write(packet(0x32, text("p/" + self._name) + identifier + number.to_bytes(8) + BODY[8:]))

    def puback(self, identifier: int) -> None:
        if self._is_away:
            self.held(identifier)
        else:
            self._both(identifier)

    def arrived(self, number: int) -> None:
        self.received(number)
        self._both(number % 65535 + 1)

    def _both(self, identifier: int) -> None:
        if identifier in self._half:
            self._half.discard(identifier)
            self.acknowledged(identifier)
        else:
            self._half.add(identifier)

    async def leave(self) -> None:
        self._half.clear()
        self._is_away = True
        self._receiver.write(b"\xe0\x00")
        await self._receiver.close()

    async def come_back(self) -> None:
        self._receiver = await MqttLink.login(self._port, "r" + self._name, is_clean=False, pair=self)
        self._is_away = False

    async def close(self) -> None:
        await self._receiver.close()
        await self._sender.close()


class Mosquitto:
    """The broker of Debian."""

    name: ClassVar = "mosquitto"
    held_in: ClassVar = "memory"
    port: int

    def __init__(self) -> None:
        self.process: ServerProcess | None = None
        self._count = 0

    def version(self) -> str:
        """Return its version.

        Raises:
            ServerFault: it is not installed.
        """
        program("mosquitto_passwd", INSTALL)
        return version_of([program("mosquitto", INSTALL), "-h"], r"version (\S+)")

    def limits(self) -> dict[str, Any]:
        """Return what was configured."""
        return {"password": True, "max_inflight_messages": 0, "max_queued_messages": 0, "persistence": False}

    async def start(self, folder: Path) -> None:
        """Start it."""
        self.port = free_port()
        passwords = folder / "mosquitto.passwords"
        command = [program("mosquitto_passwd", INSTALL), "-c", "-b", str(passwords), "bench", "bench"]
        await asyncio.to_thread(subprocess.run, command, check=True, timeout=10)
        configuration = folder / "mosquitto.conf"
        configuration.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\npersistence false\n"
            "max_inflight_messages 0\nmax_queued_messages 0\nuser root\nlog_type error\nset_tcp_nodelay true\n"
        )
        self.process = await ServerProcess.start(
            [program("mosquitto", INSTALL), "-c", str(configuration)], log=folder / "mosquitto.log", port=self.port
        )

    async def pair(self) -> Pair:
        """Open a pair."""
        self._count += 1
        pair = MqttPair(self.port, str(self._count))
        await pair.open()
        return pair

    async def idle(self) -> Link:
        """Open a subscriber that nobody writes to."""
        self._count += 1
        link = await MqttLink.login(self.port, f"i{self._count}", is_clean=True)
        link.write(packet(0x82, b"\x00\x01" + text(f"i/{self._count}") + b"\x01"))
        await link.until(lambda: 0x90 in link.answers)
        return link
