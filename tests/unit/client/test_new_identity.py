"""Which devices a restored account keeps: the lost phone never, whatever the relay withholds."""

from __future__ import annotations

from byre.client.new_identity import linked_devices, new_identity, restored_identity
from byre.identity.certificate import DeviceRole
from byre.identity.device_list import DeviceList, ListedDevice
from byre.identity.directory_entry import DirectoryEntry
from byre.identity.handle import Address
from byre.identity.records import AccountRecord, DeviceRecord
from tests.fakes.identities import HOST, NOW_MS, RELAY, Device, Person, SeededRandom


def record_of(device: Device) -> DeviceRecord:
    return DeviceRecord.issue(
        device.key,
        certificate=device.certificate,
        relay_url=RELAY,
        mailbox_id=device.mailbox.mailbox_id,
        introduction_token=device.token,
        now_ms=NOW_MS,
    )


def entry_of(person: Person, lists: list[DeviceList], *with_record: Device) -> DirectoryEntry:
    record = AccountRecord.issue(person.key, binding=person.binding, device_list=person.device_list, now_ms=NOW_MS)
    return DirectoryEntry(record, tuple(lists), tuple(record_of(device) for device in with_record))


def kept(entry: DirectoryEntry) -> set[bytes]:
    return {listed.device_id for listed in linked_devices(entry)}


def test_a_new_account_lists_its_one_primary() -> None:
    own = new_identity(Address("cow", HOST), RELAY, "Cow", random=SeededRandom("new"), now_ms=NOW_MS)
    assert own.is_primary
    assert own.is_listed
    assert own.device_list.version == 1
    assert (own.handle, own.host, own.name) == ("cow", HOST, "Cow")


def test_a_restored_account_drops_the_lost_phone_and_keeps_the_pcs() -> None:
    cow = Person("cow")
    lists = [cow.device_list]
    pc = cow.link()
    lists.append(cow.device_list)
    own = restored_identity(
        entry_of(cow, lists, cow.primary, pc), cow.key, RELAY, random=SeededRandom("new"), now_ms=NOW_MS
    )
    assert own.device_list.version == 3
    assert own.device_list.previous == cow.device_list.hash
    assert {entry.device_id for entry in own.device_list.devices} == {pc.id, own.device_id}
    assert own.certificate.role is DeviceRole.PRIMARY


def test_records_that_the_relay_withholds_change_nothing() -> None:
    cow = Person("cow")
    lists = [cow.device_list]
    pc = cow.link()
    lists.append(cow.device_list)
    assert kept(entry_of(cow, lists)) == {pc.id}
    assert kept(entry_of(cow, lists, pc)) == {pc.id}


def test_a_second_restore_drops_the_phone_of_the_first() -> None:
    cow = Person("cow")
    lists = [cow.device_list]
    pc = cow.link()
    lists.append(cow.device_list)
    second = Person("second").primary
    cow.device_list = DeviceList.issue(
        cow.key,
        devices=[ListedDevice.of(pc.certificate), ListedDevice(second.id, second.certificate.hash)],
        previous=cow.device_list,
        now_ms=NOW_MS,
    )
    lists.append(cow.device_list)
    assert kept(entry_of(cow, lists)) == {pc.id}


def test_without_the_whole_chain_only_records_count() -> None:
    cow = Person("cow")
    pc, unknown = cow.link(), cow.link()
    assert kept(entry_of(cow, [cow.device_list], cow.primary, pc)) == {pc.id}
    assert unknown.id not in kept(entry_of(cow, [cow.device_list]))
