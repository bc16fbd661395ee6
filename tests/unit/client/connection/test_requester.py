"""Requests: repeated over reconnects, bounded in time, refused by code, never confused."""

from __future__ import annotations

import asyncio

import pytest

from byre.client.connection.requester import TIMEOUT_S, Requester
from byre.client.connection.websocket import unreachable
from byre.errors import ByreError, EnvironmentFault, PeerError
from byre.wire.frames import Done, Err, Frame, Gone, Hello, RendezvousPut
from tests.fakes.clock import FrozenClock
from tests.fakes.relay import seeded

HELLO = Hello(1, bytes(32), bytes(32), 0, bytes(16), 1, {})


class Road:
    """A socket that is a list."""

    def __init__(self) -> None:
        self.hello: Hello | None = None
        self.pushed: list[Frame] = []
        self.pokes = 0

    def push(self, frame: Frame) -> bool:
        self.pushed.append(frame)
        return True

    def poke(self) -> None:
        self.pokes += 1


class Desk:
    def __init__(self) -> None:
        self.clock = FrozenClock()
        self.road = Road()
        self.requester = Requester(clock=self.clock, random=seeded(1))
        self.req_id = self.requester.new_id()
        self.is_ready = True

    def ask(self) -> asyncio.Task[Done]:
        frame = RendezvousPut(self.req_id, bytes(16), 1, b"blob")
        return asyncio.create_task(
            self.requester.ask(
                self.req_id, lambda hello: frame, (Done,), road=self.road, is_ready=lambda: self.is_ready
            )
        )


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def failure(task: asyncio.Task[Done]) -> ByreError:
    with pytest.raises(ByreError) as caught:
        await task
    return caught.value


async def test_a_request_waits_for_the_socket_and_goes_again_on_every_new_one() -> None:
    desk = Desk()
    asking = desk.ask()
    await turns()
    assert desk.road.pushed == []
    assert desk.road.pokes == 1
    assert desk.requester.has_pending(desk.road)
    for _ in range(2):
        desk.road.hello = HELLO
        desk.requester.send_waiting(desk.road)
    assert len(desk.road.pushed) == 2
    assert desk.requester.answered(Done(desk.req_id))
    assert await asking == Done(desk.req_id)
    assert not desk.requester.answered(Done(desk.req_id))
    assert not desk.requester.has_pending(desk.road)


async def test_a_request_of_an_owner_waits_until_its_mailbox_is_attached() -> None:
    desk = Desk()
    desk.road.hello, desk.is_ready = HELLO, False
    asking = desk.ask()
    await turns()
    assert desk.road.pushed == []
    desk.is_ready = True
    desk.requester.send_waiting(desk.road)
    assert len(desk.road.pushed) == 1
    desk.requester.answered(Done(desk.req_id))
    await asking


async def test_no_answer_in_time_is_unreachable() -> None:
    desk = Desk()
    asking = desk.ask()
    await turns()
    desk.clock.advance(TIMEOUT_S)
    error = await failure(asking)
    assert isinstance(error, EnvironmentFault)
    assert error.code == "relay_unreachable"


async def test_a_busy_relay_is_asked_again_until_time_is_up() -> None:
    desk = Desk()
    desk.road.hello = HELLO
    asking = desk.ask()
    await turns()
    desk.requester.answered(Err("busy", 1000, desk.req_id))
    await turns()
    assert len(desk.road.pushed) == 1
    desk.clock.advance(1)
    await turns()
    assert len(desk.road.pushed) == 2
    desk.requester.answered(Err("rate", 60_000, desk.req_id))
    await turns()
    desk.clock.advance(TIMEOUT_S)
    assert (await failure(asking)).code == "relay_busy"


@pytest.mark.parametrize(
    ("code", "expected"), [("taken", "relay_taken"), ("token", "relay_token"), ("rm -rf", "relay_refused")]
)
async def test_a_refusal_is_told_by_a_code_of_ours(code: str, expected: str) -> None:
    desk = Desk()
    desk.road.hello = HELLO
    asking = desk.ask()
    await turns()
    desk.requester.answered(Err(code, 0, desk.req_id))
    error = await failure(asking)
    assert isinstance(error, PeerError)
    assert error.code == expected


async def test_an_answer_of_another_kind_is_a_lie() -> None:
    desk = Desk()
    asking = desk.ask()
    await turns()
    desk.requester.answered(Gone(desk.req_id, 0))
    assert (await failure(asking)).code == "relay_lied"


async def test_stopping_ends_every_wait_and_every_later_one() -> None:
    desk = Desk()
    asking = desk.ask()
    await turns()
    desk.requester.stop()
    assert (await failure(asking)).code == "relay_unreachable"
    assert (await failure(desk.ask())).code == "relay_unreachable"


async def test_a_relay_that_cannot_be_dialled_twice_is_unreachable_at_once() -> None:
    desk = Desk()
    asking = desk.ask()
    await turns()
    desk.requester.undialled(Road(), unreachable())
    desk.requester.undialled(desk.road, unreachable())
    await turns()
    assert not asking.done()
    desk.requester.undialled(desk.road, unreachable())
    assert (await failure(asking)).code == "relay_unreachable"


async def test_a_dial_that_succeeds_in_between_starts_the_count_anew() -> None:
    desk = Desk()
    asking = desk.ask()
    await turns()
    desk.requester.undialled(desk.road, unreachable())
    desk.road.hello = HELLO
    desk.requester.send_waiting(desk.road)
    desk.requester.undialled(desk.road, unreachable())
    await turns()
    assert not asking.done()
    desk.requester.answered(Done(desk.req_id))
    await asking


async def test_who_only_asks_who_the_relay_is_gets_its_hello() -> None:
    desk = Desk()
    asking = asyncio.create_task(desk.requester.ask(desk.req_id, lambda hello: hello, (Hello,), road=desk.road))
    await turns()
    desk.road.hello = HELLO
    desk.requester.send_waiting(desk.road)
    desk.requester.send_waiting(desk.road)
    assert await asking is HELLO
    assert desk.road.pushed == []


async def test_what_waits_for_a_refused_mailbox_is_given_up() -> None:
    desk = Desk()
    desk.road.hello = HELLO
    waiting = asyncio.ensure_future(
        desk.requester.ask(bytes(16), lambda hello: Done(bytes(16)), (Done,), road=desk.road, is_ready=lambda: False)
    )
    asking = desk.ask()
    await turns()
    desk.requester.give_up_unready(desk.road)
    assert (await failure(waiting)).code == "relay_unreachable"
    assert not asking.done()
    desk.requester.answered(Done(desk.req_id))
    await asking
