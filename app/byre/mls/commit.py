"""Commit (RFC 9420 section 12.4): proposals by value or by reference, and a path.

Whether a commit may be applied is decided in `proposal_list` and `group/stage`; this is its wire form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from byre.mls.proposals import Proposal, read_proposal
from byre.mls.update_path import UpdatePath
from byre.wire.tls import Reader, Writer, malformed, opaque


@dataclass(frozen=True, slots=True)
class ProposalReference:
    """The hash of a proposal that was sent before (section 5.2)."""

    reference: bytes = field(repr=False)


ProposalOrRef: TypeAlias = Proposal | ProposalReference


@dataclass(frozen=True, slots=True)
class Commit:
    """A parsed commit."""

    proposals: tuple[ProposalOrRef, ...]
    path: UpdatePath | None

    def encode(self) -> bytes:
        """Return the wire form."""
        items = [
            b"\x02" + opaque(item.reference) if isinstance(item, ProposalReference) else b"\x01" + item.encode()
            for item in self.proposals
        ]
        return Writer().vector(items).optional(None if self.path is None else self.path.encode()).done()

    @classmethod
    def read(cls, reader: Reader) -> Commit:
        """Read one."""
        return cls(tuple(reader.vector(_read_item)), reader.optional(UpdatePath.read))

    @classmethod
    def decode(cls, data: bytes) -> Commit:
        """Parse exactly one Commit, or raise PeerError(code="malformed")."""
        reader = Reader(data)
        commit = cls.read(reader)
        reader.end()
        return commit


def _read_item(reader: Reader) -> ProposalOrRef:
    kind = reader.u8()
    if kind == 1:
        return read_proposal(reader)
    if kind == 2:
        return ProposalReference(reader.opaque_v())
    raise malformed("a commit names a proposal in an unknown way")
