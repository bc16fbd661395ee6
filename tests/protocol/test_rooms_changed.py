"""What a room is changes by commits that every member judges: its title, its roles, how long it keeps."""

from __future__ import annotations

import asyncio
from pathlib import Path

from byre.client.events import RoomChanged
from byre.client.views import AccountId, MessageKind, RoomId
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, joined, lines
from tests.refusals import refused


async def roles(client: Client, room: RoomId) -> dict[str, str]:
    return {member.handle: member.role for member in await client.engine.rooms.members(room)}


def account(client: Client) -> AccountId:
    account_id = client.engine.account.status().account_id
    assert account_id is not None
    return account_id


async def test_any_member_renames_a_group_and_all_see_it(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], "old")
        await joined((ben, carl), room)
        since = len(carl.events)
        await ben.engine.rooms.rename(room, "  새  외양간 ")
        for client in (anna, ben, carl):
            await world.until(lambda c=client: _titled(c, room, "새 외양간"))
        await carl.wait(RoomChanged, lambda event: event.room_id == room, since=since)
        assert ("title_changed", "ben") in await lines(anna, room)
        await asyncio.gather(anna.engine.rooms.rename(room, "of anna"), carl.engine.rooms.rename(room, "of carl"))
        await world.until(lambda: _agree(room, anna, ben, carl))
        for bad in ("a\u202eb", "x" * 257, "\u3164"):
            assert await refused(anna.engine.rooms.rename(room, bad)) == "bad_params"
        direct = await anna.engine.rooms.create(["ben"])
        assert await refused(anna.engine.rooms.rename(direct, "ours")) == "not_allowed"


async def _titled(client: Client, room: RoomId, title: str) -> bool:
    return (await client.engine.rooms.get(room)).title == title


async def _agree(room: RoomId, *clients: Client) -> bool:
    titles = {(await client.engine.rooms.get(room)).title for client in clients}
    return len(titles) == 1 and titles <= {"of anna", "of carl"}


async def test_roles_are_given_by_those_who_have_them(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], "team")
        await joined((ben, carl), room)
        assert await roles(anna, room) == {"anna": "owner", "ben": "member", "carl": "member"}
        assert await refused(ben.engine.rooms.set_role(room, account(carl), "admin")) == "not_allowed"
        await anna.engine.rooms.set_role(room, account(ben), "admin")
        await world.until(lambda: _has_role(carl, room, "ben", "admin"))
        await world.until(lambda: _has_role(ben, room, "ben", "admin"))
        await ben.engine.rooms.set_role(room, account(carl), "admin")
        await anna.engine.rooms.set_retention(room, 86_400)
        await world.until(lambda: _has_role(carl, room, "carl", "admin"))
        assert await refused(ben.engine.rooms.set_role(room, account(anna), "member")) == "not_allowed"
        assert await refused(ben.engine.rooms.set_role(room, account(ben), "owner")) == "not_allowed"
        assert await refused(anna.engine.rooms.set_role(room, AccountId("00" * 32), "admin")) == "no_such_member"
        assert await refused(anna.engine.rooms.set_role(room, account(ben), "king")) == "bad_params"
        for seconds in (4, 28 * 86_400 + 1, -1):
            assert await refused(anna.engine.rooms.set_retention(room, seconds)) == "bad_params"
        seen = {view.handle: view for view in await ben.engine.rooms.members(room)}
        assert {handle: view.may_be_removed for handle, view in seen.items()} == {
            "ben": False,
            "anna": False,
            "carl": True,
        }
        assert seen["carl"].roles_to_give == ("member",)
        told = await ben.engine.rooms.get(room)
        assert (told.retention_s, told.may_set_retention) == (86_400, True)
        lines = [row.text for row in await ben.engine.messages.list(room, 20) if row.kind is MessageKind.SYSTEM]
        assert lines.count("retention_changed") == 1
        await ben.engine.rooms.remove(room, account(carl))


async def _has_role(client: Client, room: RoomId, handle: str, role: str) -> bool:
    return (await roles(client, room)).get(handle) == role
