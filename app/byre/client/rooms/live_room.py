"""One room's current epoch as the engine works with it: the MLS group and what identity says of its leaves.

A value: encrypting or receiving gives a new one with another ratchet, a commit one with other leaves. Reading the
leaves verifies every credential, so the facts are read once per epoch and carried along.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from byre.client.delivery.fan_out import Recipient
from byre.client.leaf_check import check_credential, check_credential_kind, check_lifetime
from byre.client.rooms.intents import Seat, Situation
from byre.errors import PeerError
from byre.identity.room_context import RoomContext
from byre.identity.room_facts import MemberLeaf, RoomFacts
from byre.mls import HYBRID, Group, LeafNode, RemoveProposal
from byre.mls import Member as MlsMember
from byre.wire.versions import LEAF_EXTENSION


@dataclass(frozen=True, slots=True)
class LiveRoom:
    """A room in its current epoch."""

    group: Group
    facts: RoomFacts

    @classmethod
    def read(cls, group: Group) -> LiveRoom:
        """Read what identity needs to know off `group`.

        Raises:
            PeerError: a leaf or the context does not verify; code unsupported_suite for any suite but our rooms' one.
        """
        expect_room_suite(group)
        return cls(group, read_facts(group))

    @property
    def group_id(self) -> bytes:
        """The MLS group id: the room's id everywhere."""
        return self.group.group_id

    @property
    def epoch(self) -> int:
        """The current epoch."""
        return self.group.epoch

    @property
    def context(self) -> RoomContext:
        """Kind, home, title, roles."""
        return self.facts.context

    @property
    def own_seat(self) -> Seat:
        """This device's leaf."""
        return self.seat(self.group.own_leaf_index)

    def seat(self, leaf_index: int) -> Seat:
        """Return who sits at `leaf_index`; KeyError when nobody does."""
        member = self.group.member(leaf_index)
        if member is None:
            raise KeyError(leaf_index)
        return seat_of(member, self.facts)

    def seats(self) -> tuple[Seat, ...]:
        """All leaves, by index."""
        return seats_of(self.group.members, self.facts)

    def situation(self) -> Situation:
        """What decides what an intent means now."""
        seats = self.seats()
        leaving = {
            pending.proposal.removed
            for pending in self.group.pending_proposals
            if isinstance(pending.proposal, RemoveProposal)
        }
        accounts = {seat.account_id for seat in seats if seat.leaf_index in leaving}
        is_whole = all(seat.leaf_index in leaving for seat in seats if seat.account_id in accounts)
        return Situation(seats, frozenset(leaving), is_whole, self.context)

    def with_group(self, group: Group) -> LiveRoom:
        """Return the room with another state of the same epoch."""
        return LiveRoom(group, self.facts)

    def recipients(self, accounts: Collection[bytes] | None = None) -> list[Recipient]:
        """Return every other device (of `accounts` only, if given)."""
        own = self.group.own_leaf_index
        return [
            recipient_of(leaf)
            for leaf in self.facts.leaves
            if leaf.leaf_index != own and (accounts is None or leaf.account_id in accounts)
        ]

    def leaf_of(self, device_id: bytes) -> int | None:
        """Return where the device `device_id` sits, None when it has no leaf."""
        return next((leaf.leaf_index for leaf in self.facts.leaves if leaf.device_id == device_id), None)

    def recipient(self, device_id: bytes) -> Recipient | None:
        """Return the device `device_id` if it has a leaf."""
        for leaf in self.facts.leaves:
            if leaf.device_id == device_id:
                return recipient_of(leaf)
        return None

    @property
    def own_recipient(self) -> Recipient:
        """This device's own mailbox, for the echo."""
        return recipient_of(self.facts.leaf(self.group.own_leaf_index))

    def accounts(self) -> set[bytes]:
        """Every account with a leaf."""
        return {leaf.account_id for leaf in self.facts.leaves}


def expect_room_suite(group: Group) -> None:
    """Refuse a group of a weaker suite: the engine knows some for vectors and foreign peers, no room has one.

    Raises:
        PeerError: code unsupported_suite.
    """
    if group.suite.suite_id != HYBRID:
        raise PeerError("a room of another suite", code="unsupported_suite")


def read_facts(group: Group) -> RoomFacts:
    """Verify every leaf of `group` and its room context.

    Raises:
        PeerError: whatever does not verify.
    """
    leaves = [read_leaf(member.leaf_index, member.leaf_node) for member in group.members]
    return RoomFacts.read(leaves, [(e.extension_type, e.data) for e in group.extensions])


def read_leaf(leaf_index: int, leaf: LeafNode) -> MemberLeaf:
    """Verify what identity needs of a leaf.

    Raises:
        PeerError: the credential or the extension does not verify.
    """
    return MemberLeaf.read(
        leaf_index,
        identity=leaf.credential.identity,
        signature_key=leaf.signature_key,
        leaf_extension=leaf_extension(leaf),
    )


def validated_leaf(leaf_index: int, leaf: LeafNode) -> MemberLeaf:
    """Verify a leaf as `validate_leaf` does, once, and return what was read.

    Raises:
        PeerError: as `read_leaf`; codes invalid_leaf, invalid_credential.
    """
    check_lifetime(leaf)
    check_credential_kind(leaf)
    read = read_leaf(leaf_index, leaf)
    check_credential(leaf, read.credential)
    return read


def leaf_extension(leaf: LeafNode) -> bytes:
    """Return the data of the leaf's 0xF0B1, or nothing: identity refuses that."""
    return next((e.data for e in leaf.extensions if e.extension_type == LEAF_EXTENSION), b"")


def recipient_of(leaf: MemberLeaf) -> Recipient:
    """Return where the leaf's device wants its envelopes."""
    return Recipient(leaf.account_id, leaf.device_id, leaf.info.address)


def seats_of(members: Iterable[MlsMember], facts: RoomFacts) -> tuple[Seat, ...]:
    """Return the seats of all `members`."""
    return tuple(seat_of(member, facts) for member in members)


def seat_of(member: MlsMember, facts: RoomFacts) -> Seat:
    """Return whose device `member` is."""
    leaf = facts.leaf(member.leaf_index)
    return Seat(
        member.leaf_index, leaf.account_id, leaf.device_id, member.signature_key, member.leaf_node.encryption_key
    )
