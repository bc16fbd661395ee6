"""Proposals of our own."""

from __future__ import annotations

import pytest

from byre.errors import UsageError
from byre.mls import Extension, Group, RemoveProposal, UpdateProposal
from byre.mls.framing import WireFormat
from tests.fakes.mls import Room


@pytest.mark.parametrize("wire_format", [WireFormat.PRIVATE_MESSAGE, WireFormat.PUBLIC_MESSAGE])
def test_leaving_is_a_proposal_that_another_member_commits(wire_format: WireFormat) -> None:
    room = Room.of("a", "b", "c")
    room.propose("c", room["c"].propose_self_remove(random=room.random, wire_format=wire_format))
    for name in room.groups:
        (pending,) = room[name].pending_proposals
        assert (pending.proposal, pending.proposer_leaf) == (RemoveProposal(2), 2)
    room.commit("b")
    assert sorted(room.groups) == ["a", "b"]
    room.assert_agreement()


def test_an_update_waits_with_its_private_key_in_the_state() -> None:
    room = Room.of("a", "b")
    room.propose("b", room["b"].propose_update(random=room.random, leaf_extensions=[Extension(0xF0B1, b"new")]))
    room.groups["b"] = Group.load(room["b"].epoch_bytes(), room["b"].ratchet_bytes())
    proposal = room["b"].pending_proposals[0].proposal
    assert isinstance(proposal, UpdateProposal)
    room.commit("a")
    assert room["b"].members[1].leaf_node == proposal.leaf_node
    room.assert_agreement()


def test_nobody_cannot_be_removed() -> None:
    room = Room.of("a", "b")
    with pytest.raises(UsageError):
        room["a"].propose_remove(7, random=room.random)


def test_proposals_carry_authenticated_data() -> None:
    room = Room.of("a", "b")
    _, message = room["a"].propose_remove(1, authenticated_data=b"why", random=room.random)
    received = room["b"].process(message)
    assert getattr(received, "authenticated_data") == b"why"  # noqa: B009
