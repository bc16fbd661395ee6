"""Orders of other devices: kept whole, one per wipe, gone when done."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from byre.client.wiping.orders import Order, add_order, bound, cover, drop_order, read_orders
from byre.store import MemberRow, RoomRow, Transaction, WipeCertificateRow
from byre.store import Watermark as StoredWatermark
from byre.wire.content_bodies import Watermark, Wipe
from byre.wire.ids import AccountId, DeviceId, GroupId, RunId, WipeId
from tests.unit.store.profile import ALICE, BOB, LAPTOP, NOW, PHONE, RUN, room

MARK = Watermark(AccountId(ALICE), DeviceId(LAPTOP), RunId(RUN), 7)
BOBS = b"B" * 16
OWN: Any = SimpleNamespace(account_id=ALICE, device_id=PHONE, run_id=RUN)
ORDER = Order(
    *(Wipe(WipeId(b"w" * 16), GroupId(bytes([1]) * 32), (MARK,)), PHONE, NOW),
    is_undoable=True,
    reply_to=ALICE,
    until=NOW,
    bounds=((1, StoredWatermark(LAPTOP, RUN, 5)),),
)
GREEDY = Wipe(
    *(WipeId(b"x" * 16), GroupId(bytes([1]) * 32)),
    tuple(
        Watermark(AccountId(ALICE), DeviceId(device), RunId(run), 1 << 62)
        for device, run in ((PHONE, RUN), (PHONE, b"earlier."), (LAPTOP, RUN), (BOBS, RUN))
    ),
)
"""All that may ever be said."""


def test_an_order_is_kept_as_it_came_and_only_once(tx: Transaction) -> None:
    assert read_orders(tx) == []
    assert add_order(tx, ORDER)
    later = replace(ORDER, is_undoable=False, due_at=NOW + 1)
    assert not add_order(tx, later)  # the phone's word takes the place of the PC's
    assert read_orders(tx) == [later]
    assert drop_order(tx, ORDER.wipe.wipe_id)
    assert not drop_order(tx, ORDER.wipe.wipe_id)
    assert read_orders(tx) == []


def test_what_is_done_is_not_ordered_again(tx: Transaction) -> None:
    tx.wipes.add_certificate(WipeCertificateRow(ORDER.wipe.wipe_id, NOW, "{}", b"signature"))
    assert not add_order(tx, ORDER)
    assert read_orders(tx) == []


def there(tx: Transaction, *, seen: int = -1, **columns: object) -> RoomRow:
    """A room with two devices of ours, and one of Bob's, of which counters up to `seen` have come."""
    number = tx.rooms.add(room(1, **columns))
    members = [(PHONE, ALICE), (LAPTOP, ALICE), (BOBS, BOB)]
    tx.members.replace(number, [MemberRow(number, *who, leaf, b"", True) for leaf, who in enumerate(members)])
    for device in (LAPTOP, BOBS):
        if seen >= 0:
            tx.seen.accept(number, device, RUN, seen)
    row = tx.rooms.by_number(number)
    assert row is not None
    return row


def covers(tx: Transaction, device: bytes, counter: int, sent_at: int) -> bool:
    return tx.seen.window(1, device, RUN).covers(counter, sent_at)


def obeyed(tx: Transaction, row: RoomRow, order: Order) -> Order:
    order = bound(tx, [row], order, OWN)
    cover(tx, [row.id], order)
    return order


def test_an_order_covers_what_it_names_and_nothing_later(tx: Transaction) -> None:
    obeyed(tx, there(tx, seen=5), ORDER)
    assert [covers(tx, LAPTOP, counter, NOW) for counter in (5, 7, 8)] == [True, True, False]
    assert not covers(tx, BOBS, 5, NOW)


def test_another_account_covers_of_others_what_was_here_or_was_said_before(tx: Transaction) -> None:
    order = replace(ORDER, wipe=GREEDY, device_id=BOBS, reply_to=BOB, is_undoable=False)
    obeyed(tx, there(tx, seen=5), order)
    assert [covers(tx, LAPTOP, *what) for what in ((5, NOW + 1), (6, NOW), (6, NOW + 1))] == [True, True, False]
    assert covers(tx, BOBS, 1 << 61, NOW + 1)  # of itself it may say what it likes


def test_a_device_silences_no_other_one_of_its_account(tx: Transaction) -> None:
    stolen = b"stolen pc of bob"
    obeyed(tx, there(tx, seen=5), replace(ORDER, wipe=GREEDY, device_id=stolen, reply_to=BOB, is_undoable=False))
    assert [covers(tx, BOBS, *what) for what in ((5, NOW + 1), (6, NOW), (6, NOW + 1))] == [True, True, False]


def test_an_own_device_covers_freely_only_what_it_says_itself(tx: Transaction) -> None:
    row = there(tx, seen=5)
    obeyed(tx, row, replace(ORDER, wipe=GREEDY, device_id=LAPTOP, reply_to=b""))
    assert covers(tx, LAPTOP, 1 << 61, NOW + 1)
    assert [covers(tx, BOBS, *what) for what in ((5, NOW + 1), (6, NOW), (6, NOW + 1))] == [True, True, False]


def test_of_ones_own_messages_an_order_covers_those_that_are_written(tx: Transaction) -> None:
    row = there(tx, next_counter=3)
    order = obeyed(tx, row, replace(ORDER, wipe=GREEDY, device_id=BOBS, reply_to=BOB))
    assert (row.id, StoredWatermark(PHONE, RUN, 2)) in order.bounds
    assert (row.id, StoredWatermark(PHONE, b"earlier.", 1 << 62)) in order.bounds  # nothing more comes in that run
    assert not covers(tx, PHONE, 3, NOW + 1)


def test_an_order_that_waits_keeps_what_was_here_when_it_came(tx: Transaction) -> None:
    row = there(tx, seen=5)
    assert add_order(tx, bound(tx, [row], replace(ORDER, wipe=GREEDY, device_id=LAPTOP, reply_to=b""), OWN))
    tx.seen.accept(row.id, BOBS, RUN, 6)
    cover(tx, [row.id], read_orders(tx)[0])
    assert [covers(tx, BOBS, counter, NOW + 1) for counter in (5, 6)] == [True, False]


def test_an_order_kept_by_an_earlier_version_covers_what_was_said_before_it_is_due(tx: Transaction) -> None:
    row = there(tx)
    add_order(tx, ORDER)
    (kept,) = tx.settings.get("wiping.orders")  # type: ignore[misc]
    tx.settings.put("wiping.orders", [{key: kept[key] for key in kept if key not in ("until", "bounds")}])
    (order,) = read_orders(tx)
    cover(tx, [row.id], order)
    assert [covers(tx, LAPTOP, *what) for what in ((7, NOW), (7, NOW + 1), (8, NOW))] == [True, False, False]
