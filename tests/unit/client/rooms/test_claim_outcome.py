from __future__ import annotations

import pytest

from byre.client.connection.results import ConflictingCommit, Gone, Granted
from byre.client.rooms.claim_outcome import Outcome, Step, Unanswered, is_jam, next_step

OURS, THEIRS = b"ours" * 12, b"them" * 12


def step(outcome: Outcome, current_epoch: int = 5) -> Step:
    return next_step(outcome, pending_epoch=5, pending_hash=OURS, current_epoch=current_epoch)


def test_a_granted_commit_is_merged() -> None:
    assert step(Granted(6)) is Step.MERGE


def test_a_conflict_with_ones_own_commit_counts_as_a_grant() -> None:
    assert step(ConflictingCommit(6, b"claim", OURS, b"body")) is Step.MERGE


def test_the_winner_is_processed_after_a_lost_race() -> None:
    assert step(ConflictingCommit(6, b"claim", THEIRS, b"body")) is Step.PROCESS_WINNER


def test_a_lost_race_whose_winner_came_by_fan_out_is_planned_anew() -> None:
    assert step(ConflictingCommit(6, b"claim", THEIRS, b"body"), current_epoch=6) is Step.REDO
    assert step(Gone(9), current_epoch=6) is Step.REDO
    assert step(Unanswered(), current_epoch=6) is Step.REDO


def test_missing_commits_that_are_gone_mean_rejoining() -> None:
    assert step(Gone(9)) is Step.REJOIN


def test_a_relay_that_says_nothing_is_asked_again() -> None:
    assert step(Gone(0)) is Step.RETRY
    assert step(Gone(5)) is Step.RETRY  # nothing has ended the epoch
    assert step(Unanswered()) is Step.RETRY


def test_a_grant_for_an_epoch_that_was_left_is_a_fork() -> None:
    assert step(Granted(6), current_epoch=6) is Step.REJOIN


@pytest.mark.parametrize(
    "code", ["invalid_commit", "bad_signature", "malformed", "not_allowed", "wrong_commit", "wrong_blob"]
)
def test_what_is_refused_everywhere_is_a_jam(code: str) -> None:
    assert is_jam(code)


@pytest.mark.parametrize("code", ["unreadable_path", "missing_proposal", "commits_gone", "own_message", "relay_absent"])
def test_what_may_be_our_own_trouble_is_none(code: str) -> None:
    assert not is_jam(code)
