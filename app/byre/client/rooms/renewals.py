"""When this device's keys in each room are due to be renewed: a setting of the store, by group.

Runs inside a store transaction.
"""

from __future__ import annotations

from byre.crypto.random import Random
from byre.store import Transaction

EVERY_MS = 7 * 24 * 3600 * 1000
JITTER_MS = 12 * 3600 * 1000
AGAIN_MS = 6 * 3600 * 1000
"""When a renewal that did not come about is looked at again."""
_DUE = "rooms.renewals"


def note_renewed(tx: Transaction, group_id: bytes, now_ms: int, random: Random) -> None:
    """Note that a commit of this device renewed its keys in a room."""
    due = _read(tx)
    due[group_id.hex()] = now_ms + interval_ms(random)
    tx.settings.put(_DUE, due)


def interval_ms(random: Random) -> int:
    """Return the time until the next renewal: seven days and a jitter of up to twelve hours either way."""
    return EVERY_MS - JITTER_MS + int.from_bytes(random(8)) % (2 * JITTER_MS + 1)


def is_anything_due(tx: Transaction, now_ms: int) -> bool:
    """Whether a turn has anything to do: most have not, and need not write."""
    due = _read(tx)
    return due.keys() != _active(tx) or any(at <= now_ms for at in due.values())


def take_due(tx: Transaction, now_ms: int, random: Random) -> list[bytes]:
    """Return the rooms that are due, put off by some hours; a room that is not known yet becomes due in a week."""
    before, due, taken = _read(tx), {}, []
    for name in _active(tx):
        at = before.get(name, now_ms + interval_ms(random))
        if at <= now_ms:
            taken.append(bytes.fromhex(name))
            at = now_ms + AGAIN_MS
        due[name] = at
    tx.settings.put(_DUE, due)
    return taken


def _active(tx: Transaction) -> set[str]:
    return {row.group_id.hex() for row in tx.rooms.all(with_hidden=True) if row.state == "active"}


def _read(tx: Transaction) -> dict[str, int]:
    found = tx.settings.get(_DUE)
    return {str(name): int(at) for name, at in found.items()} if isinstance(found, dict) else {}
