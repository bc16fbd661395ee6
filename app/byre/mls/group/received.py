"""What a message that is no commit turns out to be, each with the group after it.

Unverified ─ verify ─> Received           an application message; the sender's signature is looked at last
ProposalReceived                          a proposal by reference
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from byre.mls.group.message import OpenedApplication
from byre.mls.proposals import Proposal

if TYPE_CHECKING:
    from byre.mls.group.group import Group


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
