"""Another account takes over a known handle at a real relay: nobody speaks to it before the user has said yes."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from byre.client.events import KeyChanged, RoomChanged
from byre.client.views import Trust
from byre.errors import UsageError
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, joined, shows, texts


async def refused(work: Coroutine[Any, Any, Any]) -> str:
    with pytest.raises(UsageError) as caught:
        await work
    return caught.value.code


async def online(world: World, *clients: Client) -> None:
    for client in clients:
        await world.until(lambda c=client: c.engine.account.status().connected, step_s=15)


async def test_new_account_under_a_known_handle_hears_nothing_before_it_is_accepted(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        cow, old = await acquainted(world, "cow", "ox")
        old_room = await cow.engine.rooms.create(["ox"])
        await joined((old,), old_room)
        await cow.engine.messages.send(old_room, "to the ox that I know")
        await shows(world, old, old_room, "to the ox that I know")
        (known,) = await cow.engine.contacts.list()
        await world.stop(old)
        await world.relay.lose_everything()  # the relay gives the handle to whoever comes first
        new = await world.client("new")
        await new.engine.account.create(handle="ox", name="Ox", relay=world.relay.url)
        await online(world, cow, new)
        await world.until(lambda: _is_found(new, "cow"), step_s=15)
        before = len(cow.events)

        assert await refused(cow.engine.contacts.add("ox")) == "key_changed"

        assert await cow.wait(KeyChanged, since=before) == KeyChanged(known.account_id, "ox", "key")
        contact = await cow.engine.contacts.get(known.account_id)
        assert (contact.trust, contact.safety_number) == (Trust.CHANGED, known.safety_number)
        assert await refused(cow.engine.messages.send(old_room, "to whom?")) == "key_changed"
        assert await refused(cow.engine.rooms.create(["ox"])) == "key_changed"
        assert await refused(cow.engine.rooms.create(["ox"], "a group")) == "key_changed"
        assert await refused(cow.engine.contacts.mark_verified(known.account_id)) == "key_changed"
        assert await new.engine.rooms.list() == [] or all(r.kind == "note" for r in await new.engine.rooms.list())
        assert await texts(cow, old_room) == ["to the ox that I know"]

        await cow.engine.contacts.accept_changed_key(known.account_id)

        (contact,) = await cow.engine.contacts.list()
        theirs = await new.engine.contacts.add("cow")
        assert contact.account_id == new.engine.account.status().account_id != known.account_id
        assert contact.trust is Trust.UNVERIFIED
        assert contact.safety_number == theirs.safety_number != known.safety_number
        room = await cow.engine.rooms.create(["ox"])
        assert room != old_room
        await new.wait(RoomChanged, lambda event: event.room_id == room)
        await cow.engine.messages.send(room, "to the new ox")
        await new.engine.messages.send(room, "from the new ox")
        for client in (cow, new):
            await shows(world, client, room, "to the new ox", "from the new ox")
        assert await texts(cow, old_room) == ["to the ox that I know"]


async def _is_found(client: Client, handle: str) -> bool:
    try:
        await client.engine.contacts.add(handle)
    except UsageError:
        return False
    return True
