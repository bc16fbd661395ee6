"""`Group`: one member's view of one group, as a value (RFC 9420).

Every verb is a pure function of (group, input, randomness): it returns a new group beside its output and leaves the
old one as it was. The caller stores the new group and the output in one transaction, and forgets the old one.

    current epoch ── encrypt, process, propose ──> current epoch        ratchet_bytes() changes
                  ── commit ──> PendingCommit ── the relay grants ──> .group      epoch_bytes() changes too
                  ── process ─> StagedCommit ── judged ──> .merge()
                  ── as_past ─> reads late application messages only
                  ── open ────> Unverified ── verify ──> Received         the sender's signature is looked at last
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.crypto.signature import SigningKey
from byre.errors import UsageError
from byre.mls.capabilities import Capabilities
from byre.mls.cipher_suite import CipherSuite
from byre.mls.credential import Credential
from byre.mls.extension import Extension
from byre.mls.framing import WireFormat
from byre.mls.group.commit import CommitOptions, MadeCommit, WelcomeOut, make_commit
from byre.mls.group.create import create_group
from byre.mls.group.join import join_group
from byre.mls.group.message import OpenedApplication, encrypt_application
from byre.mls.group.pending import decode_pending, encode_pending
from byre.mls.group.persist import decode_epoch, decode_ratchets, encode_epoch, encode_ratchets
from byre.mls.group.process import KeptProposal, committer_of, open_message, process_message
from byre.mls.group.propose import propose_remove, propose_update
from byre.mls.group.staged_view import StagedCommitView
from byre.mls.group.state import as_past
from byre.mls.group.view import GroupView
from byre.mls.key_package import KeyPackageBundle
from byre.mls.key_schedule import export_secret
from byre.mls.leaf_node import LeafValidator, Lifetime
from byre.mls.mls_message import MLSMessage
from byre.mls.proposals import Proposal
from byre.mls.psk import PskLookup, no_psks


class StagedCommit(StagedCommitView):
    """A commit that is valid by MLS and not merged: the place for the client's own law (Rules 10 and 15)."""

    __slots__ = ()

    def merge(self) -> Group:
        """Return the next epoch; raise UsageError when we are removed."""
        if self._state.following is None:
            raise UsageError("a commit that removes us cannot be merged", code="self_removed")
        return Group(self._state.following)


@dataclass(frozen=True, slots=True)
class PendingCommit:
    """A commit of ours that the relay has not ordered yet (Rule 10).

    Attributes:
        message: the MLSMessage for the members of the present epoch.
        welcomes: for the joiners, to be sent only after the relay's grant.
        staged: what it does, as the other members will see it.
        current: this epoch with the commit's handshake key consumed; store its ratchets with the pending commit.
    """

    message: bytes = field(repr=False)
    welcomes: tuple[WelcomeOut, ...]
    staged: StagedCommit
    current: Group

    @property
    def group(self) -> Group:
        """The next epoch, to be merged on the relay's grant."""
        return self.staged.merge()

    def to_bytes(self) -> bytes:
        """Return the bytes for the store, without `current`. Secret."""
        return encode_pending(MadeCommit(self.message, self.welcomes, self.staged._state, self.current._state))

    @classmethod
    def from_bytes(cls, data: bytes, *, before: Group) -> PendingCommit:
        """Read what `to_bytes` wrote; `before` is the group as stored, of the epoch that the commit ends.

        Raises:
            PeerError: code malformed.
        """
        made = decode_pending(data, before._state)
        return cls(made.message, made.welcomes, StagedCommit(made.staged), before)


@dataclass(frozen=True, slots=True)
class Received:
    """An application message; keep `group` in place of the one that processed it."""

    group: Group = field(repr=False)
    sender_leaf: int
    data: bytes = field(repr=False)
    authenticated_data: bytes = field(repr=False)
    generation: int


@dataclass(frozen=True, slots=True)
class Unverified:
    """An application message that opened, and whose signature nobody has looked at: it shows nothing yet.

    `group` opens the messages after it. It is not to be kept before `verify` has returned: if that raises, the message
    was none, `group` never was, and what was opened with it is opened again with the group before (Rule 1).
    """

    group: Group = field(repr=False)
    _opened: OpenedApplication = field(repr=False)

    def verify(self) -> Received:
        """Return the message, or raise PeerError(code="bad_signature")."""
        opened = self._opened
        opened.verify()
        return Received(self.group, opened.sender_leaf, opened.data, opened.authenticated_data, opened.generation)


