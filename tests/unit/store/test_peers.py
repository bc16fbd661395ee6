"""Other accounts and signed lists."""

from __future__ import annotations

from dataclasses import replace

from byre.store import DeviceRecordRow, MemberRow, PeerRow, SignedListRow, Transaction
from tests.unit.store.profile import ALICE, BOB, LAPTOP, NOW, PHONE, room

BOB_ROW = PeerRow(BOB, b"k" * 32, "bob", "relay.test", NOW, name="밥")


def test_peers_by_id_and_handle(tx: Transaction) -> None:
    other = replace(BOB_ROW, account_id=ALICE, added_at=NOW + 1)
    tx.peers.put(BOB_ROW)
    tx.peers.put(other)
    assert tx.peers.get(BOB) == BOB_ROW
    assert tx.peers.by_handle("bob", "relay.test") == [other, BOB_ROW]
    assert tx.peers.by_handle("bob", "elsewhere") == []
    assert tx.peers.all() == [BOB_ROW, other]


def test_peers_that_are_read_together_are_what_get_gives(tx: Transaction) -> None:
    many = [replace(BOB_ROW, account_id=bytes([number]) * 32, name=f"{number}") for number in range(40)]
    for row in many:
        tx.peers.put(row)
    first = tx.peers.get(many[0].account_id)
    tx.peers.read([row.account_id for row in [*many, *many]] + [BOB])
    assert tx.peers.get(many[0].account_id) is first
    assert [tx.peers.get(row.account_id) for row in many] == many
    assert tx.peers.get(BOB) is None
    tx.peers.put(BOB_ROW)
    tx.peers.read([BOB])
    assert tx.peers.get(BOB) == BOB_ROW


def test_contacts_and_trust(tx: Transaction) -> None:
    assert tx.peers.get(BOB) is None
    tx.peers.put(BOB_ROW)
    assert tx.peers.contacts() == []
    assert tx.peers.get(BOB) is tx.peers.get(BOB)
    tx.peers.set_contact(BOB, True)
    assert tx.peers.get(BOB) == replace(BOB_ROW, is_contact=True)
    tx.peers.set_trust(BOB, "changed", changed_public=b"x" * 32)
    assert tx.peers.contacts() == [replace(BOB_ROW, is_contact=True, trust="changed", changed_public=b"x" * 32)]
    tx.peers.set_trust(BOB, "verified")
    assert tx.peers.get(BOB) == replace(BOB_ROW, is_contact=True, trust="verified")


def test_contacts_stand_by_name_then_handle(tx: Transaction) -> None:
    names = [("나", "a"), ("가", "b"), ("가", "a")]
    rows = [
        replace(BOB_ROW, account_id=bytes([at]) * 32, name=name, handle=handle, is_contact=True)
        for at, (name, handle) in enumerate(names)
    ]
    for row in rows:
        tx.peers.put(row)
    assert tx.peers.contacts() == rows[::-1]


def test_device_records_of_an_account(tx: Transaction) -> None:
    record = DeviceRecordRow(LAPTOP, BOB, b"record", NOW)
    tx.peers.put_device_record(record)
    tx.peers.put_device_record(replace(record, bytes=b"newer"))
    assert tx.peers.device_records(BOB) == [replace(record, bytes=b"newer")]
    other = replace(record, device_id=b"A" * 16)
    tx.peers.put_device_record(other)
    assert tx.peers.device_records(BOB) == [other, replace(record, bytes=b"newer")]
    tx.peers.delete_device_record(LAPTOP)
    assert tx.peers.device_records(BOB) == [other]


def test_lists_are_kept_and_a_fork_is_seen(tx: Transaction) -> None:
    first = SignedListRow(BOB, 1, b"h1", b"list 1", NOW)
    second = SignedListRow(BOB, 2, b"h2", b"list 2", NOW, is_published=False)
    fork = replace(second, hash=b"h2'", bytes=b"other list 2", is_published=True)
    assert tx.lists.add(first)
    assert tx.lists.add(second)
    assert not tx.lists.add(second)
    assert tx.lists.newest(BOB) == second
    assert tx.lists.newest(BOB, published_only=True) == first
    assert tx.lists.newest(ALICE) is None
    others = replace(second, account_id=ALICE)
    assert tx.lists.add(others)
    tx.lists.mark_published(BOB, 2)
    assert tx.lists.newest(ALICE) == others
    assert tx.lists.newest(ALICE, published_only=True) is None
    assert tx.lists.newest(BOB, published_only=True) == replace(second, is_published=True)
    assert tx.lists.add(fork)
    assert len(tx.lists.at(BOB, 2)) == 2
    assert [row.version for row in tx.lists.since(BOB, 2)] == [2, 2]


def test_which_device_was_told_which_name(tx: Transaction) -> None:
    number = tx.rooms.add(room())
    assert tx.peers.told(number) == {}
    tx.peers.note_told(number, [LAPTOP, PHONE], 5)
    tx.peers.note_told(number, [LAPTOP], 7)
    tx.peers.note_told(number, [LAPTOP], 6)
    assert tx.peers.told(number) == {LAPTOP: 7, PHONE: 5}
    assert tx.peers.told(number + 1) == {}


def test_rooms_where_somebody_else_has_not_heard_the_name(tx: Transaction) -> None:
    numbers = [tx.rooms.add(room(n)) for n in (1, 2, 3)]
    for number in numbers:
        own = MemberRow(room=number, device_id=PHONE, account_id=ALICE, leaf=0, address=b"", is_admin=True)
        tx.members.replace(number, [own, replace(own, device_id=LAPTOP, account_id=BOB, leaf=1)][: 1 + (number > 1)])
    tx.peers.note_told(2, [LAPTOP], 7)
    assert tx.peers.rooms_untold(ALICE, 7) == {3}
    assert tx.peers.rooms_untold(ALICE, 8) == {2, 3}
