"""What one can read of a commit before it is merged."""

from __future__ import annotations

import pytest

from byre.errors import UsageError
from byre.mls import AddProposal, Extension, GroupContextExtensionsProposal, RemoveProposal
from tests.fakes.mls import NOW_S, Room, person


def test_a_staged_commit_tells_all_before_it_is_merged() -> None:
    room = Room.of("a", "b", "c")
    bundle = person("d").package()
    changes = (
        RemoveProposal(2),
        AddProposal(bundle.key_package),
        GroupContextExtensionsProposal((Extension(0xF0B2, b"room"),)),
    )
    pending = room["a"].commit(changes, now_s=NOW_S, random=room.random, authenticated_data=b"list")
    staged = room.stage("b", pending.message)
    assert (staged.committer_leaf, staged.is_external, staged.self_removed) == (0, False, False)
    assert tuple(each.proposal for each in staged.applied) == changes
    assert [(each.proposer_leaf, each.leaf_index) for each in staged.applied] == [(0, None), (0, 2), (0, None)]
    assert staged.authenticated_data == b"list"
    assert [member.credential.identity for member in staged.before] == [b"a", b"b", b"c"]
    assert [member.credential.identity for member in staged.after] == [b"a", b"b", b"d"]
    assert (staged.extensions_before, staged.extensions) == ((), (Extension(0xF0B2, b"room"),))
    assert (staged.epoch, room["b"].epoch, staged.merge().epoch) == (2, 1, 2)
    gone = room.stage("c", pending.message)
    assert gone.self_removed
    assert [member.credential.identity for member in gone.after] == [b"a", b"b", b"d"]
    with pytest.raises(UsageError) as caught:
        gone.merge()
    assert caught.value.code == "self_removed"
