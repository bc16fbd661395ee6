"""Group context extension 0xF0B2."""

from collections.abc import Callable

import pytest

from byre.errors import PeerError, UsageError
from byre.identity.room_context import MOST_ROLES, AccountRole, Inviters, RoomContext, RoomKind
from tests.fakes.identities import RELAY, Person

A, B = sorted([Person("alice").account_id, Person("bob").account_id])
TAG = bytes(16)
GROUP = RoomContext.owned(RoomKind.GROUP, A, home_url=RELAY, group_tag=TAG, title="외양간")


def test_a_context_comes_back() -> None:
    full = GROUP.replaced(
        picture=b"p",
        who_may_invite=Inviters.ADMINS,
        retention_s=9,
        predecessor=b"before",
        roles=((A, AccountRole.OWNER), (B, AccountRole.ADMIN)),
    )
    for context in (GROUP, full):
        assert RoomContext.decode(context.encode()) == context


def test_who_is_not_named_is_a_member() -> None:
    assert (GROUP.role_of(A), GROUP.role_of(B)) == (AccountRole.OWNER, AccountRole.MEMBER)


def test_a_direct_room_has_two_admins_whichever_opens_it() -> None:
    room = RoomContext.direct(B, A, home_url=RELAY, group_tag=TAG)
    assert room == RoomContext.direct(A, B, home_url=RELAY, group_tag=TAG)
    assert room.roles == ((A, AccountRole.ADMIN), (B, AccountRole.ADMIN))


@pytest.mark.parametrize(
    "make",
    [
        lambda: GROUP.replaced(group_tag=bytes(15)),
        lambda: GROUP.replaced(title="a\nb"),
        lambda: GROUP.replaced(title="가" * 86),
        lambda: GROUP.replaced(picture=bytes(513)),
        lambda: GROUP.replaced(retention_s=2**32),
        lambda: GROUP.replaced(policy_version=0),
        lambda: GROUP.replaced(predecessor=b""),
        lambda: GROUP.replaced(predecessor=bytes(65)),
        lambda: GROUP.replaced(roles=((B, AccountRole.ADMIN), (A, AccountRole.ADMIN))),
        lambda: GROUP.replaced(roles=((A, AccountRole.ADMIN), (A, AccountRole.OWNER))),
        lambda: GROUP.replaced(roles=((A, AccountRole.MEMBER),)),
        lambda: GROUP.replaced(roles=((b"short", AccountRole.ADMIN),)),
        lambda: GROUP.replaced(roles=tuple((n.to_bytes(32), AccountRole.ADMIN) for n in range(MOST_ROLES + 1))),
    ],
)
def test_a_context_that_breaks_its_rule_cannot_be_made(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        make()


def changed(position: int, value: int) -> bytes:
    data = bytearray(GROUP.encode())
    data[position] = value
    return bytes(data)


TAIL = len(GROUP.encode())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (changed(1, 2), "newer_version"),
        (changed(2, 0), "malformed"),
        (changed(2, 5), "malformed"),
        (changed(TAIL - 9, 4), "malformed"),
        (changed(TAIL - 9, 1), "malformed"),
        (changed(TAIL - 8, 3), "malformed"),
        (changed(4, ord("H")), "malformed"),
        (GROUP.encode() + b"\0", "malformed"),
        (b"", "malformed"),
    ],
)
def test_a_broken_extension_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        RoomContext.decode(data)
    assert caught.value.code == code
