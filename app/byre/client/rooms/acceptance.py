"""A stranger's room waits for its user's word, whatever becomes of the room meanwhile.

Who invites stands in the room's row from the Welcome until the acceptance. A room that is rejoined, restored from a
backup or jammed before that is a request again afterwards: only the user accepts, here or on another own device. Runs
inside a store transaction.
"""

from __future__ import annotations

from byre.store import RoomRow, Transaction

_PASSING = ("rejoining", "jammed")
"""States that a room comes out of again as what it was."""


def is_unaccepted(row: RoomRow) -> bool:
    """Whether the user has not let this room in: no receipt but `joined`, and no name, goes out to it."""
    return row.state == "request" or (row.state in _PASSING and row.requester_account is not None)


def settled_state(row: RoomRow) -> str:
    """Return the state of a room that is whole again."""
    return "request" if is_unaccepted(row) else "active"


def accept(tx: Transaction, row: RoomRow) -> bool:
    """Note the user's word; False when there was nothing to accept."""
    if not is_unaccepted(row):
        return False
    state = "active" if row.state == "request" else row.state
    tx.rooms.change(row.id, state=state, requester_account=None, requester_device=None)
    return True
