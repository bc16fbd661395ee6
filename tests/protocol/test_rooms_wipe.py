"""A room is wiped: here, on the phone's PCs, and what comes later shows in the empty room."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from pathlib import Path

import pytest

from byre.client.delivery.doubts import PAUSE_MS
from byre.client.delivery.receipts import Receipts
from byre.client.events import MessageReceived, RoomErased, WipeProgressed
from byre.client.views import MessageState, RoomId
from byre.identity.wipe_certificate import parse_wipe_certificate
from byre.store import wipe
from tests.fakes.world import Client, World
from tests.patience import WAIT_S
from tests.protocol.room_steps import acquainted, at_rest, has_devices, joined, passed_on, shows, texts


async def test_a_wiped_room_is_empty_and_goes_on(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        for text in ("secret one", "secret two"):
            await anna.engine.messages.send(room, text)
        await ben.engine.messages.send(room, "secret three")
        await shows(world, anna, room, "secret one", "secret two", "secret three")
        preview = await anna.engine.wipes.preview(room)
        assert preview.messages == 3
        assert preview.key_mode == "A"
        certificate = await anna.engine.wipes.wipe(room)
        assert certificate.remnants == ()
        assert certificate.counts["messages"] == 3
        assert parse_wipe_certificate(certificate.certificate_json).signature.hex() == certificate.signature
        assert room not in json.dumps(json.loads(certificate.certificate_json))
        assert await texts(anna, room) == []
        assert await anna.engine.messages.search("secret") == []
        assert (await anna.engine.rooms.get(room)).unread == 0
        assert [event.room_id for event in anna.events if isinstance(event, RoomErased)] == [room]
        assert any(isinstance(event, WipeProgressed) for event in anna.events)
        assert [one.wipe_id for one in await anna.engine.wipes.certificates()] == [certificate.wipe_id]
        await ben.engine.messages.send(room, "after the wipe")
        await shows(world, anna, room, "after the wipe")
        await anna.engine.messages.send(room, "still here")
        await shows(world, ben, room, "secret one", "secret two", "secret three", "after the wipe", "still here")


async def test_texts_come_and_go_and_rooms_change_while_a_wipe_is_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No ratchet is left behind: both sides understand each other afterwards, and each text is there once."""
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        wiped, other = [await anna.engine.rooms.create(["ben"], title) for title in ("goes", "stays")]
        await joined((ben,), wiped)
        await joined((ben,), other)
        await anna.engine.messages.send(wiped, "goes")
        await shows(world, ben, wiped, "goes")
        loop, has_begun, may_go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

        def held(path: Path) -> None:
            loop.call_soon_threadsafe(has_begun.set)
            assert may_go_on.wait(WAIT_S)
            real(path)

        real = wipe.sync_folder
        monkeypatch.setattr(wipe, "sync_folder", held)
        wiping = asyncio.ensure_future(anna.engine.wipes.wipe(wiped))
        await has_begun.wait()
        said = []
        for number in range(12):
            for who, name in ((anna, "anna"), (ben, "ben")):
                said.append(f"{name} {number}")
                await who.engine.messages.send(other, said[-1])
            if number == 5:
                await anna.engine.rooms.rename(other, "renamed meanwhile")
        await ben.engine.messages.send(wiped, "came meanwhile")
        await shows(world, anna, other, *said)
        assert not wiping.done()
        may_go_on.set()
        assert (await wiping).remnants == ()
        for who in (anna, ben):
            said.append(f"afterwards {len(said)}")
            await who.engine.messages.send(other, said[-1])
            await shows(world, anna, other, *said)
            await shows(world, ben, other, *said)
        await anna.engine.messages.send(wiped, "and here")
        await shows(world, anna, wiped, "came meanwhile", "and here")
        await shows(world, ben, wiped, "goes", "came meanwhile", "and here")
        assert (await ben.engine.rooms.get(other)).title == "renamed meanwhile"


