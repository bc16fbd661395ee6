"""A device that catches up: bursts in one transaction, told in order, broken only where they are broken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from byre.client.delivery.contents import Contents
from byre.client.events import MessageReceived, RoomChanged
from byre.client.views import RoomId
from byre.errors import EnvironmentFault, InternalBug
from byre.store import Store
from byre.wire.content_bodies import Text
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, at_rest, has_members, joined, passed_on, shows, texts

Envelope = tuple[bytes, bytes]


class Held:
    """What a relay would hold for a client that is away: its envelopes, until they are given in one burst."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._session = client.engine._profile.session
        self._deliver = self._session.rooms.on_envelopes
        self.envelopes: list[Envelope] = []

    async def begin(self, world: World, *others: Client) -> None:
        """Hold what comes from now on: what others say by themselves after a join has come before."""
        await at_rest(world, self._client, *others)

        async def on_envelopes(relay: str, mailbox: bytes, envelopes: Sequence[Envelope]) -> None:
            self.envelopes += envelopes

        self._session.rooms.on_envelopes = on_envelopes  # type: ignore[method-assign]

    async def give(self, arrange: Callable[[list[Envelope]], list[Envelope]] = list) -> None:
        """Hand everything over at once."""
        own = self._session.context.own
        await self._deliver(own.relay, own.mailbox.mailbox_id, arrange(list(self.envelopes)))

    def go_on(self) -> None:
        """Take again what comes."""
        self._session.rooms.on_envelopes = self._deliver  # type: ignore[method-assign]


def counted_writes(client: Client) -> list[str]:
    """The list grows by one at each write transaction of the client from now on."""
    store, count = client.engine._profile.session.context.store, list[str]()
    write = store.write

    async def counting(work: Any) -> Any:
        count.append(work.__qualname__)
        return await write(work)

    store.write = counting  # type: ignore[method-assign]
    return count


async def sent_to(world: World, sender: Client, rooms: Sequence[RoomId], words: Sequence[str]) -> None:
    """Let `sender` write `words`, room by turn, and wait until the relay has passed all of it on."""
    for number, text in enumerate(words):
        await sender.engine.messages.send(rooms[number % len(rooms)], text)
    await passed_on(world, sender)


