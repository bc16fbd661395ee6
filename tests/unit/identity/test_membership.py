"""The law of membership: for each rule a commit that it allows and one that it refuses (removals: next file)."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.identity.membership import judge, judge_joined, unlisted_leaves
from byre.identity.room_context import Inviters
from byre.identity.room_facts import Add, MemberLeaf, Remove, RoomFacts, Unsupported, Update
from tests.fakes.identities import NOW_MS, Person
from tests.unit.identity.room_world import World, a_commit, refusal

# new leaves ---------------------------------------------------------------------------------------------------------


def test_a_path_with_the_same_device_is_taken() -> None:
    world = World()
    assert judge(world.room, a_commit(2, path=world.bob.leaf(at=2))) == world.room


def test_a_commit_may_bring_a_newer_list() -> None:
    world = World()
    world.bob.link()
    after = judge(world.room, a_commit(2, path=world.bob.leaf(at=2)))
    assert after.leaf(2).credential.device_list == world.bob.device_list


def test_a_leaf_key_must_be_the_certificates() -> None:
    world = World()
    stranger = world.dave.leaf(signature_key=bytes(32))
    assert refusal(world.room, a_commit(0, Add(0, stranger))) == "wrong_leaf_key"


def test_a_device_that_its_own_list_lacks_is_refused() -> None:
    world = World()
    first = world.dave.device_list
    pc = world.dave.link()
    assert refusal(world.room, a_commit(0, Add(0, world.dave.leaf(pc, device_list=first)))) == "not_listed"


def test_a_device_that_the_rooms_newest_list_lacks_is_refused() -> None:
    world = World()
    stale = world.bob.device_list
    world.bob.unlink(world.bob_pc)
    room = judge(world.room, a_commit(2, path=world.bob.leaf(at=2)))
    revoked = world.bob.leaf(world.bob_pc, 3, device_list=stale)
    assert refusal(room, a_commit(3, path=revoked)) == "not_listed"
    assert refusal(room, a_commit(0, Update(revoked))) == "not_listed"


def test_a_newer_list_outside_the_room_changes_nothing() -> None:
    world = World()
    stale = world.bob.device_list
    world.bob.unlink(world.bob_pc)
    judge(world.room, a_commit(3, path=world.bob.leaf(world.bob_pc, 3, device_list=stale)))


def test_an_older_list_of_a_listed_device_is_taken_with_an_add() -> None:
    world = World()
    stale = world.alice.device_list
    world.alice.device_list = stale.renewed(world.alice.key, NOW_MS)
    room = judge(world.room, a_commit(0, path=world.alice.leaf(at=0)))
    again = world.alice.leaf(world.alice_pc, device_list=stale)
    judge(room, a_commit(2, Remove(2, 1), Add(2, again)))


def test_a_leaf_never_lowers_its_own_list() -> None:
    world = World()
    first = world.bob.device_list
    world.bob.device_list = first.renewed(world.bob.key, NOW_MS)
    room = judge(world.room, a_commit(2, path=world.bob.leaf(at=2)))
    assert refusal(room, a_commit(2, path=world.bob.leaf(at=2, device_list=first))) == "list_rollback"


def test_contradicting_lists_in_the_room_are_refused() -> None:
    world = World()
    one, other = (world.bob.device_list.renewed(world.bob.key, NOW_MS + n) for n in (1, 2))
    room = judge(world.room, a_commit(2, path=world.bob.leaf(at=2, device_list=one)))
    forked = world.bob.leaf(world.bob_pc, 3, device_list=other)
    assert refusal(room, a_commit(3, path=forked)) == "list_fork"


@pytest.mark.parametrize("who", ["another device", "another account"])
def test_a_leaf_stays_the_device_that_it_is(who: str) -> None:
    world = World()
    leaf = world.bob.leaf(world.bob_pc, 2) if who == "another device" else world.dave.leaf(at=2)
    assert refusal(world.room, a_commit(2, path=leaf)) == "identity_changed"


def test_a_leaf_keeps_its_device_key() -> None:
    world = World()
    assert refusal(world.room, a_commit(2, path=world.bob.leaf(at=2, signature_key=bytes(32)))) == "identity_changed"


def test_an_update_by_reference_is_judged_like_a_path() -> None:
    world = World()
    world.bob.link()
    after = judge(world.room, a_commit(0, Update(world.bob.leaf(at=2)), path=world.alice.leaf(at=0)))
    assert after.leaf(2).credential.device_list.version == 3


# Adds ---------------------------------------------------------------------------------------------------------------


def test_everyone_invites_where_the_policy_says_so() -> None:
    world = World()
    assert judge(world.room, a_commit(4, Add(4, world.dave.leaf()))).has_account(world.dave.account_id)


def test_only_admins_invite_where_the_policy_says_so() -> None:
    world = World()
    room = world.with_context(who_may_invite=Inviters.ADMINS)
    judge(room, a_commit(1, Add(1, world.dave.leaf())))
    assert refusal(room, a_commit(4, Add(4, world.dave.leaf()))) == "not_allowed"


def test_an_invitation_counts_for_who_proposed_it_not_for_who_commits_it() -> None:
    world = World()
    room = world.with_context(who_may_invite=Inviters.ADMINS)
    judge(room, a_commit(4, Add(0, world.dave.leaf())))
    assert refusal(room, a_commit(0, Add(4, world.dave.leaf()))) == "not_allowed"


def test_all_devices_of_a_new_account_come_in_together() -> None:
    world = World()
    pc = world.dave.link()
    after = judge(world.room, a_commit(4, Add(4, world.dave.leaf()), Add(4, world.dave.leaf(pc))))
    assert len(after.lists_of(world.dave.account_id)) == 2


def test_an_account_adds_its_own_further_device() -> None:
    world = World()
    pc = world.carol.link()
    judge(world.room, a_commit(4, Add(4, world.carol.leaf(pc))))
    assert refusal(world.room, a_commit(0, Add(0, world.carol.leaf(pc)))) == "not_allowed"


def test_a_linked_device_adds_too() -> None:
    world = World()
    judge(world.room, a_commit(3, Add(3, world.bob.leaf(world.bob.link()))))


def test_a_device_sits_once_in_a_room() -> None:
    world = World()
    assert refusal(world.room, a_commit(2, Add(2, world.bob.leaf(world.bob_pc)))) == "duplicate_device"


def test_a_former_admin_is_brought_back_by_an_equal_only() -> None:
    world = World()
    room = world.admins(world.dave)
    judge(room, a_commit(0, Add(0, world.dave.leaf())))
    assert refusal(room, a_commit(4, Add(4, world.dave.leaf()))) == "not_allowed"


def test_a_device_too_old_for_the_rooms_policy_is_refused() -> None:
    world = World()
    leaves = tuple(
        MemberLeaf(each.leaf_index, each.credential, each.signature_key, world.dave.primary.info(policy_version=2))
        for each in world.room.leaves
    )
    room = RoomFacts(leaves, world.room.context.replaced(policy_version=2))
    judge(room, a_commit(0, Add(0, world.dave.leaf(policy_version=2))))
    assert refusal(room, a_commit(0, Add(0, world.dave.leaf(policy_version=1)))) == "policy_unsupported"


# the commit as a whole ----------------------------------------------------------------------------------------------


def test_external_commits_are_refused() -> None:
    world = World()
    assert refusal(world.room, a_commit(0, is_external=True)) == "external_commit"


def test_other_proposals_are_refused() -> None:
    world = World()
    assert refusal(world.room, a_commit(0, Unsupported("psk"))) == "unsupported_proposal"


def test_a_commit_speaks_of_leaves_that_exist() -> None:
    world = World()
    for commit in (
        a_commit(9),
        a_commit(0, Remove(0, 9)),
        a_commit(0, Remove(9, 4)),
        a_commit(0, Add(9, world.dave.leaf())),
        a_commit(9, path=world.bob.leaf(at=9)),
    ):
        assert refusal(world.room, commit) == "no_such_leaf"


def test_a_path_is_the_committers() -> None:
    world = World()
    assert refusal(world.room, a_commit(0, path=world.bob.leaf(at=2))) == "malformed"


def test_two_changes_of_one_leaf_are_malformed() -> None:
    world = World()
    for commit in (
        a_commit(0, Remove(0, 4), Remove(0, 4)),
        a_commit(0, Remove(0, 4), Update(world.carol.leaf(at=4))),
        a_commit(0, Update(world.carol.leaf(at=4)), Update(world.carol.leaf(at=4))),
    ):
        assert refusal(world.room, commit) == "malformed"


def test_every_member_judges_alike_whatever_else_it_knows() -> None:
    """The verdict takes the facts and the commit only: nothing to know beside them can be passed in."""
    world = World()
    commit = a_commit(4, Remove(4, 3), Add(4, world.bob.leaf(world.bob_pc)))
    assert judge(world.room, commit) == judge(RoomFacts(world.room.leaves, world.room.context), commit)


# joining and showing ------------------------------------------------------------------------------------------------


def test_a_newcomer_takes_a_room_with_a_revoked_device_in_it() -> None:
    world = World()
    world.bob.unlink(world.bob_pc)
    room = judge(world.room, a_commit(2, path=world.bob.leaf(at=2)))
    judge_joined(room)
    assert unlisted_leaves(room) == (3,)


def test_a_newcomer_refuses_a_leaf_of_another_key() -> None:
    world = World()
    room = RoomFacts((*world.room.leaves, world.dave.leaf(at=5, signature_key=bytes(32))), world.room.context)
    with pytest.raises(PeerError) as caught:
        judge_joined(room)
    assert caught.value.code == "wrong_leaf_key"


def test_a_newer_list_from_elsewhere_is_shown_but_not_judged_by() -> None:
    world = World()
    assert unlisted_leaves(world.room) == ()
    newest = world.bob.unlink(world.bob_pc)
    assert unlisted_leaves(world.room, {world.bob.account_id: newest}) == (3,)


def test_an_older_list_from_elsewhere_shows_nothing() -> None:
    world = World()
    assert unlisted_leaves(world.room, {world.bob.account_id: Person("bob").device_list}) == ()


def test_an_account_with_contradicting_lists_has_only_what_both_name() -> None:
    world = World()
    base = world.bob.device_list
    fork = base.without_devices(world.bob.key, [world.bob_pc.id], NOW_MS)
    room = judge(world.room, a_commit(2, path=world.bob.leaf(at=2, device_list=base.renewed(world.bob.key, NOW_MS))))
    assert unlisted_leaves(room, {world.bob.account_id: fork}) == (3,)
