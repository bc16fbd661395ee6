"""A wipe order that names more marks than one message holds: several orders, each complete in itself.

```
 W                the first 512 marks          each part is carried out, certified and reported like any other order,
 H(W, 1)          the next 512                 in whatever order they come, and also by who does not know that they
 H(W, 2) …                                     belong together
```
Who ordered counts a device once it has reported every part; the phone shows a linked PC's order, and undoes it, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, cast

from byre.crypto.hashes import sha256
from byre.store import Transaction
from byre.wire.content_bodies import MOST_WATERMARKS, Watermark, Wipe
from byre.wire.ids import WIPE_ID_SIZE, GroupId, WipeId

MARKS_AT_ONCE: Final = MOST_WATERMARKS
_MOST_KNOWN_AGAIN = 256
"""So many parts of an order are known to belong to it: 131,072 marks."""
_UNDONE_KEPT = 50
_LABEL = b"byre wipe part v1"
_HEADS = "wiping.parts"
"""Setting: part -> the order of this device that it belongs to."""
_UNDONE = "wiping.undone"
"""Setting: orders that this phone's user undid last."""


def in_parts(wipe_id: WipeId, group_id: GroupId, marks: Sequence[Watermark]) -> list[Wipe]:
    """Return one order, or as many as it takes to name all of `marks`."""
    starts = range(0, max(1, len(marks)), MARKS_AT_ONCE)
    return [
        Wipe(_part_id(wipe_id, number), group_id, tuple(marks[at : at + MARKS_AT_ONCE]))
        for number, at in enumerate(starts)
    ]


def is_part(wipe_id: bytes, head: bytes) -> bool:
    """Whether an order is a further part of `head`."""
    return any(_part_id(head, number) == wipe_id for number in range(1, _MOST_KNOWN_AGAIN))


def note_parts(tx: Transaction, orders: Sequence[Wipe]) -> None:
    """Keep which orders of this device belong together, before any of them goes out."""
    head = orders[0].wipe_id.hex()
    heads = {**_heads(tx), **{order.wipe_id.hex(): head for order in orders[1:]}}
    if heads:
        tx.settings.put(_HEADS, heads)


def head_of(tx: Transaction, wipe_id: bytes) -> bytes:
    """Return the order that a part belongs to; any other one is its own."""
    return bytes.fromhex(_heads(tx).get(wipe_id.hex(), wipe_id.hex()))


def whole(tx: Transaction, wipe_id: bytes) -> list[bytes]:
    """Return an order of this device with its further parts."""
    return [wipe_id, *(bytes.fromhex(part) for part, head in _heads(tx).items() if head == wipe_id.hex())]


def note_undone(tx: Transaction, wipe_id: bytes) -> None:
    """Remember that the user undid an order: parts and copies of it may still come."""
    tx.settings.put(_UNDONE, [*_undone(tx), wipe_id.hex()][-_UNDONE_KEPT:])


def is_undone(tx: Transaction, wipe_id: bytes) -> bool:
    """Whether the user undid this order, or one that it is a part of."""
    heads = [bytes.fromhex(head) for head in _undone(tx)]
    return wipe_id in heads or any(is_part(wipe_id, head) for head in heads)


def heads_among(wipe_ids: Iterable[bytes]) -> set[bytes]:
    """Return the orders that are no part of another one there."""
    known = set(wipe_ids)
    parts = {_part_id(head, number) for head in known for number in range(1, _MOST_KNOWN_AGAIN)}
    return known - parts


def _part_id(head: bytes, number: int) -> WipeId:
    if number == 0:
        return WipeId(head)
    return WipeId(sha256(_LABEL + head + number.to_bytes(4, "big"))[:WIPE_ID_SIZE])


def _heads(tx: Transaction) -> dict[str, str]:
    value = tx.settings.get(_HEADS)
    return cast(dict[str, str], value) if isinstance(value, dict) else {}


def _undone(tx: Transaction) -> list[str]:
    value = tx.settings.get(_UNDONE)
    return cast(list[str], value) if isinstance(value, list) else []
