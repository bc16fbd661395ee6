"""What relays must know of an account and a device: each step may be repeated, and none comes before what it needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.mailbox import TokenUse
from byre.client.own_record import last_kept
from byre.client.registration import Registration, read_recovery, write_recovery
from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault, InternalBug, PeerError
from byre.identity.records import AccountRecord, DeviceRecord
from tests.fakes.account_desk import AccountDesk
from tests.fakes.delivery_context import DeliveryContext
from tests.fakes.identities import NOW_MS, Device, Person
from tests.refusals import refused

FILE, FETCH = b"a sealed file", b"k" * 32


class Bench:
    """One device; `steps` is what the relay and the other services were asked for, in order."""

    def __init__(self, around: DeliveryContext, person: Person, device: Device | None = None) -> None:
        self.desk, self.steps = AccountDesk(around, person, device), list[Any]()
        self.fails_at = ""
        token = Secret((device or person.primary).token)
        around.own = replace(self.desk.own, introduction_token=token)  # type: ignore[assignment]
        relay: Any = self.desk.relay
        relay.mailbox_new = self._noted("mailbox")
        relay.directory_put_device = self._noted("device record")
        around.network.attach = lambda url, mailbox: self.steps.append(("attach", mailbox.mailbox_id))  # type: ignore[attr-defined]
        tokens: Any = SimpleNamespace(register=self._noted("tokens"), register_again=self._noted("tokens again"))
        packages: Any = SimpleNamespace(publish=self._noted("packages"), renew=self._noted("renew packages"))
        self.registration = Registration(self.desk.context, tokens, packages)

    def _noted(self, name: str) -> Any:
        async def noted(*arguments: Any, **options: Any) -> None:
            if self.fails_at == name:
                raise EnvironmentFault("away", code="relay_unreachable")
            self.steps.append((name, *arguments, *options.values()))

        return noted

    @property
    def names(self) -> list[str]:
        return [step[0] for step in self.steps]


class Directory:
    """One account's record, with the relay's rule for a later one; `shown` is what it shows instead."""

    def __init__(self, bench: Bench) -> None:
        self.account_record, self.shown, self.puts = b"", b"", 0
        relay: Any = bench.desk.relay
        relay.directory_put_account, relay.directory_get = self._put, self._get

    async def _put(self, record: bytes, *, recovery_file: bytes | None = None) -> None:
        self.puts += 1
        try:
            AccountRecord.decode(record).expect_successor_of(AccountRecord.decode(self.account_record))
        except PeerError:
            raise PeerError("The relay refused.", code="relay_stale") from None
        self.account_record = record

    async def _get(self, *, account_id: bytes) -> Any:
        return SimpleNamespace(account_record=self.shown or self.account_record)


def account_record(person: Person, issued_at_ms: int) -> bytes:
    record = AccountRecord.issue(
        person.key,
        binding=person.binding,
        device_list=person.device_list,
        recovery_file=FILE,
        fetch_key=FETCH,
        now_ms=issued_at_ms,
    )
    return record.encoded


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[DeliveryContext]:
    surroundings = DeliveryContext(tmp_path)
    yield surroundings
    await surroundings.close()


async def test_the_mailbox_is_attached_once_the_relay_has_it(around: DeliveryContext) -> None:
    bench = Bench(around, Person("anna"))
    bench.fails_at = "mailbox"
    assert await refused(bench.registration.register_mailbox()) == "relay_unreachable"
    assert bench.steps == []
    bench.fails_at = ""
    await bench.registration.register_mailbox()
    assert bench.steps == [("mailbox", bench.desk.own.mailbox), ("attach", bench.desk.own.mailbox.mailbox_id)]


async def test_a_relay_that_lost_everything_gets_tokens_before_packages(around: DeliveryContext) -> None:
    bench = Bench(around, Person("anna"))
    await bench.registration.register_anew()
    assert bench.names == ["mailbox", "attach", "tokens again", "packages"]
    assert bench.steps[-1] == ("packages", 0, True, True)  # what the relay may still hand out is replaced


async def test_the_account_s_record_names_its_list_and_its_recovery_file(around: DeliveryContext) -> None:
    person = Person("anna")
    bench = Bench(around, person)
    assert await refused(bench.registration.publish_account(person.device_list)) == "internal"  # nothing to name yet
    around.store.now(lambda tx: write_recovery(tx, FILE, FETCH))
    person.link()
    await bench.registration.publish_account(person.device_list)
    (published,) = bench.desk.relay.published
    record = AccountRecord.decode(published)
    record.expect_recovery_file(FILE)
    assert record.is_fetch_key(FETCH)
    assert (record.device_list.version, bench.desk.relay.recovery_files) == (2, [FILE])


@pytest.mark.parametrize("ahead_ms", [0, 1, 365 * 24 * 3600 * 1000])
async def test_a_record_from_a_clock_that_was_ahead_keeps_none_from_taking_its_place(
    around: DeliveryContext, ahead_ms: int
) -> None:
    person = Person("anna")
    bench = Bench(around, person)
    around.store.now(lambda tx: write_recovery(tx, FILE, FETCH))
    directory = Directory(bench)
    directory.account_record = account_record(person, NOW_MS + ahead_ms)
    person.link()
    await bench.registration.publish_account(person.device_list)
    stored = AccountRecord.decode(directory.account_record)
    assert stored.device_list == person.device_list
    assert stored.issued_at_ms == NOW_MS + (ahead_ms + 1 if ahead_ms else 0)


async def test_what_is_stale_for_another_reason_is_refused(around: DeliveryContext) -> None:
    person = Person("anna")
    bench = Bench(around, person)
    around.store.now(lambda tx: write_recovery(tx, FILE, FETCH))
    directory = Directory(bench)
    before = person.device_list
    person.link()
    directory.account_record = account_record(person, NOW_MS - 1)
    assert await refused(bench.registration.publish_account(before)) == "relay_stale"
    assert directory.puts == 1
    directory.account_record, directory.shown = account_record(person, NOW_MS + 1), b"another account's, or none"
    assert await refused(bench.registration.publish_account(before)) == "newer_version"
    directory.shown = account_record(Person("ben"), NOW_MS + 5)
    assert await refused(bench.registration.publish_account(before)) == "relay_stale"


async def test_a_pc_publishes_no_account(around: DeliveryContext) -> None:
    person = Person("anna")
    bench = Bench(around, person, person.link())
    around.store.now(lambda tx: write_recovery(tx, FILE, FETCH))
    assert await refused(bench.registration.publish_account(person.device_list)) == "not_allowed"
    assert bench.desk.relay.published == []


async def test_the_introduction_token_is_known_before_the_record_that_names_it(around: DeliveryContext) -> None:
    person = Person("anna")
    pc = person.link()
    bench = Bench(around, person, pc)
    await bench.registration.publish_device()
    assert bench.names == ["tokens", "device record", "renew packages"]
    tokens, mailbox_id, encoded = bench.steps[0][1:], *bench.steps[1][1:]
    record = DeviceRecord.decode(encoded, person.key.public)
    assert tokens == ([record.introduction_token], TokenUse.INTRODUCTION)
    assert (record.certificate.device_id, record.mailbox_id) == (pc.id, mailbox_id)
    assert around.store.now(lambda tx: last_kept(tx, pc.id)) == record.issued_at_ms
    around.clock.advance(-3600)
    await bench.registration.publish_device()  # the relay takes none that is older
    later = DeviceRecord.decode(bench.steps[4][2], person.key.public)
    assert later.issued_at_ms == record.issued_at_ms + 1
    bench.steps.clear()
    bench.fails_at = "tokens"
    assert await refused(bench.registration.publish_device()) == "relay_unreachable"
    assert bench.steps == []


async def test_the_recovery_file_is_kept_for_every_later_record(around: DeliveryContext) -> None:
    with pytest.raises(InternalBug):
        around.store.now(read_recovery)
    for file in (FILE, b"", bytes(512)):
        around.store.now(lambda tx, file=file: write_recovery(tx, file, FETCH))
        assert around.store.now(read_recovery) == (file, FETCH)
