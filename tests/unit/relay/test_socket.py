"""A relay's socket over a transport on paper: what is written when, heartbeats, the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import pytest

from byre.relay.socket import CLOSE_S, GRACE_S, RelaySocket
from byre.relay.websocket import PING, PONG, FrameReader, control_frame, data_header
from byre.wire.frames import Err, Frame, Ping, Pong, decode_frame, encode_frame
from tests.fakes.relay import RunningRelay, running_relay


class PaperTransport:
    """Takes what is written; refuses writes once it is closed, as uvloop's does."""

    def __init__(self) -> None:
        self.written = b""
        self.writes = 0
        self.is_open = True
        self.is_reading = True
        self.stuck = 0

    def write(self, data: bytes) -> None:
        if not self.is_open:
            raise RuntimeError("the handler is closed")
        self.written += data
        self.writes += 1

    def is_closing(self) -> bool:
        return not self.is_open

    def close(self) -> None:
        self.is_open = False

    abort = close

    def pause_reading(self) -> None:
        self.is_reading = False

    def resume_reading(self) -> None:
        self.is_reading = True

    def get_write_buffer_size(self) -> int:
        return self.stuck

    def set_write_buffer_limits(self, high: int) -> None:
        self.high = high


class Echo(RelaySocket):
    """Answers PING at once and everything else when told."""

    __slots__ = ("ended", "gate", "seen")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.seen: list[Frame] = []
        self.gate = asyncio.Event()
        self.ended = 0

    def handle(self, frame: Frame) -> Coroutine[None, None, None] | None:
        if isinstance(frame, Ping | Pong):
            self.take_ping(frame)
            return None
        return self.slowly(frame)

    async def slowly(self, frame: Frame) -> None:
        await self.gate.wait()
        self.seen.append(frame)

    def closed(self) -> None:
        self.ended += 1


class Bench:
    def __init__(self, relay: RunningRelay) -> None:
        self.relay = relay
        self.transport = PaperTransport()
        self.lost: list[RelaySocket] = []
        self.socket = Echo(self.transport, relay.relay.services, on_lost=self.lost.append)

    def give(self, *frames: Frame | bytes) -> None:
        for frame in frames:
            data = encode_frame(frame) if isinstance(frame, Frame) else frame
            self.socket.data_received(masked(data))

    def told(self) -> list[Frame]:
        stream, self.transport.written = self.transport.written, b""
        found = []
        while stream:
            size = stream[1]
            assert size < 126
            if stream[0] == 0x82:
                found.append(decode_frame(stream[2 : 2 + size]))
            stream = stream[2 + size :]
        return found


def masked(data: bytes) -> bytes:
    header = bytearray(data_header(len(data)))
    header[1] |= 0x80
    return bytes(header) + bytes(4) + data


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with running_relay(tmp_path / "relay") as relay:
        yield Bench(relay)


async def turn() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_what_is_pushed_in_one_turn_is_one_write(bench: Bench) -> None:
    for number in range(5):
        bench.socket.push(Pong(number))
    assert bench.transport.writes == 0
    await turn()
    assert bench.transport.writes == 1
    assert bench.told() == [Pong(number) for number in range(5)]


async def test_a_connection_that_is_lost_in_the_same_turn_is_not_written_to(bench: Bench) -> None:
    bench.socket.push(Pong(1))
    bench.transport.abort()
    bench.socket.connection_lost(None)
    await turn()
    assert (bench.transport.written, bench.lost, bench.socket.ended) == (b"", [bench.socket], 1)
    bench.socket.push(Pong(2))
    bench.socket.close_soon(1012)
    await turn()


async def test_frames_wait_behind_one_that_waits_and_reading_stops_when_too_many_do(bench: Bench) -> None:
    waiting = [Err("rate", number, None) for number in range(70)]
    bench.give(*waiting[:3], Ping(1))
    await turn()
    assert bench.told() == []
    bench.give(*waiting[3:])
    assert not bench.transport.is_reading
    bench.socket.gate.set()
    for _ in range(300):
        await asyncio.sleep(0)
    assert bench.socket.seen == waiting
    assert bench.told() == [Pong(1)]
    assert bench.transport.is_reading


async def test_a_client_that_does_not_read_is_given_up_and_one_that_does_is_not(bench: Bench) -> None:
    services = bench.relay.relay.services
    big = Err("x" * 16, 1, bytes(16))
    each = len(encode_frame(big))
    for _ in range(services.limits.unread_bytes // each + 10):
        bench.socket.push(big)  # it reads: this goes out in between
    assert bench.transport.writes == 1
    await turn()
    bench.transport.stuck = 1000
    bench.socket.pause_writing()
    for _ in range(services.limits.unread_bytes // each + 10):
        bench.socket.push(big)
    assert services.counters.snapshot()["slow_closed"] == 1
    await turn()
    assert bench.socket.ended == 1  # its mailboxes are free for another socket at once
    now_s = services.clock.monotonic_s()
    bench.socket.beat(now_s + CLOSE_S + 0.1)
    assert bench.transport.is_closing()


async def test_a_silent_client_is_asked_twice_and_then_cut_within_fifty_five_seconds(bench: Bench) -> None:
    start_s = bench.relay.relay.services.clock.monotonic_s()
    ping = control_frame(PING)
    asked = []
    for second in range(56):
        bench.socket.beat(start_s + second + 0.5)
        await turn()
        if bench.transport.written:
            assert bench.transport.written == ping
            asked.append(second)
            bench.transport.written = b""
        if bench.transport.is_closing():
            break
    assert asked == [25, 50]
    assert second <= 2 * 25 + GRACE_S
    assert bench.relay.counters["dead_closed"] == 1


async def test_whoever_answers_lives(bench: Bench) -> None:
    start_s = bench.relay.relay.services.clock.monotonic_s()
    for second in range(0, 600, 5):
        bench.socket.beat(start_s + second)
        if second % 20 == 0:
            bench.socket.data_received(b"\x8a\x80\0\0\0\0")
    assert not bench.transport.is_closing()


async def test_a_bug_cuts_the_connection_and_tells_only_its_type(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(reader: FrameReader, data: bytes) -> list[tuple[int, bytes]]:
        raise ValueError("a secret")

    monkeypatch.setattr(FrameReader, "feed", fail)
    bench.socket.data_received(b"anything")
    assert bench.transport.is_closing()
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


test_a_bug_cuts_the_connection_and_tells_only_its_type = pytest.mark.logs_errors(
    test_a_bug_cuts_the_connection_and_tells_only_its_type
)


async def test_pings_of_the_websocket_are_answered_also_while_a_frame_waits(bench: Bench) -> None:
    bench.give(Err("rate", 1, None))
    bench.socket.data_received(b"\x89\x82\0\0\0\0hi")
    await turn()
    assert bench.transport.written == control_frame(PONG, b"hi")
    bench.socket.gate.set()
    await turn()
