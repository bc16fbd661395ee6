"""Making commits."""

from __future__ import annotations

import pytest

from byre.errors import PeerError, UsageError
from byre.mls import (
    AddProposal,
    Credential,
    Extension,
    Group,
    PendingCommit,
    ProposalReceived,
    RemoveProposal,
    UpdateProposal,
    WireFormat,
)
from byre.mls.profile import HYBRID
from tests.fakes.mls import NOW_S, YEAR_S, Room, person
from tests.fakes.mls_forger import forged_proposal


@pytest.mark.parametrize("suite_id", [1, 3, HYBRID])
@pytest.mark.parametrize("tree_in_welcome", [True, False])
def test_members_come_and_go_and_all_agree(suite_id: int, tree_in_welcome: bool) -> None:
    room = Room.of("a", "b", suite_id=suite_id)
    room.add("b", "c", "d", "e", tree_in_welcome=tree_in_welcome)
    room.assert_agreement()
    room.commit("d")
    room.commit("a", RemoveProposal(room.leaf("b")))
    room.assert_agreement()
    room.add("e", "f", tree_in_welcome=tree_in_welcome)
    room.commit("f", RemoveProposal(room.leaf("e")), RemoveProposal(room.leaf("d")))
    room.assert_agreement()
    assert sorted(room.groups) == ["a", "c", "f"]


def test_a_commit_without_a_path_adds_too() -> None:
    room = Room.of("a", "b")
    bundle = person("c").package()
    room.people["c"] = person("c")
    pending = room.commit("a", AddProposal(bundle.key_package), force_path=False)
    room.join("c", bundle, pending)
    room.assert_agreement()


def test_this_epochs_group_stays_and_its_handshake_key_is_consumed() -> None:
    room = Room.of("a", "b")
    before = room["a"].ratchet_bytes()
    pending = room["a"].commit(now_s=NOW_S, random=room.random)
    assert room["a"].ratchet_bytes() == before
    assert pending.current.epoch == room["a"].epoch
    assert pending.current.ratchet_bytes() != before
    again = pending.current.commit(now_s=NOW_S, random=room.random)
    room.follow("a", again)
    room.assert_agreement()


def test_messages_go_on_while_a_commit_is_pending() -> None:
    room = Room.of("a", "b")
    pending = room["a"].commit(now_s=NOW_S, random=room.random)
    room.groups["a"] = pending.current
    assert room.receive("b", room.send("a", b"meanwhile")).data == b"meanwhile"
    room.follow("a", pending)
    room.assert_agreement()


def test_a_re_add_brings_a_device_back() -> None:
    room = Room.of("a", "b", "c")
    lost = room.groups.pop("c")
    bundle = room.people["c"].package()
    pending = room.commit("a", RemoveProposal(lost.own_leaf_index), AddProposal(bundle.key_package))
    room.join("c", bundle, pending)
    assert room["c"].own_leaf_index == lost.own_leaf_index
    room.assert_agreement()


def test_pending_proposals_are_committed_by_reference() -> None:
    room = Room.of("a", "b", "c", "d")
    room.propose("b", room["b"].propose_update(random=room.random))
    room.propose("c", room["c"].propose_self_remove(random=room.random))
    old = room["b"].members[1].leaf_node.encryption_key
    pending = room.commit("a")
    assert {(type(each.proposal).__name__, each.proposer_leaf) for each in pending.staged.applied} == {
        ("UpdateProposal", 1),
        ("RemoveProposal", 2),
    }
    assert "c" not in room.groups
    assert room["b"].members[1].leaf_node.encryption_key != old
    room.assert_agreement()
    room.commit("b")
    room.assert_agreement()


def test_pending_proposals_can_be_left_out() -> None:
    room = Room.of("a", "b", "c")
    room.propose("c", room["c"].propose_self_remove(random=room.random))
    pending = room["a"].commit(include_pending=False, now_s=NOW_S, random=room.random)
    assert pending.staged.applied == ()
    room.follow("a", pending)
    assert room["a"].pending_proposals == ()
    room.assert_agreement()


def test_who_leaves_cannot_commit_its_own_leaving_and_others_can() -> None:
    room = Room.of("a", "b")
    room.propose("b", room["b"].propose_self_remove(random=room.random))
    assert room["b"].commit(now_s=NOW_S, random=room.random).staged.applied == ()
    assert len(room["a"].commit(now_s=NOW_S, random=room.random).staged.applied) == 1


def test_an_invalid_pending_proposal_cannot_stop_our_commits() -> None:
    room = Room.of("a", "b", "c", "d")
    foreign = AddProposal(person("x", 3).package().key_package)
    for proposal in (RemoveProposal(9), foreign):
        received = room["a"].process(
            forged_proposal(room["c"], proposal, WireFormat.PUBLIC_MESSAGE), public_handshakes=True
        )
        assert isinstance(received, ProposalReceived)
        room.groups["a"] = received.group
    room.propose("b", room["b"].propose_remove(room.leaf("d"), random=room.random))
    pending = room.commit("a")
    assert [each.proposal for each in pending.staged.applied] == [RemoveProposal(3)]
    room.assert_agreement()


