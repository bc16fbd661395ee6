"""Mailboxes: loaded once, forgotten when idle, tokens with dates."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from byre.relay.mailboxes import IDLE_S, Mailboxes
from byre.relay.refusal import Refusal
from tests.fakes.relay import TEST_LIMITS, RunningRelay, running_relay

MAILBOX, KEY = b"m" * 16, b"k" * 32


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RunningRelay]:
    async with running_relay(tmp_path / "relay", limits=replace(TEST_LIMITS, tokens_per_mailbox=3)) as running:
        yield running


@pytest.fixture
async def mailboxes(relay: RunningRelay) -> Mailboxes:
    made = relay.relay.services.mailboxes
    await made.create(MAILBOX, KEY)
    return made


async def test_an_unknown_mailbox_has_no_lane_until_it_is_made(relay: RunningRelay) -> None:
    mailboxes = relay.relay.services.mailboxes
    assert await mailboxes.lane(MAILBOX) is None
    await mailboxes.create(MAILBOX, KEY)
    lane = await mailboxes.lane(MAILBOX)
    assert lane is not None
    assert lane.auth_public == KEY


async def test_many_who_ask_at_once_get_one_lane(mailboxes: Mailboxes) -> None:
    lanes = await asyncio.gather(*(mailboxes.lane(MAILBOX) for _ in range(20)))
    assert len({id(lane) for lane in lanes}) == 1


async def test_the_first_key_owns_the_mailbox(mailboxes: Mailboxes) -> None:
    await mailboxes.create(MAILBOX, KEY)
    with pytest.raises(Refusal) as caught:
        await mailboxes.create(MAILBOX, b"x" * 32)
    assert caught.value.code == "taken"


async def test_tokens_are_counted_dated_and_revived(relay: RunningRelay, mailboxes: Mailboxes) -> None:
    lane = await mailboxes.lane(MAILBOX)
    assert lane is not None
    hashes = [bytes([number]) * 32 for number in range(4)]
    await mailboxes.put_tokens(lane, [(each, 0) for each in hashes[:3]])
    with pytest.raises(Refusal) as caught:
        await mailboxes.put_tokens(lane, [(hashes[3], 0)])
    assert caught.value.code == "quota"
    await mailboxes.delete_tokens(lane, hashes[:2], after_s=60)
    await mailboxes.delete_tokens(lane, hashes[:1], after_s=3600)  # a date only comes nearer
    await mailboxes.put_tokens(lane, [(hashes[1], 1)])  # registered again: alive, of its new kind
    relay.clock.advance(61)
    now_ms = relay.relay.services.expiry.now_ms()
    assert [lane.token_kind(each, now_ms) for each in hashes] == [None, 1, 0, None]
    await mailboxes.clean()
    assert set(lane.tokens) == set(hashes[1:3])
    assert await mailboxes._durable.write(lambda db: db.execute("SELECT count(*) FROM token").fetchone()) == (2,)
    await mailboxes.delete_tokens(lane, [hashes[2], hashes[3]], after_s=0)
    assert set(lane.tokens) == {hashes[1]}


async def test_an_idle_lane_is_forgotten_and_comes_back_as_it_was(relay: RunningRelay, mailboxes: Mailboxes) -> None:
    lane = await mailboxes.lane(MAILBOX)
    assert lane is not None
    await mailboxes.put_tokens(lane, [(bytes(32), 0)])
    await mailboxes.clean()
    assert mailboxes.cached(MAILBOX) is lane
    relay.clock.advance(IDLE_S + 1)
    await mailboxes.clean()
    assert mailboxes.cached(MAILBOX) is None
    again = await mailboxes.lane(MAILBOX)
    assert again is not None
    assert again.tokens == {bytes(32): (0, None)}


async def test_acknowledged_mids_are_forgotten_after_ten_minutes(relay: RunningRelay, mailboxes: Mailboxes) -> None:
    lane = await mailboxes.lane(MAILBOX)
    assert lane is not None
    lane.acknowledged[bytes(16)] = relay.clock.monotonic_s()
    relay.clock.advance(599)
    await mailboxes.clean()
    assert lane.acknowledged
    relay.clock.advance(2)
    await mailboxes.clean()
    assert not lane.acknowledged


async def test_what_comes_for_a_mailbox_that_was_just_deleted_is_refused(
    relay: RunningRelay, mailboxes: Mailboxes
) -> None:
    lane = await mailboxes.lane(MAILBOX)
    assert lane is not None
    await mailboxes._durable.write(lambda connection: connection.execute("DELETE FROM mailbox").rowcount)
    with pytest.raises(Refusal) as caught:
        await mailboxes.put_tokens(lane, [(bytes(32), 0)])
    assert caught.value.code == "auth"
    with pytest.raises(Refusal) as caught:
        await relay.relay.services.key_packages.put(MAILBOX, [b"package"], b"last", is_fresh_start=True)
    assert caught.value.code == "auth"
    assert lane.tokens == {}
