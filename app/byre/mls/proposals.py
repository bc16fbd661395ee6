"""Proposals (RFC 9420 section 12.1): one change of the group each, waiting for a Commit.

ReInit parses, so that foreign messages can be read; groups of ours refuse it (`proposal_list`). A type that we do
not know cannot be skipped, since proposals carry no length: its message is refused whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from byre.mls.extension import Extension, encode_extensions, read_extensions
from byre.mls.key_package import KeyPackage
from byre.mls.leaf_node import LeafNode
from byre.mls.psk import PreSharedKeyId
from byre.mls.rules import Rule, violation
from byre.wire.tls import Reader, Writer, opaque


@dataclass(frozen=True, slots=True)
class AddProposal:
    """Add the client of a KeyPackage (section 12.1.1)."""

    proposal_type: ClassVar[int] = 1
    key_package: KeyPackage

    def encode(self) -> bytes:
        """Return the wire form."""
        return b"\x00\x01" + self.key_package.encoded


@dataclass(frozen=True, slots=True)
class UpdateProposal:
    """Replace the proposer's own leaf (section 12.1.2)."""

    proposal_type: ClassVar[int] = 2
    leaf_node: LeafNode

    def encode(self) -> bytes:
        """Return the wire form."""
        return b"\x00\x02" + self.leaf_node.encoded


@dataclass(frozen=True, slots=True)
class RemoveProposal:
    """Remove a member by leaf index (section 12.1.3)."""

    proposal_type: ClassVar[int] = 3
    removed: int

    def encode(self) -> bytes:
        """Return the wire form."""
        return b"\x00\x03" + self.removed.to_bytes(4)


@dataclass(frozen=True, slots=True)
class PreSharedKeyProposal:
    """Mix a pre-shared key into the next epoch (section 12.1.4)."""

    proposal_type: ClassVar[int] = 4
    psk_id: PreSharedKeyId

    def encode(self) -> bytes:
        """Return the wire form."""
        return b"\x00\x04" + self.psk_id.encode()


@dataclass(frozen=True, slots=True)
class ReInitProposal:
    """Replace the group by another one (section 12.1.5): parsed, refused."""

    proposal_type: ClassVar[int] = 5
    group_id: bytes
    version: int
    suite_id: int
    extensions: tuple[Extension, ...]

    def encode(self) -> bytes:
        """Return the wire form."""
        writer = Writer().u16(5).opaque_v(self.group_id).u16(self.version).u16(self.suite_id)
        return writer.fixed(encode_extensions(self.extensions)).done()


@dataclass(frozen=True, slots=True)
class ExternalInitProposal:
    """Enter by an external commit (section 12.1.6)."""

    proposal_type: ClassVar[int] = 6
    kem_output: bytes = field(repr=False)

    def encode(self) -> bytes:
        """Return the wire form."""
        return b"\x00\x06" + opaque(self.kem_output)


@dataclass(frozen=True, slots=True)
class GroupContextExtensionsProposal:
    """Replace the group's extensions (section 12.1.7)."""

    proposal_type: ClassVar[int] = 7
    extensions: tuple[Extension, ...]

    def encode(self) -> bytes:
        """Return the wire form."""
        return b"\x00\x07" + encode_extensions(self.extensions)


Proposal: TypeAlias = (
    AddProposal
    | UpdateProposal
    | RemoveProposal
    | PreSharedKeyProposal
    | ReInitProposal
    | ExternalInitProposal
    | GroupContextExtensionsProposal
)


def read_proposal(reader: Reader) -> Proposal:
    """Read one proposal."""
    proposal_type = reader.u16()
    if proposal_type == AddProposal.proposal_type:
        return AddProposal(KeyPackage.read(reader))
    if proposal_type == UpdateProposal.proposal_type:
        return UpdateProposal(LeafNode.read(reader))
    if proposal_type == RemoveProposal.proposal_type:
        return RemoveProposal(reader.u32())
    if proposal_type == PreSharedKeyProposal.proposal_type:
        return PreSharedKeyProposal(PreSharedKeyId.read(reader))
    if proposal_type == ReInitProposal.proposal_type:
        return ReInitProposal(reader.opaque_v(), reader.u16(), reader.u16(), read_extensions(reader))
    if proposal_type == ExternalInitProposal.proposal_type:
        return ExternalInitProposal(reader.opaque_v())
    if proposal_type == GroupContextExtensionsProposal.proposal_type:
        return GroupContextExtensionsProposal(read_extensions(reader))
    raise violation(Rule.PROPOSAL_LIST, "a proposal has an unknown type", code="unsupported_proposal")


def decode_proposal(data: bytes) -> Proposal:
    """Parse exactly one proposal, or raise PeerError: codes malformed, unsupported_proposal, unsupported_credential."""
    reader = Reader(data)
    proposal = read_proposal(reader)
    reader.end()
    return proposal
