"""Members come and go: added, removed, leaving, invited by strangers, refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.client.events import MessageReceived, MessageStateChanged, RoomRequested
from byre.client.views import MessageState, RoomId, RoomKind, RoomState
from byre.errors import UsageError
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_devices, has_members, has_state, joined, lines, shows, texts
from tests.protocol.test_delivery_faults import Post


async def test_an_added_member_reads_from_then_on(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await anna.engine.messages.send(room, "before carl")
        await joined((ben,), room)
        await ben.engine.rooms.add(room, ["carl"])
        for client in (anna, ben, carl):
            await has_members(world, client, room, "anna", "ben", "carl")
        await carl.engine.messages.send(room, "hi")
        await shows(world, anna, room, "before carl", "hi")
        await shows(world, carl, room, "hi")
        assert ("member_added", "carl") in await lines(anna, room)


async def test_a_removed_account_reads_nothing_later(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], title="team")
        await joined((ben, carl), room)
        await anna.engine.messages.send(room, "for all")
        await shows(world, carl, room, "for all")
        carl_id = (await anna.engine.contacts.add("carl")).account_id
        await anna.engine.rooms.remove(room, carl_id)
        await has_state(world, carl, room, RoomState.REMOVED)
        await has_members(world, ben, room, "anna", "ben")
        await ben.engine.messages.send(room, "without carl")
        await shows(world, anna, room, "for all", "without carl")
        assert await texts(carl, room) == ["for all"]
        assert ("member_removed", "carl") in await lines(ben, room)
        with pytest.raises(UsageError) as refused:
            await carl.engine.messages.send(room, "still here?")
        assert refused.value.code == "wrong_state"


async def test_only_an_admin_removes_others(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], title="team")
        await joined((ben, carl), room)
        carl_id = (await ben.engine.contacts.add("carl")).account_id
        with pytest.raises(UsageError) as refused:
            await ben.engine.rooms.remove(room, carl_id)
        assert refused.value.code == "not_allowed"
        await has_members(world, ben, room, "anna", "ben", "carl")


async def test_leaving_is_committed_by_those_who_stay(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], title="team")
        await joined((ben, carl), room)
        await ben.engine.rooms.leave(room)
        assert (await ben.engine.rooms.get(room)).state is RoomState.LEFT
        for client in (anna, carl):
            await has_members(world, client, room, "anna", "carl")
        await anna.engine.messages.send(room, "ben is gone")
        await shows(world, carl, room, "ben is gone")
        assert await texts(ben, room) == []
        assert ("member_left", "ben") in await lines(carl, room)


async def test_both_devices_of_an_account_leave_together(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, _ = await acquainted(world, "anna", "ben", "carl")
        pc = await world.linked_pc(ben)
        room = await anna.engine.rooms.create(["ben", "carl"], title="team")
        await has_devices(world, pc, room, 4)
        await pc.engine.rooms.leave(room)
        await has_members(world, anna, room, "anna", "carl")
        await has_state(world, ben, room, RoomState.LEFT)
        await has_state(world, pc, room, RoomState.LEFT)


async def test_a_stranger_s_room_is_a_request_and_sends_no_receipt(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await world.account("anna"), await world.account("ben")
        room = await anna.engine.rooms.create(["ben"])
        asked = await ben.wait(RoomRequested)
        assert asked.room_id == room
        sent = await anna.engine.messages.send(room, "do you know me?")
        await shows(world, ben, room, "do you know me?")
        assert (await ben.engine.rooms.get(room)).state is RoomState.REQUEST
        with pytest.raises(UsageError):
            await ben.engine.messages.send(room, "no")
        row = (await anna.engine.messages.list(room, 1))[0]
        assert row.state in (MessageState.QUEUED, MessageState.RELAYED, MessageState.STORED)
        await ben.engine.rooms.accept(room)

        async def is_delivered() -> bool:
            rows = await anna.engine.messages.list(room, 1)
            return rows[0].message_id == sent and rows[0].state is MessageState.DELIVERED

        await world.until(is_delivered)
        await ben.engine.messages.send(room, "now I do")
        await anna.wait(MessageReceived, lambda e: e.message.text == "now I do")


async def test_a_request_that_is_rejoined_asks_on_and_sends_no_receipt(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await world.account("anna"), await world.account("ben")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await ben.wait(RoomRequested)
        keeper = ben.engine._profile.session.rooms  # type: ignore[attr-defined]
        await keeper._rejoin(bytes.fromhex(room))

        async def is_back() -> bool:
            return (await ben.engine.rooms.get(room)).state is not RoomState.REJOINING

        await world.until(is_back, step_s=20)
        assert (await ben.engine.rooms.get(room)).state is RoomState.REQUEST
        sent = await anna.engine.messages.send(room, "still there?")
        await shows(world, ben, room, "still there?")
        store = ben.engine._profile.session.context.store  # type: ignore[attr-defined]
        assert await store.read(lambda tx: tx.receipts.due_in(tx.rooms.get(bytes.fromhex(room)).id, 1 << 50, 9)) == []
        await ben.engine.rooms.accept(room)

        async def is_delivered() -> bool:
            rows = await anna.engine.messages.list(room, 9)
            return [row.state for row in rows if row.message_id == sent] == [MessageState.DELIVERED]

        await world.until(is_delivered)


async def test_nobody_writes_to_a_room_that_everybody_else_left(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        direct, group = await anna.engine.rooms.create(["ben"]), await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), direct)
        await joined((ben,), group)
        pc = await world.linked_pc(anna)
        await world.stop(pc)
        for room in (direct, group):
            await has_members(world, anna, room, "anna", "ben")
            post = Post(ben)
            post.hold()
            waiting = await anna.engine.messages.send(room, "too late")
            await ben.engine.rooms.leave(room)
            await has_members(world, anna, room, "anna")
            with pytest.raises(UsageError) as refused:
                await anna.engine.messages.send(room, "is anybody there?")
            assert refused.value.code == "wrong_state"
            rows = await anna.engine.messages.list(room, 9)
            assert [row.state for row in rows if row.message_id == waiting] == [MessageState.FAILED]
            await post.release()
        assert await anna.engine.messages.send((await note_of(anna)), "to myself")


async def test_a_member_who_is_removed_before_it_read_takes_no_delivery_back(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], title="team")
        await joined((ben, carl), room)
        for client in (ben, carl):
            await has_members(world, client, room, "anna", "ben", "carl")
        post = Post(carl)
        post.hold()
        sent = await anna.engine.messages.send(room, "to whom it may concern")
        await shows(world, ben, room, "to whom it may concern")
        carl_id = next(m.account_id for m in await anna.engine.rooms.members(room) if m.handle == "carl")
        await anna.engine.rooms.remove(room, carl_id)

        async def is_delivered() -> bool:
            rows = await anna.engine.messages.list(room, 9)
            return [row.state for row in rows if row.message_id == sent] == [MessageState.DELIVERED]

        await world.until(is_delivered)
        told = [event.state for event in anna.events if isinstance(event, MessageStateChanged)]
        assert MessageState.FAILED not in told
        await post.release()


async def note_of(client: Client) -> RoomId:
    """Return a client's notes."""
    return next(room.room_id for room in await client.engine.rooms.list() if room.kind is RoomKind.NOTE)


