"""Who may remove a leaf: rules (a) to (d), each with a commit that it allows and one that it refuses."""

from __future__ import annotations

from byre.identity.commit_data import CommitData
from byre.identity.membership import judge
from byre.identity.room_facts import Add, Remove
from tests.fakes.identities import NOW_MS, Person
from tests.unit.identity.room_world import World, a_commit, places, refusal


def test_a_an_admin_removes_an_account_altogether() -> None:
    world = World()
    after = judge(world.room, a_commit(1, Remove(1, 2), Remove(1, 3)))
    assert places(after) == [0, 1, 4]


def test_a_an_admin_does_not_remove_half_an_account() -> None:
    world = World()
    assert refusal(world.room, a_commit(0, Remove(0, 3))) == "not_allowed"


def test_a_a_plain_member_removes_nobody_else() -> None:
    world = World()
    assert refusal(world.room, a_commit(4, Remove(4, 2), Remove(4, 3))) == "not_allowed"


def test_a_an_admin_removes_no_owner() -> None:
    world = World()
    room = world.admins(world.bob)
    assert refusal(room, a_commit(2, Remove(2, 0), Remove(2, 1))) == "not_allowed"
    judge(room, a_commit(2, Remove(2, 4)))


def test_a_admins_remove_each_other() -> None:
    world = World()
    judge(world.admins(world.bob, world.carol), a_commit(4, Remove(4, 2), Remove(4, 3)))


def test_a_removing_and_adding_back_in_one_commit_is_no_leaving() -> None:
    world = World()
    new_pc = world.bob.link()
    commit = a_commit(0, Remove(0, 2), Remove(0, 3), Add(2, world.bob.leaf(new_pc)))
    assert refusal(world.room, commit) == "not_allowed"


def test_a_leaving_is_proposed_for_all_own_leaves_and_committed_by_anybody() -> None:
    world = World()
    after = judge(world.room, a_commit(4, Remove(3, 2), Remove(3, 3)))
    assert places(after) == [0, 1, 4]


def test_a_a_linked_device_does_not_leave_for_half_its_account() -> None:
    world = World()
    assert refusal(world.room, a_commit(4, Remove(3, 2))) == "not_allowed"
    assert refusal(world.room, a_commit(4, Remove(3, 3))) == "not_allowed"


def test_a_a_committer_does_not_speak_for_a_proposer() -> None:
    world = World()
    assert refusal(world.room, a_commit(4, Remove(3, 2), Remove(4, 3))) == "not_allowed"
    judge(world.room, a_commit(4, Remove(3, 2), Remove(0, 3)))


def test_b_the_primary_removes_its_pc() -> None:
    world = World()
    assert places(judge(world.room, a_commit(2, Remove(2, 3)))) == [0, 1, 2, 4]


def test_b_a_pc_does_not_remove_its_phone() -> None:
    world = World()
    assert refusal(world.room, a_commit(3, Remove(3, 2))) == "not_allowed"


def test_b_another_accounts_primary_removes_nothing() -> None:
    world = World()
    assert refusal(world.room, a_commit(4, Remove(4, 3))) == "not_allowed"


def carrying(person: Person, data: bytes | None = None) -> bytes:
    return CommitData(((person.account_id, data or person.device_list.encoded),)).encode()


def test_c_anybody_removes_a_device_that_a_newer_list_lacks() -> None:
    world = World()
    world.bob.unlink(world.bob_pc)
    after = judge(world.room, a_commit(4, Remove(4, 3), data=carrying(world.bob)))
    assert places(after) == [0, 1, 2, 4]


def test_c_without_the_list_it_is_refused() -> None:
    world = World()
    world.bob.unlink(world.bob_pc)
    assert refusal(world.room, a_commit(4, Remove(4, 3))) == "not_allowed"


def test_c_a_list_that_names_the_device_justifies_nothing() -> None:
    world = World()
    world.bob.device_list = world.bob.device_list.renewed(world.bob.key, NOW_MS)
    assert refusal(world.room, a_commit(4, Remove(4, 3), data=carrying(world.bob))) == "not_allowed"


def test_c_a_list_that_is_not_newer_justifies_nothing() -> None:
    world = World()
    first = Person("bob").device_list
    assert refusal(world.room, a_commit(4, Remove(4, 3), data=carrying(world.bob, first.encoded))) == "not_allowed"
    fork = first.renewed(world.bob.key, NOW_MS + 5)
    assert refusal(world.room, a_commit(4, Remove(4, 3), data=carrying(world.bob, fork.encoded))) == "not_allowed"


def test_c_another_accounts_list_justifies_nothing() -> None:
    world = World()
    world.alice.unlink(world.alice_pc)
    assert refusal(world.room, a_commit(4, Remove(4, 3), data=carrying(world.alice))) == "not_allowed"


def test_c_a_list_that_the_account_did_not_sign_spoils_the_commit() -> None:
    world = World()
    forged = CommitData(((world.bob.account_id, world.carol.device_list.encoded),)).encode()
    assert refusal(world.room, a_commit(4, Remove(4, 3), data=forged)) == "bad_signature"


def test_c_lists_of_accounts_outside_the_room_mean_nothing() -> None:
    world = World()
    data = CommitData(((world.dave.account_id, b"whatever"),)).encode()
    judge(world.room, a_commit(2, Remove(2, 3), data=data))


def test_authenticated_data_of_no_known_form_spoil_a_commit() -> None:
    world = World()
    assert refusal(world.room, a_commit(0, data=b"\0\1junk")) == "malformed"


def test_d_anybody_brings_a_device_back() -> None:
    world = World()
    after = judge(world.room, a_commit(4, Remove(4, 3), Add(4, world.bob.leaf(world.bob_pc))))
    assert [leaf.device_id for leaf in after.leaves].count(world.bob_pc.id) == 1


def test_d_another_device_is_no_rejoin() -> None:
    world = World()
    new_pc = world.bob.link()
    commit = a_commit(4, Remove(4, 3), Add(4, world.bob.leaf(new_pc)))
    assert refusal(world.room, commit) == "not_allowed"


def test_d_a_device_that_was_listed_out_does_not_come_back() -> None:
    world = World()
    stale = world.bob.device_list
    world.bob.unlink(world.bob_pc)
    room = judge(world.room, a_commit(2, path=world.bob.leaf(at=2)))
    again = world.bob.leaf(world.bob_pc, device_list=stale)
    assert refusal(room, a_commit(4, Remove(4, 3), Add(4, again))) == "not_listed"
