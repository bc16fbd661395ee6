"""A member that spoils the room's head, a home that withholds or lies: nobody wedges, nobody crashes, all is said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from byre.client.connection.results import NothingYet
from byre.client.views import RoomId, RoomState
from byre.crypto.random import system_random
from byre.crypto.signature import SigningKey
from byre.errors import EnvironmentFault, PeerError, UsageError
from byre.identity.mailbox import open_envelope
from byre.identity.room_head import claim_key, commit_hash, seal_claim_body, sign_claim
from byre.mls import ContentType, RemoveProposal, peek_message
from byre.wire.blob_pointer import MESSAGE_IN_BLOB, BlobPointer
from byre.wire.envelope import MLS_MESSAGE
from byre.wire.ids import ClaimId
from tests.fakes.world import Client, World
from tests.patience import WAIT_S
from tests.protocol.room_steps import acquainted, has_members, has_state, joined, lines, shows, texts
from tests.protocol.test_delivery_faults import Envelope, Post


def session_of(client: Client) -> Any:
    return client.engine._profile.session


async def live_room(client: Client, room: RoomId) -> Any:
    return await session_of(client).rooms._commits._steps._groups.current(bytes.fromhex(room))


async def register(client: Client, room: RoomId, commit: bytes, body: bytes | None = None) -> None:
    """Let a member put bytes of its choice at the head of the room, signed as members sign."""
    live = await live_room(client, room)
    relay = session_of(client).context.network.relay(live.context.home_url)
    export, tag = live.group.export_secret, live.context.group_tag
    claim_id, next_public = ClaimId(system_random(16)), SigningKey(system_random(32)).public
    signature = sign_claim(
        claim_key(export),
        relay_id=await relay.relay_id(),
        group_tag=tag,
        epoch=live.epoch,
        claim_id=claim_id,
        commit_hash=commit_hash(commit),
        next_claim_public=next_public,
    )
    if body is None:
        body = seal_claim_body(export, group_tag=tag, epoch=live.epoch, commit=commit, random=system_random)
    await relay.claim(
        group_tag=tag,
        epoch=live.epoch,
        claim_id=claim_id,
        commit_hash=commit_hash(commit),
        next_claim_public=next_public,
        signature=signature,
        body=body,
    )


async def junk(live: Any) -> bytes:
    return b"this is no commit"


async def unsigned(live: Any) -> bytes:
    """A commit of the member's own that MLS refuses: its bytes were changed after it was signed."""
    staged = live.group.commit(now_s=0, random=system_random, validate=None)
    return bytes(staged.message[:-1] + bytes((staged.message[-1] ^ 1,)))


async def unlawful(live: Any) -> bytes:
    """A commit that MLS takes and the room's law does not: a mere member removes the owner."""
    owner = next(leaf.leaf_index for leaf in live.facts.leaves if leaf.leaf_index != live.group.own_leaf_index)
    message: bytes = live.group.commit([RemoveProposal(owner)], now_s=0, random=system_random).message
    return message


async def leading_nowhere(live: Any) -> bytes:
    pointer = BlobPointer(MESSAGE_IN_BLOB, b"n" * 16, b"c" * 32, b"k" * 32, b"h" * 48, 70_000)
    return pointer.encode()


@pytest.mark.parametrize("make", [junk, unsigned, unlawful, leading_nowhere])
async def test_an_invalid_commit_at_the_head_jams_the_room_and_nobody_waits_for_ever(
    tmp_path: Path, make: Callable[[Any], Any]
) -> None:
    async with World(tmp_path) as world:
        anna, ben, _ = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        await anna.engine.messages.send(room, "before")
        await shows(world, ben, room, "before")
        await register(ben, room, await make(await live_room(ben, room)))
        with pytest.raises(UsageError) as refused:
            async with asyncio.timeout(WAIT_S):
                await anna.engine.rooms.add(room, ["carl"])
        assert refused.value.code == "wrong_state"
        await has_state(world, anna, room, RoomState.JAMMED)
        assert [event for event, _ in await lines(anna, room)].count("jammed") == 1
        assert await texts(anna, room) == ["before"]
        await anna.engine.messages.send(room, "after")  # the epoch that there is can be written in
        await shows(world, ben, room, "after", "before")
        other = await anna.engine.rooms.create(["ben", "carl"], title="another room")
        await has_members(world, anna, other, "anna", "ben", "carl")
        anna = await world.restart(anna)
        await has_state(world, anna, room, RoomState.JAMMED)


