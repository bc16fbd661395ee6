"""What a member of a mixed group can do, whatever engine it runs; and our own engine as such a member.

Every engine has gaps: a peer says in `Skills` what it cannot do, and the tests ask before they let it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from byre.crypto.random import Random
from byre.mls import (
    AddProposal,
    Credential,
    Extension,
    Group,
    KeyPackage,
    KeyPackageBundle,
    MLSMessage,
    PendingCommit,
    Proposal,
    ProposalReceived,
    Received,
    RemoveProposal,
    StagedCommit,
    WireFormat,
)
from byre.mls.group.external import export_group_info, join_external
from byre.mls.mls_message import frame
from byre.mls.psk import PreSharedKeyId, PskType
from tests.fakes.mls import NOW_S, YEAR_S, Person, person, seeded

# Foreign engines judge lifetimes by their own clock, so that our packages live around both.
NOT_AFTER_S = int(time.time()) + YEAR_S


@dataclass(frozen=True, slots=True)
class Made:
    """A commit that its maker has not merged."""

    commit: bytes
    welcome: bytes | None
    tree: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a message: text, or nothing to show; `removed` when the group went on without this member."""

    data: bytes | None = None
    removed: bool = False


class Member(Protocol):
    """One client with at most one group."""

    name: str
    kind: str

    def key_package(self) -> bytes:
        """Return a fresh KeyPackage as an MLSMessage."""

    def create(self, group_id: bytes, extensions: tuple[Extension, ...] = ()) -> None:
        """Begin a group of one."""

    def join(self, welcome: bytes, tree: bytes | None) -> None:
        """Join by a Welcome."""

    def commit(
        self, *, add: tuple[bytes, ...] = (), remove: str | None = None, public: bool = False, tree_inside: bool = True
    ) -> Made:
        """Commit what waits and what is named here."""

    def merge(self) -> None:
        """Enter the epoch of the commit just made."""

    def can_remove(self, name: str) -> bool:
        """Whether this engine is able to name that member."""

    def process(self, message: bytes, sender: str) -> Heard:
        """Process any message of the group."""

    def encrypt(self, data: bytes) -> bytes:
        """Return an application message."""

    def export(self, label: str, length: int) -> bytes:
        """Return MLS-Exporter(label, "", length)."""


class OurMember:
    """Byre's engine."""

    kind = "ours"

    def __init__(self, name: str, suite_id: int, seed: int) -> None:
        self.name = name
        self.person: Person = person(name, suite_id, seed)
        self.random: Random = seeded(seed * 31 + int.from_bytes(name.encode()))
        self.psks: dict[bytes, bytes] = {}
        self.force_path = True
        self.resumption: dict[int, bytes] = {}
        self._bundle: KeyPackageBundle | None = None
        self._group: Group | None = None
        self._pending: PendingCommit | None = None

    @property
    def group(self) -> Group:
        assert self._group is not None, "not in a group"
        return self._group

    @group.setter
    def group(self, group: Group) -> None:
        self._group = group
        self.resumption[group.epoch] = group.resumption_psk.reveal()

    def look_up(self, psk_id: PreSharedKeyId) -> bytes:
        if psk_id.psk_type is PskType.EXTERNAL:
            return self.psks[psk_id.identifier]
        return self.resumption[psk_id.epoch]

    def key_package(self) -> bytes:
        self._bundle = self.person.package(not_after_s=NOT_AFTER_S)
        return frame(WireFormat.KEY_PACKAGE, self._bundle.key_package.encoded)

    def create(self, group_id: bytes, extensions: tuple[Extension, ...] = ()) -> None:
        self.group = self.person.create(group_id=group_id, extensions=extensions)

    def join(self, welcome: bytes, tree: bytes | None) -> None:
        assert self._bundle is not None, "no package was asked for"
        self.group = Group.join(
            welcome,
            bundle=self._bundle,
            signature_key=self.person.key,
            ratchet_tree=tree,
            now_s=NOW_S,
            psks=self.look_up,
        )

    def commit(
        self, *, add: tuple[bytes, ...] = (), remove: str | None = None, public: bool = False, tree_inside: bool = True
    ) -> Made:
        proposals: list[Proposal] = [AddProposal(package_in(data)) for data in add]
        if remove is not None:
            proposals.append(RemoveProposal(self.leaf_of(remove)))
        return self.commit_of(*proposals, public=public, tree_inside=tree_inside)

    def commit_of(self, *proposals: Proposal, public: bool = False, tree_inside: bool = True) -> Made:
        """Commit any proposals."""
        self._pending = self.group.commit(
            proposals,
            now_s=int(time.time()),
            random=self.random,
            tree_in_welcome=tree_inside,
            wire_format=WireFormat.PUBLIC_MESSAGE if public else WireFormat.PRIVATE_MESSAGE,
            psks=self.look_up,
            force_path=self.force_path,
        )
        welcomes = self._pending.welcomes
        return Made(self._pending.message, welcomes[0].message if welcomes else None, self._pending.group.ratchet_tree)

    def merge(self) -> None:
        assert self._pending is not None, "nothing was committed"
        self.group = self._pending.group

    def can_remove(self, name: str) -> bool:
        return True

    def leaf_of(self, name: str) -> int:
        """Return a member's leaf index by its name."""
        return next(each.leaf_index for each in self.group.members if each.credential.identity == name.encode())

    def process(self, message: bytes, sender: str) -> Heard:
        outcome = self.group.process(message, now_s=NOW_S, public_handshakes=True, psks=self.look_up)
        if isinstance(outcome, StagedCommit):
            if outcome.self_removed:
                return Heard(removed=True)
            self.group = outcome.merge()
            return Heard()
        self.group = outcome.group
        if isinstance(outcome, ProposalReceived):
            return Heard()
        assert isinstance(outcome, Received)
        return Heard(outcome.data)

    def encrypt(self, data: bytes) -> bytes:
        self.group, message = self.group.encrypt(data, random=self.random)
        return message

    def export(self, label: str, length: int) -> bytes:
        return self.group.export_secret(label, b"", length).reveal()

    def group_info(self, *, tree_inside: bool) -> tuple[bytes, bytes]:
        """Return a GroupInfo for external joiners, and the tree."""
        return export_group_info(self.group, with_tree=tree_inside), self.group.ratchet_tree

    def join_external(self, info: bytes, tree: bytes | None) -> bytes:
        """Enter by an external commit, in place of an old leaf of ours if there is one; return the commit."""
        self.group, message = join_external(
            info,
            signature_key=self.person.key,
            credential=Credential(self.name.encode()),
            leaf_extensions=(),
            ratchet_tree=tree,
            now_s=NOW_S,
            random=self.random,
        )
        return message


def package_in(message: bytes) -> KeyPackage:
    """Return the KeyPackage of an MLSMessage."""
    parsed = MLSMessage.decode(message).message
    assert isinstance(parsed, KeyPackage)
    return parsed
