"""Whom a wipe reaches: who is told, who may ask, and whose messages the order names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.wiping import reach
from byre.store import MemberRow, RoomRow, Transaction, WipeCertificateRow
from byre.wire.content_bodies import MOST_WATERMARKS
from byre.wire.ids import WipeId
from tests.unit.store.profile import ALICE, BOB, LAPTOP, PHONE, RUN, room, text

WIPE = WipeId(b"w" * 16)
GONE, GONE_DEVICE = b"G" * 32, b"g" * 16
OWN: Any = SimpleNamespace(account_id=ALICE, device_id=PHONE, run_id=RUN)


def begun(tx: Transaction, **columns: object) -> RoomRow:
    number = tx.rooms.add(room(1, **columns))
    tx.members.replace(
        number,
        [
            MemberRow(number, PHONE, ALICE, 0, b"", True),
            MemberRow(number, LAPTOP, ALICE, 1, b"", True),
            MemberRow(number, b"B" * 16, BOB, 2, b"", False),
        ],
    )
    found = tx.rooms.by_number(number)
    assert found is not None
    return found


def test_who_has_left_is_named_as_well(tx: Transaction) -> None:
    row = begun(tx, next_counter=4)
    tx.messages.add(text(1, "left since", account_id=GONE, device_id=GONE_DEVICE))
    tx.seen.accept(row.id, GONE_DEVICE, RUN, 6)
    tx.seen.accept(row.id, LAPTOP, RUN, 2)
    tx.seen.accept(row.id, b"?" * 16, RUN, 9)  # it greeted and never wrote: nobody knows whose it was
    (order,) = reach.orders_of(tx, row, OWN, WIPE)
    found = {(mark.account_id, mark.device_id, mark.counter) for mark in order.watermarks}
    assert found == {(GONE, GONE_DEVICE, 6), (ALICE, LAPTOP, 2), (ALICE, PHONE, 3)}


def test_of_many_senders_every_one_is_named_and_who_is_shown_first(tx: Transaction) -> None:
    row = begun(tx)
    devices = [number.to_bytes(16) for number in range(2 * MOST_WATERMARKS + 20)]
    tx.members.replace(row.id, [MemberRow(row.id, one, BOB, at, b"") for at, one in enumerate(devices)])
    for one in devices:
        tx.seen.accept(row.id, one, RUN, 1)
    tx.messages.add(text(1, "seen", account_id=BOB, device_id=devices[-1]))
    orders = reach.orders_of(tx, row, OWN, WIPE)
    assert [len(order.watermarks) for order in orders] == [MOST_WATERMARKS, MOST_WATERMARKS, 20]
    assert orders[0].watermarks[0].device_id == devices[-1]
    assert {mark.device_id for order in orders for mark in order.watermarks} == set(devices)
    assert orders[0].wipe_id == WIPE
    reach.note_untold(tx, orders, others=False)
    assert reach.untold(tx) == []
    tx.wipes.add_certificate(WipeCertificateRow(WIPE, 1, "{}", b""))  # this device's own, of the whole
    assert [order for order, _ in reach.untold(tx)] == orders
    reach.told(tx, orders[1].wipe_id)
    assert [order for order, _ in reach.untold(tx)] == [orders[0], orders[2]]


def test_the_own_other_devices_are_told_and_the_members_if_asked(tx: Transaction) -> None:
    row = begun(tx)
    assert reach.devices(tx, row, OWN, others=False) == [(ALICE, LAPTOP)]
    assert reach.devices(tx, row, OWN, others=True) == [(ALICE, LAPTOP), (BOB, b"B" * 16)]


@pytest.mark.parametrize(
    ("kind", "account", "may"),
    [
        ("direct", BOB, True),
        ("group", ALICE, True),
        ("group", BOB, False),
        ("note", ALICE, False),
        ("group", GONE, False),
    ],
)
def test_who_may_ask_the_others(tx: Transaction, kind: str, account: bytes, may: bool) -> None:
    assert reach.may_ask(tx, begun(tx, kind=kind), account) is may


def test_a_wipe_is_told_once_it_is_certified(tx: Transaction) -> None:
    row = begun(tx, next_counter=2)
    reach.note_untold(tx, reach.orders_of(tx, row, OWN, WIPE), others=True)
    assert reach.untold(tx) == []
    tx.wipes.add_certificate(WipeCertificateRow(WIPE, 1, "{}", b""))
    ((wipe, others),) = reach.untold(tx)
    assert (wipe.wipe_id, others, wipe.watermarks[0].counter) == (WIPE, True, 1)
    reach.told(tx, WIPE)
    assert reach.untold(tx) == []