async def test_a_direct_room_exists_once_and_takes_nobody_else(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, _ = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"])
        assert await anna.engine.rooms.create(["ben"]) == room
        await joined((ben,), room)
        assert await ben.engine.rooms.create(["anna"]) == room
        with pytest.raises(UsageError) as refused:
            await anna.engine.rooms.add(room, ["carl"])
        assert refused.value.code == "not_allowed"


@pytest.mark.parametrize("inviting", [0, 1])
async def test_a_direct_room_that_one_has_left_is_opened_anew(tmp_path: Path, inviting: int) -> None:
    async with World(tmp_path) as world:
        clients = anna, ben = await acquainted(world, "anna", "ben")
        first = await anna.engine.rooms.create(["ben"])
        await joined((ben,), first)
        await anna.engine.messages.send(first, "before")
        await shows(world, ben, first, "before")
        await ben.engine.rooms.leave(first)
        await has_members(world, anna, first, "anna")
        room = await clients[inviting].engine.rooms.create([("ben", "anna")[inviting]])
        assert room != first
        for client in clients:
            await has_members(world, client, room, "anna", "ben")
        await anna.engine.messages.send(room, "again")
        await shows(world, ben, room, "again")
        await ben.engine.messages.send(room, "yes")
        await shows(world, anna, room, "before", "again", "yes")
        assert await anna.engine.rooms.create(["ben"]) == await ben.engine.rooms.create(["anna"]) == room


async def test_bad_requests_have_their_codes(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="team")
        for work, code in (
            (anna.engine.rooms.create(["nobody"]), "no_such_handle"),
            (anna.engine.rooms.create([]), "bad_params"),
            (anna.engine.rooms.create(["anna"]), "not_allowed"),
            (anna.engine.rooms.get("00" * 32), "no_such_room"),
            (anna.engine.rooms.get("zz"), "no_such_room"),
            (anna.engine.rooms.remove(room, "11" * 32), "no_such_member"),
            (anna.engine.messages.send(room, "   "), "bad_params"),
            (anna.engine.messages.send(room, "x" * 40_000), "bad_params"),
            (anna.engine.messages.list(room, 0), "bad_params"),
            (anna.engine.messages.list(room, 5, "22" * 16), "no_such_message"),
            (anna.engine.messages.mark_read(room, "xyz"), "no_such_message"),
            (anna.engine.rooms.accept("00" * 32), "no_such_room"),
        ):
            with pytest.raises(UsageError) as refused:
                await work  # type: ignore[misc]
            assert refused.value.code == code
        assert ben
