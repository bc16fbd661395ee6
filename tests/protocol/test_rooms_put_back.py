"""The home of a room is put back from an older copy: whoever lacked what was decided since still learns of it."""

from __future__ import annotations

from pathlib import Path

from byre.client.views import RoomId, RoomState
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_members, has_state, joined, lines, shows


async def connected(world: World, *clients: Client) -> None:
    for client in clients:
        await world.until(lambda c=client: c.engine.account.status().connected, step_s=15)


async def has_title(world: World, client: Client, room: RoomId, title: str) -> None:
    async def is_told() -> bool:
        return (await client.engine.rooms.get(room)).title == title

    await world.until(is_told, step_s=30)  # who asked too early asks again in its next maintenance


async def test_device_that_lacks_commits_of_several_members_gets_them_all(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl, dora = await acquainted(world, "anna", "ben", "carl", "dora")
        room = await anna.engine.rooms.create(["ben", "carl", "dora"], "team")
        await joined((ben, carl, dora), room)
        await anna.engine.messages.send(room, "before")
        for client in (anna, ben, carl, dora):
            await shows(world, client, room, "before")
        await world.stop(carl)
        await world.stop(dora)
        await world.relay.copy(tmp_path / "copy")
        await connected(world, anna, ben)
        for number, client in enumerate((anna, ben, anna, ben)):
            await client.engine.rooms.rename(room, f"title {number}")
            for each in (anna, ben):
                await has_title(world, each, room, f"title {number}")
        await anna.engine.messages.send(room, "since")
        await shows(world, ben, room, "before", "since")

        await world.relay.put_back(tmp_path / "copy")

        await connected(world, anna)
        await connected(world, ben)
        carl, dora = await world.restart(carl), await world.restart(dora)
        await connected(world, carl, dora)
        for client in (carl, dora):
            await has_title(world, client, room, "title 3")
        await dora.engine.messages.send(room, "from dora")
        for client in (anna, ben, carl, dora):
            await shows(world, client, room, "before", "since", "from dora")
        await carl.engine.rooms.rename(room, "by carl")
        for client in (anna, ben, carl, dora):
            await has_title(world, client, room, "by carl")
            await has_state(world, client, room, RoomState.ACTIVE)
            assert "jammed" not in {event for event, _ in await lines(client, room)}


async def test_member_that_was_removed_since_the_copy_stays_removed(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], "team")
        await joined((ben, carl), room)
        account = carl.engine.account.status().account_id
        assert account is not None
        await world.stop(ben)
        await world.stop(carl)
        await world.relay.copy(tmp_path / "copy")
        await connected(world, anna)
        await anna.engine.rooms.remove(room, account)
        await world.relay.put_back(tmp_path / "copy")
        await connected(world, anna)
        ben, carl = await world.restart(ben), await world.restart(carl)
        await connected(world, ben, carl)
        await has_members(world, ben, room, "anna", "ben")
        await ben.engine.rooms.rename(room, "without carl")
        await has_title(world, anna, room, "without carl")


async def test_committer_that_comes_back_late_fills_the_gap(tmp_path: Path) -> None:
    """Ben's commit came after Anna's: his claim waits for hers, and the one who lacks both for them."""
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], "team")
        await joined((ben, carl), room)
        await world.stop(carl)
        await world.relay.copy(tmp_path / "copy")
        await connected(world, anna, ben)
        for client, title in ((anna, "by anna"), (ben, "by ben")):
            await client.engine.rooms.rename(room, title)
            await has_title(world, anna, room, title)
            await has_title(world, ben, room, title)
        await world.stop(anna)
        await world.relay.put_back(tmp_path / "copy")
        carl = await world.restart(carl)
        await connected(world, ben, carl)
        await ben.engine.messages.send(room, "ahead")
        world.clock.advance(3600)
        assert (await carl.engine.rooms.get(room)).title == "team"
        anna = await world.restart(anna)
        await connected(world, anna)
        await has_title(world, carl, room, "by ben")
        await shows(world, carl, room, "ahead")
        await carl.engine.rooms.rename(room, "by carl")
        for client in (anna, ben, carl):
            await has_title(world, client, room, "by carl")
