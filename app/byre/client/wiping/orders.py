"""Wipes that other devices ordered and that are not done here yet.

```
 phone ──Wipe──▶ its PCs: at once                       member ──Wipe in the room──▶ other members: at once, if it may
 PC    ──Wipe──▶ phone: in ten minutes, unless undone ──Wipe──▶ all own devices; other PCs wait for the phone
```
An order is in the store before it is acknowledged, and leaves it after the wipe was certified: a crash in between does
it again, or finds it done. What its watermarks do not cover stays.

Whoever orders writes the watermarks, and could name counters that nobody has used yet. So an order covers a run as far
as this device had seen it when the order came; beyond that, copies that come late, if they were said before the order.
Only of the device that orders it covers what it says: a PC in a thief's hands must not silence the phone, for good and
beyond its removal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from byre.client.context import OwnIdentity
from byre.store import RoomRow, Transaction
from byre.store import Watermark as StoredWatermark
from byre.wire.content_bodies import Watermark, Wipe
from byre.wire.ids import AccountId, DeviceId, GroupId, RunId, WipeId

_SETTING = "wiping.orders"
UNDO_MS = 10 * 60 * 1000
"""How long the phone can undo what a linked PC has ordered, from when it could show it."""


@dataclass(frozen=True, slots=True)
class Order:
    """One ordered wipe. `due_at` ms; `is_undoable`: a linked PC ordered it, this is the phone.

    `reply_to`: the account whose room asked; empty for the own account's device room.
    `until` ms: what was said later was not there yet. `bounds`: what was here when it came, as (room, watermark).
    """

    wipe: Wipe
    device_id: bytes
    due_at: int
    is_undoable: bool = False
    reply_to: bytes = b""
    until: int = 0
    bounds: tuple[tuple[int, StoredWatermark], ...] = ()


def read_orders(tx: Transaction) -> list[Order]:
    """Return the orders that are not done, oldest first."""
    value = tx.settings.get(_SETTING)
    return [_order(cast(dict[str, Any], item)) for item in value] if isinstance(value, list) else []


def add_order(tx: Transaction, order: Order) -> bool:
    """Keep an order. False if it is there, or done, already: then a later one from the phone makes it due."""
    if tx.wipes.certificate(order.wipe.wipe_id) is not None:
        return False
    others = [known for known in read_orders(tx) if known.wipe.wipe_id != order.wipe.wipe_id]
    is_new = len(others) == len(read_orders(tx))
    _write(tx, [*others, order])
    return is_new


def drop_order(tx: Transaction, wipe_id: bytes) -> bool:
    """Forget an order: it is done, or undone. False if there was none."""
    orders = read_orders(tx)
    left = [order for order in orders if order.wipe.wipe_id != wipe_id]
    _write(tx, left)
    return len(left) < len(orders)


def bound(tx: Transaction, rooms: Iterable[RoomRow], order: Order, own: OwnIdentity) -> Order:
    """Return an order that has just come with its bounds, in the room that it names and its twins."""
    bounds: list[tuple[int, StoredWatermark]] = []
    for room in rooms:
        seen = {(mark.device_id, mark.run_id): mark.counter for mark in tx.seen.current(room.id)}
        seen[own.device_id, own.run_id] = room.next_counter - 1
        for mark in _marks(order.wipe):
            is_over = mark.device_id == own.device_id and mark.run_id != own.run_id  # a run of ours that ended
            if mark.device_id != order.device_id and not is_over:
                mark = replace(mark, counter=min(mark.counter, seen.get((mark.device_id, mark.run_id), -1)))
            if mark.counter >= 0:
                bounds.append((room.id, mark))
    return replace(order, bounds=tuple(bounds))


def cover(tx: Transaction, rooms: Iterable[int], order: Order) -> None:
    """Skip from now on what the order covers."""
    for room, mark in order.bounds:
        tx.seen.cover(room, [mark])
    for room in rooms:
        tx.seen.cover_late(room, _marks(order.wipe), order.until)


def _marks(wipe: Wipe) -> list[StoredWatermark]:
    return [StoredWatermark(mark.device_id, mark.run_id, mark.counter) for mark in wipe.watermarks]


def _write(tx: Transaction, orders: Sequence[Order]) -> None:
    tx.settings.put(_SETTING, [_packed(order) for order in orders])


def _packed(order: Order) -> dict[str, Any]:
    wipe = order.wipe
    return {
        "wipe_id": wipe.wipe_id.hex(),
        "group_id": wipe.group_id.hex(),
        "marks": [
            [mark.account_id.hex(), mark.device_id.hex(), mark.run_id.hex(), mark.counter] for mark in wipe.watermarks
        ],
        "device_id": order.device_id.hex(),
        "due_at": order.due_at,
        "is_undoable": order.is_undoable,
        "reply_to": order.reply_to.hex(),
        "until": order.until,
        "bounds": [[room, mark.device_id.hex(), mark.run_id.hex(), mark.counter] for room, mark in order.bounds],
    }


def _order(item: dict[str, Any]) -> Order:
    marks = [
        Watermark(AccountId(_b(account)), DeviceId(_b(device)), RunId(_b(run)), counter)
        for account, device, run, counter in item["marks"]
    ]
    return Order(
        wipe=Wipe(WipeId(_b(item["wipe_id"])), GroupId(_b(item["group_id"])), tuple(marks)),
        device_id=_b(item["device_id"]),
        due_at=item["due_at"],
        is_undoable=item["is_undoable"],
        reply_to=_b(item["reply_to"]),
        until=item.get("until", item["due_at"]),  # absent: kept by an earlier version
        bounds=tuple(
            (room, StoredWatermark(_b(device), _b(run), counter))
            for room, device, run, counter in item.get("bounds", ())
        ),
    )


def _b(text: str) -> bytes:
    return bytes.fromhex(text)
