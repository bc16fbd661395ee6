"""Room policy version 1: who may change the context, and which accounts a room may hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from byre.errors import PeerError
from byre.identity.membership import judge, judge_joined
from byre.identity.room_context import AccountRole, Inviters, RoomContext, RoomKind
from byre.identity.room_facts import Add, CommitFacts, ContextChange, Remove, RoomFacts
from byre.identity.room_policy import is_lawful_retention, kept_retention, may_remove, roles_to_give
from tests.fakes.identities import RELAY, Person

ALICE, BOB, CAROL = Person("alice"), Person("bob"), Person("carol")
ALICE_PC = ALICE.link()
OWNER, ADMIN = AccountRole.OWNER, AccountRole.ADMIN
TAG = bytes(16)


def roles(*pairs: tuple[Person, AccountRole]) -> tuple[tuple[bytes, AccountRole], ...]:
    return tuple(sorted((person.account_id, role) for person, role in pairs))


GROUP = RoomFacts(
    (ALICE.leaf(at=0), BOB.leaf(at=1), CAROL.leaf(at=2)),
    RoomContext.owned(RoomKind.GROUP, ALICE.account_id, home_url=RELAY, group_tag=TAG).replaced(
        roles=roles((ALICE, OWNER), (BOB, ADMIN))
    ),
    ((3, b"required capabilities"),),
)
DIRECT = RoomFacts(
    (ALICE.leaf(at=0), BOB.leaf(at=1)),
    RoomContext.direct(ALICE.account_id, BOB.account_id, home_url=RELAY, group_tag=TAG),
)
DEVICES = RoomFacts(
    (ALICE.leaf(at=0), ALICE.leaf(ALICE_PC, 1)),
    RoomContext.owned(RoomKind.DEVICE, ALICE.account_id, home_url=RELAY, group_tag=TAG),
)
NOTES = RoomFacts(
    (ALICE.leaf(at=0),), RoomContext.owned(RoomKind.NOTE, ALICE.account_id, home_url=RELAY, group_tag=TAG)
)


def change(room: RoomFacts, by: int, **changes: Any) -> RoomFacts:
    extensions = (*room.other_extensions, (0xF0B2, room.context.replaced(**changes).encode()))
    return judge(room, CommitFacts(by, (ContextChange(by, extensions),)))


def refusal(room: RoomFacts, by: int, **changes: Any) -> str:
    with pytest.raises(PeerError) as caught:
        change(room, by, **changes)
    return caught.value.code


def refused(room: RoomFacts, commit: CommitFacts) -> str:
    with pytest.raises(PeerError) as caught:
        judge(room, commit)
    return caught.value.code


@pytest.mark.parametrize("by", [0, 1, 2])
def test_every_member_names_a_group(by: int) -> None:
    assert change(GROUP, by, title="새 이름", picture=b"cow").context.title == "새 이름"


def test_a_direct_room_and_a_device_room_have_no_title() -> None:
    assert refusal(DIRECT, 0, title="us") == "not_allowed"
    assert refusal(DEVICES, 0, title="mine") == "not_allowed"
    assert change(NOTES, 0, title="메모").context.title == "메모"


@pytest.mark.parametrize(
    "changes",
    [
        {"retention_s": 60},
        {"home_url": "https://other.example"},
        {"group_tag": b"\1" * 16},
        {"who_may_invite": Inviters.ADMINS},
    ],
)
def test_admins_change_settings_and_members_do_not(changes: dict[str, Any]) -> None:
    assert change(GROUP, 0, **changes).context != GROUP.context
    assert change(GROUP, 1, **changes).context != GROUP.context
    assert refusal(GROUP, 2, **changes) == "not_allowed"


def test_both_of_a_direct_room_change_its_settings() -> None:
    for by in (0, 1):
        assert change(DIRECT, by, retention_s=60).context.retention_s == 60


@pytest.mark.parametrize(("seconds", "kept"), [(1, 5), (4, 5), (2_419_201, 2_419_200), (2**32 - 1, 2_419_200)])
def test_messages_live_for_five_seconds_to_four_weeks_or_for_ever(seconds: int, kept: int) -> None:
    assert refusal(GROUP, 0, retention_s=seconds) == "not_allowed"
    assert (is_lawful_retention(seconds), kept_retention(seconds)) == (False, kept)
    for lawful in (kept, 0):
        assert (is_lawful_retention(lawful), kept_retention(lawful)) == (True, lawful)
    assert change(GROUP, 0, retention_s=kept).context.retention_s == kept


def test_a_room_that_began_outside_of_the_law_can_still_be_renamed() -> None:
    odd = replace(GROUP, context=GROUP.context.replaced(retention_s=1))
    assert change(odd, 0, title="x").context.retention_s == 1
    assert change(odd, 0, retention_s=0).context.retention_s == 0


def test_what_may_be_given_and_removed_is_what_the_law_takes() -> None:
    accounts = {"alice": ALICE.account_id, "bob": BOB.account_id, "carol": CAROL.account_id}
    given = {
        (giver, account): [role.name for role in roles_to_give(GROUP, accounts[giver], accounts[account])]
        for giver in accounts
        for account in accounts
    }
    assert given == {
        ("alice", "alice"): ["MEMBER", "ADMIN"],
        ("alice", "bob"): ["MEMBER", "OWNER"],
        ("alice", "carol"): ["ADMIN", "OWNER"],
        ("bob", "alice"): [],
        ("bob", "bob"): ["MEMBER"],
        ("bob", "carol"): ["ADMIN"],
        ("carol", "alice"): [],
        ("carol", "bob"): [],
        ("carol", "carol"): [],
    }
    removing = {
        (one, other): may_remove(GROUP.context, accounts[one], accounts[other])
        for one, other in (("alice", "bob"), ("bob", "carol"), ("bob", "alice"), ("carol", "bob"))
    }
    assert list(removing.values()) == [True, True, False, False]
    assert not may_remove(DIRECT.context, ALICE.account_id, BOB.account_id)
    assert roles_to_give(DIRECT, ALICE.account_id, BOB.account_id) == ()


@pytest.mark.parametrize("changes", [{"kind": RoomKind.DIRECT}, {"predecessor": b"another room"}])
def test_nobody_changes_what_a_room_is(changes: dict[str, Any]) -> None:
    assert refusal(GROUP, 0, **changes) == "not_allowed"


def test_nobody_changes_the_other_extensions() -> None:
    commit = CommitFacts(0, (ContextChange(0, ((0xF0B2, GROUP.context.encode()),)),))
    assert refused(GROUP, commit) == "not_allowed"


def test_the_policy_version_rises_only_to_what_every_leaf_understands() -> None:
    assert refusal(GROUP, 0, policy_version=2) == "policy_unsupported"
    newer = RoomFacts(
        (ALICE.leaf(at=0, policy_version=3), BOB.leaf(at=1, policy_version=2), CAROL.leaf(at=2, policy_version=2)),
        GROUP.context,
        GROUP.other_extensions,
    )
    raised = change(newer, 0, policy_version=2)
    assert raised.context.policy_version == 2
    assert refusal(raised, 0, policy_version=3) == "policy_unsupported"
    assert refusal(raised, 0, policy_version=1) == "not_allowed"
    assert refusal(newer, 2, policy_version=2) == "not_allowed"


def test_admins_make_admins() -> None:
    made = roles((ALICE, OWNER), (BOB, ADMIN), (CAROL, ADMIN))
    for by in (0, 1):
        assert change(GROUP, by, roles=made).context.role_of(CAROL.account_id) is ADMIN
    assert refusal(GROUP, 2, roles=made) == "not_allowed"


def test_nobody_rises_above_who_raises_them() -> None:
    assert refusal(GROUP, 1, roles=roles((ALICE, OWNER), (BOB, OWNER))) == "not_allowed"
    assert refusal(GROUP, 1, roles=roles((ALICE, OWNER), (BOB, ADMIN), (CAROL, OWNER))) == "not_allowed"
    assert change(GROUP, 0, roles=roles((ALICE, OWNER), (CAROL, OWNER))).context.role_of(CAROL.account_id) is OWNER


def test_nobody_lowers_who_stands_above() -> None:
    assert refusal(GROUP, 1, roles=roles((BOB, ADMIN))) == "not_allowed"
    assert change(GROUP, 0, roles=roles((ALICE, OWNER))).context.role_of(BOB.account_id) is AccountRole.MEMBER
    assert change(GROUP, 1, roles=roles((ALICE, OWNER))).context.role_of(BOB.account_id) is AccountRole.MEMBER


def test_somebody_present_stays_admin() -> None:
    absent = Person("dave")
    assert refusal(GROUP, 0, roles=()) == "no_admin"
    assert refusal(GROUP, 0, roles=roles((absent, ADMIN))) == "no_admin"
    assert change(GROUP, 0, roles=roles((BOB, ADMIN))).context.role_of(ALICE.account_id) is AccountRole.MEMBER


def test_the_last_admin_may_leave_all_the_same() -> None:
    room = RoomFacts(GROUP.leaves, GROUP.context.replaced(roles=roles((BOB, ADMIN))))
    judge(room, CommitFacts(2, (Remove(1, 1),)))


def test_roles_of_other_rooms_never_change() -> None:
    assert refusal(DIRECT, 0, roles=roles((ALICE, ADMIN))) == "not_allowed"
    assert refusal(NOTES, 0, roles=roles((ALICE, ADMIN))) == "not_allowed"


def test_a_context_changes_once_per_commit() -> None:
    twice = ContextChange(0, ((3, b"required capabilities"), (0xF0B2, GROUP.context.encode())))
    judge(GROUP, CommitFacts(0, (twice,)))
    assert refused(GROUP, CommitFacts(0, (twice, twice))) == "malformed"


def test_a_change_of_context_counts_for_who_proposed_it() -> None:
    extensions = (*GROUP.other_extensions, (0xF0B2, GROUP.context.replaced(retention_s=60).encode()))
    judge(GROUP, CommitFacts(2, (ContextChange(1, extensions),)))
    assert refused(GROUP, CommitFacts(0, (ContextChange(2, extensions),))) == "not_allowed"


def test_a_direct_room_is_for_its_two() -> None:
    alone = RoomFacts(DIRECT.leaves[:1], DIRECT.context)
    judge(alone, CommitFacts(0, (Add(0, BOB.leaf()),)))
    assert refused(DIRECT, CommitFacts(0, (Add(0, CAROL.leaf()),))) == "not_allowed"


def test_in_a_direct_room_nobody_removes_the_other() -> None:
    assert refused(DIRECT, CommitFacts(0, (Remove(0, 1),))) == "not_allowed"
    judge(DIRECT, CommitFacts(0, (Remove(1, 1),)))


def test_a_room_of_devices_or_notes_is_one_accounts() -> None:
    judge(NOTES, CommitFacts(0, (Add(0, ALICE.leaf(ALICE_PC)),)))
    for room in (DEVICES, NOTES):
        assert refused(room, CommitFacts(0, (Add(0, BOB.leaf()),))) == "not_allowed"


@pytest.mark.parametrize(
    "room",
    [
        RoomFacts((*DIRECT.leaves, CAROL.leaf(at=2)), DIRECT.context),
        RoomFacts((*DEVICES.leaves, CAROL.leaf(at=2)), DEVICES.context),
        RoomFacts(NOTES.leaves, NOTES.context.replaced(roles=roles((ALICE, OWNER), (BOB, ADMIN)))),
        RoomFacts(DIRECT.leaves, DIRECT.context.replaced(roles=roles((ALICE, ADMIN), (BOB, ADMIN), (CAROL, ADMIN)))),
    ],
)
def test_a_newcomer_refuses_a_room_with_too_many_accounts(room: RoomFacts) -> None:
    with pytest.raises(PeerError) as caught:
        judge_joined(room)
    assert caught.value.code == "room_too_many_accounts"


@pytest.mark.parametrize("room", [GROUP, DIRECT, DEVICES, NOTES])
def test_a_newcomer_takes_a_good_room(room: RoomFacts) -> None:
    judge_joined(room)


def test_a_newcomer_refuses_a_device_with_two_leaves() -> None:
    with pytest.raises(PeerError) as caught:
        judge_joined(RoomFacts((*GROUP.leaves, BOB.leaf(at=3)), GROUP.context))
    assert caught.value.code == "duplicate_device"
