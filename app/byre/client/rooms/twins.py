"""Direct rooms that both sides created at once: the lowest group id in which both accounts have a listed device.

Runs inside a store transaction. The others stay MLS groups (messages may still come there) but are not shown: what
they bring is shown in the canonical room, and sends go there. So does one that the other account has left, or has only
devices in that its newest list does not name (a phone that was lost): as soon as there is a room with both again.
"""

from __future__ import annotations

from byre.client.context import OwnIdentity
from byre.client.delivery.audience import is_being_filled
from byre.client.rooms.acceptance import accept, is_unaccepted
from byre.client.rooms.listing import newest_list
from byre.client.rooms.standstill import working_state
from byre.store import RoomRow, Transaction
from byre.wire.ids import DeviceId

_LIVE = ("active", "request", "rejoining")


def canonical_of(tx: Transaction, row: RoomRow) -> RoomRow:
    """Return the room that shows what `row` receives and that sends go to."""
    if row.superseded_by is None:
        return row
    return tx.rooms.get(row.superseded_by) or row


def direct_room(tx: Transaction, own: OwnIdentity, peer_account: bytes) -> RoomRow | None:
    """Return the conversation with an account, or None where a new room is needed to reach it."""
    for row in [canonical_of(tx, row) for row in tx.rooms.direct_with(peer_account)]:
        state = working_state(tx, row.group_id)
        if state == "rejoining":  # who is in it is known when this device is back
            return row
        if state in _LIVE and (_has_both(tx, row, own, peer_account) or is_being_filled(tx, row.group_id, own)):
            return row
    return None


def settle_twins(tx: Transaction, own: OwnIdentity, peer_account: bytes) -> None:
    """Choose the canonical one among the direct rooms with `peer_account` and point the others to it."""
    rows = tx.rooms.direct_with(peer_account)
    live = [row for row in rows if row.state in _LIVE]
    complete = [row for row in live if _has_both(tx, row, own, peer_account)]
    if not complete:
        return
    canonical = min(complete, key=lambda row: row.group_id)
    for row in rows:
        target = None if row.id == canonical.id or row not in live else canonical.group_id
        if row.superseded_by != target:
            tx.rooms.change(row.id, superseded_by=target)
            if target is not None:
                tx.messages.move(row.id, canonical.id)
    if any(not is_unaccepted(row) for row in live):
        accept(tx, canonical)  # whoever opened a room with somebody accepts theirs


def _has_both(tx: Transaction, row: RoomRow, own: OwnIdentity, peer_account: bytes) -> bool:
    """Whether both accounts have a device in the room, the other one's on its newest list that is known here."""
    members = tx.members.of_room(row.id)
    devices = [DeviceId(member.device_id) for member in members if member.account_id == peer_account]
    newest = newest_list(tx, peer_account, own)
    is_heard = any(newest is None or newest.has_device(device_id) for device_id in devices)
    return is_heard and any(member.account_id == own.account_id for member in members)
