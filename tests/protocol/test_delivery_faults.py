"""Envelopes that come late, twice, in another order or not at first, and crashes between any two writes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from byre.client.views import RoomId
from byre.errors import EnvironmentFault
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_devices, has_members, joined, lines, shows, texts

Envelope = tuple[str, bytes, bytes, bytes]


class Post:
    """Stands between a client's network and its inbox."""

    def __init__(self, client: Client) -> None:
        self.rooms = client.engine._profile.session.rooms
        self._deliver = self.rooms.on_envelopes
        self.held: list[Envelope] = []

    def hold(self) -> None:
        """Keep what comes; the relay believes that it was taken."""

        async def on_envelopes(relay: str, mailbox: bytes, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
            self.held += [(relay, mailbox, mid, body) for mid, body in envelopes]

        self.rooms.on_envelopes = on_envelopes  # type: ignore[method-assign]

    async def release(self, order: Callable[[list[Envelope]], list[Envelope]] = list) -> None:
        """Deliver what was kept, and from then on as it comes."""
        self.rooms.on_envelopes = self._deliver  # type: ignore[method-assign]
        held, self.held = self.held, []
        for envelope in order(held):
            await self.deliver(*envelope)

    async def deliver(self, relay: str, mailbox: bytes, mid: bytes, body: bytes) -> None:
        """Hand one envelope to the inbox."""
        await self._deliver(relay, mailbox, [(mid, body)])


async def test_messages_in_any_order_are_shown_once_each(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        post = Post(ben)
        post.hold()
        expected = [f"message {number}" for number in range(20)]
        for text in expected:
            await anna.engine.messages.send(room, text)
        await world.until(lambda: len(post.held) >= 20)
        dice = random.Random(7)

        def mangled(held: list[Envelope]) -> list[Envelope]:
            twice = held + [(relay, mailbox, dice.randbytes(16), body) for relay, mailbox, _, body in held] + held
            dice.shuffle(twice)
            return twice

        await post.release(mangled)
        await shows(world, ben, room, *expected)
        assert (await ben.engine.rooms.get(room)).unread == 20


async def test_messages_before_the_commits_that_they_need_are_kept(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl, dora = await acquainted(world, "anna", "ben", "carl", "dora")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        post = Post(ben)
        post.hold()
        await anna.engine.messages.send(room, "one")
        await anna.engine.rooms.add(room, ["carl"])
        await anna.engine.messages.send(room, "two")
        await joined((carl,), room)
        await anna.engine.rooms.add(room, ["dora"])
        await joined((dora,), room)
        await carl.engine.messages.send(room, "three")
        await shows(world, dora, room, "three")
        await world.until(lambda: len(post.held) >= 5)
        await post.release(lambda held: held[::-1])
        await shows(world, ben, room, "one", "two", "three")
        await has_members(world, ben, room, "anna", "ben", "carl", "dora")


async def test_a_lost_commit_is_fetched_from_the_room_s_home(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        post = Post(ben)
        post.hold()
        await anna.engine.rooms.add(room, ["carl"])
        await joined((carl,), room)
        await world.until(lambda: post.held)
        await asyncio.sleep(0.1)
        post.held.clear()  # lost for good
        await post.release()
        await anna.engine.messages.send(room, "after the lost commit")
        await world.until(lambda: _keeps(ben))
        world.clock.advance(11)
        await shows(world, ben, room, "after the lost commit")
        await has_members(world, ben, room, "anna", "ben", "carl")


async def _keeps(client: Client) -> bool:
    store = client.engine._profile.session.context.store
    return bool(await store.read(lambda tx: tx.inbox.kept()))


async def test_a_commit_that_overtakes_the_proposals_it_refers_to_is_kept(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], title="team")
        await joined((ben, carl), room)
        post = Post(anna)
        post.hold()
        await ben.engine.rooms.leave(room)
        await world.until(lambda: post.held)
        world.clock.advance(5)  # carl's turn: anna, who comes first, has not seen the proposal
        await has_members(world, carl, room, "anna", "carl")
        await carl.engine.messages.send(room, "ben is gone")
        await world.until(lambda: len(post.held) >= 3)
        await post.release(lambda held: held[::-1])
        await has_members(world, anna, room, "anna", "carl")
        await shows(world, anna, room, "ben is gone")


async def test_commits_made_at_once_are_ordered_by_the_home(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl, dora = await acquainted(world, "anna", "ben", "carl", "dora")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        await asyncio.gather(anna.engine.rooms.add(room, ["carl"]), ben.engine.rooms.add(room, ["dora"]))
        clients = (anna, ben, carl, dora)
        for client in clients:
            await has_members(world, client, room, "anna", "ben", "carl", "dora")
        for client in clients:
            await client.engine.messages.send(room, client.folder.name)
        for client in clients:
            await shows(world, client, room, "anna", "ben", "carl", "dora")


async def test_the_same_add_by_two_is_made_once(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        await asyncio.gather(anna.engine.rooms.add(room, ["carl"]), ben.engine.rooms.add(room, ["carl"]))
        await has_members(world, carl, room, "anna", "ben", "carl")
        for client in (anna, ben):
            await has_devices(world, client, room, 3)
        assert [line for line in await lines(anna, room) if line == ("member_added", "carl")] == [
            ("member_added", "carl")
        ]


async def test_direct_rooms_created_at_once_become_one_conversation(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        first, second = await asyncio.gather(anna.engine.rooms.create(["ben"]), ben.engine.rooms.create(["anna"]))
        await anna.engine.messages.send(first, "from anna")
        await ben.engine.messages.send(second, "from ben")
        if first != second:
            for client in (anna, ben):
                await joined((client,), first)
                await joined((client,), second)
        canonical = min(first, second)
        for client in (anna, ben):
            await shows(world, client, canonical, "from anna", "from ben")
            await shows(world, client, max(first, second), "from anna", "from ben")
            rooms = await client.engine.rooms.list()
            assert [room.room_id for room in rooms if room.kind == "direct"] == [canonical]
        await anna.engine.messages.send(second, "in one room")
        await shows(world, ben, canonical, "from anna", "from ben", "in one room")
        assert [m.text for m in await ben.engine.messages.search("one room", canonical)] == ["in one room"]
        assert [m.text for m in await ben.engine.messages.search("from", canonical)] != []


class Crash(EnvironmentFault):
    """The process died at this write: nothing of it may act any more."""


def crash_at(client: Client, number: int, *, before: bool) -> None:
    """Let the client die at its write `number` from now on: before it, or after it was committed."""
    session = client.engine._profile.session
    store, network = session.context.store, session.context.network
    write, buried = store.write, asyncio.Event()
    count, is_dead = 0, False

    async def dying(work: Any) -> Any:
        nonlocal count, is_dead
        count += 1
        if not is_dead and (count < number or buried.is_set()):  # it did not write so often before its burial
            return await write(work)
        if not is_dead:
            is_dead = True
            network.relay = _no_relay
            if not before:
                await write(work)
        await buried.wait()
        raise Crash("the process is dead", code="locked")

    store.write = dying
    client.options["buried"] = buried


async def reborn(world: World, client: Client) -> Client:
    """Bury a client that `crash_at` killed (or would have) and open its profile anew."""
    session = client.engine._profile.session
    vars(session.context.network).pop("relay", None)
    client.options.pop("buried").set()
    return await world.restart(client)


def _no_relay(url: str) -> Any:
    raise Crash("the process is dead", code="relay_unreachable")


async def _try(work: Any, timeout_s: float = 1.0) -> None:
    """Run what a user asked for; the crash may swallow it."""
    try:
        async with asyncio.timeout(timeout_s):
            await work
    except (TimeoutError, EnvironmentFault):
        pass


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("number", [1, 2, 3, 4, 6])
async def test_a_sender_that_dies_between_two_writes_loses_and_doubles_nothing(
    tmp_path: Path, number: int, before: bool
) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        crash_at(anna, number, before=before)
        for text in ("one", "two", "three"):
            await _try(anna.engine.messages.send(room, text), 0.3)
        anna = await reborn(world, anna)
        kept = await texts(anna, room)
        await anna.engine.messages.send(room, "alive")
        await shows(world, ben, room, *kept, "alive")
        await shows(world, anna, room, *kept, "alive")


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("number", [1, 2, 3, 5])
async def test_a_receiver_that_dies_between_two_writes_loses_and_doubles_nothing(
    tmp_path: Path, number: int, before: bool
) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        crash_at(ben, number, before=before)
        for text in ("one", "two", "three"):
            await anna.engine.messages.send(room, text)
        await asyncio.sleep(0.3)
        ben = await reborn(world, ben)
        await shows(world, ben, room, "one", "two", "three")
        await ben.engine.messages.send(room, "got it")
        await shows(world, anna, room, "one", "two", "three", "got it")


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("number", range(1, 8))
async def test_a_committer_that_dies_between_two_writes_goes_on_after_a_restart(
    tmp_path: Path, number: int, before: bool
) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        crash_at(anna, number, before=before)
        await _try(anna.engine.rooms.add(room, ["carl"]))
        is_intended = await _has_intent(anna, room)
        anna = await reborn(world, anna)
        if not is_intended:  # the user sees that nothing happened and asks again
            await anna.engine.rooms.add(room, ["carl"])
        for client in (anna, ben, carl):
            await has_members(world, client, room, "anna", "ben", "carl")
        for client in (anna, ben, carl):
            await client.engine.messages.send(room, f"from {client.folder.name}")
        for client in (anna, ben, carl):
            await shows(world, client, room, "from anna", "from ben", "from carl")


async def _has_intent(client: Client, room: RoomId) -> bool:
    store = client.engine._profile.session.context.store
    return bool(await store.read(lambda tx: tx.intents.of_group(bytes.fromhex(room))))
