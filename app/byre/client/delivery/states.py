"""How far a message got: one device, one account, the whole room.

The room's state is that of the least advanced account, each account counted by its most advanced device. The
relay's word ends at `STORED`; `DELIVERED` and `READ` come from end-to-end receipts only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum

from byre.client.views import MessageState


class Advance(IntEnum):
    """How far a message got towards one device or account; a larger value is further."""

    FAILED = 0
    EXPIRED = 1
    QUEUED = 2
    RELAYED = 3
    STORED = 4
    DELIVERED = 5
    READ = 6


_SHOWN = {
    Advance.FAILED: MessageState.FAILED,
    Advance.EXPIRED: MessageState.EXPIRED,
    Advance.QUEUED: MessageState.QUEUED,
    Advance.RELAYED: MessageState.RELAYED,
    Advance.STORED: MessageState.STORED,
    Advance.DELIVERED: MessageState.DELIVERED,
    Advance.READ: MessageState.READ,
}


def account_advance(devices: Iterable[Advance], acknowledged: Advance | None = None) -> Advance:
    """Return an account's advance: its most advanced device, or what its receipts said if that is further.

    An account without any device of its own left in the room (`devices` empty) counts by its receipts, and as
    `FAILED` without one: nobody there can read the message any more.
    """
    best = max(devices, default=Advance.FAILED)
    return best if acknowledged is None else max(best, acknowledged)


def message_state(accounts: Mapping[bytes, Advance], own_account: bytes) -> tuple[MessageState, int]:
    """Return what the sender is shown: the state and how many other accounts have not read the message.

    One's own account counts only in rooms of one's own (note, device); with no other device at all the message has
    arrived where it can. In a room for others that has nobody else any more it has failed: the ledger knows the room.
    """
    others = {account: advance for account, advance in accounts.items() if account != own_account}
    if not others:
        own = accounts.get(own_account)
        return (_SHOWN[own] if own is not None else MessageState.DELIVERED), 0
    unread_by = sum(1 for advance in others.values() if advance is not Advance.READ)
    return _SHOWN[min(others.values())], unread_by


def shown(advance: Advance) -> MessageState:
    """Return the view's word for `advance`."""
    return _SHOWN[advance]
