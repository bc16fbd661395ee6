"""States: values that do not print and forget when they are past."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.errors import InternalBug, PeerError, UsageError
from byre.mls.group.state import PendingProposal, as_past, members_of
from byre.mls.proposals import RemoveProposal
from byre.mls.ratchet_tree import RatchetTree
from tests.fakes.mls import Room

ROOM = Room.of("a", "b", "c")
STATE = ROOM["a"]._state


def test_a_state_does_not_print() -> None:
    assert repr(STATE.epoch.secrets.init_secret) not in repr(STATE) + repr(STATE.epoch)


def test_a_sender_who_is_nobody_is_refused() -> None:
    with pytest.raises(PeerError) as caught:
        STATE.epoch.member_leaf(3)
    assert caught.value.code == "unknown_sender"


def test_a_blank_leaf_of_our_own_is_a_bug() -> None:
    tree = RatchetTree.decode(ROOM["a"].ratchet_tree)
    edit = tree.edit()
    edit.remove_leaf(0)
    with pytest.raises(InternalBug):
        replace(STATE.epoch, tree=edit.finish()).own_leaf()
    assert STATE.epoch.own_leaf() == tree.leaf(0)


def test_a_proposal_is_kept_once() -> None:
    pending = PendingProposal(b"reference", RemoveProposal(1), 2)
    once = STATE.with_proposal(pending)
    assert once.with_proposal(pending) is once
    assert once.proposals == (pending,)


def test_members_come_by_leaf_index() -> None:
    members = members_of(STATE.epoch.tree)
    assert [(member.leaf_index, member.credential.identity) for member in members] == [(0, b"a"), (1, b"b"), (2, b"c")]
    assert members[1].signature_key == ROOM.people["b"].key.public


def test_a_past_epoch_has_forgotten_what_the_next_grew_from() -> None:
    past = as_past(STATE)
    assert past.epoch.is_past
    assert past.epoch.private_keys == {}
    assert past.epoch.secrets.init_secret == b""
    assert past.epoch.signature_key.public != STATE.epoch.signature_key.public
    assert list(past.epoch.tree.parents()) == []
    assert members_of(past.epoch.tree) == members_of(STATE.epoch.tree)
    with pytest.raises(UsageError) as caught:
        past.need_current()
    assert caught.value.code == "past_epoch"
    STATE.need_current()
