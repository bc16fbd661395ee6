"""A relay that lost all its data: accounts, mailboxes, tokens, packages, heads, what it held. Clients bring back what
they can, and say what they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.client.own_record import last_kept
from byre.client.views import MessageId, MessageState, RoomId
from byre.errors import UsageError
from tests.fakes.rooms import RoomHub
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_devices, joined, shows


async def connected(world: World, *clients: Client) -> None:
    for client in clients:
        await world.until(lambda c=client: c.engine.account.status().connected, step_s=15)


async def test_everybody_is_found_and_reached_again_after_the_relay_lost_everything(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(anna, "pc")
        room = await anna.engine.rooms.create(["ben"])
        for client in (anna, ben, pc):
            await has_devices(world, client, room, 3)
        await ben.engine.messages.send(room, "before")
        for client in (anna, pc):
            await shows(world, client, room, "before")
        await world.stop(pc)
        held = await ben.engine.messages.send(room, "held for the PC")
        await shows(world, anna, room, "before", "held for the PC")
        await world.until(lambda: _is_stored(ben, held), step_s=1)

        await world.relay.lose_everything()

        await connected(world, anna, ben)
        pc = await world.restart(pc)
        await connected(world, pc)
        await shows(world, pc, room, "before", "held for the PC")  # sealed anew from what Ben still has
        for sender, text in ((anna, "from anna"), (ben, "from ben"), (pc, "from the PC")):
            await sender.engine.messages.send(room, text)
        for client in (anna, ben, pc):
            await shows(world, client, room, "before", "held for the PC", "from anna", "from ben", "from the PC")
        rows = await ben.engine.messages.list(room, 10)
        assert next(row for row in rows if row.message_id == held).state is MessageState.DELIVERED
        carl = await world.account("carl")
        assert (await carl.engine.contacts.add("anna")).account_id == anna.engine.account.status().account_id
        fresh = await carl.engine.rooms.create(["anna", "ben"], "after the fire")  # new packages, records and tokens
        await joined((anna, ben, pc), fresh)
        with pytest.raises(UsageError) as refused:
            await anna.engine.rooms.add(room, ["carl"])
        assert refused.value.code == "not_allowed"


async def test_everybody_is_reached_again_after_the_relay_was_put_back_from_a_copy(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], "team")
        await joined((ben,), room)
        before = [await last_record(client) for client in (anna, ben)]
        await world.relay.copy(tmp_path / "copy")
        await connected(world, anna, ben)
        for client, kept in zip((anna, ben), before, strict=True):
            await world.until(lambda c=client, k=kept: _is_later(c, k))  # type: ignore[misc]
        for client in (anna, ben):  # each takes another token with it
            await client.engine.rooms.rename(room, f"by {client.folder.name}")
        await has_title(world, anna, room, "by ben")
        await has_title(world, ben, room, "by ben")

        await world.relay.put_back(tmp_path / "copy")

        await connected(world, anna, ben)
        await anna.engine.messages.send(room, "from anna")
        await ben.engine.messages.send(room, "from ben")
        for client in (anna, ben):
            await shows(world, client, room, "from anna", "from ben")
        fresh = await anna.engine.rooms.create(["ben"], "new packages")
        await joined((ben,), fresh)


async def last_record(client: Client) -> int:
    own, store = client.engine._profile.session.context.own, client.engine._profile.session.context.store
    return await store.read(lambda tx: last_kept(tx, own.device_id))


async def _is_later(client: Client, issued_at_ms: int) -> bool:
    return await last_record(client) > issued_at_ms


async def has_title(world: World, client: Client, room: RoomId, title: str) -> None:
    async def is_told() -> bool:
        return (await client.engine.rooms.get(room)).title == title

    await world.until(is_told)


async def _is_stored(sender: Client, message_id: MessageId) -> bool:
    """Whether it waits at the relay for whoever is away, and nowhere else."""
    store = sender.engine._profile.session.context.store
    rows = await store.read(lambda tx: tx.outbox.of_message(bytes.fromhex(message_id)))
    return [row.state for row in rows] == ["stored"] and rows[0].ciphertext is None


async def test_a_room_without_a_home_says_so_and_one_with_nobody_else_gets_its_home_back(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        team = await anna.engine.rooms.create(["ben"], "team")
        await joined((ben,), team)
        notes = next(room for room in await anna.engine.rooms.list() if room.kind == "note")
        await world.relay.lose_everything()
        await connected(world, anna, ben, carl)
        with pytest.raises(UsageError) as refused:
            await anna.engine.rooms.rename(team, "still ours")
        assert refused.value.code == "home_lost"
        await anna.engine.messages.send(team, "text goes on")
        await shows(world, ben, team, "text goes on")
        await anna.engine.rooms.rename(notes.room_id, "my notes")
        assert (await anna.engine.rooms.get(notes.room_id)).title == "my notes"


async def test_what_a_relay_keeps_in_memory_is_sent_again_as_it_was(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        await world.relay.stop()
        world.relay.is_in_ram = True
        await world.relay.start()
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await world.stop(ben)
        await anna.engine.messages.send(room, "held in memory")
        store = anna.engine._profile.session.context.store

        async def stored() -> list[tuple[bytes | None, bytes | None]]:
            rows = await store.read(lambda tx: tx.outbox.of_kind("message"))
            return [(row.mid, row.ciphertext) for row in rows if row.state == "stored"]

        ((mid, ciphertext),) = await world.until(stored)
        assert ciphertext is not None
        await world.relay.stop()  # its memory is gone, its records are not
        await world.relay.start()
        ben = await world.restart(ben)
        await connected(world, anna, ben)
        await shows(world, ben, room, "held in memory")
        rows = await store.read(lambda tx: tx.outbox.of_kind("message"))
        assert all(row.mid == mid for row in rows)


async def test_a_restored_phone_links_no_pc_before_it_is_in_the_device_room(tmp_path: Path) -> None:
    hub = RoomHub()
    async with World(tmp_path, hub=hub) as world:
        phone = await world.account("cow")
        old = await world.linked_pc(phone, "old")
        await world.stop(old)
        created = phone.created
        assert created is not None
        await world.stop(phone)
        restored = await world.client("restored")
        await restored.engine.account.restore(code=created.recovery_code, relay=world.relay.url, handle="cow")
        offer = await world.offer(await world.client("new"))
        with pytest.raises(UsageError) as refused:
            await restored.engine.linking.accept(offer.uri)
        assert refused.value.code == "no_device_room"
        device = next(each for each in await restored.engine.devices.list() if not each.current)
        await restored.engine.devices.remove(device.device_id)
        new = await world.linked_pc(restored, "newer")
        assert new.engine.account.status().handle == "cow"