def test_where_two_proposals_name_one_leaf_who_wants_out_gets_out() -> None:
    room = Room.of("a", "b", "c")
    room.propose("c", room["c"].propose_update(random=room.random))
    room.propose("c", room["c"].propose_self_remove(random=room.random))
    pending = room.commit("a")
    assert [each.proposal for each in pending.staged.applied] == [RemoveProposal(2)]
    room.assert_agreement()


def test_of_two_updates_of_one_leaf_the_newer_one_is_committed() -> None:
    room = Room.of("a", "b", "c")
    room.propose("c", room["c"].propose_update(random=room.random))
    room.propose("c", room["c"].propose_update(random=room.random))
    newer = room["a"].pending_proposals[1].proposal
    pending = room.commit("a")
    assert [each.proposal for each in pending.staged.applied] == [newer]
    room.assert_agreement()
    room.commit("c")
    room.assert_agreement()


def test_rule_16_an_expired_package_that_another_proposed_is_left_out() -> None:
    room = Room.of("a", "b")
    for name, not_after_s in (("c", NOW_S - 1), ("d", NOW_S + 1)):
        add = AddProposal(person(name).package(not_after_s=not_after_s).key_package)
        received = room["a"].process(forged_proposal(room["b"], add, WireFormat.PUBLIC_MESSAGE), public_handshakes=True)
        assert isinstance(received, ProposalReceived)
        room.groups["a"] = received.group
    (applied,) = room["a"].commit(now_s=NOW_S, random=room.random).staged.applied
    assert isinstance(applied.proposal, AddProposal)
    assert applied.proposal.key_package.leaf_node.credential == Credential(b"d")


def test_rule_16_an_expired_package_is_not_added() -> None:
    room = Room.of("a", "b")
    expired = person("c").package(not_after_s=NOW_S - 1)
    with pytest.raises(PeerError) as caught:
        room["a"].commit([AddProposal(expired.key_package)], now_s=NOW_S, random=room.random)
    assert caught.value.code == "key_package_expired"


def test_rule_16_receivers_do_not_judge_the_lifetime() -> None:
    room = Room.of("a", "b")
    bundle = person("c").package(not_after_s=NOW_S + 1)
    pending = room["a"].commit([AddProposal(bundle.key_package)], now_s=NOW_S, random=room.random)
    staged = room["b"].process(pending.message, now_s=NOW_S + YEAR_S)
    assert hasattr(staged, "merge")


def test_an_update_by_value_is_our_callers_mistake() -> None:
    room = Room.of("a", "b")
    leaf = person("a").package().key_package.leaf_node
    with pytest.raises(UsageError):
        room["a"].commit([UpdateProposal(leaf)], now_s=NOW_S, random=room.random)


def test_an_invalid_proposal_by_value_raises() -> None:
    room = Room.of("a", "b")
    with pytest.raises(PeerError, match="Rule 9"):
        room["a"].commit([RemoveProposal(0)], now_s=NOW_S, random=room.random)


def test_a_commit_can_renew_what_our_leaf_carries() -> None:
    room = Room.of("a", "b")
    pending = room["a"].commit(
        now_s=NOW_S,
        random=room.random,
        leaf_extensions=[Extension(0xF0B1, b"new token")],
        leaf_credential=Credential(b"a, newer list"),
        force_path=False,
    )
    room.follow("a", pending)
    leaf = room["b"].members[0].leaf_node
    assert (leaf.extensions, leaf.credential) == ((Extension(0xF0B1, b"new token"),), Credential(b"a, newer list"))
    room.assert_agreement()


def test_welcomes_can_be_split_per_joiner() -> None:
    room = Room.of("a")
    names = ("b", "c", "d")
    bundles = {name: person(name).package() for name in names}
    pending = room["a"].commit(
        [AddProposal(bundle.key_package) for bundle in bundles.values()],
        now_s=NOW_S,
        random=room.random,
        split_welcomes=True,
    )
    assert [welcome.references for welcome in pending.welcomes] == [(bundle.reference,) for bundle in bundles.values()]
    room.follow("a", pending)
    for name, bundle in bundles.items():
        room.people[name] = person(name)
        room.join(name, bundle, pending)
    room.assert_agreement()


def test_rule_10_a_dropped_commit_leaves_no_trace() -> None:
    room = Room.of("a", "b")
    dropped: PendingCommit = room["a"].commit(now_s=NOW_S, random=room.random)
    assert isinstance(dropped.group, Group)
    room.commit("b")
    room.assert_agreement()
