"""Months of a room in seconds: leaves renewed weekly, packages replaced in time, old keys erased, silence ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from byre.client.rooms.commit_rows import TAKE_OVER_MS, WELCOME_ANSWER_MS
from byre.client.rooms.intents import AddDevices
from byre.client.views import RoomId
from tests.fakes.crowd import crowd
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_devices, joined, shows

HOUR_S = 3600
DAY_S = 24 * HOUR_S


def session_of(client: Client) -> Any:
    return client.engine._profile.session


async def leaf_keys(client: Client, room: RoomId) -> dict[int, bytes]:
    """The encryption keys of a room's leaves as one client sees them, by place."""
    live = await session_of(client).rooms._commits._steps._groups.current(bytes.fromhex(room))
    return {member.leaf_index: member.leaf_node.encryption_key for member in live.group.members}


async def read(client: Client, work: Any) -> Any:
    return await session_of(client).context.store.read(work)


async def test_a_quiet_room_gets_fresh_keys_every_week_and_old_ones_are_erased(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="quiet")
        await joined((ben,), room)
        await ben.engine.messages.send(room, "good night")
        await shows(world, anna, room, "good night")
        group_id = bytes.fromhex(room)
        for _ in range(3):
            before = await leaf_keys(anna, room)
            world.clock.advance(7 * DAY_S + 13 * HOUR_S)

            async def are_renewed(old: dict[int, bytes] = before) -> bool:
                seen = [await leaf_keys(client, room) for client in (anna, ben)]
                return seen[0] == seen[1] and not set(seen[0].values()) & set(old.values())

            await world.until(are_renewed, step_s=31)
        await anna.engine.messages.send(room, "still here")
        await shows(world, ben, room, "good night", "still here")
        for client in (anna, ben):
            assert await read(client, lambda tx: tx.groups.past(group_id))
        world.clock.advance(73 * HOUR_S)
        for client in (anna, ben):

            async def are_erased(client: Client = client) -> bool:
                past = await read(client, lambda tx: tx.groups.past(group_id))
                return all(row.expires_at > world.clock.now_ms() for row in past)

            await world.until(are_erased, step_s=31)


async def test_a_device_that_is_away_renews_nothing_and_catches_up_first(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="quiet")
        await joined((ben,), room)

        async def is_settled() -> bool:
            waiting = await read(ben, lambda tx: tx.intents.of_group(bytes.fromhex(room)))
            # Whoever was never heard is added again after 72 hours.
            waiting += await read(anna, lambda tx: tx.joins.of_group(bytes.fromhex(room)))
            return not waiting and await leaf_keys(anna, room) == await leaf_keys(ben, room)

        await world.until(is_settled)
        await world.stop(ben)
        before = await leaf_keys(anna, room)
        world.clock.advance(8 * DAY_S)

        async def has_anna_renewed() -> bool:
            return (await leaf_keys(anna, room))[0] != before[0]

        await world.until(has_anna_renewed, step_s=31)
        assert (await leaf_keys(anna, room))[1] == before[1]
        ben = await world.restart(ben)

        async def has_ben_renewed() -> bool:
            seen = [await leaf_keys(client, room) for client in (anna, ben)]
            return seen[0] == seen[1] and seen[0][1] != before[1]

        await world.until(has_ben_renewed, step_s=31)


async def test_key_packages_are_replaced_in_time_and_their_keys_erased(tmp_path: Path) -> None:
    async with World(tmp_path, stock=3) as world:
        (anna,) = await acquainted(world, "anna")

        async def stock() -> dict[bytes, str]:
            def rows(tx: Any) -> dict[bytes, str]:
                found = [*tx.key_packages.in_state("published"), *tx.key_packages.in_state("replaced")]
                return {row.reference: row.state for row in found}

            found: dict[bytes, str] = await read(anna, rows)
            return found

        async def is_full() -> bool:
            return list((await stock()).values()).count("published") == 4  # three and the last-resort one

        await world.until(is_full)
        first = set(await stock())
        world.clock.advance(46 * DAY_S)

        async def is_replaced() -> bool:
            now = await stock()
            return await is_full() and all(now.get(reference) != "published" for reference in first)

        await world.until(is_replaced, step_s=31)
        assert first <= set(await stock()), "who took one a moment ago may still welcome by it"
        world.clock.advance(73 * HOUR_S)

        async def are_erased() -> bool:
            return not first & set(await stock())

        await world.until(are_erased, step_s=31)


async def test_another_device_of_the_account_takes_over_who_never_answered(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(anna)
        room = await anna.engine.rooms.create(["ben"], title="waiting")
        await joined((ben, pc), room)
        group_id = bytes.fromhex(room)
        (package,) = crowd(1, relay_url=world.relay.url, now_s=world.clock.now_ms() // 1000)
        now_ms = world.clock.now_ms()
        await session_of(anna).rooms._commits.bring_about(group_id, AddDevices((package,)))
        for client in (anna, ben, pc):
            await has_devices(world, client, room, 4)
        waits: dict[str, Any] = {}
        for client in (anna, ben, pc):
            row = await read(client, lambda tx: tx.joins.get(group_id, package.device_id))
            waits[client.folder.name] = None if row is None else row.next_at - now_ms
        assert waits["ben"] is None, "only the account that added somebody brings it back"
        minute_ms = 60_000
        assert abs(waits["anna"] - WELCOME_ANSWER_MS) < minute_ms
        assert abs(waits[pc.folder.name] - WELCOME_ANSWER_MS - TAKE_OVER_MS) < minute_ms
        give_up = (await read(pc, lambda tx: tx.joins.get(group_id, package.device_id))).give_up_at
        assert abs(give_up - now_ms - 60 * DAY_S * 1000) < minute_ms


async def test_a_lost_phones_pc_adds_again_who_never_answered(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        pc = await world.linked_pc(anna)
        room = await anna.engine.rooms.create(["ben"], title="waiting")
        await joined((ben, pc), room)
        group_id = bytes.fromhex(room)
        await world.stop(carl)
        await anna.engine.rooms.add(room, ["carl"])
        await has_devices(world, pc, room, 4)
        await has_devices(world, ben, room, 4)
        carls = max(await leaf_keys(pc, room))
        before = (await leaf_keys(pc, room))[carls]
        await world.stop(anna)  # for good: its Welcome dies at the relay after 72 hours
        world.clock.advance(WELCOME_ANSWER_MS / 1000 + TAKE_OVER_MS / 1000 + 60)

        async def is_added_again() -> bool:
            keys = await leaf_keys(pc, room)
            return len(keys) == 4 and before not in keys.values()

        await world.until(is_added_again, step_s=31)
        again = await read(pc, lambda tx: tx.joins.of_group(group_id))
        assert [row.tries for row in again] == [2]
        assert again[0].next_at - world.clock.now_ms() > WELCOME_ANSWER_MS - 3_600_000
        carl = await world.restart(carl)
        await joined((carl,), room)
        await carl.engine.messages.send(room, "at last")
        await shows(world, pc, room, "at last")

        async def is_heard() -> bool:
            return not await read(pc, lambda tx: tx.joins.of_group(group_id))

        await world.until(is_heard)
