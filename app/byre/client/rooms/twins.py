"""Direct rooms that both sides created at once: the lowest group id with both accounts in it is the conversation.

Runs inside a store transaction. The others stay MLS groups (messages may still come there) but are not shown: what
they bring is shown in the canonical room, and sends go there.
"""

from __future__ import annotations

from byre.client.rooms.acceptance import accept, is_unaccepted
from byre.store import RoomRow, Transaction

_LIVE = ("active", "request", "rejoining")


def canonical_of(tx: Transaction, row: RoomRow) -> RoomRow:
    """Return the room that shows what `row` receives and that sends go to."""
    if row.superseded_by is None:
        return row
    return tx.rooms.get(row.superseded_by) or row


def settle_twins(tx: Transaction, own_account: bytes, peer_account: bytes) -> None:
    """Choose the canonical one among the direct rooms with `peer_account` and point the others to it."""
    rows = tx.rooms.direct_with(peer_account)
    complete = [row for row in rows if row.state in _LIVE and _has_both(tx, row, own_account, peer_account)]
    if not complete:
        return
    canonical = min(complete, key=lambda row: row.group_id)
    for row in rows:
        target = None if row.id == canonical.id or row not in complete else canonical.group_id
        if row.superseded_by != target:
            tx.rooms.change(row.id, superseded_by=target)
            if target is not None:
                tx.messages.move(row.id, canonical.id)
    if any(not is_unaccepted(row) for row in complete):
        accept(tx, canonical)  # whoever opened a room with somebody accepts theirs


def _has_both(tx: Transaction, row: RoomRow, own_account: bytes, peer_account: bytes) -> bool:
    accounts = {member.account_id for member in tx.members.of_room(row.id)}
    return {own_account, peer_account} <= accounts
