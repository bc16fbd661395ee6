"""What one can read of a group without changing it."""

from __future__ import annotations

from byre.crypto.secret import Secret
from byre.mls.cipher_suite import CipherSuite
from byre.mls.extension import Extension
from byre.mls.group.state import GroupState, Member, PendingProposal, members_of


class GroupView:
    """The readable side of `Group`; a value without a repr of its secrets."""

    __slots__ = ("_state",)

    def __init__(self, state: GroupState) -> None:
        self._state = state

    @property
    def group_id(self) -> bytes:
        """The group's id."""
        return self._state.epoch.context.group_id

    @property
    def epoch(self) -> int:
        """The epoch's number."""
        return self._state.epoch.context.epoch

    @property
    def suite(self) -> CipherSuite:
        """The cipher suite."""
        return self._state.epoch.suite

    @property
    def extensions(self) -> tuple[Extension, ...]:
        """The group's extensions."""
        return self._state.epoch.context.extensions

    @property
    def members(self) -> tuple[Member, ...]:
        """The members by ascending leaf index; also of a past epoch."""
        return members_of(self._state.epoch.tree)

    def member(self, leaf_index: int) -> Member | None:
        """Return the member at a leaf index, None when nobody sits there."""
        leaf = self._state.epoch.tree.leaf(leaf_index)
        return None if leaf is None else Member(leaf_index, leaf.credential, leaf.signature_key, leaf)

    @property
    def own_leaf_index(self) -> int:
        """Our own leaf index."""
        return self._state.epoch.own_leaf_index

    @property
    def welcomed_by(self) -> int | None:
        """The leaf that signed the Welcome by which we joined; None after the next commit, or if we created it."""
        return self._state.epoch.welcomed_by

    @property
    def pending_proposals(self) -> tuple[PendingProposal, ...]:
        """Proposals by reference that wait for a commit of this epoch, our own ones included."""
        return self._state.proposals

    @property
    def is_past(self) -> bool:
        """Whether this epoch only reads late application messages."""
        return self._state.epoch.is_past

    @property
    def tree_hash(self) -> bytes:
        """The tree hash in the group's context."""
        return self._state.epoch.context.tree_hash

    @property
    def confirmed_transcript_hash(self) -> bytes:
        """The confirmed transcript hash: equal at all members of the epoch."""
        return self._state.epoch.context.confirmed_transcript_hash

    @property
    def ratchet_tree(self) -> bytes:
        """The encoded ratchet tree, for a joiner who gets it beside the Welcome."""
        return self._state.epoch.tree.encode()

    @property
    def epoch_authenticator(self) -> Secret:
        """The epoch authenticator (section 8.7)."""
        return Secret(self._state.epoch.secrets.epoch_authenticator)

    @property
    def resumption_psk(self) -> Secret:
        """The epoch's resumption PSK (section 8.6)."""
        return Secret(self._state.epoch.secrets.resumption_psk)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} epoch={self.epoch} leaf={self.own_leaf_index}>"
