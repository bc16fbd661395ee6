"""Own devices in own rooms: what is missing is opened once, and a device comes and goes everywhere."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.rooms.intents import AddDevices, RemoveDevices
from byre.client.rooms.own_devices import OwnDevices
from byre.errors import UsageError
from byre.identity.room_context import RoomKind
from byre.store import MemberRow, RoomRow, Transaction
from byre.wire.content_bodies import Back
from tests.fakes.identities import Person
from tests.fakes.paper_rooms import package_of
from tests.fakes.room_desk import Notes, RoomDesk


class Bench:
    def __init__(self, tx: Transaction) -> None:
        self.anna = Person("anna")
        self.desk = RoomDesk(tx, self.anna)
        self.notes: list[Any] = []
        parts: Any = Notes(self.notes)
        self.own = OwnDevices(self.desk.context, self.desk.groups, self.desk.commits, parts, parts)  # type: ignore[arg-type]

    def room(self, number: int, kind: str = "device", state: str = "active", *devices: bytes) -> RoomRow:
        row = self.desk.write_room(
            group_id=bytes([number]) * 32, group_tag=bytes([number]) * 16, kind=kind, state=state
        )
        members = [MemberRow(row.id, device, self.anna.account_id, at, b"") for at, device in enumerate(devices)]
        self.desk.tx.members.replace(row.id, members)
        return row


async def test_missing_rooms_are_opened_and_standing_ones_are_not(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.own.ensure_rooms()
    assert bench.notes == [("alone", RoomKind.DEVICE), ("alone", RoomKind.NOTE)]
    bench.notes.clear()
    bench.room(1)
    bench.room(2, "note", "removed")
    await bench.own.ensure_rooms()
    assert bench.notes == [("alone", RoomKind.NOTE)]


async def test_a_lost_room_is_founded_again_only_where_nobody_else_has_it(tx: Transaction) -> None:
    bench = Bench(tx)
    other = bench.anna.link()
    lost = bench.room(1, "device", "rejoining", bench.anna.primary.id)
    bench.room(2, "note", "rejoining", bench.anna.primary.id, other.id)
    await bench.own.ensure_rooms()
    assert bench.notes == [("again", lost)]


async def test_the_newest_active_device_room_counts(tx: Transaction) -> None:
    bench = Bench(tx)
    assert await bench.own.device_room() is None
    for number, state in ((1, "active"), (2, "active"), (3, "removed")):
        bench.room(number, state=state)
    assert await bench.own.device_room() == bytes([2]) * 32


async def test_without_a_device_room_nobody_is_added_and_nobody_is_told(tx: Transaction) -> None:
    bench = Bench(tx)
    with pytest.raises(UsageError) as caught:
        await bench.own.add_to_device_room(b"d" * 16, b"")
    assert caught.value.code == "wrong_state"
    assert not await bench.own.is_in_device_room(b"d" * 16)
    await bench.own.send(Back())
    assert bench.notes == []
    bench.room(1)
    await bench.own.send(Back())
    assert bench.notes == [("content", bytes([1]) * 32, Back(), True)]


async def test_one_device_is_told_what_only_it_asked_for(tx: Transaction) -> None:
    bench = Bench(tx)
    laptop, study = bench.anna.link(), bench.anna.link()
    row = bench.room(1)
    here, there = SimpleNamespace(device_id=laptop.id), SimpleNamespace(device_id=study.id)
    room: Any = SimpleNamespace(recipients=lambda: [here, there])
    for to, expected in ((study.id, (Back(), [there])), (b"g" * 16, None)):
        await bench.own.send(Back(), to=to)
        word, group_id, choose = bench.notes.pop()
        assert (word, group_id) == ("chosen", row.group_id)
        assert choose(tx, row, room) == expected
    assert bench.notes == []


async def test_a_device_is_added_as_its_package_says(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.room(1)
    device = bench.anna.link()
    leaf = package_of(bench.anna, device).key_package
    await bench.own.add_to_device_room(device.id, leaf.encoded)
    ((group_id, intent),) = bench.desk.commits.brought_about
    assert group_id == bytes([1]) * 32
    assert isinstance(intent, AddDevices)
    (package,) = intent.packages
    assert (package.account_id, package.device_id) == (bench.anna.account_id, device.id)
    assert (package.package_key, package.key_package) == (leaf.leaf_node.encryption_key, leaf.encoded)


async def test_rooms_that_lack_a_device_are_joined_ones_that_people_share(tx: Transaction) -> None:
    bench = Bench(tx)
    device = bench.anna.link().id
    for number, (kind, state, members) in enumerate(
        [
            ("group", "active", ()),
            ("direct", "active", ()),
            ("note", "active", ()),
            ("device", "active", ()),
            ("group", "request", ()),
            ("group", "left", ()),
            ("group", "active", (device,)),
        ]
    ):
        bench.room(number, kind, state, *members)
    assert {each[0] for each in await bench.own.rooms_lacking(device)} == {0, 1, 2}


async def test_a_removed_device_goes_from_every_room_that_it_is_in(tx: Transaction) -> None:
    bench = Bench(tx)
    device = bench.anna.link()
    for number, state in enumerate(("active", "request", "left")):
        bench.room(number, "group", state, bench.anna.primary.id, device.id)
    bench.room(7, "group", "active", bench.anna.primary.id)
    bench.desk.context.own.device_list = signed = bench.anna.unlink(device)
    await bench.own.remove(device.id)
    expected = RemoveDevices(bench.anna.account_id, frozenset({device.id}), signed.encoded)
    assert {(group_id[0], intent == expected, delay) for group_id, intent, delay in bench.desk.commits.added} == {
        (0, True, 0),
        (1, True, 0),
    }
    assert [m.device_id for m in tx.members.of_room(1) if m.is_revoked] == [device.id]