async def test_the_phone_s_wipe_reaches_its_pc(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(anna)
        room = await anna.engine.rooms.create(["ben"])
        await has_devices(world, pc, room, 3)
        await ben.engine.messages.send(room, "to be wiped")
        for client in (anna, pc):
            await shows(world, client, room, "to be wiped")
        assert (await anna.engine.wipes.preview(room)).own_devices == 1
        assert (await pc.engine.wipes.preview(room)).own_devices == 1
        await anna.engine.wipes.wipe(room)
        await pc.wait(RoomErased, lambda event: event.room_id == room)
        assert await texts(pc, room) == []
        assert len(await pc.engine.wipes.certificates()) == 1
        await ben.engine.messages.send(room, "later")
        for client in (anna, pc):
            await shows(world, client, room, "later")


async def test_a_wiped_room_s_queued_messages_never_go_out(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await world.relay.stop()
        await anna.engine.messages.send(room, "regretted")
        await anna.engine.wipes.wipe(room)
        await world.relay.start()
        await anna.engine.messages.send(room, "kept")
        await ben.wait(MessageReceived)
        await shows(world, ben, room, "kept")


async def test_what_was_sent_before_a_wipe_does_not_come_back_to_the_pc(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(anna)
        room = await anna.engine.rooms.create(["ben"])
        await has_devices(world, pc, room, 3)
        await world.stop(pc)
        sent = await ben.engine.messages.send(room, "while the PC was away")
        await shows(world, anna, room, "while the PC was away")
        await world.until(lambda: _is_delivered(ben, room, sent))
        await anna.engine.wipes.wipe(room)
        pc = await world.restart(pc)
        await ben.engine.messages.send(room, "later")
        await shows(world, anna, room, "later")
        await pc.wait(RoomErased)
        await world.until(lambda: _shows_later(pc, room))
        assert "while the PC was away" not in await texts(pc, room)
        assert await _is_delivered(ben, room, sent)


async def test_a_receipt_that_went_with_a_wipe_is_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was due and had not gone out yet: the text is sealed again, confirmed, and not shown again."""
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await at_rest(world, anna, ben)
        with monkeypatch.context() as held:
            held.setattr(Receipts, "due", lambda self, group_id: None)
            sent = await ben.engine.messages.send(room, "before")
            await shows(world, anna, room, "before")
            await anna.engine.wipes.wipe(room)
        assert not await _is_delivered(ben, room, sent)
        await passed_on(world, ben)
        world.clock.advance(PAUSE_MS / 1000)
        await anna.engine.messages.send(room, "after")
        await shows(world, ben, room, "before", "after")
        await world.until(lambda: _is_delivered(ben, room, sent), step_s=60)
        assert await texts(anna, room) == ["after"]


async def _is_delivered(client: Client, room: RoomId, message_id: str) -> bool:
    rows = await client.engine.messages.list(room, 10)
    return next(row for row in rows if row.message_id == message_id).state is MessageState.DELIVERED


async def _shows_later(client: object, room: str) -> bool:
    shown = await texts(client, room)  # type: ignore[arg-type]
    return shown in (["later"], [])


def plant(folder: Path) -> None:
    deep = folder.joinpath(*["d" * 200] * 6)
    deep.mkdir(parents=True)
    names = [b"a\nb.tmp", b"\xff\xfe.tmp", *(b"%d.tmp" % number for number in range(300))]
    for path in (*(os.fsencode(folder) + b"/" + name for name in names), os.fsencode(deep / "k.tmp")):
        Path(os.fsdecode(path)).write_bytes(b"x")


async def test_a_wipe_ends_whatever_lies_in_the_profile(tmp_path: Path) -> None:
    """Names that are no text, that are very long, and more of them than a certificate has room for."""
    async with World(tmp_path) as world:
        anna = await world.account("anna")
        (room,) = [each.room_id for each in await anna.engine.rooms.list()]
        plant(anna.folder)
        await anna.engine.messages.send(room, "secret")
        certificate = await anna.engine.wipes.wipe(room)
        assert certificate.remnants[-1] == "204 more places"
        assert len(parse_wipe_certificate(certificate.certificate_json).certificate.remnants) == 100
        assert await texts(anna, room) == []
