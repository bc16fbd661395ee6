"""A group of ours and of mls-rs: everybody creates, adds, removes, rotates, leaves and is heard by all."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from tests.interop.conftest import NEEDS_MLS_RS
from tests.interop.mixed_room import MixedRoom
from tests.interop.rs_crowd import RsCrowd
from tests.interop.walk import Walk, steps_wanted

pytestmark = [pytest.mark.xdist_group("interop"), NEEDS_MLS_RS]
OURS, RS = "ours", "mls-rs"


def other(kind: str) -> str:
    return RS if kind == OURS else OURS


@pytest.mark.parametrize("tree_inside", [True, False], ids=["tree inside", "tree beside"])
@pytest.mark.parametrize("creator", [RS, OURS], ids=["mls-rs creates", "we create"])
def test_everybody_adds_removes_and_rotates(tree_inside: bool, creator: str) -> None:
    room = MixedRoom(1, tree_inside=tree_inside)
    room.create("a", creator)
    room.add("a", ("b", other(creator)))
    room.assert_agreement()
    room.talk()
    room.add("b", ("c", creator), ("d", other(creator)), ("e", creator))
    room.assert_agreement()
    room.talk()
    for name in room.names:
        room.commit(name)
        room.assert_agreement()
    room.talk()
    room.commit("b", "a")
    room.commit("c", "d")
    room.assert_agreement()
    room.talk()
    assert room.names == ["b", "c", "e"]


def test_proposals_of_ours_are_committed_by_mls_rs() -> None:
    room = MixedRoom(2)
    room.create("a", RS)
    room.add("a", ("b", OURS), ("c", OURS))
    b, c = room.ours("b"), room.ours("c")
    b.group, update = b.group.propose_update(random=b.random)
    room.deliver("b", update)
    c.group, leave = c.group.propose_self_remove(random=c.random)
    room.deliver("c", leave)
    room.commit("a")
    assert room.names == ["a", "b"]
    room.assert_agreement()
    room.talk()


def test_proposals_of_mls_rs_are_committed_by_us() -> None:
    room = MixedRoom(3)
    room.create("a", RS)
    room.add("a", ("b", OURS), ("c", RS))
    room.talk()
    room.deliver("a", room.members["a"].propose_remove("c"))  # type: ignore[attr-defined]
    room.commit("b")
    assert room.names == ["a", "b"]
    room.assert_agreement()


def test_public_commits_of_ours_are_understood() -> None:
    room = MixedRoom(4)
    room.create("a", OURS)
    room.add("a", ("b", RS))
    room.commit("a", public=True)
    room.assert_agreement()


def test_mls_rs_follows_an_external_commit_of_ours() -> None:
    room = MixedRoom(7)
    room.create("a", OURS)
    room.add("a", ("b", RS))
    room.enter("c", OURS, "a")
    room.assert_agreement()
    room.enter("a", OURS, "c")
    room.assert_agreement()
    room.talk()


def test_a_removed_mls_rs_member_reads_nothing_later() -> None:
    room = MixedRoom(5)
    room.create("a", OURS)
    room.add("a", ("b", RS), ("c", RS))
    gone = room.members["b"]
    room.commit("a", "b")
    message = room.members["a"].encrypt(b"later")
    assert room.members["c"].process(message, "a").data == b"later"
    with pytest.raises(Exception, match=r".*"):
        gone.process(message, "a")


def test_a_flipped_bit_costs_us_no_message_of_mls_rs() -> None:
    room = MixedRoom(6)
    room.create("a", RS)
    room.add("a", ("b", OURS))
    message = room.members["a"].encrypt(b"text")
    with pytest.raises(PeerError):
        room.members["b"].process(message[:-1] + bytes([message[-1] ^ 1]), "a")
    assert room.members["b"].process(message, "a").data == b"text"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_random_walk_keeps_everybody_in_agreement(seed: int) -> None:
    Walk(seed, 1, None, (OURS, RS)).run(steps_wanted(40))


def test_a_crowd_that_comes_and_goes_is_followed() -> None:
    crowd = RsCrowd(5)
    for _ in range(2):
        crowd.round()
    assert crowd.largest > 11
