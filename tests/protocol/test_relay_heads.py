"""Room heads: one commit ends an epoch, whoever asks, however often, whatever crashes in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from byre.client.connection import (
    ClaimResult,
    CommitResult,
    ConflictingCommit,
    Found,
    Gone,
    Granted,
    NothingYet,
    RelayClient,
)
from byre.crypto.signature import SigningKey
from byre.errors import PeerError
from byre.identity.room_head import commit_hash, sign_claim, sign_create, sign_get_commit
from byre.wire.ids import ClaimId, GroupTag
from tests.fakes.relay import RunningRelay, running_relay, seeded
from tests.fakes.relay_user import User


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RunningRelay]:
    async with running_relay(tmp_path / "relay") as running:
        yield running


@pytest.fixture
async def client(relay: RunningRelay) -> AsyncIterator[RelayClient]:
    user = User(relay.url, 1)
    await user.network.start()
    yield user.relay
    await user.network.stop()


TAG = GroupTag(b"a room's own tag")


@dataclass
class Room:
    """The claim keys of a room's epochs."""

    client: RelayClient
    relay_id: bytes
    seed: int = 5
    tag: GroupTag = TAG
    keys: list[SigningKey] = field(default_factory=list)

    def key(self, epoch: int) -> SigningKey:
        random = seeded(self.seed)
        while len(self.keys) <= epoch:
            self.keys = [SigningKey.generate(random) for _ in range(epoch + 1)]
        return self.keys[epoch]

    async def create(self, epoch: int = 0) -> None:
        key = self.key(epoch)
        await self.client.create_head(
            group_tag=self.tag,
            claim_public=key.public,
            signature=sign_create(key, relay_id=self.relay_id, group_tag=self.tag),
            epoch=epoch,
        )

    async def claim(
        self, epoch: int, commit: bytes, *, claim_id: bytes = b"", key: SigningKey | None = None
    ) -> ClaimResult:
        identifier = ClaimId(claim_id or commit_hash(commit)[:16])
        following = self.key(epoch + 1).public
        signature = sign_claim(
            key or self.key(epoch),
            relay_id=self.relay_id,
            group_tag=self.tag,
            epoch=epoch,
            claim_id=identifier,
            commit_hash=commit_hash(commit),
            next_claim_public=following,
        )
        return await self.client.claim(
            group_tag=self.tag,
            epoch=epoch,
            claim_id=identifier,
            commit_hash=commit_hash(commit),
            next_claim_public=following,
            signature=signature,
            body=b"sealed " + commit,
        )

    async def get(self, epoch: int) -> CommitResult:
        signature = sign_get_commit(self.key(epoch), relay_id=self.relay_id, group_tag=self.tag, epoch=epoch)
        return await self.client.get_commit(group_tag=self.tag, epoch=epoch, signature=signature)


@pytest.fixture
async def room(client: RelayClient) -> Room:
    made = Room(client, await client.relay_id())
    await made.create()
    return made


async def refused(code: str, doing: asyncio.Future[object] | object) -> None:
    with pytest.raises(PeerError) as caught:
        await doing  # type: ignore[misc]
    assert caught.value.code == "relay_" + code


async def test_fifty_claims_at_once_give_one_grant_and_forty_nine_conflicts_with_its_body(room: Room) -> None:
    commits = [b"commit %d" % number for number in range(50)]
    results = await asyncio.gather(*(room.claim(0, commit) for commit in commits))
    winners = [commit for commit, result in zip(commits, results, strict=True) if isinstance(result, Granted)]
    assert len(winners) == 1
    losers = [result for result in results if isinstance(result, ConflictingCommit)]
    assert len(losers) == 49
    assert {result.body for result in losers} == {b"sealed " + winners[0]}
    assert {result.commit_hash for result in losers} == {commit_hash(winners[0])}


async def test_the_same_claim_is_granted_again_also_after_a_restart_and_after_later_epochs(
    relay: RunningRelay, room: Room
) -> None:
    assert await room.claim(0, b"one") == Granted(1)
    assert await room.claim(0, b"one") == Granted(1)
    await relay.restart()
    assert await room.claim(0, b"one") == Granted(1)
    assert await room.claim(1, b"two") == Granted(2)
    assert await room.claim(0, b"one") == Granted(1)
    other = await room.claim(0, b"another", claim_id=commit_hash(b"one")[:16])  # the name of the claim that won
    assert isinstance(other, ConflictingCommit)
    assert other.commit_hash == commit_hash(b"one")


async def test_a_member_that_was_away_fetches_every_commit(relay: RunningRelay, room: Room) -> None:
    for epoch in range(5):
        await room.claim(epoch, b"commit %d" % epoch)
    await relay.restart()
    for epoch in range(5):
        found = await room.get(epoch)
        assert isinstance(found, Found)
        assert (found.body, found.commit_hash) == (b"sealed commit %d" % epoch, commit_hash(b"commit %d" % epoch))
    assert await room.get(5) == NothingYet(5, commit_hash(b"commit 4")[:16], commit_hash(b"commit 4"))


async def test_bodies_are_gone_after_seventy_two_hours_and_the_head_stays(relay: RunningRelay, room: Room) -> None:
    await room.claim(0, b"one")
    await room.claim(1, b"two")
    relay.clock.advance(72 * 3600 + 60)
    await relay.relay.expire()
    assert relay.counters["bodies_now"] == 0
    assert await room.get(0) == Gone(0)
    assert await room.claim(0, b"another") == Gone(0)
    assert await room.claim(1, b"two") == Granted(2)  # the last winner still learns that it won
    assert isinstance(await room.get(2), NothingYet)
    assert await room.claim(2, b"three") == Granted(3)


async def test_an_unused_head_is_forgotten_after_four_hundred_days(relay: RunningRelay, room: Room) -> None:
    relay.clock.advance(399 * 86400)
    await room.get(0)  # asking is using
    relay.clock.advance(399 * 86400)
    await relay.relay.expire()
    assert isinstance(await room.get(0), NothingYet)
    relay.clock.advance(401 * 86400)
    await relay.relay.expire()
    await refused("auth", room.get(0))


async def test_only_the_epochs_key_may_claim_or_ask(room: Room) -> None:
    await refused("auth", room.claim(0, b"outsider", key=SigningKey.generate(seeded(9))))
    await refused("auth", room.claim(0, b"removed member's old key", key=room.key(1)))
    await refused("auth", room.claim(3, b"an epoch that is still to come"))
    await room.claim(0, b"one")
    await refused("auth", room.claim(0, b"outsider", key=SigningKey.generate(seeded(9))))
    stranger = Room(room.client, room.relay_id, seed=9)
    await refused("auth", stranger.get(0))
    unknown = Room(room.client, room.relay_id, tag=GroupTag(bytes(16)))
    await refused("auth", unknown.get(0))
    await refused("auth", unknown.claim(0, b"no such room"))


async def test_a_head_is_created_once(room: Room) -> None:
    await room.create()
    other = Room(room.client, room.relay_id, seed=9)
    await refused("taken", other.create())
    await room.claim(0, b"one")
    await refused("taken", room.create())


async def test_a_signature_for_another_relay_is_worth_nothing(client: RelayClient) -> None:
    await refused("auth", Room(client, bytes(32)).create())
