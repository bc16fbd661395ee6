"""Staging: commits that follow every rule but one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.errors import PeerError
from byre.mls import (
    AddProposal,
    Credential,
    LeafContext,
    LeafNode,
    LeafPlace,
    RemoveProposal,
    StagedCommit,
)
from byre.mls.commit import Commit, ProposalReference
from byre.mls.framing import WireFormat
from byre.mls.group.message import open_handshake
from byre.mls.mls_message import MLSMessage
from byre.mls.private_message import PrivateMessage
from byre.mls.proposals import PreSharedKeyProposal
from byre.mls.psk import PreSharedKeyId, PskType
from tests.fakes.mls import NOW_S, Room, person
from tests.fakes.mls_forger import forged_commit


def commit_in(room: Room, message: bytes) -> Commit:
    """The body of a commit as the first other member reads it."""
    parsed = MLSMessage.decode(message).message
    assert isinstance(parsed, PrivateMessage)
    body = open_handshake(room["b"]._state, parsed).content.content.body
    assert isinstance(body, Commit)
    return body


def refuse(room: Room, message: bytes, code: str, name: str = "b") -> None:
    with pytest.raises(PeerError) as caught:
        room[name].process(message, now_s=NOW_S)
    assert caught.value.code == code


def test_rule_10_a_staged_commit_changes_nothing_until_it_is_merged() -> None:
    room = Room.of("a", "b")
    before = room["b"].epoch_bytes(), room["b"].ratchet_bytes()
    room.stage("b", room["a"].commit(now_s=NOW_S, random=room.random).message)
    assert (room["b"].epoch_bytes(), room["b"].ratchet_bytes()) == before


def test_rule_10_of_two_competing_commits_either_can_win() -> None:
    room = Room.of("a", "b", "c")
    one = room["a"].commit(now_s=NOW_S, random=room.random)
    two = room["b"].commit(now_s=NOW_S, random=room.random)
    assert room.stage("c", one.message).merge().tree_hash == one.group.tree_hash
    room.follow("b", two)
    room.assert_agreement()


def test_rule_9_a_commit_without_a_needed_path_is_refused() -> None:
    room = Room.of("a", "b", "c")
    refuse(room, forged_commit(room["a"]), "invalid_commit")
    refuse(room, forged_commit(room["a"], RemoveProposal(2)), "invalid_commit")


def test_rule_9_a_reference_to_nothing_is_refused() -> None:
    room = Room.of("a", "b")
    refuse(room, forged_commit(room["a"], ProposalReference(bytes(32))), "missing_proposal")


def test_rule_9_a_proposal_is_referred_to_once() -> None:
    room = Room.of("a", "b", "c")
    room.propose("c", room["c"].propose_update(random=room.random))
    reference = ProposalReference(room["b"].pending_proposals[0].reference)
    refuse(room, forged_commit(room["a"], reference, reference), "missing_proposal")


def test_rule_8_a_wrong_confirmation_tag_is_refused() -> None:
    room = Room.of("a", "b")
    bundle = person("c").package()
    refuse(room, forged_commit(room["a"], AddProposal(bundle.key_package)), "bad_confirmation_tag")


def test_rule_8_a_path_replayed_under_another_signature_does_not_confirm() -> None:
    room = Room.of("a", "b")
    honest = room["a"].commit(now_s=NOW_S, random=room.random)
    refuse(room, forged_commit(room["a"], path=commit_in(room, honest.message).path), "bad_confirmation_tag")


def test_rule_7_a_path_that_lies_to_one_member_is_found_out_by_it() -> None:
    room = Room.of("a", "b", "c", "d")
    honest = commit_in(room, room["a"].commit(now_s=NOW_S, random=room.random).message)
    assert honest.path is not None
    nodes = honest.path.nodes
    swapped = (replace(nodes[0], encrypted_path_secret=nodes[1].encrypted_path_secret[:1]), *nodes[1:])
    refuse(room, forged_commit(room["a"], path=replace(honest.path, nodes=swapped)), "unreadable_path")


def test_rule_12_a_committers_leaf_is_signed_for_its_place() -> None:
    room = Room.of("a", "b", "c")
    other = commit_in(room, room["c"].commit(now_s=NOW_S, random=room.random).message)
    refuse(room, forged_commit(room["a"], path=other.path), "bad_signature")
    assert other.path is not None
    leaf = person("a").package().key_package.leaf_node
    refuse(room, forged_commit(room["a"], path=replace(other.path, leaf_node=leaf)), "invalid_leaf")


def test_rule_15_the_validator_judges_the_committers_leaf_against_the_old_one() -> None:
    room = Room.of("a", "b")
    pending = room["a"].commit(
        now_s=NOW_S, random=room.random, leaf_credential=Credential(b"a with a newer list"), leaf_extensions=()
    )
    seen: list[tuple[LeafNode, LeafContext]] = []
    room["b"].process(pending.message, validate=lambda leaf, place: seen.append((leaf, place)), now_s=7)
    (leaf, place), *rest = seen
    assert rest == []
    assert leaf.credential == Credential(b"a with a newer list")
    assert (place.place, place.leaf_index, place.now_s) == (LeafPlace.COMMIT, 0, 7)
    assert place.previous == room["b"].members[0].leaf_node

    def refuse_all(leaf: LeafNode, place: LeafContext) -> None:
        raise PeerError("not in the list", code="ghost")

    with pytest.raises(PeerError, match="not in the list"):
        room["b"].process(pending.message, validate=refuse_all)


def test_a_psk_enters_the_epoch_of_those_who_know_it() -> None:
    room = Room.of("a", "b")
    psk = PreSharedKeyProposal(PreSharedKeyId(PskType.EXTERNAL, b"id", bytes(32)))
    pending = room["a"].commit([psk], now_s=NOW_S, random=room.random, psks=lambda _: b"shared")
    staged = room["b"].process(pending.message, psks=lambda _: b"shared")
    assert isinstance(staged, StagedCommit)
    assert staged.merge().epoch_authenticator == pending.group.epoch_authenticator
    refuse(room, pending.message, "unknown_psk")
    with pytest.raises(PeerError) as caught:
        room["b"].process(pending.message, psks=lambda _: b"another")
    assert caught.value.code == "bad_confirmation_tag"


def test_rule_17_a_commit_of_an_epoch_that_is_over_is_refused() -> None:
    room = Room.of("a", "b", "c")
    late = room["c"].commit(now_s=NOW_S, random=room.random).message
    room.commit("a")
    refuse(room, late, "wrong_epoch")


def test_public_commits_of_members_are_understood() -> None:
    room = Room.of("a", "b")
    pending = room["a"].commit(now_s=NOW_S, random=room.random, wire_format=WireFormat.PUBLIC_MESSAGE)
    room.follow("a", pending)
    room.assert_agreement()
