"""The keys of held bodies: each in a slot of 32 bytes that is only ever overwritten where it lies.

SQLite moves rows between pages when it balances a tree, and leaves what it moved in the gap of the page that it came
from; secure_delete zeroes what is freed, never that gap. So a body that was deleted may still lie there, and what makes
it unreadable is that its key is gone. For keys nothing of the kind can happen:

```
key_slot   appended, ascending    the last page is full: the new row alone goes to a new page (balance_quick)
           overwritten, 32 by 32  the bytes of the record change in their place (btreeOverwriteCell)
           never deleted          nothing is ever freed, moved or merged
           32 zero bytes          the slot is free, and taken again before a new one is made
```
The log's truncation after an erasure leaves one copy of the page, the one with the zeros. A key seals one body, once.
Everything here runs on the worker thread, inside a write transaction; whoever undoes it says so by `forget`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from byre.db import Connection
from byre.errors import InternalBug

KEY_BYTES: Final = 32
KEYS_AT_ONCE: Final = 64
ZEROS: Final = bytes(KEY_BYTES)

# One statement for all keys of a batch, numbers as a JSON array: each statement hands the interpreter's lock over.
_FILL: Final = (
    "INSERT INTO key_slot (id, key) SELECT value, substr(?1, 32 * key + 1, 32) FROM json_each(?2) WHERE true"
    " ON CONFLICT (id) DO UPDATE SET key = excluded.key WHERE key_slot.key = ?3"
)
_DESTROY: Final = "UPDATE key_slot SET key = ?1 WHERE id IN (SELECT value FROM json_each(?2))"


class FreshKeys:
    """Keys that were never used, drawn many at a time: the system's generator costs as much as a sealing.

    Args:
        random: where they come from.
    """

    def __init__(self, random: Callable[[int], bytes]) -> None:
        self._random = random
        self._material = b""
        self._at = 0

    def take(self) -> bytes:
        """Return the next key."""
        at = self._at
        if at >= len(self._material):
            self._material, at = self._random(KEY_BYTES * KEYS_AT_ONCE), 0
        self._at = at + KEY_BYTES
        return self._material[at : at + KEY_BYTES]


class KeySlots:
    """The slots of one bucket file; which of them are free is read from the file once."""

    def __init__(self) -> None:
        self._free: list[int] | None = None
        self._count = 0

    def fill(self, connection: Connection, keys: Sequence[bytes]) -> list[int]:
        """Put each key into a slot; return their numbers in the same order."""
        free = self._known(connection)
        slots = [free.pop() for _ in range(min(len(free), len(keys)))]
        fresh = len(keys) - len(slots)
        slots.extend(range(self._count + 1, self._count + 1 + fresh))
        write_keys(connection, slots, keys)
        self._count += fresh
        return slots

    def destroy(self, connection: Connection, slots: Sequence[int]) -> None:
        """Overwrite the keys in these slots: what they sealed is unreadable once the log is truncated."""
        free = self._known(connection)  # read before they are among the free ones, or they would stand there twice
        destroy_keys(connection, slots)
        free.extend(slots)

    def forget(self) -> None:
        """A transaction was undone: what is known of the slots is read anew."""
        self._free = None

    def _known(self, connection: Connection) -> list[int]:
        if self._free is None:
            row = connection.execute("SELECT coalesce(max(id), 0) FROM key_slot").fetchone()
            self._count = int(row[0]) if row else 0
            found = connection.execute("SELECT id FROM key_slot WHERE key = ? ORDER BY id DESC", (ZEROS,)).fetchall()
            self._free = [int(slot) for (slot,) in found]
        return self._free


def write_keys(connection: Connection, slots: Sequence[int], keys: Sequence[bytes]) -> None:
    """Write keys into slots that are free or new.

    Raises:
        InternalBug: "slot_in_use"; nothing of the transaction may be kept.
    """
    before = connection.total_changes
    connection.execute(_FILL, (b"".join(keys), str(list(slots)), ZEROS))
    if connection.total_changes - before != len(slots):  # a key in use is never overwritten, whatever we believe
        raise InternalBug("a slot was not free", code="slot_in_use")


def destroy_keys(connection: Connection, slots: Sequence[int]) -> None:
    """Overwrite what lies in these slots."""
    connection.execute(_DESTROY, (ZEROS, str(list(slots))))
