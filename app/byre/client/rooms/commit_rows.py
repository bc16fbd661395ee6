"""Rows around own commits: what a merge makes the store expect, and which intent a pending commit serves."""

from __future__ import annotations

from byre.client.rooms.judging import JudgedCommit
from byre.store import JoiningRow, PendingCommitRow, Transaction

WELCOME_ANSWER_MS = 72 * 3600 * 1000
GIVE_UP_JOIN_MS = 60 * 24 * 3600 * 1000
_NUMBER_SIZE = 8


def expect_joiners(tx: Transaction, judged: JudgedCommit, now_ms: int) -> None:
    """Expect a `joined` of every device that a Welcome was made for."""
    group_id = judged.before.group_id
    for seat in judged.come:
        known = tx.joins.get(group_id, seat.device_id)
        started_at = now_ms if known is None else known.started_at
        tx.joins.put(
            JoiningRow(
                group_id=group_id,
                device_id=seat.device_id,
                account_id=seat.account_id,
                state="added",
                started_at=started_at,
                next_at=now_ms + WELCOME_ANSWER_MS,
                give_up_at=started_at + GIVE_UP_JOIN_MS,
                tries=1 if known is None else known.tries + 1,
            )
        )


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