async def test_a_burst_is_one_transaction_told_in_order(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        rooms = [await anna.engine.rooms.create(["ben"], title=title) for title in ("one", "two")]
        await joined((ben,), rooms[0])
        await joined((ben,), rooms[1])
        held = Held(ben)
        await held.begin(world, anna)
        words = [f"line {number}" for number in range(40)]
        await sent_to(world, anna, rooms, words)
        since, writes = len(ben.events), counted_writes(ben)
        await held.give()
        assert len(writes) == 1
        told = [event for event in ben.events[since:] if isinstance(event, MessageReceived)]
        assert [event.message.text for event in told] == words
        assert [event.is_followed for event in told] == [True] * 38 + [False] * 2
        changed = [event.room_id for event in ben.events[since:] if isinstance(event, RoomChanged)]
        assert sorted(changed) == sorted(rooms)
        assert [(await ben.engine.rooms.get(room)).unread for room in rooms] == [20, 20]
        held.go_on()
        for room in rooms:  # receipts go out for all of them
            await world.until(lambda room=room: _all_delivered(anna, room))


async def _all_delivered(client: Client, room: RoomId) -> bool:
    rows = await client.engine.messages.list(room, 100)
    return {row.state.value for row in rows if row.kind.value == "text"} == {"delivered"}


async def test_one_bad_envelope_in_a_burst_is_recorded_and_the_others_are_shown(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        held = Held(ben)
        await held.begin(world, anna)
        await sent_to(world, anna, [room], [f"line {number}" for number in range(9)])

        def spoilt(envelopes: list[Envelope]) -> list[Envelope]:
            mid, body = envelopes[-5]
            return [*envelopes[:-5], (mid, body[:-1] + bytes([body[-1] ^ 1])), *envelopes[-4:], envelopes[-1]]

        await held.give(spoilt)
        store = ben.engine._profile.session.context.store
        assert [row.reason for row in await store.read(lambda tx: tx.inbox.undecryptable())] == ["bad_ciphertext"]
        assert await texts(ben, room) == sorted(f"line {number}" for number in range(9) if number != 4)
        held.go_on()
        await anna.engine.messages.send(room, "after")  # the ratchet went on over the gap
        await world.until(lambda: _shows(ben, room, "after"))


async def _shows(client: Client, room: RoomId, text: str) -> bool:
    return text in await texts(client, room)


async def test_a_burst_that_could_not_be_written_comes_again_whole(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        held = Held(ben)
        await held.begin(world, anna)
        words = [f"line {number} {'long ' * 800}" for number in range(10)]
        await sent_to(world, anna, [room], words)
        database = ben.engine._profile.session.context.store._database
        pages = await database.run(lambda c: int((c.execute("PRAGMA page_count").fetchone() or (0,))[0]))
        await database.run(lambda c: c.execute(f"PRAGMA max_page_count={pages}").fetchall())
        with pytest.raises(EnvironmentFault) as caught:
            await held.give()
        assert caught.value.code == "disk_full"
        assert await texts(ben, room) == []
        await database.run(lambda c: c.execute("PRAGMA max_page_count=4294967294").fetchall())
        await held.give()  # not acknowledged: the relay sends all of it again
        assert await texts(ben, room) == sorted(words)
        held.go_on()
        await anna.engine.messages.send(room, "after")
        await shows(world, ben, room, *words, "after")


@pytest.mark.parametrize("before", [True, False])
async def test_a_death_around_the_commit_of_a_burst_loses_and_doubles_nothing(
    tmp_path: Path, before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await world.stop(ben)
        words = [f"line {number}" for number in range(25)]
        for text in words:
            await anna.engine.messages.send(room, text)
        await world.until(lambda: _is_stored(anna, room))
        annas, write, died = anna.engine._profile.session.context.store, Store.write, asyncio.Event()

        async def dying(store: Store, work: Any) -> Any:
            if died.is_set() or store is annas or "_write" not in work.__qualname__:
                return await write(store, work)
            died.set()
            if not before:
                await write(store, work)
            raise EnvironmentFault("the process is dead", code="io_error")

        monkeypatch.setattr(Store, "write", dying)  # before the engine starts: it may be quick
        ben = await world.restart(ben)
        await world.until(died.is_set)
        ben = await world.restart(ben)
        await shows(world, ben, room, *words)
        await anna.engine.messages.send(room, "after")
        await shows(world, ben, room, *words, "after")


async def _is_stored(client: Client, room: RoomId) -> bool:
    rows = await client.engine.messages.list(room, 100)
    return all(row.state.value == "stored" for row in rows if row.is_own and row.kind.value == "text")


async def test_a_burst_runs_through_commits_and_past_epochs(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        held = Held(ben)
        await held.begin(world, anna)
        await sent_to(world, anna, [room], ["a1", "a2", "a3"])
        await anna.engine.rooms.add(room, ["carl"])
        await joined((carl,), room)
        await passed_on(world, anna)
        before = len(held.envelopes)
        await sent_to(world, anna, [room], ["b1", "b2"])
        assert before > 3

        def shuffled(envelopes: list[Envelope]) -> list[Envelope]:
            # messages of the epoch to come, the commit, then what was sent before it: kept, merged, read as history
            return envelopes[before:] + envelopes[3:before] + envelopes[:3]

        await held.give(shuffled)
        await has_members(world, ben, room, "anna", "ben", "carl")
        await shows(world, ben, room, "a1", "a2", "a3", "b1", "b2")
        held.go_on()


@pytest.mark.logs_errors
async def test_a_letter_that_we_stumble_over_does_not_stand_before_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        held = Held(ben)
        await held.begin(world, anna)
        await sent_to(world, anna, [room], [f"line {number}" for number in range(6)])
        take = Contents.take

        def stumbling(self: Contents, burst: Any, arrival: Any) -> None:
            if getattr(arrival.content, "body", None) == Text("line 3"):
                raise InternalBug("a fault of ours")
            take(self, burst, arrival)

        with monkeypatch.context() as patch:
            patch.setattr(Contents, "take", stumbling)
            await held.give()
        others = sorted(f"line {number}" for number in range(6) if number != 3)
        assert await texts(ben, room) == others
        store = ben.engine._profile.session.context.store
        assert [row.reason for row in await store.read(lambda tx: tx.inbox.kept())] == ["internal"]
        held.go_on()
        await ben.engine._profile.session.rooms._inbox.retry_kept(bytes.fromhex(room))  # type: ignore[attr-defined]
        await shows(world, ben, room, *others, "line 3")


async def test_an_engine_that_stops_in_a_burst_of_texts_has_each_of_them_whole_or_not_at_all(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        words = [f"line {number}" for number in range(100)]
        sends = [asyncio.ensure_future(anna.engine.messages.send(room, text)) for text in words]
        await world.until(lambda: any(send.done() for send in sends))
        await world.stop(anna)
        answers = await asyncio.gather(*sends, return_exceptions=True)
        stored = [text for text, answer in zip(words, answers, strict=True) if not isinstance(answer, BaseException)]
        assert stored == words[: len(stored)]
        assert {getattr(answer, "code", None) for answer in answers if isinstance(answer, BaseException)} <= {"locked"}
        anna = await world.restart(anna)
        await shows(world, ben, room, *stored)
        assert await texts(anna, room) == sorted(stored)
