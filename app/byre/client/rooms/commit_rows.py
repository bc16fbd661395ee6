"""Rows around own commits: what a merge makes the store expect, and which intent a pending commit serves."""

from __future__ import annotations

from byre.client.context import OwnIdentity
from byre.client.rooms.judging import JudgedCommit
from byre.crypto.hashes import sha256
from byre.store import JoiningRow, PendingCommitRow, Transaction
from byre.wire.ids import MID_SIZE

WELCOME_ANSWER_MS = 72 * 3600 * 1000
TAKE_OVER_MS = 6 * 3600 * 1000
GIVE_UP_JOIN_MS = 60 * 24 * 3600 * 1000
_NUMBER_SIZE = 8


def expect_joiners(tx: Transaction, judged: JudgedCommit, own: OwnIdentity, now_ms: int) -> None:
    """Expect a `joined` of every device that the account added, whichever of its devices made the commit.

    The one that did asks first; another one takes over some hours later if nothing has come of it, so that a lost
    phone leaves nobody waiting. A re-Add by anybody starts the wait anew for whoever waits already.
    """
    is_ours = judged.committer.account_id == own.account_id
    patience_ms = WELCOME_ANSWER_MS + TAKE_OVER_MS * _rank(judged, own)
    for seat in judged.come:
        known = tx.joins.get(judged.before.group_id, seat.device_id)
        if seat.device_id == own.device_id or (known is None and not is_ours):
            continue
        started_at = now_ms if known is None else known.started_at
        tx.joins.put(
            JoiningRow(
                group_id=judged.before.group_id,
                device_id=seat.device_id,
                account_id=seat.account_id,
                state="added",
                started_at=started_at,
                next_at=now_ms + patience_ms,
                give_up_at=started_at + GIVE_UP_JOIN_MS,
                tries=1 if known is None else known.tries + 1,
            )
        )


def note_brought_back(tx: Transaction, judged: JudgedCommit, own: OwnIdentity, now_ms: int) -> None:
    """Note the packages by which devices were brought back, for longer than their requests are good for.

    The relay may deliver a request again, or late, when the device has long replaced that leaf: to bring it back by a
    package that it used up would lock it out.
    """
    for seat in judged.come:
        if seat.device_id in judged.devices_back:
            tx.inbox.take_mid(own.mailbox.mailbox_id, _package_mark(seat.package_key), now_ms)


def was_brought_back_by(tx: Transaction, package_key: bytes, own: OwnIdentity) -> bool:
    """Whether a device was brought back by the package with that key already."""
    return tx.inbox.is_taken(own.mailbox.mailbox_id, _package_mark(package_key))


def _package_mark(package_key: bytes) -> bytes:
    return sha256(b"byre brought back v1" + package_key)[:MID_SIZE]


def _rank(judged: JudgedCommit, own: OwnIdentity) -> int:
    """Return this device's place among those of its account that may re-Add: 0 for the one that made the commit."""
    leaves = [leaf for leaf in judged.facts.leaves if leaf.account_id == own.account_id]
    order = sorted(leaves, key=lambda leaf: (leaf.leaf_index != judged.committer.leaf_index, leaf.leaf_index))
    return next((place for place, leaf in enumerate(order) if leaf.device_id == own.device_id), len(order))


def state_of(tx: Transaction, group_id: bytes) -> str:
    """Return the room's state, empty for none."""
    row = tx.rooms.get(group_id)
    return "" if row is None else row.state


def intent_of(pending: PendingCommitRow) -> int:
    """Return the number of the intent that a pending commit brings about."""
    return int.from_bytes(pending.note[:_NUMBER_SIZE], "big")


def note_of(intent: int, *, tree_beside: bool) -> bytes:
    """Return a pending commit's note: the intent, and whether the tree travels beside the Welcomes."""
    return intent.to_bytes(_NUMBER_SIZE, "big") + bytes((tree_beside,))


def has_tree_beside(pending: PendingCommitRow) -> bool:
    """Whether the tree travels as a blob beside the Welcomes of a pending commit."""
    return pending.note[_NUMBER_SIZE:] == b"\x01"
