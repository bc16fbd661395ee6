"""Rooms, members, drafts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.errors import InternalBug
from byre.store import MemberRow, Transaction
from tests.unit.store.profile import ALICE, BOB, LAPTOP, NOW, PHONE, room, text
from tests.unit.store.test_wipes import JOURNAL


def test_rooms_are_listed_by_activity_without_hidden_ones(tx: Transaction) -> None:
    first = tx.rooms.add(room(1, title="하나"))
    second = tx.rooms.add(room(2, last_activity=NOW + 5))
    third = tx.rooms.add(room(3, is_hidden=True))
    assert [row.id for row in tx.rooms.all()] == [second, first]
    assert [row.id for row in tx.rooms.all(with_hidden=True)] == [second, third, first]
    assert tx.rooms.get(bytes([1]) * 32) == tx.rooms.by_number(first) == room(1, id=first, title="하나")
    assert tx.rooms.get(b"?") is None
    assert [row.id for row in tx.rooms.of_kind("group")] == [first, second, third]
    assert [line.id for line in tx.rooms.listed()] == [second, first]
    fourth = tx.rooms.add(room(4))
    assert [line.id for line in tx.rooms.listed()] == [second, fourth, first]
    assert [row.id for row in tx.rooms.all()] == [second, fourth, first]


def test_the_canonical_direct_room_comes_first(tx: Transaction) -> None:
    for number in (2, 1):
        tx.rooms.add(room(number, kind="direct", peer_account=BOB))
    tx.rooms.add(room(3, kind="group", peer_account=BOB))
    assert [row.group_id[0] for row in tx.rooms.direct_with(BOB)] == [1, 2]


def test_columns_are_changed_by_name(tx: Transaction) -> None:
    number = tx.rooms.add(room())
    tx.rooms.change(number, state="left", title="떠남")
    assert tx.rooms.by_number(number) == room(id=number, state="left", title="떠남")
    for columns in ({}, {"id": 5}, {"nonsense": 1}, {"title = '' --": 1}):
        with pytest.raises(InternalBug):
            tx.rooms.change(number, **columns)


def test_each_counter_is_given_out_once(tx: Transaction) -> None:
    number = tx.rooms.add(room())
    assert [tx.rooms.take_counter(number) for _ in range(3)] == [0, 1, 2]
    assert [tx.rooms.take_counter(number, 4), tx.rooms.take_counter(number)] == [3, 7]
    with pytest.raises(InternalBug):
        tx.rooms.take_counter(99)


def test_reading_moves_forward_only(tx: Transaction) -> None:
    number = tx.rooms.add(room())
    rows = [tx.messages.add(text(n, "글", in_room=number, at=n)) for n in range(5)]
    tx.messages.add(text(9, "own", in_room=number, at=9, own=True))
    tx.messages.add(text(10, "", in_room=number, at=10, kind="system"))
    positions = [row.id for row in rows if row is not None]
    stored = tx.rooms.by_number(number)
    assert stored is not None
    assert stored.unread == 5
    assert tx.rooms.mark_read(number, positions[2])
    assert not tx.rooms.mark_read(number, positions[1])
    stored = tx.rooms.by_number(number)
    assert stored is not None
    assert (stored.unread, stored.read_up_to) == (2, positions[2])


def test_a_refused_room_is_deleted_with_what_hangs_on_it(tx: Transaction) -> None:
    number = tx.rooms.add(room())
    tx.members.replace(number, [MemberRow(number, PHONE, ALICE, 0, b"")])
    tx.drafts.put(number, "x", NOW)
    tx.rooms.delete(number)
    assert tx.members.of_room(number) == []
    assert tx.drafts.get(number) == ""


def test_members_are_replaced_and_stay_heard(tx: Transaction) -> None:
    number = tx.rooms.add(room())
    alice = MemberRow(number, PHONE, ALICE, 0, b"address", is_admin=True)
    bob = MemberRow(number, LAPTOP, BOB, 1, b"address")
    tx.members.replace(number, [bob, alice])
    tx.members.heard(number, LAPTOP, NOW)
    tx.members.heard(number, LAPTOP, NOW - 5)
    tx.members.replace(number, [replace(bob, leaf=2), replace(alice, leaf=1)])
    assert tx.members.of_room(number) == [replace(alice, leaf=1), replace(bob, leaf=2, heard_at=NOW)]
    assert tx.members.accounts() == {number: {ALICE: True, BOB: False}}
    assert tx.members.rooms_of(BOB) == [number]
    assert tx.members.get(number, b"?" * 16) is None
    tx.members.replace(number, [replace(alice, is_admin=False), replace(bob, account_id=ALICE, is_admin=True)])
    assert tx.members.accounts() == {number: {ALICE: True}}
    tx.members.replace(number, [alice])
    assert tx.members.rooms_of(BOB) == []


def test_a_device_that_was_listed_out_is_marked_everywhere(tx: Transaction) -> None:
    numbers = [tx.rooms.add(room(n)) for n in (1, 2)]
    for number in numbers:
        tx.members.replace(number, [MemberRow(number, LAPTOP, BOB, 0, b"")])
    assert sorted(tx.members.set_revoked(BOB, LAPTOP)) == numbers
    assert all(row.is_revoked for number in numbers for row in tx.members.of_room(number))
    assert tx.members.set_revoked(BOB, PHONE) == []


def test_an_empty_draft_is_none(tx: Transaction) -> None:
    number = tx.rooms.add(room())
    tx.drafts.put(number, "쓰다 만", NOW)
    tx.drafts.put(number, "쓰다 만 글", NOW)
    assert tx.drafts.get(number) == "쓰다 만 글"
    tx.drafts.put(number, "", NOW)
    assert tx.drafts.get(number) == ""
    assert tx.drafts.all() == {}


def test_last_messages_and_drafts_come_for_all_rooms_at_once(tx: Transaction) -> None:
    first, second, hidden = (tx.rooms.add(room(number)) for number in (1, 2, 3))
    for number in (first, hidden):
        for at in range(3):
            tx.messages.add(text(10 * number + at, f"글 {number}/{at}", in_room=number, at=10 * number + at))
    tx.wipes.begin(JOURNAL, {hidden: 0})
    tx.drafts.put(second, "쓰다 만 글", NOW)
    shown = tx.rooms.by_number(first)
    assert shown is not None
    assert shown.last_message is not None
    assert tx.rooms.last_messages() == {shown.last_message: tx.messages.at(shown.last_message)}
    assert tx.drafts.all() == {second: "쓰다 만 글"}
