"""What rooms refuse or hold back: changed keys, devices that are no longer listed, replays, too many devices."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from byre.client.connection import Progress
from byre.client.views import MessageState, RoomId, RoomState
from byre.errors import UsageError
from byre.identity.mailbox import seal_envelope
from byre.wire.content import Content, encode_content
from byre.wire.content_bodies import Body, Text, Unknown
from byre.wire.envelope import MLS_MESSAGE
from byre.wire.ids import MessageId
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_devices, has_members, has_state, joined, lines, shows, texts
from tests.protocol.test_delivery_faults import Post

HOUR_S = 3600


async def test_a_changed_key_blocks_sending(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        ben_id = bytes.fromhex((await anna.engine.contacts.list())[0].account_id)
        store = anna.engine._profile.session.context.store
        await store.write(lambda tx: tx.peers.set_trust(ben_id, "changed"))
        with pytest.raises(UsageError) as refused:
            await anna.engine.messages.send(room, "to whom?")
        assert refused.value.code == "key_changed"
        assert await texts(anna, room) == []


async def test_text_waits_while_a_listed_out_device_has_a_leaf(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(ben)
        room = await anna.engine.rooms.create(["ben"])
        await has_devices(world, pc, room, 3)
        await has_devices(world, anna, room, 3)
        post = Post(anna)
        post.hold()
        device = next(d for d in await ben.engine.devices.list() if not d.current)
        await ben.engine.devices.remove(device.device_id)
        await has_devices(world, ben, room, 2)
        await world.until(lambda: post.held)
        await anna.engine.contacts.add("ben")  # the directory tells of the newer list
        await anna.engine.messages.send(room, "not for the old PC")
        assert (await anna.engine.messages.list(room, 1))[0].state is MessageState.QUEUED
        await asyncio.sleep(0.2)
        assert await texts(ben, room) == []
        await post.release()
        await has_devices(world, anna, room, 2)
        await shows(world, ben, room, "not for the old PC")
        assert "not for the old PC" not in await texts(pc, room)


async def test_a_member_removes_what_the_owner_s_list_dropped(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        pc = await world.linked_pc(ben)
        room = await anna.engine.rooms.create(["ben"])
        await has_devices(world, pc, room, 3)
        await has_devices(world, ben, room, 3)
        keeper = ben.engine._profile.session.rooms
        keeper._own_devices.remove = _nothing  # the phone dies before it tells its rooms
        keeper._upkeep.check_listing = _nothing
        device = next(d for d in await ben.engine.devices.list() if not d.current)
        await ben.engine.devices.remove(device.device_id)
        await anna.engine.contacts.add("ben")
        await anna.engine.messages.send(room, "without the PC")
        world.clock.advance(60)
        await has_devices(world, anna, room, 2)
        await shows(world, ben, room, "without the PC")
        assert "without the PC" not in await texts(pc, room)


async def _nothing(_: object) -> None:
    """Do nothing."""


async def test_a_welcome_that_was_never_answered_is_made_again(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        await world.stop(carl)
        await anna.engine.rooms.add(room, ["carl"])
        await has_members(world, ben, room, "anna", "ben", "carl")
        world.clock.advance(73 * HOUR_S)
        await world.relay.stop()
        await world.relay.start()
        await world.until(lambda: _has_epoch(anna, room, 3), step_s=60)  # a try that met no relay comes again soon
        carl = await world.restart(carl)
        await has_state(world, carl, room, RoomState.ACTIVE)
        await ben.engine.messages.send(room, "welcome at last")
        await shows(world, carl, room, "welcome at last")


async def _has_epoch(client: Client, room: RoomId, epoch: int) -> bool:
    store = client.engine._profile.session.context.store
    row = await store.read(lambda tx: tx.groups.current(bytes.fromhex(room)))
    return row is not None and row.epoch >= epoch


async def test_a_room_of_too_many_devices_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with World(tmp_path) as world:
        anna, ben, _ = await acquainted(world, "anna", "ben", "carl")
        monkeypatch.setattr("byre.client.rooms.founding.MAX_DEVICES", 2)
        with pytest.raises(UsageError) as refused:
            await anna.engine.rooms.create(["ben", "carl"], title="crowd")
        assert refused.value.code == "room_too_large"
        monkeypatch.setattr("byre.client.rooms.intents.MAX_DEVICES", 2)
        room = await anna.engine.rooms.create(["ben"], title="two")
        await joined((ben,), room)
        with pytest.raises(UsageError) as refused:
            await anna.engine.rooms.add(room, ["carl"])
        assert refused.value.code == "room_too_large"


async def speak(sender: Client, receiver: Client, room: RoomId, *contents: Content) -> None:
    """Encrypt contents as `sender` and hand them to `receiver`, past outbox and relay."""
    own, other = sender.engine._profile.session, receiver.engine._profile.session
    groups = own.rooms._sending._groups
    async with groups.held(bytes.fromhex(room)) as live:
        assert live is not None
        group = live.group
        for content in contents:
            group, message = group.encrypt(encode_content(content), random=own.context.random)
            body = seal_envelope(other.context.own.mailbox.box_public, MLS_MESSAGE, message)
            mailbox_id = other.context.own.mailbox.mailbox_id
            await other.rooms.on_envelopes(other.context.own.relay, mailbox_id, [(own.context.random(16), body)])
        groups.put(live.with_group(group))


def content_of(client: Client, counter: int, body: Body, message_id: bytes = b"") -> Content:
    context = client.engine._profile.session.context
    name = MessageId(message_id or context.random(16))
    return Content(name, context.own.run_id, counter, context.clock.now_ms(), body)


async def test_what_a_member_sends_again_is_shown_once(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        once = content_of(ben, 900, Text("once"), b"m" * 16)
        await speak(ben, anna, room, once, once)
        await speak(ben, anna, room, content_of(ben, 901, Text("once"), b"m" * 16))  # sealed again: a new counter
        await speak(ben, anna, room, content_of(ben, 900, Text("an old counter")))
        assert await texts(anna, room) == ["once"]
        store = anna.engine._profile.session.context.store
        assert [row.reason for row in await store.read(lambda tx: tx.inbox.undecryptable())] == ["replayed"]


async def test_kinds_of_the_future_are_kept_and_nonsense_is_shown_as_unreadable(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await speak(ben, anna, room, content_of(ben, 900, Unknown("hologram", {"depth": 3})))
        own, other = ben.engine._profile.session, anna.engine._profile.session
        groups = own.rooms._sending._groups
        async with groups.held(bytes.fromhex(room)) as live:
            assert live is not None
            group, message = live.group.encrypt(b"\xff nonsense", random=own.context.random)
            groups.put(live.with_group(group))
        keys = other.context.own.mailbox
        for body in (seal_envelope(keys.box_public, MLS_MESSAGE, message), b"no envelope", bytes(512)):
            await other.rooms.on_envelopes(other.context.own.relay, keys.mailbox_id, [(own.context.random(16), body)])
        for kind in (2, 5, 9):
            junk = seal_envelope(keys.box_public, kind, b"junk")
            await other.rooms.on_envelopes(other.context.own.relay, keys.mailbox_id, [(own.context.random(16), junk)])
        rows = await anna.engine.messages.list(room, 10)
        assert sorted((row.kind.value, row.detail) for row in rows) == [
            ("unknown", "hologram"),
            ("unreadable", "malformed"),
        ]
        await ben.engine.messages.send(room, "and on we go")
        await shows(world, anna, room, "and on we go")


async def test_an_answer_for_an_unknown_envelope_changes_nothing(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, _ = await acquainted(world, "anna", "ben")
        rooms = anna.engine._profile.session.rooms
        rooms.on_progress(b"?" * 16, Progress.ACKED)
        rooms.on_failed(b"?" * 16, "token", 0)
        rooms.on_failed(b"?" * 16, "busy", 100)
        await asyncio.sleep(0.05)
        assert anna.bugs == []


async def test_a_commit_that_the_home_never_ordered_jams_the_room(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        own, other = ben.engine._profile.session, anna.engine._profile.session
        live = await own.rooms._sending._groups.current(bytes.fromhex(room))
        assert live is not None
        commit = live.group.commit(
            [], leaf_extensions=None, validate=None, now_s=0, random=own.context.random
        ).message  # fanned out without a claim
        keys = other.context.own.mailbox
        body = seal_envelope(keys.box_public, MLS_MESSAGE, commit)
        await other.rooms.on_envelopes(other.context.own.relay, keys.mailbox_id, [(own.context.random(16), body)])
        await has_state(world, anna, room, RoomState.JAMMED)
        await anna.engine.messages.send(room, "is anybody there?")  # the home may be the one that lies
        assert [line for line, _ in await lines(anna, room)][-1] == "jammed"
