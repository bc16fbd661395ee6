"""Key packages and room heads while the relay is killed: no package for two askers, no epoch that ends twice."""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path

import pytest

from byre.client.connection import ConflictingCommit, Found, Granted
from byre.errors import ByreError
from byre.identity.room_head import commit_hash, sign_claim
from byre.wire.frames import TOKEN_INTRO, Claim, Grant
from tests.fakes.hasty_clock import HastyClock
from tests.fakes.killed_relay import KilledRelay
from tests.fakes.raw_socket import raw_socket
from tests.fakes.relay import running_relay
from tests.fakes.relay_user import User, until
from tests.protocol.test_relay_heads import Room

pytestmark = pytest.mark.xdist_group("kill")
PACKAGES = 24


@pytest.mark.parametrize("state", ["package taken before told", "package taken before commit"])
async def test_packages_that_are_drained_while_the_relay_is_killed_go_to_one_asker_each(
    tmp_path: Path, state: str
) -> None:
    relay, dice = KilledRelay(tmp_path / "relay"), random.Random(state)
    await relay.start()
    clock = HastyClock()
    bob, *askers = [User(relay.url, 300 + number, clock) for number in range(4)]
    intro = bob.random(32)
    packages = [b"package %d" % number for number in range(PACKAGES)]
    given: list[bytes] = []
    last_resorts = 0

    async def ask(asker: User) -> None:
        nonlocal last_resorts
        while not last_resorts:
            try:
                taken = await asker.relay.key_packages_take(bob.mailbox, intro)
            except ByreError:  # the relay died, and its limits with it: asked again
                await asyncio.sleep(0.01)
                continue
            if taken.is_last_resort:
                last_resorts += 1
            else:
                given.append(taken.package)

    try:
        for user in (bob, *askers):
            await user.network.start()
        await bob.register()
        await bob.relay.token_put(bob.mailbox, [(intro, TOKEN_INTRO)])
        await bob.relay.key_packages_put(bob.mailbox, packages, last_resort=b"last")
        relay.signal(signal.SIGKILL)
        await relay.ended()
        async with asyncio.TaskGroup() as asking:
            for asker in askers:
                asking.create_task(ask(asker))
            for _ in range(2):
                await relay.start(state, dice.randrange(1, 6))
                await until(lambda: not relay.is_alive, "the kill point")
                assert await relay.ended() == -signal.SIGKILL
            await relay.start()
        assert len(given) == len(set(given))
        assert set(given) <= set(packages)
        assert len(given) >= PACKAGES - 2 * 3  # what was taken for an asker that was never told is gone
    finally:
        for user in (bob, *askers):
            await user.network.stop()
        relay.signal(signal.SIGKILL)
        await relay.ended()


@pytest.mark.parametrize("state", ["commit body before head", "granted before told"])
async def test_an_epoch_ends_once_however_the_relay_dies_and_every_member_gets_the_same_commit(
    tmp_path: Path, state: str
) -> None:
    relay = KilledRelay(tmp_path / "relay")
    await relay.start()
    clock = HastyClock()
    members = [User(relay.url, 330 + number, clock) for number in range(3)]
    try:
        for user in members:
            await user.network.start()
        rooms = [Room(user.relay, await user.relay.relay_id()) for user in members]
        await rooms[0].create()
        for epoch in range(3):
            commits = [b"commit %d of %d" % (epoch, number) for number in range(3)]
            await relay_dies_at(relay, state)
            results = await asyncio.gather(
                *(claimed(room, epoch, commit) for room, commit in zip(rooms, commits, strict=True)),
                started_again(relay),
            )
            winners = [commit for commit, result in zip(commits, results, strict=False) if result == Granted(epoch + 1)]
            assert len(winners) == 1
            conflicts = [result for result in results if isinstance(result, ConflictingCommit)]
            assert {conflict.body for conflict in conflicts} == {b"sealed " + winners[0]}
            found = [await room.get(epoch) for room in rooms]
            assert {each.body for each in found if isinstance(each, Found)} == {b"sealed " + winners[0]}
    finally:
        for user in members:
            await user.network.stop()
        relay.signal(signal.SIGKILL)
        await relay.ended()


async def relay_dies_at(relay: KilledRelay, state: str) -> None:
    relay.signal(signal.SIGKILL)
    await relay.ended()
    await relay.start(state, 1)


async def started_again(relay: KilledRelay) -> None:
    await until(lambda: not relay.is_alive, "the kill point")
    await relay.ended()
    await relay.start()


async def claimed(room: Room, epoch: int, commit: bytes) -> object:
    """Claim until the relay lives long enough to answer; always with the same claim id."""
    for _ in range(500):
        try:
            return await room.claim(epoch, commit)
        except ByreError:
            await asyncio.sleep(0.01)
    raise AssertionError("never answered")


async def test_a_winner_that_dies_before_it_reads_its_grant_wedges_nobody(tmp_path: Path) -> None:
    async with running_relay(tmp_path / "relay") as relay:
        members = [User(relay.url, 340 + number) for number in range(2)]
        for user in members:
            await user.network.start()
        dead, alive = [Room(user.relay, await user.relay.relay_id()) for user in members]
        await dead.create()
        commit = b"the winner's"
        async with raw_socket(relay.url, "/s") as socket:
            await socket.send(claim_of(dead, 0, commit))
            await until(lambda: relay.counters["claims_granted"] == 1)
        await members[0].network.stop()  # it sends its commit to nobody, and is never seen again
        lost = await alive.claim(0, b"mine")
        assert isinstance(lost, ConflictingCommit)
        assert (lost.body, lost.commit_hash) == (b"sealed " + commit, commit_hash(commit))
        await relay.restart()
        found = await alive.get(0)
        assert isinstance(found, Found)
        assert found.body == b"sealed " + commit
        assert await alive.claim(1, b"mine, anew") == Granted(2)
        async with raw_socket(relay.url, "/s") as socket:  # a backup of the dead one asks for its grant once more
            await socket.send(claim_of(dead, 0, commit))
            assert await socket.receive() == Grant(bytes(16), 1, commit_hash(commit)[:16])
        await members[1].network.stop()


def claim_of(room: Room, epoch: int, commit: bytes) -> Claim:
    claim_id = commit_hash(commit)[:16]
    following = room.key(epoch + 1).public
    signature = sign_claim(
        room.key(epoch),
        relay_id=room.relay_id,
        group_tag=room.tag,
        epoch=epoch,
        claim_id=claim_id,  # type: ignore[arg-type]
        commit_hash=commit_hash(commit),
        next_claim_public=following,
    )
    return Claim(bytes(16), room.tag, epoch, claim_id, commit_hash(commit), following, signature, b"sealed " + commit)
