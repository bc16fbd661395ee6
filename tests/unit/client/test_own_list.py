"""The own signed list: stored before it is published, never signed twice, adopted once it is out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from byre.client.context import FORK, FORK_ACCEPTED
from byre.client.directory import Directory
from byre.client.events import DeviceRevoked, DevicesChanged
from byre.client.own_list import RENEW_AFTER_MS, OwnList
from byre.client.own_record import Witness, next_issue, was_kept
from byre.client.peers import Peers
from byre.client.registration import Registration, read_recovery, write_recovery
from byre.errors import EnvironmentFault, InternalBug, PeerError, UsageError
from byre.identity.records import AccountRecord
from byre.store import OwnDeviceRow, Transaction
from tests.fakes.account_desk import AccountDesk, answer_of
from tests.fakes.delivery_context import DeliveryContext
from tests.fakes.identities import Person


class Bench:
    def __init__(self, around: DeliveryContext) -> None:
        self.person = Person("anna")
        self.pc = self.person.link()
        self.desk = AccountDesk(around, self.person)
        context = self.desk.context
        around.store.now(lambda tx: write_recovery(tx, b"file", b"k" * 32))
        around.store.now(lambda tx: tx.own_devices.put(OwnDeviceRow(self.pc.id, "PC", "linked", 1)))
        registration = Registration(context, None, None)  # type: ignore[arg-type]
        self.list = OwnList(context, Directory(context, Peers(context)), registration)
        self.changes = 0
        self.list.when_changed(self._changed)

    def _changed(self) -> None:
        self.changes += 1

    @property
    def published(self) -> list[int]:
        return [AccountRecord.decode(each).device_list.version for each in self.desk.relay.published]

    def stored(self) -> list[tuple[int, bool]]:
        rows = self.desk.around.store.now(lambda tx: tx.lists.since(self.person.account_id, 0))
        return [(row.version, row.is_published) for row in rows]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    around = DeliveryContext(tmp_path)
    yield Bench(around)
    await around.close()


async def test_a_device_goes_with_the_next_list_and_everybody_hears_of_it(bench: Bench) -> None:
    await bench.list.publish_without([bench.pc.id])
    assert (bench.published, bench.desk.own.device_list.version, bench.changes) == ([3], 3, 1)
    assert bench.desk.around.told == [DeviceRevoked(bench.pc.id.hex())]  # type: ignore[arg-type]
    row = bench.desk.around.store.now(lambda tx: tx.own_devices.get(bench.pc.id))
    assert row is not None
    assert row.removed_at is not None
    await bench.list.publish_without([bench.pc.id])  # nobody is left to go
    assert bench.published == [3]


async def test_what_was_signed_and_not_published_is_published_and_not_signed_again(bench: Bench) -> None:
    bench.desk.is_away()
    with pytest.raises(EnvironmentFault):
        await bench.list.publish_without([bench.pc.id])
    assert (bench.stored(), bench.desk.own.device_list.version) == ([(2, True), (3, False)], 2)
    signed = bench.desk.around.store.now(lambda tx: tx.lists.since(bench.person.account_id, 3))[0]
    bench.desk.relay.fault = None
    await bench.list.resume()
    assert (bench.published, bench.stored()) == ([3], [(2, True), (3, True)])
    assert bench.desk.own.device_list.hash == signed.hash


async def test_an_old_list_is_renewed_and_a_young_one_is_not(bench: Bench) -> None:
    await bench.list.resume()
    assert bench.published == []
    bench.desk.around.clock.advance(RENEW_AFTER_MS / 1000 + 1)
    await bench.list.resume()
    assert (bench.published, len(bench.desk.own.device_list.devices)) == ([3], 2)


async def test_a_list_that_does_not_follow_is_never_published(bench: Bench) -> None:
    stranger = Person("anna")
    with pytest.raises(InternalBug):
        await bench.list.publish(stranger.device_list.renewed(stranger.key, 1).renewed(stranger.key, 2))
    assert bench.published == []
    await bench.list.publish(bench.desk.own.device_list)  # not newer: nothing to do
    assert (bench.published, bench.changes) == ([], 0)


async def test_only_newer_lists_are_taken_from_elsewhere(bench: Bench) -> None:
    older = bench.desk.own.device_list
    newer = bench.person.unlink(bench.pc)
    bench.list.learn(newer)
    await bench.desk.around.settle()
    bench.list.learn(older)
    await bench.desk.around.settle()
    assert (bench.desk.own.device_list.version, bench.changes) == (3, 1)


async def test_the_directory_tells_who_is_the_phone(bench: Bench) -> None:
    bench.desk.relay.entries[bench.person.account_id.hex()] = answer_of(bench.person, bench.person.primary, bench.pc)
    bench.desk.around.store.now(lambda tx: tx.own_devices.put(OwnDeviceRow(bench.person.primary.id, "", "linked", 1)))
    await bench.list.refresh()
    rows = bench.desk.around.store.now(lambda tx: tx.own_devices.all())
    assert {row.device_id: row.role for row in rows} == {bench.person.primary.id: "primary", bench.pc.id: "linked"}
    assert bench.desk.around.told == [DevicesChanged()]
    await bench.list.refresh()
    assert bench.desk.around.told == [DevicesChanged()]  # what is known is no news


async def test_a_directory_that_holds_lists_back_is_not_believed(bench: Bench) -> None:
    bench.desk.relay.entries[bench.person.account_id.hex()] = answer_of(bench.person)
    await bench.list.publish_without([bench.pc.id])
    with pytest.raises(PeerError) as caught:
        await bench.list.refresh()
    assert caught.value.code == "list_rollback"


async def test_a_fork_is_shown_and_accepted_once(bench: Bench) -> None:
    async def refused(work: Any) -> str:
        with pytest.raises(UsageError) as caught:
            await work
        return caught.value.code

    assert list(await bench.list.forked_lists()) == []
    assert await refused(bench.list.accept_fork()) == "wrong_state"

    def fork(tx: Transaction) -> None:
        tx.settings.put(FORK, 2)

    bench.desk.around.store.now(fork)
    (shown,) = await bench.list.forked_lists()
    assert (shown.version, shown.is_ours, len(shown.device_ids)) == (2, True, 2)
    await bench.list.accept_fork()
    assert bench.desk.around.store.now(lambda tx: (tx.settings.get(FORK), tx.settings.get(FORK_ACCEPTED))) == (None, 2)


async def test_a_primary_without_a_recovery_file_is_a_bug(bench: Bench) -> None:
    assert bench.desk.around.store.now(read_recovery) == (b"file", b"k" * 32)
    bench.desk.around.store.now(lambda tx: tx.settings.delete("engine.recovery"))
    with pytest.raises(InternalBug):
        await bench.list.publish_without([bench.pc.id])


async def test_the_directory_s_record_of_this_device_tells_of_older_copies(bench: Bench) -> None:
    entries, own = bench.desk.relay.entries, bench.desk.own
    entries[bench.person.account_id.hex()] = answer_of(bench.person, bench.person.primary, bench.pc)
    assert await bench.list.look() is Witness.AGREES
    issued = bench.desk.around.store.now(lambda tx: next_issue(tx, own.device_id, 2**45))
    bench.desk.around.store.now(lambda tx: was_kept(tx, own.device_id, issued))
    assert await bench.list.look() is Witness.RELAY_IS_OLD
    entries[bench.person.account_id.hex()] = answer_of(bench.person, bench.pc)
    assert await bench.list.look() is Witness.RELAY_IS_OLD
    bench.person.unlink(bench.person.primary)
    entries[bench.person.account_id.hex()] = answer_of(bench.person, bench.pc)
    assert await bench.list.look() is Witness.AGREES  # the list lacks it: its record went with it
