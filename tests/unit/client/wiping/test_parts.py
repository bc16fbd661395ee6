"""Orders that name more than one message holds: parts that stand alone, and are known as one."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.wiping import parts, reach
from byre.client.wiping.orders import Order, add_order, bound, cover, drop_order, read_orders
from byre.client.wiping.parts import heads_among, in_parts, is_part, is_undone, note_parts, note_undone, whole
from byre.store import MemberRow, Transaction
from byre.store.wipe_erase import count_content
from byre.store.wipe_scope import WipeScope
from byre.wire.content_bodies import MOST_WATERMARKS, Watermark, Wipe
from byre.wire.ids import AccountId, DeviceId, GroupId, RunId, WipeId
from tests.unit.store.profile import ALICE, BOB, LAPTOP, NOW, PHONE, RUN, room, text

HEAD, GROUP = WipeId(b"w" * 16), GroupId(bytes([1]) * 32)
OWN: Any = SimpleNamespace(account_id=ALICE, device_id=PHONE, run_id=RUN)


def marks(count: int) -> list[Watermark]:
    return [Watermark(AccountId(BOB), DeviceId(n.to_bytes(16)), RunId(RUN), n) for n in range(count)]


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, [0]), (1, [1]), (512, [512]), (513, [512, 1]), (1100, [512, 512, 76])]
)
def test_every_mark_is_in_one_part(count: int, sizes: list[int]) -> None:
    orders = in_parts(HEAD, GROUP, marks(count))
    assert [len(order.watermarks) for order in orders] == sizes
    assert [mark for order in orders for mark in order.watermarks] == marks(count)
    ids = [order.wipe_id for order in orders]
    assert (ids[0], len(set(ids)), {order.group_id for order in orders}) == (HEAD, len(ids), {GROUP})
    assert all(is_part(part, HEAD) for part in ids[1:])
    assert heads_among([*ids, b"x" * 16]) == {HEAD, b"x" * 16}
    assert not is_part(HEAD, HEAD)


def test_the_own_parts_are_found_from_either_side(tx: Transaction) -> None:
    orders = in_parts(HEAD, GROUP, marks(2 * MOST_WATERMARKS + 1))
    note_parts(tx, in_parts(WipeId(b"o" * 16), GROUP, marks(1)))
    assert tx.settings.names() == []
    note_parts(tx, orders)
    ids = [order.wipe_id for order in orders]
    assert whole(tx, HEAD) == ids
    assert [parts.head_of(tx, one) for one in (*ids, b"o" * 16)] == [HEAD] * 3 + [b"o" * 16]


def test_what_was_undone_takes_its_parts_along_and_is_forgotten_in_the_end(tx: Transaction) -> None:
    part = in_parts(HEAD, GROUP, marks(513))[1].wipe_id
    assert not is_undone(tx, HEAD)
    note_undone(tx, HEAD)
    assert is_undone(tx, HEAD)
    assert is_undone(tx, part)
    assert not is_undone(tx, b"x" * 16)
    for number in range(50):
        note_undone(tx, number.to_bytes(16))
    assert not is_undone(tx, part)


def crowded(tx: Transaction, senders: int) -> None:
    """A room in which so many devices have written one line each, of which this device knows."""
    number = tx.rooms.add(room(1))
    devices = [bytes([at // 256, at % 256]) * 8 for at in range(senders)]
    members = [MemberRow(number, PHONE, ALICE, 0, b"", True), MemberRow(number, LAPTOP, ALICE, 1, b"", True)]
    tx.members.replace(number, members + [MemberRow(number, each, BOB, 2, b"") for each in devices])
    said = [text(at, "s", account_id=BOB, device_id=device, run_id=RUN, counter=3) for at, device in enumerate(devices)]
    tx.messages.add_many(said)
    for device in devices:
        tx.seen.accept(number, device, RUN, 3)


@pytest.mark.parametrize("seed", range(2))
def test_a_room_of_very_many_senders_is_covered_in_whatever_order_the_parts_come(tx: Transaction, seed: int) -> None:
    """As another device takes them: doubled, shuffled, some of them done and dropped in between (a restart)."""
    crowded(tx, 530)
    row = tx.rooms.by_number(1)
    assert row is not None
    said = reach.orders_of(tx, row, OWN, HEAD)
    assert len(said) == 2
    draw = random.Random(seed)
    arriving = draw.sample([*said, *said], 4)
    scope = WipeScope.covered([1]).begun(NOW * 2)
    covered = []
    for at, wipe in enumerate(arriving):
        order = bound(tx, [row], Order(wipe, LAPTOP, NOW, until=NOW), OWN)
        cover(tx, [row.id], order)
        add_order(tx, order)
        covered.append(count_content(tx.messages._connection, scope)["messages"])
        if at % 2:  # carried out
            drop_order(tx, wipe.wipe_id)
    named = {id(wipe): len(wipe.watermarks) for wipe in said}
    assert covered[0] == named[id(arriving[0])]
    assert covered[-1] == 530
    assert covered == sorted(covered)
    assert {order.wipe.wipe_id for order in read_orders(tx)} <= {wipe.wipe_id for wipe in said}


def test_a_part_is_an_order_like_any_other() -> None:
    part = in_parts(HEAD, GROUP, marks(513))[1]
    assert isinstance(part, Wipe)
    assert part.fields()["watermarks"] == [[BOB, (512).to_bytes(16), RUN, 512]]
