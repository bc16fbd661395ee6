"""What a relay keeps beyond messages: mailboxes, key packages, directory, rendezvous. Both ends in one process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from byre.errors import PeerError
from byre.identity.directory_entry import verify_lookup
from byre.identity.handle import Binding
from byre.identity.records import AccountRecord, DeviceRecord
from byre.identity.recovery import fetch_key, new_recovery_code, seal_recovery_file
from byre.relay.disclose import disclose
from byre.wire.frames import TOKEN_INTRO, TOKEN_NORMAL
from byre.wire.relay_url import authority_of
from tests.fakes.identities import NOW_MS, Device, Person
from tests.fakes.relay import TEST_LIMITS, RelayClock, RunningRelay, running_relay
from tests.fakes.relay_user import User, until, users


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RunningRelay]:
    async with running_relay(tmp_path / "relay") as running:
        yield running


@asynccontextmanager
async def refused(code: str) -> AsyncIterator[None]:
    with pytest.raises(PeerError) as caught:
        yield
    assert caught.value.code == "relay_" + code


def record_of(
    person: Person, relay: RunningRelay, *, handle: str = "", at: int = 0, file: bytes = b""
) -> AccountRecord:
    binding = Binding.issue(person.key, handle=handle or person.handle, host=authority_of(relay.url), now_ms=NOW_MS)
    return AccountRecord.issue(
        person.key,
        binding=binding,
        device_list=person.device_list,
        recovery_file=file,
        fetch_key=bytes(32) if file else b"",
        now_ms=NOW_MS + at,
    )


def device_record(device: Device, url: str, *, at: int = 0) -> DeviceRecord:
    return DeviceRecord.issue(
        device.key,
        certificate=device.certificate,
        relay_url=url,
        mailbox_id=device.mailbox.mailbox_id,
        introduction_token=device.token,
        now_ms=NOW_MS + at,
    )


@asynccontextmanager
async def device_online(relay: RunningRelay, device: Device, seed: int) -> AsyncIterator[User]:
    user = User(relay.url, seed)
    user.keys, user.token = device.mailbox, device.token
    await user.network.start()
    await user.register()
    try:
        yield user
    finally:
        await user.network.stop()


# --- mailboxes and tokens -------------------------------------------------------------------------------------------


async def test_a_mailbox_belongs_to_the_first_key(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, mallory):
        await alice.relay.mailbox_new(alice.keys)  # again: fine
        stolen = replace(mallory.keys, mailbox_id=alice.mailbox)
        async with refused("taken"):
            await mallory.relay.mailbox_new(stolen)
        mallory.network.attach(relay.url, stolen)
        await until(lambda: relay.counters["auth_fail"] > 0)
        mid = mallory.send(alice)
        await until(lambda: alice.told.mids == [mid])
        assert mallory.told.mids == []


async def test_a_deleted_mailbox_is_unknown(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        await bob.relay.mailbox_delete(bob.mailbox)
        mid = alice.send(bob)
        await until(lambda: alice.told.failures == [(mid, "token", 0)])


# --- key packages ---------------------------------------------------------------------------------------------------


async def test_each_one_time_package_goes_out_once_then_the_last_resort(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        intro = alice.random(32)
        await bob.relay.token_put(bob.mailbox, [(intro, TOKEN_INTRO)])
        packages = [bytes([number]) * 4000 for number in range(40)]
        await bob.relay.key_packages_put(bob.mailbox, packages, last_resort=b"last")
        assert bob.told.counts[-1] == (40, True, False)
        taken = await asyncio.gather(*(alice.relay.key_packages_take(bob.mailbox, intro) for _ in range(40)))
        assert sorted(each.package for each in taken) == packages
        assert not any(each.is_last_resort for each in taken)
        assert {count for count, _, _ in bob.told.counts[-19:]} <= set(range(20))
        for _ in range(2):
            given = await alice.relay.key_packages_take(bob.mailbox, intro)
            assert (given.package, given.is_last_resort) == (b"last", True)
        await until(lambda: bob.told.counts[-1] == (0, True, True))
        await bob.relay.key_packages_put(bob.mailbox, [b"new"], last_resort=b"fresh", replace=True)
        assert bob.told.counts[-1] == (1, True, False)


async def test_one_request_that_comes_over_two_sockets_at_once_takes_one_package(relay: RunningRelay) -> None:
    async with users(relay.url, 1) as (bob,):
        intro = bob.random(32)
        await bob.relay.token_put(bob.mailbox, [(intro, TOKEN_INTRO)])
        await bob.relay.key_packages_put(bob.mailbox, [b"one", b"two", b"three"], last_resort=b"last")
        services = relay.relay.services
        lane = services.mailboxes.cached(bob.mailbox)
        given = await asyncio.gather(*(services.key_packages.take(lane, intro, bytes(16)) for _ in range(5)))
        assert {each.package for each in given} == {b"one"}
        assert (await services.key_packages.count(bob.mailbox)).one_time == 2


async def test_packages_are_taken_by_introduction_token_only(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        await bob.relay.key_packages_put(bob.mailbox, [b"package"])
        for mailbox, token in [(bob.mailbox, bob.token), (bob.mailbox, bytes(32)), (bytes(16), bob.token)]:
            async with refused("token"):
                await alice.relay.key_packages_take(mailbox, token)
        intro = alice.random(32)
        await bob.relay.token_put(bob.mailbox, [(intro, TOKEN_INTRO)])
        mid = alice.random(16)
        alice.relay.send(mid=mid, mailbox=bob.mailbox, token=intro, ttl_s=0, body=b"")
        await until(lambda: alice.told.failures == [(mid, "token", 0)])
        assert (await alice.relay.key_packages_take(bob.mailbox, intro)).package == b"package"
        async with refused("absent"):
            await alice.relay.key_packages_take(bob.mailbox, intro)


async def test_a_device_may_not_fill_the_relay_with_packages(relay: RunningRelay) -> None:
    async with users(relay.url, 1) as (bob,):
        await bob.relay.key_packages_put(bob.mailbox, [bytes([number]) for number in range(100)])
        async with refused("quota"):
            await bob.relay.key_packages_put(bob.mailbox, [b"one more"])


# --- directory ------------------------------------------------------------------------------------------------------


async def test_an_account_is_found_by_handle_and_by_id(relay: RunningRelay) -> None:
    person = Person("외양간")
    async with device_online(relay, person.primary, 1) as phone, users(relay.url, 1) as (stranger,):
        record = record_of(person, relay)
        await phone.relay.directory_put_account(record.encoded)
        await phone.relay.directory_put_device(phone.mailbox, device_record(person.primary, relay.url).encoded)
        for question in ({"handle": "외양간"}, {"account_id": person.account_id}):
            answer = await stranger.relay.directory_get(**question)  # type: ignore[arg-type]
            assert answer is not None
            entry = verify_lookup(answer.account_record, answer.device_lists, answer.device_records)
            assert entry.record == record
            assert [each.mailbox_id for each in entry.devices] == [phone.mailbox]
        assert await stranger.relay.directory_get(handle="nobody") is None


async def test_a_handle_belongs_to_its_first_account_and_an_account_has_one(relay: RunningRelay) -> None:
    first, second = Person("farmer"), Person("cow")
    async with users(relay.url, 1) as (user,):
        await user.relay.directory_put_account(record_of(first, relay).encoded)
        async with refused("taken"):
            await user.relay.directory_put_account(record_of(second, relay, handle="Farmer").encoded)
        async with refused("taken"):
            await user.relay.directory_put_account(record_of(first, relay, handle="other", at=1).encoded)
        await user.relay.directory_put_account(record_of(first, relay).encoded)


async def test_the_directory_takes_no_record_that_does_not_verify_or_follow(relay: RunningRelay) -> None:
    person = Person("farmer")
    async with users(relay.url, 1) as (user,):
        old = record_of(person, relay)
        person.link()
        newer = record_of(person, relay, at=1)
        person.link()
        newest = record_of(person, relay, at=2)
        await user.relay.directory_put_account(old.encoded)
        async with refused("stale"):
            await user.relay.directory_put_account(newest.encoded)  # a list is missing in between
        await user.relay.directory_put_account(newer.encoded)
        async with refused("stale"):
            await user.relay.directory_put_account(old.encoded)
        for broken in (newest.encoded[:-1], newest.encoded[:-1] + b"x", b"junk"):
            async with refused("auth"):
                await user.relay.directory_put_account(broken)
        elsewhere = Binding.issue(person.key, handle="farmer", host="elsewhere.example", now_ms=NOW_MS)
        foreign = AccountRecord.issue(person.key, binding=elsewhere, device_list=person.device_list, now_ms=NOW_MS + 9)
        async with refused("auth"):
            await user.relay.directory_put_account(foreign.encoded)
        await user.relay.directory_put_account(newest.encoded)
        answer = await user.relay.directory_get(account_id=person.account_id, since_list=1)
        assert answer is not None
        assert len(answer.device_lists) == 2


async def test_the_recovery_file_goes_to_its_fetch_key_only(relay: RunningRelay) -> None:
    person = Person("farmer")
    code = new_recovery_code(person.random)
    file = seal_recovery_file(code, person.key, person.random)
    binding = Binding.issue(person.key, handle="farmer", host=authority_of(relay.url), now_ms=NOW_MS)
    record = AccountRecord.issue(
        person.key,
        binding=binding,
        device_list=person.device_list,
        recovery_file=file,
        fetch_key=fetch_key(code),
        now_ms=NOW_MS,
    )
    async with users(relay.url, 1) as (user,):
        async with refused("auth"):
            await user.relay.directory_put_account(record.encoded, recovery_file=b"another")
        async with refused("auth"):
            await user.relay.directory_put_account(record.encoded)  # it names a file that the relay does not have
        await user.relay.directory_put_account(record.encoded, recovery_file=file)
        open_to_all = await user.relay.directory_get(handle="farmer")
        assert open_to_all is not None
        assert open_to_all.recovery_file is None
        assert await user.relay.directory_get(handle="farmer", fetch_key=bytes(32)) is None
        with_key = await user.relay.directory_get(handle="farmer", fetch_key=fetch_key(code))
        assert with_key is not None
        assert with_key.recovery_file == file
        again = AccountRecord.reissue(
            person.key, binding=binding, device_list=person.device_list, hashes=record.hashes, now_ms=NOW_MS + 1
        )
        await user.relay.directory_put_account(again.encoded)  # keeps the stored file
        kept = await user.relay.directory_get(handle="farmer", fetch_key=fetch_key(code))
        assert kept is not None
        assert kept.recovery_file == file


async def test_a_device_record_counts_only_on_its_own_mailbox_and_when_listed(relay: RunningRelay) -> None:
    person, mallory = Person("farmer"), Person("mallory")
    async with device_online(relay, person.primary, 1) as phone, device_online(relay, mallory.primary, 2) as thief:
        async with refused("auth"):  # no account record yet
            await phone.relay.directory_put_device(phone.mailbox, device_record(person.primary, relay.url).encoded)
        await phone.relay.directory_put_account(record_of(person, relay).encoded)
        await thief.relay.directory_put_account(record_of(mallory, relay).encoded)
        await phone.relay.directory_put_device(phone.mailbox, device_record(person.primary, relay.url, at=5).encoded)
        stolen = replace(mallory.primary, mailbox=person.primary.mailbox)
        async with refused("auth"):  # a foreign mailbox: dropping the device would delete it
            await thief.relay.directory_put_device(thief.mailbox, device_record(stolen, relay.url).encoded)
        async with refused("stale"):
            await phone.relay.directory_put_device(phone.mailbox, device_record(person.primary, relay.url).encoded)
        async with refused("auth"):
            await phone.relay.directory_put_device(
                phone.mailbox, device_record(person.primary, "https://relay.example", at=9).encoded
            )


async def test_a_list_without_a_device_ends_its_record_mailbox_packages_and_messages(relay: RunningRelay) -> None:
    person = Person("farmer")
    pc_device = person.link()
    async with (
        device_online(relay, person.primary, 1) as phone,
        device_online(relay, pc_device, 2) as pc,
        users(relay.url, 1) as (alice,),
    ):
        first = Person("farmer")
        await phone.relay.directory_put_account(record_of(first, relay).encoded)
        await phone.relay.directory_put_account(record_of(person, relay, at=1).encoded)
        await pc.relay.directory_put_device(pc.mailbox, device_record(pc_device, relay.url).encoded)
        pc.detach()
        await until(lambda: relay.relay.services.mailboxes.cached(pc.mailbox).socket is None)  # type: ignore[union-attr]
        alice.send(pc)
        await until(lambda: relay.counters["held_now"] == 1)
        person.unlink(pc_device)
        await phone.relay.directory_put_account(record_of(person, relay, at=2).encoded)
        await until(lambda: relay.counters["held_now"] == 0)
        answer = await alice.relay.directory_get(account_id=person.account_id)
        assert answer is not None
        assert answer.device_records == ()
        mid = alice.send(pc)
        await until(lambda: alice.told.failures == [(mid, "token", 0)])


async def test_disclosure_lists_all_there_is_about_an_account(relay: RunningRelay) -> None:
    person = Person("farmer")
    async with device_online(relay, person.primary, 1) as phone:
        await phone.relay.directory_put_account(record_of(person, relay).encoded)
        await phone.relay.directory_put_device(phone.mailbox, device_record(person.primary, relay.url).encoded)
        await phone.relay.key_packages_put(phone.mailbox, [b"package"])
    await relay.stop()
    told = json.loads(await disclose(relay.path, "farmer", RelayClock()))
    assert told["account_id"] == person.account_id.hex()
    assert told["devices"][0]["mailbox"] == phone.mailbox.hex()
    assert told["devices"][0]["key_packages"] == [b"package".hex()]
    assert len(told["devices"][0]["token_hashes"]) == 1
    assert phone.token.hex() not in json.dumps(told["devices"][0]["token_hashes"])
    by_id = json.loads(await disclose(relay.path, person.account_id.hex(), RelayClock()))
    assert by_id == told
    await relay.start_again()


# --- rendezvous -----------------------------------------------------------------------------------------------------


async def test_a_slot_is_written_once_and_read_by_who_waits(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (pc, phone):
        meeting = pc.random(16)
        assert await phone.relay.rendezvous_get(meeting, 1) is None
        waiting = asyncio.create_task(phone.relay.rendezvous_get(meeting, 1, wait_s=20))
        await pc.relay.rendezvous_put(meeting, 1, b"blob 1")
        assert await waiting == b"blob 1"
        await pc.relay.rendezvous_put(meeting, 1, b"blob 1")
        async with refused("taken"):
            await phone.relay.rendezvous_put(meeting, 1, b"another")
        await relay.restart()
        assert await phone.relay.rendezvous_get(meeting, 1) == b"blob 1"
        await phone.relay.rendezvous_put(meeting, 2, b"blob 2")


async def test_a_rendezvous_opens_with_slot_one_and_dies(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (pc, phone):
        meeting, other = pc.random(16), pc.random(16)
        async with refused("expired"):
            await phone.relay.rendezvous_put(meeting, 2, b"nobody opened it")
        for each in (meeting, other):
            await pc.relay.rendezvous_put(each, 1, b"blob 1")
        await pc.relay.rendezvous_put(other, 5, b"blob 5")
        assert await phone.relay.rendezvous_get(other, 5) == b"blob 5"
        relay.clock.advance(61)
        assert await phone.relay.rendezvous_get(other, 5) is None  # complete: gone a minute later
        relay.clock.advance(241)
        async with refused("expired"):
            await phone.relay.rendezvous_put(meeting, 2, b"too late")
        await phone.relay.rendezvous_put(meeting, 3, b"still open for what has begun")
        relay.clock.advance(600)
        await relay.relay.expire()
        assert await phone.relay.rendezvous_get(meeting, 1) is None
        async with refused("expired"):
            await phone.relay.rendezvous_put(meeting, 4, b"dead")


# --- limits ---------------------------------------------------------------------------------------------------------


async def test_introduction_tokens_have_a_rate(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, takes_per_token=2)
    async with running_relay(tmp_path / "relay", limits=limits) as relay, users(relay.url, 2) as (alice, bob):
        intro = alice.random(32)
        await bob.relay.token_put(bob.mailbox, [(intro, TOKEN_INTRO), (bob.random(32), TOKEN_NORMAL)])
        await bob.relay.key_packages_put(bob.mailbox, [], last_resort=b"last")
        for _ in range(2):
            await alice.relay.key_packages_take(bob.mailbox, intro)
        third = asyncio.create_task(alice.relay.key_packages_take(bob.mailbox, intro))
        await until(lambda: relay.counters["rate_fail"] == 1)
        third.cancel()
        await asyncio.gather(third, return_exceptions=True)
