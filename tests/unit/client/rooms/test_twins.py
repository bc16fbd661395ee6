"""Which of several direct rooms with one account is the conversation, and when none of them is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from byre.client.rooms.intent_codec import stored
from byre.client.rooms.intents import AddDevices, Package
from byre.client.rooms.twins import canonical_of, direct_room, settle_twins
from byre.store import IntentRow, MemberRow, PeerRow, RoomRow, Transaction
from tests.fakes.identities import NOW_MS, Person
from tests.fakes.room_desk import RoomDesk


class Bench:
    """Anna and what she knows of her rooms with ben."""

    def __init__(self, tx: Transaction) -> None:
        self.tx, self.anna, self.ben = tx, Person("anna"), Person("ben")
        self.desk = RoomDesk(tx, self.anna)

    def room(self, name: bytes, *devices: tuple[Person, bytes], **columns: Any) -> RoomRow:
        columns = {"kind": "direct", "peer_account": self.ben.account_id, **columns}
        row = self.desk.write_room(group_id=name * 32, group_tag=name * 16, **columns)
        members = [MemberRow(row.id, device, who.account_id, at, b"") for at, (who, device) in enumerate(devices)]
        self.tx.members.replace(row.id, members)
        return row

    def both(self) -> tuple[tuple[Person, bytes], tuple[Person, bytes]]:
        return (self.anna, self.anna.primary.id), (self.ben, self.ben.primary.id)

    def loses_the_phone(self) -> tuple[Person, bytes]:
        """Ben has another device now, and anna has heard of the list."""
        device = self.ben.link()
        newest = self.ben.unlink(self.ben.primary)
        known = PeerRow(self.ben.account_id, self.ben.key.public, handle="ben", host="", added_at=NOW_MS)
        self.tx.peers.put(replace(known, list_version=newest.version, device_list=newest.encoded))
        return self.ben, device.id

    def found(self) -> bytes | None:
        row = direct_room(self.tx, self.desk.context.own, self.ben.account_id)
        return None if row is None else row.group_id[:1]

    def settle(self) -> None:
        settle_twins(self.tx, self.desk.context.own, self.ben.account_id)

    def stands_for(self, row: RoomRow) -> bytes:
        now = self.tx.rooms.by_number(row.id)
        assert now is not None
        return canonical_of(self.tx, now).group_id[:1]


def test_of_two_whole_rooms_the_lower_id_is_the_conversation(tx: Transaction) -> None:
    bench = Bench(tx)
    high, low = bench.room(b"h", *bench.both()), bench.room(b"b", *bench.both())
    bench.settle()
    assert (bench.stands_for(high), bench.stands_for(low), bench.found()) == (b"b", b"b", b"b")


@pytest.mark.parametrize("state", ["left", "removed"])
def test_a_room_that_one_is_not_in_is_no_conversation(tx: Transaction, state: str) -> None:
    bench = Bench(tx)
    gone = bench.room(b"a", *bench.both(), state=state)
    assert bench.found() is None
    bench.room(b"b", *bench.both())
    bench.settle()
    assert (bench.found(), bench.stands_for(gone)) == (b"b", b"a")  # what was left stays by itself


def test_a_room_that_the_other_has_left_gives_way_to_a_new_one(tx: Transaction) -> None:
    bench = Bench(tx)
    dead = bench.room(b"a", (bench.anna, bench.anna.primary.id))
    bench.settle()
    assert (bench.found(), bench.stands_for(dead)) == (None, b"a")
    bench.room(b"b", *bench.both())
    bench.settle()
    assert (bench.found(), bench.stands_for(dead)) == (b"b", b"b")


def test_a_device_that_the_newest_list_does_not_name_is_nobody(tx: Transaction) -> None:
    bench = Bench(tx)
    dead = bench.room(b"a", *bench.both())
    assert bench.found() == b"a"
    device = bench.loses_the_phone()
    assert bench.found() is None
    bench.room(b"b", (bench.anna, bench.anna.primary.id), device)
    bench.settle()
    assert (bench.found(), bench.stands_for(dead)) == (b"b", b"b")


def test_a_room_that_waits_for_its_first_commit_or_its_way_back_is_not_opened_twice(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.room(b"a", (bench.anna, bench.anna.primary.id))
    package = Package(bench.ben.account_id, bench.ben.primary.id, b"key", b"package")
    kind, payload = stored(AddDevices((package,)))
    tx.intents.add(IntentRow(0, b"a" * 32, kind, payload, NOW_MS, NOW_MS))
    assert bench.found() == b"a"
    tx.intents.delete_group(b"a" * 32)
    assert bench.found() is None
    bench.room(b"b", state="rejoining")
    assert bench.found() == b"b"


def test_whoever_opened_a_room_with_somebody_accepts_theirs(tx: Transaction) -> None:
    bench = Bench(tx)
    request = bench.room(b"a", *bench.both(), state="request")
    bench.settle()
    row = tx.rooms.by_number(request.id)
    assert row is not None
    assert row.state == "request"
    bench.room(b"b", (bench.anna, bench.anna.primary.id))
    bench.settle()
    row = tx.rooms.by_number(request.id)
    assert row is not None
    assert row.state == "active"
