"""`Group` as a whole: pure verbs, and a seeded walk through many of them in every suite."""

from __future__ import annotations

import random as stdlib_random

import pytest

from byre.mls import RemoveProposal
from byre.mls.profile import HYBRID
from tests.fakes.mls import NOW_S, Room


def test_verbs_do_not_change_the_group_they_are_called_on() -> None:
    room = Room.of("a", "b")
    group = room["a"]
    before = group.epoch_bytes(), group.ratchet_bytes()
    group.encrypt(b"text", random=room.random)
    group.commit(now_s=NOW_S, random=room.random)
    group.propose_update(random=room.random)
    group.process(room.send("b", b"text"))
    group.as_past()
    assert (group.epoch_bytes(), group.ratchet_bytes()) == before


def test_exports_are_equal_at_all_members_and_differ_by_label_and_epoch() -> None:
    room = Room.of("a", "b")
    one = [room[name].export_secret("byre claim key v1", b"", 32) for name in "ab"]
    assert one[0] == one[1]
    assert room["a"].export_secret("other", b"", 32) != one[0]
    room.commit("b")
    assert room["a"].export_secret("byre claim key v1", b"", 32) != one[0]


@pytest.mark.parametrize("suite_id", [1, 3, HYBRID])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_random_walk_keeps_everybody_in_agreement(suite_id: int, seed: int) -> None:
    dice = stdlib_random.Random(seed)
    room = Room.of("p0", "p1", suite_id=suite_id, seed=seed)
    next_name = 2
    for _ in range(25):
        actor = dice.choice(sorted(room.groups))
        match dice.choice(["add", "remove", "commit", "update", "leave", "send"]):
            case "add":
                names = [f"p{next_name + each}" for each in range(dice.randint(1, 3))]
                next_name += len(names)
                room.add(actor, *names, tree_in_welcome=dice.random() < 0.5)
            case "remove" if len(room.groups) > 2:
                other = dice.choice(sorted(set(room.groups) - {actor}))
                room.commit(actor, RemoveProposal(room.leaf(other)))
            case "commit":
                room.commit(actor)
            case "update":
                room.propose(actor, room[actor].propose_update(random=room.random))
            case "leave" if len(room.groups) > 2:
                room.propose(actor, room[actor].propose_self_remove(random=room.random))
                room.commit(dice.choice(sorted(set(room.groups) - {actor})))
            case _:
                message = room.send(actor, b"text")
                for name in set(room.groups) - {actor}:
                    room.receive(name, message)
        assert len({group.tree_hash for group in room.groups.values()}) == 1
    room.assert_agreement()
