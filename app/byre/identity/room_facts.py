"""What the law of membership looks at: a room's leaves and context in one epoch, and what a commit changes.

The client fills these in from MLS; nothing here knows MLS. A leaf here is verified (its credential's signatures hold),
not yet judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from byre.errors import PeerError
from byre.identity.credential import VerifiedCredential
from byre.identity.device_list import DeviceList
from byre.identity.leaf import LeafInfo
from byre.identity.room_context import RoomContext
from byre.wire.ids import AccountId, DeviceId
from byre.wire.tls import malformed
from byre.wire.versions import ROOM_EXTENSION

NOT_SEATED: Final = -1
"""The leaf index of a leaf that a commit adds: MLS chooses its place."""


@dataclass(frozen=True, slots=True)
class MemberLeaf:
    """One leaf with a verified credential."""

    leaf_index: int
    credential: VerifiedCredential
    signature_key: bytes
    info: LeafInfo

    @classmethod
    def read(cls, leaf_index: int, *, identity: bytes, signature_key: bytes, leaf_extension: bytes) -> MemberLeaf:
        """Verify the credential and read the extension of one MLS leaf.

        Args:
            leaf_index: its place, NOT_SEATED in an Add.
            identity: the identity bytes of its basic credential.
            signature_key: the leaf's signature key.
            leaf_extension: the data of its extension 0xF0B1.

        Raises:
            PeerError: code malformed, newer_version, bad_signature or bad_relay_url.
        """
        return cls(leaf_index, VerifiedCredential.decode(identity), signature_key, LeafInfo.decode(leaf_extension))

    @property
    def account_id(self) -> AccountId:
        """Whose leaf it is."""
        return self.credential.certificate.account_id

    @property
    def device_id(self) -> DeviceId:
        """Which device sits there."""
        return self.credential.certificate.device_id


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """A room in one epoch. `other_extensions`: the group context's other (type, data) pairs, in order."""

    leaves: tuple[MemberLeaf, ...]
    context: RoomContext
    other_extensions: tuple[tuple[int, bytes], ...] = ()
    _by_place: Mapping[int, MemberLeaf] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Once per epoch: who sent a message is asked for every message, also in a room of a thousand.
        places = {leaf.leaf_index: leaf for leaf in reversed(self.leaves) if leaf.leaf_index != NOT_SEATED}
        object.__setattr__(self, "_by_place", places)

    @classmethod
    def read(cls, leaves: Sequence[MemberLeaf], extensions: Sequence[tuple[int, bytes]]) -> RoomFacts:
        """Return the facts of a group whose context has `extensions` (type, data).

        Raises:
            PeerError: code malformed (no or two extensions 0xF0B2, too), newer_version or bad_relay_url.
        """
        own = [data for extension_type, data in extensions if extension_type == ROOM_EXTENSION]
        if len(own) != 1:
            raise malformed("a room has one room context")
        others = tuple((kind, data) for kind, data in extensions if kind != ROOM_EXTENSION)
        return cls(tuple(leaves), RoomContext.decode(own[0]), others)

    def with_extensions(self, extensions: Sequence[tuple[int, bytes]]) -> RoomFacts:
        """Return the facts with another group context; raises as `read`."""
        return RoomFacts.read(self.leaves, extensions)

    def leaf(self, leaf_index: int) -> MemberLeaf:
        """Return the leaf at a place.

        Raises:
            PeerError: code no_such_leaf.
        """
        leaf = self._by_place.get(leaf_index)
        if leaf is None:
            raise PeerError("a commit speaks of a leaf that does not exist", code="no_such_leaf")
        return leaf

    def has_account(self, account_id: AccountId) -> bool:
        """Tell whether an account has a leaf."""
        return any(leaf.account_id == account_id for leaf in self.leaves)

    def accounts(self) -> frozenset[AccountId]:
        """Return the accounts that have a leaf."""
        return frozenset(leaf.account_id for leaf in self.leaves)

    def lists_of(self, account_id: AccountId) -> list[DeviceList]:
        """Return the device lists that an account's leaves carry."""
        return [leaf.credential.device_list for leaf in self.leaves if leaf.account_id == account_id]

    def all_lists(self) -> dict[AccountId, list[DeviceList]]:
        """Return the device lists that leaves carry, by account."""
        lists: dict[AccountId, list[DeviceList]] = {}
        for leaf in self.leaves:
            lists.setdefault(leaf.account_id, []).append(leaf.credential.device_list)
        return lists


@dataclass(frozen=True, slots=True)
class Add:
    """A leaf (NOT_SEATED) comes in."""

    proposer_leaf: int
    leaf: MemberLeaf


@dataclass(frozen=True, slots=True)
class Remove:
    """The leaf at `leaf_index` goes; the proposer is the sender of the Remove proposal."""

    proposer_leaf: int
    leaf_index: int


@dataclass(frozen=True, slots=True)
class Update:
    """A member changes its own leaf: `leaf.leaf_index` is its place."""

    leaf: MemberLeaf


@dataclass(frozen=True, slots=True)
class ContextChange:
    """The group context's extensions become `extensions` (type, data), all of them."""

    proposer_leaf: int
    extensions: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A proposal of another type (PSK, ReInit, ExternalInit, …)."""

    name: str


Change = Add | Remove | Update | ContextChange | Unsupported


@dataclass(frozen=True, slots=True)
class CommitFacts:
    """What a commit says: by value and by reference alike, each change with its proposer."""

    committer_leaf: int
    changes: tuple[Change, ...] = ()
    authenticated_data: bytes = field(default=b"", repr=False)
    path_leaf: MemberLeaf | None = None  # the committer's new leaf, when the commit has a path
    is_external: bool = False
