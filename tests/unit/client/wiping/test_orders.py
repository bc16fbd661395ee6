"""Orders of other devices: kept whole, one per wipe, gone when done."""

from __future__ import annotations

from dataclasses import replace

from byre.client.wiping.orders import Order, add_order, cover, drop_order, read_orders
from byre.store import Transaction, WipeCertificateRow
from byre.wire.content_bodies import Watermark, Wipe
from byre.wire.ids import AccountId, DeviceId, GroupId, RunId, WipeId
from tests.unit.store.profile import ALICE, LAPTOP, NOW, PHONE, RUN, room

MARK = Watermark(AccountId(ALICE), DeviceId(LAPTOP), RunId(RUN), 7)
ORDER = Order(Wipe(WipeId(b"w" * 16), GroupId(bytes([1]) * 32), (MARK,)), PHONE, NOW, is_undoable=True, reply_to=ALICE)


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


def test_an_order_covers_what_it_names_and_nothing_later(tx: Transaction) -> None:
    number = tx.rooms.add(room())
    cover(tx, [number], ORDER.wipe)
    assert tx.seen.is_covered(number, LAPTOP, RUN, 7)
    assert not tx.seen.is_covered(number, LAPTOP, RUN, 8)
    assert not tx.seen.is_covered(number, PHONE, RUN, 7)
