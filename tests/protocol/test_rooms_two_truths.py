"""A home that orders two commits for one epoch, or that lies about what it ordered: said aloud, and never for good."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from byre.client.connection import RelayClient
from byre.client.connection.results import NothingYet
from byre.client.views import RoomId, RoomState
from byre.errors import PeerError, UsageError
from byre.identity.mailbox import seal_envelope
from byre.relay.heads import Heads
from byre.relay.refusal import Refusal
from byre.wire.envelope import MLS_MESSAGE
from byre.wire.frames import Claim, Conflict, Frame, GetCommit, Gone, Grant
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_members, has_state, joined, lines, shows
from tests.protocol.test_delivery_faults import Post
from tests.protocol.test_rooms_jammed import live_room, session_of


class TwoFacedHeads(Heads):
    """Grants every claim, also of an epoch that is over, and tells nobody what it ordered."""

    async def claim(self, frame: Claim) -> Frame:
        answer = await super().claim(frame)
        return Grant(frame.req_id, frame.epoch + 1, frame.claim_id) if isinstance(answer, Conflict) else answer

    async def get(self, frame: GetCommit) -> Frame:
        raise Refusal("busy")


async def epoch_of(client: Client, room: RoomId) -> int:
    return int((await live_room(client, room)).epoch)


async def agree(world: World, room: RoomId, *clients: Client) -> None:
    """Wait until all are in one epoch, under one title, in no doubt."""

    async def do() -> bool:
        views = [await client.engine.rooms.get(room) for client in clients]
        lives = [await live_room(client, room) for client in clients]
        if any(view.state is not RoomState.ACTIVE for view in views) or any(live is None for live in lives):
            return False
        return (
            len({view.title for view in views}) == 1
            and len({live.group.epoch_authenticator.reveal() for live in lives}) == 1
        )

    try:
        await world.until(do, step_s=20)
    except TimeoutError:
        views = [await client.engine.rooms.get(room) for client in clients]
        raise AssertionError([(view.state, view.title) for view in views]) from None


async def test_two_grants_for_one_epoch_are_seen_by_every_member(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], title="team")
        await joined((ben, carl), room)
        world.relay.relay.services.heads.__class__ = TwoFacedHeads  # type: ignore[union-attr]
        posts = [Post(ben), Post(carl)]
        for post in posts:
            post.hold()
        before = await epoch_of(anna, room)
        await anna.engine.rooms.rename(room, "one truth")
        await ben.engine.rooms.rename(room, "another truth")  # granted, too: ben has not seen anna's commit
        assert [await epoch_of(client, room) for client in (anna, ben, carl)] == [before + 1, before + 1, before]
        titles = {(await client.engine.rooms.get(room)).title for client in (anna, ben)}
        assert titles == {"one truth", "another truth"}, "the room has come apart"
        for post in posts:
            await world.until(lambda post=post: post.held)
            await post.release()
        for number, client in enumerate((anna, ben, carl)):
            await has_state(world, client, room, RoomState.JAMMED)
            assert [event for event, _ in await lines(client, room)].count("jammed") == 1
            await client.engine.messages.send(room, f"word {number}")
        # The home tells by now what it ordered: who is off its head is brought back, and nothing that was said is lost.
        world.relay.relay.services.heads.__class__ = Heads  # type: ignore[union-attr]
        await agree(world, room, anna, ben, carl)
        for client in (anna, ben, carl):
            assert (await client.engine.rooms.get(room)).title == "one truth"
            assert [event for event, _ in await lines(client, room)].count("unjammed") == 1
            await shows(world, client, room, "word 0", "word 1", "word 2")
        await carl.engine.rooms.rename(room, "the same truth")
        for client in (anna, ben):
            await has_title(world, client, room, "the same truth")


class Forgetful(Heads):
    """Grants claims and writes nothing down."""

    async def claim(self, frame: Claim) -> Frame:
        return Grant(frame.req_id, frame.epoch + 1, frame.claim_id)


async def test_a_grant_that_the_home_forgot_is_asked_for_again(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], title="team")
        await joined((ben, carl), room)
        heads = world.relay.relay.services.heads  # type: ignore[union-attr]
        heads.__class__ = Forgetful
        await ben.engine.rooms.rename(room, "granted")
        for client in (anna, ben, carl):
            await has_title(world, client, room, "granted")
            await has_state(world, client, room, RoomState.JAMMED)
        await carl.engine.messages.send(room, "text goes on")
        for client in (anna, ben):
            await shows(world, client, room, "text goes on")
        ben = await world.restart(ben)
        heads.__class__ = Heads
        await agree(world, room, anna, ben, carl)
        await anna.engine.rooms.rename(room, "and kept")
        for client in (ben, carl):
            await has_title(world, client, room, "and kept")
        assert [event for event, _ in await lines(carl, room)].count("device_rejoined") == 0, "nobody was off the head"


class Emptied(Heads):
    """Says that whatever is asked for is gone."""

    async def get(self, frame: GetCommit) -> Frame:
        return Gone(frame.req_id, frame.epoch + 7)

    async def claim(self, frame: Claim) -> Frame:
        return Gone(frame.req_id, frame.epoch + 7)


async def test_a_room_of_which_all_is_said_to_be_gone_comes_back_with_the_truth(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        heads = world.relay.relay.services.heads  # type: ignore[union-attr]
        heads.__class__ = Emptied
        for client in (anna, ben):  # everybody: nobody would be left to bring anybody back
            with pytest.raises(UsageError):
                await client.engine.rooms.rename(room, "x")
            await has_state(world, client, room, RoomState.REJOINING)
        await anna.engine.messages.send(room, "this waits")
        heads.__class__ = Heads
        await agree(world, room, anna, ben)
        await shows(world, ben, room, "this waits")
        await ben.engine.rooms.rename(room, "whole")
        await has_title(world, anna, room, "whole")


async def test_who_was_removed_cannot_stop_the_room_by_a_commit_for_its_past(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
        room = await anna.engine.rooms.create(["ben", "carl"], title="team")
        await joined((ben, carl), room)
        old = await live_room(carl, room)
        random, context = session_of(carl).context.random, session_of(anna).context
        late = old.group.commit([], validate=None, now_s=0, random=random).message
        await anna.engine.rooms.remove(room, carl.engine.account.status().account_id)  # type: ignore[arg-type]
        await has_members(world, ben, room, "anna", "ben")
        keys = context.own.mailbox
        body = seal_envelope(keys.box_public, MLS_MESSAGE, late)
        await session_of(anna).rooms.on_envelopes(context.own.relay, keys.mailbox_id, [(random(16), body)])
        assert (await anna.engine.rooms.get(room)).state is RoomState.ACTIVE
        await ben.engine.messages.send(room, "we go on")
        await shows(world, anna, room, "we go on")


def another_head(**_: Any) -> Any:
    return NothingYet(1 << 60, bytes(16), b"x" * 48)


def refusal(**_: Any) -> Any:
    raise PeerError("who are you?", code="relay_auth")


@pytest.mark.parametrize("lie", [another_head, refusal])
async def test_a_lie_of_the_home_stops_a_room_no_longer_than_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lie: Callable[..., Any]
) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        with monkeypatch.context() as patch:

            async def lied(_: RelayClient, **options: Any) -> Any:
                return lie(**options)

            patch.setattr(RelayClient, "get_commit", lied)
            await anna.engine.rooms.rename(room, "a new title")
            await has_state(world, ben, room, RoomState.JAMMED)
            await session_of(ben).rooms._turning.look_again()
            await has_state(world, ben, room, RoomState.JAMMED)
            ben = await world.restart(ben)

        async def goes_on() -> bool:
            return (await ben.engine.rooms.get(room)).state is RoomState.ACTIVE

        await world.until(goes_on, step_s=10)
        told = [event for event, _ in await lines(ben, room)]
        assert [event for event in told if event in ("jammed", "unjammed")] == ["jammed", "unjammed"]
        await ben.engine.messages.send(room, "here we are")
        await shows(world, anna, room, "here we are")
        await ben.engine.rooms.rename(room, "and another")
        await has_title(world, anna, room, "and another")


async def has_title(world: World, client: Client, room: RoomId, title: str) -> None:
    async def has() -> bool:
        return (await client.engine.rooms.get(room)).title == title

    await world.until(has)
