"""A link against relays that misbehave: wrong version, silence, junk; it closes, waits and dials again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from byre.client.connection.link import STEADY_S, Link
from byre.client.stretch import STEPS, Turns
from byre.errors import EnvironmentFault, PeerError
from byre.wire.frames import Done, Drain, Frame, Hello, Ping, Pong, Ready, encode_frame
from tests.fakes.clock import FrozenClock
from tests.fakes.relay import seeded
from tests.fakes.relay_user import until
from tests.patience import WAIT_S

HELLO = Hello(1, bytes(32), bytes(32), 0, bytes(16), 1, {})
READY = Ready(bytes(16), 0, 1)
CARGO = Done(bytes(16))


class PaperWire:
    """One socket; the test plays the relay."""

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.sent: list[bytes] = []
        self.is_closed = False

    def give(self, message: Frame | bytes | None) -> None:
        self.incoming.put_nowait(encode_frame(message) if isinstance(message, Frame) else message)

    async def receive(self) -> bytes | None:
        return await self.incoming.get()

    async def send(self, data: bytes) -> None:
        self.sent.append(data)

    async def close(self) -> None:
        self.is_closed = True
        self.incoming.put_nowait(None)


class PaperDialer:
    def __init__(self) -> None:
        self.wires: list[PaperWire] = []

    async def dial(self, url: str) -> PaperWire:
        self.wires.append(PaperWire())
        return self.wires[-1]


class Listener:
    def __init__(self, clock: FrozenClock) -> None:
        self.clock = clock
        self.pauses_s: list[float] = []
        self.wanted = True
        self.urgent = False
        self.said: list[str] = []
        self.frames: list[Frame] = []
        self.waits: list[int] = []

    def is_wanted(self) -> bool:
        return self.wanted

    def opened(self, hello: Hello) -> None:
        self.said.append("opened")

    def received(self, frame: Frame) -> None:
        self.frames.append(frame)
        if frame not in (READY, CARGO):
            raise PeerError("nonsense", code="malformed")

    def lost(self) -> None:
        self.said.append("lost")

    def undialled(self, fault: EnvironmentFault) -> None:
        self.said.append(fault.code)

    def waiting(self, next_try_ms: int) -> None:
        self.waits.append(next_try_ms)
        self.pauses_s.append((next_try_ms - self.clock.now_ms()) / 1000)

    def is_urgent(self) -> bool:
        return self.urgent


class Desk:
    def __init__(self) -> None:
        self.dialer, self.clock = PaperDialer(), FrozenClock()
        self.listener = Listener(self.clock)
        self.link = Link(
            "http://127.0.0.1/r",
            dialer=self.dialer,  # type: ignore[arg-type]
            listener=self.listener,
            clock=self.clock,
            random=seeded(1),
            turns=Turns(),
        )

    async def wire(self, number: int) -> PaperWire:
        async def moving() -> None:
            while len(self.dialer.wires) < number:
                self.clock.advance(5)
                await asyncio.sleep(0)

        async with asyncio.timeout(WAIT_S):
            await moving()
        return self.dialer.wires[number - 1]


@asynccontextmanager
async def running(desk: Desk) -> AsyncIterator[None]:
    task = asyncio.create_task(desk.link.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_frame_goes_both_ways_and_pings_are_answered() -> None:
    desk = Desk()
    async with running(desk):
        wire = await desk.wire(1)
        assert not desk.link.push(READY)
        wire.give(HELLO)
        await until(lambda: desk.link.is_open)
        assert desk.link.push(READY)
        wire.give(Ping(3))
        wire.give(READY)
        await until(lambda: len(wire.sent) == 2)
        assert wire.sent == [encode_frame(READY), encode_frame(Pong(3))]
        assert desk.listener.frames == [READY]
    assert desk.listener.said == ["opened", "lost"]


@pytest.mark.parametrize(
    "greeting", [Hello(2, bytes(32), bytes(32), 0, bytes(16), 1, {}), READY, b"junk", None], ids=repr
)
async def test_a_wrong_greeting_is_dropped_and_dialled_again(greeting: Frame | bytes | None) -> None:
    desk = Desk()
    async with running(desk):
        first = await desk.wire(1)
        first.give(greeting)
        second = await desk.wire(2)
        assert first.is_closed
        second.give(HELLO)
        await until(lambda: desk.link.is_open)
    assert desk.listener.said == ["relay_unreachable", "opened", "lost"]


@pytest.mark.parametrize("junk", [b"junk", HELLO, None], ids=["bytes", "a frame out of place", "closed"])
async def test_nonsense_or_a_close_ends_the_socket_not_the_link(junk: Frame | bytes | None) -> None:
    desk = Desk()
    async with running(desk):
        first = await desk.wire(1)
        first.give(HELLO)
        await until(lambda: desk.link.is_open)
        first.give(junk)
        await until(lambda: first.is_closed)
        (await desk.wire(2)).give(HELLO)
        await until(lambda: desk.listener.said == ["opened", "lost", "opened"])


async def test_dropping_closes_and_dials_again_after_the_pause_that_was_asked_for() -> None:
    desk = Desk()
    async with running(desk):
        first = await desk.wire(1)
        first.give(HELLO)
        await until(lambda: desk.link.is_open)
        desk.link.drop(pause_s=60)
        await until(lambda: first.is_closed)
        await asyncio.sleep(0)
        desk.clock.advance(1)
        await asyncio.sleep(0.01)
        assert len(desk.dialer.wires) == 1
        await desk.wire(2)


async def test_a_drained_relay_says_when_to_come_back() -> None:
    desk = Desk()
    async with running(desk):
        first = await desk.wire(1)
        first.give(HELLO)
        first.give(Drain(40_000))
        first.give(None)
        await until(lambda: first.is_closed)
        for _ in range(30):
            desk.clock.advance(1)
            await asyncio.sleep(0)
        assert len(desk.dialer.wires) == 1
        await desk.wire(2)


async def test_an_unwanted_link_does_not_dial_until_it_is_poked() -> None:
    desk = Desk()
    desk.listener.wanted = False
    async with running(desk):
        await asyncio.sleep(0.01)
        assert desk.dialer.wires == []
        desk.listener.wanted = True
        desk.link.poke()
        await desk.wire(1)


async def test_a_link_tells_its_next_try_and_can_be_told_to_try_now() -> None:
    desk = Desk()
    async with running(desk):
        wire = await desk.wire(1)
        wire.give(HELLO)
        await until(lambda: desk.link.is_open)
        desk.link.drop(pause_s=60)
        await until(lambda: bool(desk.listener.waits))
        assert desk.listener.waits == [desk.clock.now_ms() + 60_000]
        desk.clock.advance(0.3)
        await asyncio.sleep(0)
        assert len(desk.dialer.wires) == 1
        desk.link.retry_now()
        await until(lambda: len(desk.dialer.wires) == 2)


async def test_a_burst_leaves_others_their_turns() -> None:
    desk = Desk()
    async with running(desk):
        wire = await desk.wire(1)
        wire.give(HELLO)
        await until(lambda: desk.link.is_open)
        for _ in range(5 * STEPS):
            wire.give(READY)
        seen = set()
        while len(desk.listener.frames) < 5 * STEPS:
            seen.add(len(desk.listener.frames))
            await asyncio.sleep(0)
        assert len(seen) >= 5


@pytest.mark.parametrize("last_words", [(), (HELLO,), (HELLO, READY)], ids=["no word", "a greeting", "ready"])
@pytest.mark.parametrize("is_urgent", [False, True])
async def test_relay_that_lets_in_and_closes_at_once_is_dialled_ever_more_seldom(
    last_words: tuple[Frame, ...], is_urgent: bool
) -> None:
    """Also while somebody waits for an answer: none will come from there, and every second is once too often."""
    desk = Desk()
    desk.listener.urgent = is_urgent
    async with running(desk):
        for number in range(1, 8):
            wire = await desk.wire(number)
            for word in (*last_words, None):
                wire.give(word)
            await until(lambda n=number: len(desk.listener.pauses_s) == n)  # type: ignore[misc]
    steps = desk.listener.pauses_s
    assert all(0.7 * step <= pause <= 1.3 * step for step, pause in zip((1, 2, 4, 8, 16, 32, 60), steps, strict=True))


@pytest.mark.parametrize("is_steady", [False, True])
async def test_socket_that_was_of_use_begins_the_back_off_anew(is_steady: bool) -> None:
    desk = Desk()
    async with running(desk):
        for number in range(1, 5):
            wire = await desk.wire(number)
            wire.give(HELLO)
            await until(lambda: desk.link.is_open)
            if is_steady:
                desk.clock.advance(STEADY_S)
            else:
                wire.give(CARGO)
            wire.give(None)
            await until(lambda n=number: len(desk.listener.pauses_s) == n)  # type: ignore[misc]
    assert all(pause <= 1.3 for pause in desk.listener.pauses_s)


async def test_who_waits_for_an_answer_has_a_useful_relay_dialled_within_a_second() -> None:
    desk = Desk()
    desk.listener.urgent = True
    async with running(desk):
        for number in (1, 2):
            wire = await desk.wire(number)
            wire.give(HELLO)
            wire.give(CARGO)
            wire.give(None)
            await until(lambda n=number: len(desk.listener.pauses_s) == n)  # type: ignore[misc]
    assert all(pause <= 1 for pause in desk.listener.pauses_s)
