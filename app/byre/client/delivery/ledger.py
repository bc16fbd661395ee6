"""Keeps account of own messages: from rows per device and receipts per account to the state that is shown.

Runs inside a store transaction. Relay progress lives in the outbox rows (one per device), receipts in the delivery
rows (one per account); the message row carries what follows from both, so that a transcript reads one row each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from byre.client.delivery.states import Advance, account_advance, message_state
from byre.client.events import MessageStateChanged
from byre.client.views import MessageId, MessageState, RoomId
from byre.store import MessageRow, RoomRow, Transaction

NOBODY_THERE = "nobody_there"
"""Why a message failed: everybody else had left the room before it reached them."""
_ADVANCE = {
    "failed": Advance.FAILED,
    "expired": Advance.EXPIRED,
    "queued": Advance.QUEUED,
    "relayed": Advance.RELAYED,
    "acked": Advance.RELAYED,  # in the device's database by the relay's word alone
    "stored": Advance.STORED,
    "delivered": Advance.DELIVERED,
    "gone": Advance.DELIVERED,  # a timer erased it there before it was read: it never will be
    "read": Advance.READ,
}


@dataclass(frozen=True, slots=True)
class StateChange:
    """What changed in the shown state of an own message, in the room that shows it. `reason`: why it failed."""

    group_id: bytes
    message_id: bytes
    state: str
    unread_by: int
    reason: str = ""

    def event(self) -> MessageStateChanged:
        """Return the event to publish once this is stored."""
        return MessageStateChanged(
            message_id=MessageId(self.message_id.hex()),
            room_id=RoomId(self.group_id.hex()),
            state=MessageState(self.state),
            unread_by=self.unread_by,
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True)
class Moved:
    """A device's outbox row changed. `was_stored`: the relay held it meanwhile."""

    message_id: bytes
    account_id: bytes
    was_stored: bool = False


def at_first(accounts: Iterable[bytes], own_account: bytes) -> tuple[str, int]:
    """Return the state that a new own message is stored with, and how many accounts have not read it."""
    state, unread_by = message_state(dict.fromkeys(accounts, Advance.QUEUED), own_account)
    return state.value, unread_by


def begin(tx: Transaction, row: MessageRow, accounts: Iterable[bytes]) -> None:
    """Expect `accounts` to receive a new own message, which was stored `at_first`."""
    tx.deliveries.start(row.id, accounts, "queued")


def expect(tx: Transaction, row: MessageRow, accounts: Iterable[bytes], own_account: bytes, state: str) -> None:
    """Expect `accounts` to receive an own message, each being at `state` now."""
    tx.deliveries.start(row.id, accounts, state)
    _show(tx, row, own_account)


def devices_moved(tx: Transaction, moved: Iterable[Moved], own_account: bytes) -> list[StateChange]:
    """Count accounts anew after their devices' rows changed; each message is looked at once, however many moved."""
    by_message: dict[bytes, dict[bytes, bool]] = {}
    for each in moved:
        accounts = by_message.setdefault(each.message_id, {})
        accounts[each.account_id] = accounts.get(each.account_id, False) or each.was_stored
    changes = (_accounts_moved(tx, message_id, accounts, own_account) for message_id, accounts in by_message.items())
    return [change for change in changes if change is not None]


def _accounts_moved(
    tx: Transaction, message_id: bytes, accounts: Mapping[bytes, bool], own_account: bytes
) -> StateChange | None:
    """Count accounts of one message anew; the values say whether the relay held it for a device meanwhile."""
    row = tx.messages.own(message_id)
    if row is None:
        return None
    states = tx.deliveries.states(row.id)
    devices: dict[bytes, list[Advance]] = {}
    for account_id, state in tx.answers.states(message_id):
        devices.setdefault(account_id, []).append(_ADVANCE[state])
    moved: dict[str, list[bytes]] = {}
    for account_id, was_stored in accounts.items():
        if account_id not in states:
            continue
        before = _ADVANCE[states[account_id]]
        now = account_advance(devices.get(account_id, ()), before if before >= Advance.DELIVERED else None)
        if now is Advance.RELAYED and (was_stored or before is Advance.STORED):
            now = Advance.STORED  # acknowledged after it was held: not a step back
        if now is not before:
            states[account_id] = now.name.lower()
            moved.setdefault(states[account_id], []).append(account_id)
    for state, account_ids in moved.items():
        tx.deliveries.set_all(row.id, account_ids, state)
    return _show(tx, row, own_account, states) if moved else None


