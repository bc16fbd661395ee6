"""Who hears a text that is sent to a room now, and whether it may leave at all or waits for its room.

Pure but for what is read of the store: `sending` asks in the transaction that stores the text.
"""

from __future__ import annotations

from byre.client.context import OwnIdentity
from byre.client.delivery import ledger
from byre.client.rooms.intent_codec import restored
from byre.client.rooms.intents import AddDevices
from byre.client.rooms.listing import unlisted_devices
from byre.client.rooms.live_room import LiveRoom
from byre.store import RoomRow, Transaction


def must_wait(tx: Transaction, room: LiveRoom, row: RoomRow, own: OwnIdentity) -> bool:
    """Whether text waits: for a way back into the room, or until a device that is to hear no more of it is out."""
    return row.state == "rejoining" or _is_being_left(room) or bool(unlisted_devices(tx, room, own))


def _is_being_left(room: LiveRoom) -> bool:
    """Whether somebody's leaving waits for a commit: data sent now would still be sealed to them (RFC 9420, 12.4)."""
    if not room.group.pending_proposals:
        return False
    situation = room.situation()
    return bool(situation.leaving) and situation.is_whole


def is_alone(room: LiveRoom, row: RoomRow, own: OwnIdentity) -> bool:
    """Whether nobody else is in a room that is for others, so that no word in it would reach anybody."""
    if ledger.is_ones_own(row):
        return False
    return all(leaf.account_id == own.account_id for leaf in room.facts.leaves)


def is_being_filled(tx: Transaction, group_id: bytes, own: OwnIdentity) -> bool:
    """Whether somebody else is to be added to the room: its first commit, or a later one, waits for the home."""
    intents = (restored(row.kind, row.payload) for row in tx.intents.of_group(group_id))
    adds = (package for intent in intents if isinstance(intent, AddDevices) for package in intent.packages)
    return any(package.account_id != own.account_id for package in adds)


def audience(room: LiveRoom, own_account: bytes) -> set[bytes]:
    """Accounts whose receipts count: the others, or in rooms of one's own one's other devices."""
    others = room.accounts() - {own_account}
    return others or ({own_account} if room.recipients() else set())
