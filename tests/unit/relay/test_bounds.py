"""Nothing in memory grows without bound: every table that a client can put rows into is flooded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from byre.crypto.hashes import sha256
from byre.relay import key_packages as key_packages_module
from byre.relay.addresses import Addresses
from byre.relay.key_packages import REPEAT_S, REPEATS_BYTES
from byre.relay.lane import Lane
from byre.relay.rates import Rates
from byre.relay.refusal import Refusal
from byre.relay.settings import Limits
from byre.wire.frames import TOKEN_INTRO, TOKEN_NORMAL, Err, RendezvousGet, RendezvousPut, Send
from tests.fakes.raw_socket import raw_socket
from tests.fakes.relay import TEST_LIMITS, RelayClock, RunningRelay, running_relay
from tests.fakes.relay_user import until, users

ID = bytes(16)


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RunningRelay]:
    async with running_relay(tmp_path / "relay") as running:
        yield running


def test_rates_keep_the_most_recent_keys() -> None:
    rates = Rates(1, 1, RelayClock().monotonic_s, most=100)
    for number in range(10_000):
        rates.take(number)
    assert len(rates._by_key) == 100


def test_every_table_of_rates_has_a_bound() -> None:
    assert Rates(1, 1, RelayClock().monotonic_s)._most <= 100_000


def test_addresses_are_forgotten_with_their_last_socket() -> None:
    addresses = Addresses(replace(Limits(), handshake_burst=10**6), RelayClock())
    names = [f"203.0.113.{number}" for number in range(200)]
    for name in names:
        assert addresses.enter(name)
    for name in names:
        addresses.leave(name)
    assert len(addresses._open) == 0


async def test_unknown_mailboxes_leave_nothing_behind(relay: RunningRelay) -> None:
    mailboxes = relay.relay.services.mailboxes
    async with raw_socket(relay.url, "/s") as socket:
        for number in range(500):
            await socket.send(Send(ID, number.to_bytes(16), bytes(32), 0, 0, b""))
            if number % 50 == 49:
                for _ in range(50):
                    answer = await socket.receive()
                    assert isinstance(answer, Err)
                    assert answer.code == "token"
    assert mailboxes.lanes() == []
    assert len(mailboxes._loading) == 0


async def test_a_mailbox_that_nobody_uses_leaves_memory(relay: RunningRelay) -> None:
    async with users(relay.url, 3) as everybody:
        for user in everybody:
            user.send(everybody[0])
    mailboxes = relay.relay.services.mailboxes
    await until(lambda: relay.counters["sockets_now"] == 0)
    await relay.relay._store.flush()
    assert len(mailboxes.lanes()) > 0
    relay.clock.advance(1000)
    await relay.relay.expire()
    relay.clock.advance(1000)
    await relay.relay.expire()
    assert mailboxes.lanes() == []


async def test_repeated_takes_are_remembered_in_so_many_bytes_for_so_long(relay: RunningRelay) -> None:
    services = relay.relay.services
    packages = services.key_packages
    mailbox, token = b"m" * 16, b"t" * 32
    await services.mailboxes.create(mailbox, bytes(32))
    lane = await services.mailboxes.lane(mailbox)
    assert lane is not None
    await services.mailboxes.put_tokens(lane, [(sha256(token), TOKEN_INTRO)])
    await packages.put(mailbox, [], bytes(16_000), is_fresh_start=False)
    for number in range(60):
        await packages.take(lane, token, number.to_bytes(16))
    with pytest.raises(Refusal) as caught:
        await packages.take(lane, token, b"r" * 16)
    assert caught.value.code == "rate"
    for number in range(3000):  # as if many tokens had been used
        packages._remember(mailbox, number.to_bytes(16), key_packages_module.Given(bytes(16_000), True, None))
    assert packages._recent_bytes <= REPEATS_BYTES
    assert sum(len(given.package) for _, given in packages._recent.values()) == packages._recent_bytes
    relay.clock.advance(REPEAT_S + 1)
    packages.forget_repeats()
    assert (len(packages._recent), packages._recent_bytes) == (0, 0)


async def test_tokens_of_a_mailbox_are_bounded(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, tokens_per_mailbox=10)
    async with running_relay(tmp_path / "relay", limits=limits) as relay:
        mailboxes = relay.relay.services.mailboxes
        await mailboxes.create(ID, bytes(32))
        lane = await mailboxes.lane(ID)
        assert lane is not None
        for number in range(10):
            await mailboxes.put_tokens(lane, [(number.to_bytes(32), TOKEN_NORMAL)])
        with pytest.raises(Refusal) as caught:
            await mailboxes.put_tokens(lane, [(b"x" * 32, TOKEN_NORMAL)])
        assert caught.value.code == "quota"
        assert len(lane.tokens) == 10


async def test_waits_for_a_rendezvous_end_with_their_socket(relay: RunningRelay) -> None:
    waiting = relay.relay.services.rendezvous._waiting
    async with raw_socket(relay.url, "/s") as socket:
        for number in range(40):
            await socket.send(RendezvousGet(number.to_bytes(16), number.to_bytes(16), 1, 30_000))
        await until(lambda: len(waiting) == TEST_LIMITS.requests_at_once)
    await until(lambda: not waiting)


async def test_a_nearly_full_disk_takes_nothing_that_stays(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, free_disk_new_percent=101)
    async with running_relay(tmp_path / "relay", limits=limits) as relay, raw_socket(relay.url, "/s") as socket:
        await socket.send(RendezvousPut(ID, ID, 1, b"blob"))
        assert await socket.receive() == Err("disk", 60_000, ID)
        assert relay.counters["disk_fail"] == 1


def test_a_lane_is_idle_only_when_nothing_hangs_on_it() -> None:
    assert Lane(ID, bytes(32), {}).is_idle()
