"""What a commit does that is valid and not merged yet, without the group that it leads to."""

from __future__ import annotations

from byre.mls.extension import Extension
from byre.mls.group.stage import StagedState
from byre.mls.group.state import Member, members_of
from byre.mls.proposal_list import AppliedProposal


class StagedCommitView:
    """The readable side of `StagedCommit`: what the client's own law judges (Rule 15)."""

    __slots__ = ("_state",)

    def __init__(self, state: StagedState) -> None:
        self._state = state

    @property
    def committer_leaf(self) -> int:
        """The committer's leaf index; for an external commit the one that it takes."""
        return self._state.committer_leaf

    @property
    def is_external(self) -> bool:
        """Whether the committer was no member before."""
        return self._state.is_external

    @property
    def applied(self) -> tuple[AppliedProposal, ...]:
        """The proposals with who proposed them, in the commit's order."""
        return self._state.applied

    @property
    def authenticated_data(self) -> bytes:
        """The commit's authenticated data."""
        return self._state.authenticated_data

    @property
    def before(self) -> tuple[Member, ...]:
        """The members of the epoch that the commit ends."""
        return members_of(self._state.before.tree)

    @property
    def after(self) -> tuple[Member, ...]:
        """The members of the epoch that it begins."""
        return members_of(self._state.tree_after)

    @property
    def extensions_before(self) -> tuple[Extension, ...]:
        """The group's extensions in the epoch that the commit ends."""
        return self._state.before.context.extensions

    @property
    def extensions(self) -> tuple[Extension, ...]:
        """The group's extensions in the epoch that it begins."""
        return self._state.extensions

    @property
    def epoch(self) -> int:
        """The number of the epoch that it begins."""
        return self._state.before.context.epoch + 1

    @property
    def self_removed(self) -> bool:
        """Whether the commit removes us; then nothing can be merged."""
        return self._state.following is None