@dataclass(frozen=True, slots=True)
class ProposalReceived:
    """A proposal by reference; it waits in `group` for a commit."""

    group: Group = field(repr=False)
    sender_leaf: int
    proposal: Proposal
    authenticated_data: bytes = field(repr=False)


Processed: TypeAlias = Received | ProposalReceived | StagedCommit


class Group(GroupView):
    """One member's view of one group; see the module."""

    __slots__ = ()

    @classmethod
    def create(
        cls,
        suite: CipherSuite,
        *,
        group_id: bytes,
        signature_key: SigningKey,
        credential: Credential,
        leaf_extensions: Sequence[Extension],
        extensions: Sequence[Extension],
        not_before_s: int,
        not_after_s: int,
        random: Random,
        capabilities: Capabilities | None = None,
    ) -> Group:
        """Return a new group of one; `extensions` are the group's, times are seconds since 1970."""
        return cls(
            create_group(
                suite,
                group_id=group_id,
                signature_key=signature_key,
                credential=credential,
                capabilities=capabilities or Capabilities(),
                leaf_extensions=leaf_extensions,
                extensions=extensions,
                lifetime=Lifetime(not_before_s, not_after_s),
                random=random,
            )
        )

    @classmethod
    def join(
        cls,
        welcome: bytes | MLSMessage,
        *,
        bundle: KeyPackageBundle,
        signature_key: SigningKey,
        ratchet_tree: bytes | None = None,
        validate: LeafValidator | None = None,
        now_s: int = 0,
        psks: PskLookup = no_psks,
    ) -> Group:
        """Return the group that a Welcome opens for `bundle`; delete the bundle once this group is durable (Rule 16).

        Raises:
            PeerError: codes not_for_us, malformed, bad_ciphertext, bad_signature, invalid_tree, invalid_leaf,
                invalid_welcome, missing_tree, unsupported_suite, unknown_psk, or what `validate` raises.
        """
        return cls(
            join_group(
                welcome,
                bundle=bundle,
                signature_key=signature_key,
                ratchet_tree=ratchet_tree,
                validate=validate,
                psks=psks,
                now_s=now_s,
            )
        )

    @classmethod
    def load(cls, epoch: bytes, ratchets: bytes, *, past: bool = False) -> Group:
        """Return the group from its two stored parts; `past` erases what only the current epoch needs.

        Raises:
            PeerError: code malformed.
        """
        state = decode_ratchets(decode_epoch(epoch), ratchets)
        return cls(as_past(state) if past and not state.epoch.is_past else state)

    def commit(
        self,
        proposals: Sequence[Proposal] = (),
        *,
        include_pending: bool = True,
        authenticated_data: bytes = b"",
        leaf_extensions: Sequence[Extension] | None = None,
        leaf_credential: Credential | None = None,
        validate: LeafValidator | None = None,
        now_s: int,
        random: Random,
        force_path: bool = True,
        tree_in_welcome: bool = True,
        split_welcomes: bool = False,
        wire_format: WireFormat = WireFormat.PRIVATE_MESSAGE,
        psks: PskLookup = no_psks,
    ) -> PendingCommit:
        """Make a commit of `proposals` by value and the pending ones by reference; this group stays as it is.

        Args:
            leaf_extensions, leaf_credential: replace those of our own leaf (both need a path, which is then made).
            force_path: renew our keys even where the RFC does not ask for it.
            split_welcomes: one Welcome per joiner instead of one for all.

        Raises:
            PeerError: a proposal given by value is invalid (key_package_expired, invalid_key_package, …).
            UsageError: this epoch is past, or an Update was given by value.
        """
        options = CommitOptions(
            include_pending=include_pending,
            authenticated_data=authenticated_data,
            leaf_extensions=leaf_extensions,
            leaf_credential=leaf_credential,
            force_path=force_path,
            tree_in_welcome=tree_in_welcome,
            split_welcomes=split_welcomes,
            wire_format=wire_format,
        )
        made = make_commit(self._state, proposals, options, validate=validate, psks=psks, now_s=now_s, random=random)
        return PendingCommit(made.message, made.welcomes, StagedCommit(made.staged), Group(made.current))

    def propose_remove(
        self,
        leaf_index: int,
        *,
        authenticated_data: bytes = b"",
        wire_format: WireFormat = WireFormat.PRIVATE_MESSAGE,
        random: Random,
    ) -> tuple[Group, bytes]:
        """Propose by reference that a member goes; return (group, MLSMessage)."""
        state, message = propose_remove(
            self._state, leaf_index, authenticated_data=authenticated_data, wire_format=wire_format, random=random
        )
        return Group(state), message

    def propose_self_remove(
        self,
        *,
        authenticated_data: bytes = b"",
        wire_format: WireFormat = WireFormat.PRIVATE_MESSAGE,
        random: Random,
    ) -> tuple[Group, bytes]:
        """Propose to leave; any other member commits it."""
        return self.propose_remove(
            self.own_leaf_index, authenticated_data=authenticated_data, wire_format=wire_format, random=random
        )

    def propose_update(
        self,
        *,
        leaf_extensions: Sequence[Extension] | None = None,
        authenticated_data: bytes = b"",
        wire_format: WireFormat = WireFormat.PRIVATE_MESSAGE,
        random: Random,
    ) -> tuple[Group, bytes]:
        """Propose a new leaf of our own, to be committed by another member."""
        state, message = propose_update(
            self._state,
            leaf_extensions=leaf_extensions,
            authenticated_data=authenticated_data,
            wire_format=wire_format,
            random=random,
        )
        return Group(state), message

    def process(
        self,
        message: bytes,
        *,
        validate: LeafValidator | None = None,
        now_s: int = 0,
        psks: PskLookup = no_psks,
        public_handshakes: bool = False,
    ) -> Processed:
        """Open a message of this group and epoch; `public_handshakes` takes PublicMessages too, as foreign peers send.

        Raises:
            PeerError: codes unknown_group, wrong_epoch, future_epoch, own_message, replayed, generation_too_far,
                bad_ciphertext, bad_signature, bad_membership_tag, malformed, unknown_sender, unsupported_sender,
                unexpected_message, public_handshake, too_many_proposals, and for commits those of `stage_commit`.
                Nothing was consumed: this group is still good (Rule 1).
        """
        outcome = process_message(
            self._state, message, validate=validate, psks=psks, now_s=now_s, public_handshakes=public_handshakes
        )
        if isinstance(outcome, OpenedApplication):
            return Received(
                Group(outcome.state),
                outcome.sender_leaf,
                outcome.data,
                outcome.authenticated_data,
                outcome.generation,
            )
        if isinstance(outcome, KeptProposal):
            return ProposalReceived(
                Group(outcome.state), outcome.sender_leaf, outcome.proposal, outcome.authenticated_data
            )
        return StagedCommit(outcome)

    def open(self, message: bytes) -> Unverified | None:
        """Decrypt an application message and leave its signature for later; None for whatever else `process` takes.

        Many messages are opened one after the other and verified together in less time than in turns.

        Raises:
            PeerError: as `process`, without bad_signature. This group is still good.
        """
        opened = open_message(self._state, message)
        return None if opened is None else Unverified(Group(opened.state), opened)

    def committer_of(self, message: bytes) -> int | None:
        """Return the leaf that signed a commit of this epoch, present or past, without taking it; None for no commit.

        Raises:
            PeerError: nobody of this epoch signed it.
        """
        return committer_of(self._state, message)

    def encrypt(self, data: bytes, *, authenticated_data: bytes = b"", random: Random) -> tuple[Group, bytes]:
        """Return (group, MLSMessage); store the group before the bytes leave (Rule 1)."""
        state, message = encrypt_application(self._state, data, authenticated_data, random)
        return Group(state), message

    def export_secret(self, label: str, context: bytes, length: int) -> Secret:
        """Return MLS-Exporter(label, context, length) of this epoch (section 8.5)."""
        self._state.need_current()
        epoch = self._state.epoch
        return Secret(export_secret(epoch.suite, epoch.secrets.exporter_secret, label, context, length))

    def as_past(self) -> Group:
        """Return this epoch as one keeps it after the next has begun: late application messages only."""
        return self if self._state.epoch.is_past else Group(as_past(self._state))

    def epoch_bytes(self) -> bytes:
        """Return the part that changes with the epoch. Secret."""
        return encode_epoch(self._state.epoch)

    def ratchet_bytes(self) -> bytes:
        """Return the part that changes with every message. Secret."""
        return encode_ratchets(self._state)
