"""What follows from the home relay's answer to a claim of ours (`identity-and-linking`, Home and order).

Pure. A commit of our own is pending until the relay granted it; the next step depends on the answer, on whether the
room moved on in the meantime, and on nothing else, so that a restart asks with the same claim id and goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from byre.client.connection.results import ClaimResult, ConflictingCommit, Granted


class Step(StrEnum):
    """What the commit pipeline does next."""

    MERGE = "merge"  # ours was ordered: merge, fan out, hand out the Welcomes
    PROCESS_WINNER = "process_winner"  # another's was: process its body, then plan the intent anew
    REDO = "redo"  # the room has moved on already: drop the pending commit, plan anew
    REJOIN = "rejoin"  # the commits between are gone, or the room and the head disagree
    RETRY = "retry"  # no answer: ask again with the same claim id


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The relay could not be reached."""


Outcome = ClaimResult | Unanswered


def next_step(outcome: Outcome, *, pending_epoch: int, pending_hash: bytes, current_epoch: int) -> Step:
    """Return what follows from `outcome` for the pending commit that ends `pending_epoch`.

    A conflict whose winner is our own commit counts as a grant: the claim was made before a crash. A grant for an
    epoch that the room has left means that a member fanned out a commit that the relay never ordered.
    """
    if isinstance(outcome, Unanswered):
        return Step.RETRY if current_epoch == pending_epoch else Step.REDO
    is_ours = isinstance(outcome, Granted) or (
        isinstance(outcome, ConflictingCommit) and outcome.commit_hash == pending_hash
    )
    if is_ours:
        return Step.MERGE if current_epoch == pending_epoch else Step.REJOIN
    if current_epoch != pending_epoch:
        return Step.REDO
    if isinstance(outcome, ConflictingCommit):
        return Step.PROCESS_WINNER
    return Step.REJOIN if outcome.head_epoch > pending_epoch else Step.RETRY


def is_jam(code: str) -> bool:
    """Whether the head names a commit that nobody can follow, by the code of why this device cannot.

    A commit is judged by the group's state and its own bytes alone, so that what MLS or the room's law refuses here is
    refused everywhere: the room is jammed. What may be this device's own trouble is cured by rejoining.
    """
    return code not in _OWN_TROUBLE and not code.startswith("relay_")


_OWN_TROUBLE = frozenset(
    {
        "unreadable_path",  # our own secret of the path: others may have opened theirs
        "missing_proposal",  # lost on the way to us
        "commits_gone",
        "own_message",  # a commit of ours that our state knows nothing of: restored from a backup
        "replayed",
        "wrong_epoch",
        "future_epoch",
    }
)