async def test_catching_up_to_an_invalid_commit_jams_the_room(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        await register(ben, room, b"this is no commit")
        assert not await session_of(anna).rooms._catch_up.room(bytes.fromhex(room))
        await has_state(world, anna, room, RoomState.JAMMED)


async def test_a_body_that_is_not_the_head_s_commit_jams_the_room(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, _ = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        live = await live_room(ben, room)
        tag, export = live.context.group_tag, live.group.export_secret
        other = seal_claim_body(export, group_tag=tag, epoch=live.epoch, commit=b"another", random=system_random)
        await register(ben, room, b"one", other)
        with pytest.raises(UsageError):
            await anna.engine.rooms.add(room, ["carl"])
        await has_state(world, anna, room, RoomState.JAMMED)


async def test_a_path_that_lies_to_one_member_makes_that_one_rejoin(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], title="team")
        await joined((ben, carl), room)
        inbox = session_of(anna).rooms._inbox
        take = inbox.take_commit

        async def lied_to(group_id: bytes, epoch: int, commit: bytes) -> Any:
            raise PeerError("our secret of a path does not open", code="unreadable_path")

        post = Post(anna)
        post.hold()
        await ben.engine.messages.send(room, "soon")
        session_of(anna).rooms._catch_up._take_commit = lied_to
        dora = await world.account("dora")
        await ben.engine.contacts.add("dora")
        await ben.engine.rooms.add(room, ["dora"])
        await has_members(world, carl, room, "anna", "ben", "carl", "dora")
        assert not await session_of(anna).rooms._catch_up.room(bytes.fromhex(room))
        await has_state(world, anna, room, RoomState.REJOINING)
        session_of(anna).rooms._catch_up._take_commit = take
        post.held.clear()
        await post.release()

        async def is_back() -> bool:
            return (await anna.engine.rooms.get(room)).state is RoomState.ACTIVE

        await world.until(is_back, step_s=20)
        await carl.engine.messages.send(room, "welcome back")

        async def is_heard() -> bool:
            return "welcome back" in await texts(anna, room)

        await world.until(is_heard)
        lost = {"soon"}  # nobody confirmed it: the relay brings it again once it takes the connection for dead
        assert set(await texts(anna, room)) - lost == {"welcome back"}
        assert dora.is_running


async def test_a_home_that_does_not_answer_delays_a_commit_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        anna, ben, _ = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        relay = session_of(anna).context.own_relay
        asked = []

        async def silent(**claim: Any) -> Any:
            asked.append(claim["claim_id"])
            raise EnvironmentFault("The relay cannot be reached.", code="relay_unreachable")

        with monkeypatch.context() as patch:
            patch.setattr(relay, "claim", silent)
            with pytest.raises(EnvironmentFault):
                await anna.engine.rooms.add(room, ["carl"])
            await anna.engine.messages.send(room, "text goes on meanwhile")
            await shows(world, ben, room, "text goes on meanwhile")
            await world.until(lambda: len(asked) >= 2, step_s=5)
        assert len(set(asked)) == 1, "the same claim is asked again, never another one"
        for client in (anna, ben):

            async def is_added(client: Client = client) -> bool:
                members = await client.engine.rooms.members(room)
                return {member.handle for member in members} == {"anna", "ben", "carl"}

            await world.until(is_added, step_s=5)


async def test_a_home_that_says_nothing_yet_keeps_nobody_from_reading_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        anna, ben, _ = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        post = Post(ben)
        post.hold()
        await anna.engine.rooms.add(room, ["carl"])
        await anna.engine.messages.send(room, "in the new epoch")
        await world.until(lambda: len(post.held) >= 2)
        key = session_of(ben).context.own.mailbox.box_private

        def is_commit(envelope: Envelope) -> bool:
            opened = open_envelope(key, envelope[3])
            return opened.type == MLS_MESSAGE and peek_message(opened.body).content_type is ContentType.COMMIT

        await world.until(lambda: any(is_commit(each) for each in post.held))
        commits = [each for each in post.held if is_commit(each)]
        rest = [each for each in post.held if not is_commit(each)]
        relay, epoch = session_of(ben).context.own_relay, (await live_room(ben, room)).epoch
        with monkeypatch.context() as patch:

            async def nothing(**_: Any) -> Any:
                return NothingYet(epoch, bytes(16), bytes(48))

            patch.setattr(relay, "get_commit", nothing)
            post.held[:] = rest
            await post.release()
            world.clock.advance(11)
            await asyncio.sleep(0.2)
            assert (await ben.engine.rooms.get(room)).state is RoomState.ACTIVE
        for envelope in commits:
            await post.deliver(*envelope)
        await shows(world, ben, room, "in the new epoch")


async def test_a_commit_that_comes_by_the_home_and_twice_by_mail_is_merged_once(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        post = Post(ben)
        post.hold()
        await anna.engine.rooms.add(room, ["carl"])
        await joined((carl,), room)
        await world.until(lambda: post.held)
        before = (await live_room(ben, room)).epoch
        assert await session_of(ben).rooms._catch_up.room(bytes.fromhex(room))
        assert (await live_room(ben, room)).epoch == before + 1
        again = [(relay, mailbox, system_random(16), body) for relay, mailbox, _, body in post.held]
        await post.release()
        for envelope in again:
            await post.deliver(*envelope)
        assert (await live_room(ben, room)).epoch == before + 1
        assert (await lines(ben, room)).count(("member_added", "carl")) == 1
        await carl.engine.messages.send(room, "hello")
        await shows(world, ben, room, "hello")
