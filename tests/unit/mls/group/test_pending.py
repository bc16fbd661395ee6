"""A pending commit survives a crash between the relay's grant and the merge."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls import AddProposal, Group, PendingCommit, RemoveProposal
from tests.fakes.mls import NOW_S, Room, person


def test_rule_10_a_stored_commit_is_the_same_commit() -> None:
    room = Room.of("a", "b", "c")
    room.propose("c", room["c"].propose_update(random=room.random))
    bundle = person("d").package()
    pending = room["a"].commit(
        [RemoveProposal(1), AddProposal(bundle.key_package)],
        now_s=NOW_S,
        random=room.random,
        authenticated_data=b"list",
    )
    before = Group.load(pending.current.epoch_bytes(), pending.current.ratchet_bytes())
    stored = PendingCommit.from_bytes(pending.to_bytes(), before=before)
    assert stored.message == pending.message
    assert stored.welcomes == pending.welcomes
    assert stored.current is before
    assert stored.group.epoch_bytes() == pending.group.epoch_bytes()
    assert stored.group.ratchet_bytes() == pending.group.ratchet_bytes()
    for name in ("applied", "committer_leaf", "authenticated_data", "before", "after", "extensions", "epoch"):
        assert getattr(stored.staged, name) == getattr(pending.staged, name)
    assert stored.to_bytes() == pending.to_bytes()
    room.people["d"] = person("d")
    room.follow("a", stored)
    room.join("d", bundle, stored)
    room.assert_agreement()


@pytest.mark.parametrize("change", [lambda b: b"\x02" + b[1:], lambda b: b + b"\x00", lambda b: b[:-1], lambda b: b""])
def test_a_broken_one_is_malformed(change: object) -> None:
    assert callable(change)
    group = Room.of("a", "b")["a"]
    data = group.commit(now_s=NOW_S, random=lambda length: bytes(range(length))).to_bytes()
    with pytest.raises(PeerError) as caught:
        PendingCommit.from_bytes(change(data), before=group)
    assert caught.value.code == "malformed"


def test_a_commit_of_another_epoch_or_group_does_not_fit() -> None:
    room = Room.of("a", "b")
    data = room["a"].commit(now_s=NOW_S, random=room.random).to_bytes()
    room.commit("b")
    for other in (room["a"],):
        with pytest.raises(PeerError) as caught:
            PendingCommit.from_bytes(data, before=other)
        assert caught.value.code == "malformed"


def test_a_pending_commit_does_not_print_its_secrets() -> None:
    pending = Room.of("a", "b")["a"].commit(now_s=NOW_S, random=lambda length: bytes(range(length)))
    assert repr(pending.message) not in repr(pending)
