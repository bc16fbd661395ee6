"""Values of the durable file that can be erased: each sealed under a key of its own, which lies in a slot.

A value is gone when its slot is overwritten (a trigger does it with the row) and the log is truncated (key_slots.py).
Slots that are free are found by an index, whose entries hold no key. All of this runs inside a write transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from byre.crypto import aead
from byre.db import Connection
from byre.errors import EnvironmentFault, PeerError
from byre.relay.key_slots import KEY_BYTES, ZEROS, write_keys

NONCE: Final = bytes(aead.XCHACHA_NONCE_LENGTH)
"""A key seals once."""
PACKAGE: Final = b"byre key package at rest v1"
RENDEZVOUS: Final = b"byre rendezvous at rest v1"
RECOVERY: Final = b"byre recovery file at rest v1"
_FREE: Final = f"SELECT id FROM key_slot WHERE key = x'{ZEROS.hex()}' LIMIT ?"


def fill_slots(connection: Connection, keys: Sequence[bytes]) -> list[int]:
    """Put each key (or other 32 bytes) into a slot; return their numbers in the same order."""
    slots = [int(row[0]) for row in connection.execute(_FREE, (len(keys),)).fetchall()]
    row = connection.execute("SELECT coalesce(max(id), 0) FROM key_slot").fetchone()
    next_slot = 1 + int(row[0] if row else 0)
    slots.extend(range(next_slot, next_slot + len(keys) - len(slots)))
    write_keys(connection, slots, keys)
    return slots


def seal_value(
    connection: Connection, random: Callable[[int], bytes], value: bytes, *, kind: bytes, owner: bytes
) -> tuple[int, bytes]:
    """Return the slot of a fresh key, and the value sealed under it; bound to its kind and to whose it is."""
    key = random(KEY_BYTES)
    (slot,) = fill_slots(connection, [key])
    return slot, aead.seal(key, value, kind + owner, NONCE)


def open_value(key: bytes, sealed: bytes, *, kind: bytes, owner: bytes) -> bytes:
    """Return a value.

    Raises:
        EnvironmentFault: "db_damaged": it does not open under its key.
    """
    try:
        return aead.open(key, sealed, kind + owner, NONCE)
    except PeerError:
        raise EnvironmentFault("a value of the durable file does not open under its key", code="db_damaged") from None
