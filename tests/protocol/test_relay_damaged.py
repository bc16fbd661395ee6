"""A page of a file of held messages that turns out damaged while the relay runs: it costs what lies on it, no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.client.connection import Progress
from byre.relay.buckets import Bucket
from tests.fakes.relay import RunningRelay, running_relay
from tests.fakes.relay_user import User, until, users
from tests.fakes.sqlcipher_pages import PAGE, plain_pages

COUNT = 12


async def detached(relay: RunningRelay, user: User) -> None:
    user.detach()
    mailboxes = relay.relay.services.mailboxes
    await until(lambda: (lane := mailboxes.cached(user.mailbox)) is not None and lane.socket is None)


async def flip_row_of(relay: RunningRelay, bucket: Bucket, mid: bytes) -> None:
    """Flip a bit of the page with this message's row, on the disk, and let nothing of the file stay in a cache."""
    await bucket.database.checkpoint()
    file = bucket.database.path
    key = relay.relay._store._buckets.key_of(bucket.start)
    found = enumerate(plain_pages(file, key.reveal()))
    number = next(number for number, page in found if page[:1] == b"\x0d" and mid in page)
    data = bytearray(file.read_bytes())
    data[number * PAGE + 1500] ^= 1
    file.write_bytes(data)
    await bucket.database.run(lambda connection: connection.execute("PRAGMA shrink_memory").fetchall())


@pytest.mark.logs_errors
async def test_the_others_come_at_once_and_senders_learn_to_send_the_lost_ones_again(tmp_path: Path) -> None:
    async with running_relay(tmp_path / "relay") as relay, users(relay.url, 3) as (alice, bob, carol):
        for away in (bob, carol):
            await detached(relay, away)
        sent = {user: [alice.send(user, bytes(900)) for _ in range(COUNT)] for user in (bob, carol)}
        every = [mid for mids in sent.values() for mid in mids]
        await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in every))
        (bucket,) = relay.relay._store._buckets.all()
        await flip_row_of(relay, bucket, sent[bob][3])
        relay.relay.services.mailboxes._lanes.clear()  # idle for a quarter of an hour: what is held is read anew
        epoch = alice.told.stores[-1]
        for user in (bob, carol):
            user.attach()
        await until(lambda: alice.told.stores[-1] != epoch, "senders learn that something is lost")
        await until(lambda: relay.counters["messages_lost"])
        lost = relay.counters["messages_lost"]
        assert 0 < lost < 8
        await until(lambda: len(bob.told.mids) + len(carol.told.mids) == len(every) - lost, "all the others come")
        for user in (bob, carol):
            assert user.told.mids == [mid for mid in sent[user] if mid in user.told.mids]
            for mid in sorted(set(sent[user]) - set(user.told.mids)):
                alice.relay.send(mid=mid, mailbox=user.mailbox, token=user.token, ttl_s=0, body=b"again")
        await until(lambda: len(bob.told.mids) + len(carol.told.mids) == len(every), "what was lost is taken anew")
        await until(lambda: relay.counters["held_now"] == 0)
        assert await relay.relay.not_ready() == []
        assert {path.name for path in relay.path.glob("held-*.db")} == {f"held-{bucket.start + 1}.db"}


@pytest.mark.logs_errors
async def test_a_lost_message_is_never_said_to_be_stored(tmp_path: Path) -> None:
    async with running_relay(tmp_path / "relay") as relay, users(relay.url, 2) as (alice, bob):
        await detached(relay, bob)
        sent = [alice.send(bob, bytes(900)) for _ in range(COUNT)]
        await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in sent))
        store = relay.relay._store
        (bucket,) = store._buckets.all()
        await flip_row_of(relay, bucket, sent[3])
        await store.bodies(bucket.start, bob.mailbox, sent)  # bob's lane is in memory and lists them all
        lane = relay.relay.services.mailboxes.cached(bob.mailbox)
        assert lane is not None
        lost = set(sent) - lane.entries.keys()
        assert sent[3] in lost
        assert lane.held_messages == COUNT - len(lost)
        alice.told.progress.clear()
        for mid in sorted(lost):
            alice.relay.send(mid=mid, mailbox=bob.mailbox, token=bob.token, ttl_s=0, body=b"again")
        await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in lost), "they are held anew")
        assert {row.mid for row in await store.rows(bob.mailbox)} == set(sent)
        bob.attach()
        await until(lambda: len(bob.told.mids) == COUNT)