def delivered(
    tx: Transaction, message_id: bytes, account_id: bytes, device_id: bytes, own_account: bytes
) -> StateChange | None:
    """Take a device's end-to-end receipt: its outbox row is done, its account has the message."""
    row = tx.messages.own(message_id)
    if row is None:
        return None
    tx.outbox.settle(message_id, device_id)
    if not tx.deliveries.advance(row.id, account_id, "delivered"):
        return None
    return _show(tx, row, own_account)


def read_up_to(tx: Transaction, room: int, position: int, account_id: bytes, own_account: bytes) -> list[StateChange]:
    """Take an account's word that it read everything up to `position`, as far as it received it.

    Newest first: below a run of messages that it had read already there is nothing new.
    """
    changes: list[StateChange] = []
    read_before = 0
    for row in reversed(tx.messages.unsettled(room, position)):
        known = tx.deliveries.states(row.id).get(account_id)
        read_before = read_before + 1 if known == "read" else 0
        if read_before > _READ_RUN:
            break
        if known != "delivered":
            continue
        tx.deliveries.set(row.id, account_id, "read")
        change = _show(tx, row, own_account)
        if change is not None:
            changes.append(change)
    return changes[::-1]


def gone_unread(tx: Transaction, message_ids: Iterable[bytes], account_id: bytes) -> None:
    """Take an account's word that messages were erased there before anybody read them: later reading does not count."""
    for message_id in message_ids:
        row = tx.messages.own(message_id)
        known = None if row is None else tx.deliveries.states(row.id).get(account_id)
        if row is not None and known == "delivered":
            tx.deliveries.set(row.id, account_id, "gone")


def accounts_left(tx: Transaction, room: int, accounts: Iterable[bytes], own_account: bytes) -> list[StateChange]:
    """Wait no longer for accounts that left the room without a receipt."""
    gone = set(accounts)
    changes = []
    for row in tx.messages.unsettled(room, _TOP):
        states = tx.deliveries.states(row.id)
        for account_id in gone & states.keys():
            if _ADVANCE[states[account_id]] < Advance.DELIVERED:
                tx.deliveries.forget_account(row.id, account_id)
        if gone & states.keys():
            change = _show(tx, row, own_account)
            if change is not None:
                changes.append(change)
    return changes


def nobody_there(tx: Transaction, row: MessageRow) -> list[StateChange]:
    """Let an own message fail that waited until everybody had left."""
    change = _show(tx, row, row.account_id, {})
    return [] if change is None else [change]


def is_ones_own(room: RoomRow) -> bool:
    """Whether a room is for one's own devices alone: only there does a message reach somebody without any other."""
    return room.kind in ("note", "device")


_TOP = (1 << 63) - 1
_READ_RUN = 50


def _show(
    tx: Transaction, row: MessageRow, own_account: bytes, states: Mapping[bytes, str] | None = None
) -> StateChange | None:
    """Show what follows from the accounts' `states`, which are read where they are not given."""
    known = tx.deliveries.states(row.id) if states is None else states
    accounts = {account: _ADVANCE[state] for account, state in known.items()}
    state, unread_by = message_state(accounts, own_account)
    current = tx.messages.at(row.id)
    if current is None:
        return None
    room, reason = None, ""
    if not accounts.keys() - {own_account}:
        room = tx.rooms.by_number(current.room)
        if room is not None and not is_ones_own(room):
            state, reason = MessageState.FAILED, NOBODY_THERE
    if (current.state, current.unread_by) == (state.value, unread_by):
        return None
    tx.messages.set_state(row.id, state.value, unread_by=unread_by)
    room = room or tx.rooms.by_number(current.room)
    return None if room is None else StateChange(room.group_id, row.message_id, state.value, unread_by, reason)
