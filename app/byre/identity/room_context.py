"""MLS group context extension 0xF0B2: what a room is, agreed by all its members.

    u16 version=1 ‖ u8 kind ‖ opaque home_url<V> ‖ group_tag[16] ‖ opaque title<V> ‖ opaque picture<V>
    ‖ (account_id[32] ‖ u8 role)<V> ‖ u8 who_may_invite ‖ u32 retention_s ‖ u16 policy_version ‖ opaque predecessor<V>

kind 1 direct, 2 group, 3 device, 4 note. role 1 member, 2 admin, 3 owner; who is not listed is a member. who_may_invite
1 everyone, 2 admins. retention 0 keeps for ever. predecessor: group id of the room that this one follows, or empty.
Roles ascend by account id and never name plain members, so that one context has one encoding. Who may change what is
`membership.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Final

from byre.wire import ids
from byre.wire.fields import (
    bad_field,
    blaming_the_peer,
    need_blob,
    need_bytes,
    need_group_id,
    need_name,
    need_uint,
    utf8,
)
from byre.wire.ids import AccountId, GroupId, GroupTag
from byre.wire.relay_url import parse_relay_url
from byre.wire.tls import Reader, Writer, malformed
from byre.wire.versions import POLICY_VERSION, STRUCTURE_VERSION, expect_version

LARGEST_TITLE: Final = 256
LARGEST_PICTURE: Final = 512
MOST_ROLES: Final = 256


class RoomKind(IntEnum):
    """What a room is for; it never changes."""

    DIRECT = 1
    GROUP = 2
    DEVICE = 3
    NOTE = 4


class AccountRole(IntEnum):
    """What an account may do in a room, ascending."""

    MEMBER = 1
    ADMIN = 2
    OWNER = 3


class Inviters(IntEnum):
    """Who may add a new account."""

    EVERYONE = 1
    ADMINS = 2


Roles = tuple[tuple[AccountId, AccountRole], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomContext:
    """The data of extension 0xF0B2. `picture` is opaque in version 1."""

    kind: RoomKind
    home_url: str
    group_tag: GroupTag
    roles: Roles
    title: str = ""
    picture: bytes = b""
    who_may_invite: Inviters = Inviters.EVERYONE
    retention_s: int = 0
    policy_version: int = POLICY_VERSION
    predecessor: GroupId | None = None

    def __post_init__(self) -> None:
        need_name(self.home_url, "a relay URL")
        need_bytes(self.group_tag, ids.GROUP_TAG_SIZE, "a group tag")
        need_name(self.title, "a title", largest_bytes=LARGEST_TITLE)
        need_blob(self.picture, LARGEST_PICTURE, "a picture")
        need_uint(self.retention_s, 32, "a retention")
        if self.predecessor is not None:
            need_group_id(self.predecessor)
        if need_uint(self.policy_version, 16, "a policy version") == 0:
            raise bad_field("a policy version is zero")
        if len(self.roles) > MOST_ROLES:
            raise bad_field("a room has too many roles")
        for account_id, role in self.roles:
            need_bytes(account_id, ids.ACCOUNT_ID_SIZE, "an account id")
            if role == AccountRole.MEMBER:
                raise bad_field("a plain member is not listed among the roles")
        accounts = [account_id for account_id, _ in self.roles]
        if accounts != sorted(set(accounts)):
            raise bad_field("roles ascend by account id")

    @classmethod
    def direct(cls, one: AccountId, other: AccountId, *, home_url: str, group_tag: GroupTag) -> RoomContext:
        """Return the context of a room of two: both are admins, and nobody else can be added."""
        roles = tuple((account_id, AccountRole.ADMIN) for account_id in sorted((one, other)))
        return cls(kind=RoomKind.DIRECT, home_url=home_url, group_tag=group_tag, roles=roles)

    @classmethod
    def owned(
        cls, kind: RoomKind, owner: AccountId, *, home_url: str, group_tag: GroupTag, title: str = ""
    ) -> RoomContext:
        """Return the context of a room that `owner` opens: a group, the account's devices, or notes."""
        roles = ((owner, AccountRole.OWNER),)
        return cls(kind=kind, home_url=home_url, group_tag=group_tag, roles=roles, title=title)

    def role_of(self, account_id: AccountId) -> AccountRole:
        """Return the role of an account in this room."""
        return dict(self.roles).get(account_id, AccountRole.MEMBER)

    def replaced(self, **changes: Any) -> RoomContext:
        """Return this context with some fields changed, for a proposal."""
        return replace(self, **changes)

    def encode(self) -> bytes:
        """Return the extension's data."""
        writer = Writer().u16(STRUCTURE_VERSION).u8(self.kind).opaque_v(self.home_url.encode()).fixed(self.group_tag)
        writer.opaque_v(self.title.encode()).opaque_v(self.picture)
        writer.vector([account_id + bytes((role,)) for account_id, role in self.roles])
        writer.u8(self.who_may_invite).u32(self.retention_s).u16(self.policy_version)
        return writer.opaque_v(self.predecessor or b"").done()

    @classmethod
    def decode(cls, data: bytes) -> RoomContext:
        """Return the extension of a group context.

        Raises:
            PeerError: code malformed, newer_version or bad_relay_url.
        """
        reader = Reader(data)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        kind, home_url = reader.u8(), utf8(reader.opaque_v())
        if parse_relay_url(home_url) != home_url:
            raise malformed("a relay URL is not in its canonical spelling")
        group_tag = GroupTag(reader.fixed(ids.GROUP_TAG_SIZE))
        title, picture = utf8(reader.opaque_v()), reader.opaque_v()
        roles = tuple(reader.vector(lambda each: (AccountId(each.fixed(ids.ACCOUNT_ID_SIZE)), _role(each.u8()))))
        inviters, retention_s, policy_version = reader.u8(), reader.u32(), reader.u16()
        predecessor = reader.opaque_v()
        reader.end()
        if kind not in set(RoomKind) or inviters not in set(Inviters):
            raise malformed("a room's kind or policy is unknown")
        with blaming_the_peer():
            return cls(
                kind=RoomKind(kind),
                home_url=home_url,
                group_tag=group_tag,
                roles=roles,
                title=title,
                picture=picture,
                who_may_invite=Inviters(inviters),
                retention_s=retention_s,
                policy_version=policy_version,
                predecessor=GroupId(predecessor) if predecessor else None,
            )


def _role(number: int) -> AccountRole:
    if number not in set(AccountRole):
        raise malformed("a role is unknown")
    return AccountRole(number)
