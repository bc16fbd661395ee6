"""A group of ours and of mls-rs: everybody creates, adds, removes, rotates, leaves and is heard by all."""

from __future__ import annotations

import random as stdlib_random
import time

import pytest

from byre.errors import PeerError
from byre.mls import (
    AddProposal,
    Group,
    KeyPackage,
    MLSMessage,
    ProposalReceived,
    Received,
    RemoveProposal,
    StagedCommit,
    WireFormat,
)
from byre.mls.mls_message import frame
from tests.fakes.mls import NOW_S, YEAR_S, Person, person, seeded

pytest.importorskip("mls_rs_uniffi", reason="mls_rs_uniffi has no build for this platform")

from tests.interop.mls_rs import ForeignMember

pytestmark = pytest.mark.xdist_group("interop")
EXPORT = "byre claim key v1"
# mls-rs judges lifetimes by its own clock, so these packages live around both.
NOT_AFTER_S = int(time.time()) + YEAR_S


class MixedRoom:
    """One group with members of both kinds, by name; every step is delivered to all."""

    def __init__(self, seed: int, *, tree_in_welcome: bool = True) -> None:
        self.random = seeded(seed)
        self.seed = seed
        self.tree_in_welcome = tree_in_welcome
        self.ours: dict[str, Group] = {}
        self.people: dict[str, Person] = {}
        self.foreign: dict[str, ForeignMember] = {}

    @property
    def names(self) -> list[str]:
        return sorted({*self.ours, *self.foreign})

    def create(self, name: str, *, foreign: bool) -> None:
        if foreign:
            self.foreign[name] = ForeignMember(name, tree_in_welcome=self.tree_in_welcome)
            self.foreign[name].create()
        else:
            self.people[name] = person(name, 1, self.seed)
            self.ours[name] = self.people[name].create(group_id=self.random(16))

    def add(self, adder: str, *newcomers: tuple[str, bool]) -> None:
        """Add people; each newcomer is (name, whether it is mls-rs)."""
        packages: list[bytes] = []
        bundles = {}
        arriving = {}
        for name, is_foreign in newcomers:
            if is_foreign:
                arriving[name] = ForeignMember(name, tree_in_welcome=self.tree_in_welcome)
                packages.append(arriving[name].key_package())
            else:
                self.people[name] = person(name, 1, self.seed)
                bundles[name] = self.people[name].package(not_after_s=NOT_AFTER_S)
                packages.append(frame(WireFormat.KEY_PACKAGE, bundles[name].key_package.encoded))
        if adder in self.foreign:
            commit, welcome, tree = self.foreign[adder].add(*packages)
            self.deliver(adder, commit)
        else:
            adds = []
            for data in packages:
                parsed = MLSMessage.decode(data).message
                assert isinstance(parsed, KeyPackage)
                adds.append(AddProposal(parsed))
            pending = self.ours[adder].commit(
                adds, now_s=int(time.time()), random=self.random, tree_in_welcome=self.tree_in_welcome
            )
            self.deliver(adder, pending.message)
            self.ours[adder] = pending.group
            welcome, tree = pending.welcomes[0].message, pending.group.ratchet_tree
        beside = None if self.tree_in_welcome else tree
        for name, member in arriving.items():
            member.join(welcome, beside)
            self.foreign[name] = member
        for name, bundle in bundles.items():
            self.ours[name] = Group.join(
                welcome, bundle=bundle, signature_key=self.people[name].key, ratchet_tree=beside, now_s=NOW_S
            )

    def commit(self, committer: str, removed: str | None = None, *, public: bool = False) -> None:
        """Rotate the committer's keys, or remove somebody."""
        if committer in self.foreign:
            member = self.foreign[committer]
            message = member.rotate() if removed is None else member.remove(removed)
            self.deliver(committer, message)
            return
        proposals = [] if removed is None else [RemoveProposal(self.leaf(committer, removed))]
        wire_format = WireFormat.PUBLIC_MESSAGE if public else WireFormat.PRIVATE_MESSAGE
        pending = self.ours[committer].commit(proposals, now_s=NOW_S, random=self.random, wire_format=wire_format)
        self.deliver(committer, pending.message)
        self.ours[committer] = pending.group

    def leaf(self, viewer: str, name: str) -> int:
        return next(
            member.leaf_index for member in self.ours[viewer].members if member.credential.identity == name.encode()
        )

    def propose(self, name: str, message_and_group: tuple[Group, bytes]) -> None:
        self.ours[name], message = message_and_group
        self.deliver(name, message)

    def deliver(self, sender: str, message: bytes) -> None:
        """Give a handshake message to everybody but its sender."""
        for name in [each for each in self.ours if each != sender]:
            outcome = self.ours[name].process(message, now_s=NOW_S, public_handshakes=True)
            if isinstance(outcome, StagedCommit):
                if outcome.self_removed:
                    del self.ours[name]
                else:
                    self.ours[name] = outcome.merge()
            else:
                assert isinstance(outcome, ProposalReceived)
                self.ours[name] = outcome.group
        for name in [each for each in self.foreign if each != sender]:
            received = self.foreign[name].process(message, sender)
            if received.is_commit() and received.effect.is_removed():
                del self.foreign[name]

    def talk(self) -> None:
        """Everybody says something and is heard by all."""
        for sender in self.names:
            text = f"{sender} says".encode()
            if sender in self.foreign:
                message = self.foreign[sender].encrypt(text)
            else:
                self.ours[sender], message = self.ours[sender].encrypt(text, random=self.random)
            for name in self.names:
                if name == sender:
                    continue
                if name in self.foreign:
                    assert self.foreign[name].process(message, sender).data == text
                else:
                    received = self.ours[name].process(message)
                    assert isinstance(received, Received)
                    assert received.data == text
                    self.ours[name] = received.group

    def assert_agreement(self) -> None:
        """Exporter secrets are equal at all members."""
        exports = {self.foreign[name].export(EXPORT.encode(), 32) for name in self.foreign}
        exports |= {self.ours[name].export_secret(EXPORT, b"", 32).reveal() for name in self.ours}
        assert len(exports) == 1


@pytest.mark.parametrize("tree_in_welcome", [True, False], ids=["tree inside", "tree beside"])
@pytest.mark.parametrize("creator_is_foreign", [True, False], ids=["mls-rs creates", "we create"])
def test_everybody_adds_removes_and_rotates(tree_in_welcome: bool, creator_is_foreign: bool) -> None:
    room = MixedRoom(1, tree_in_welcome=tree_in_welcome)
    room.create("a", foreign=creator_is_foreign)
    room.add("a", ("b", not creator_is_foreign))
    room.assert_agreement()
    room.talk()
    room.add("b", ("c", creator_is_foreign), ("d", not creator_is_foreign), ("e", creator_is_foreign))
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
    room.create("a", foreign=True)
    room.add("a", ("b", False), ("c", False))
    room.propose("b", room.ours["b"].propose_update(random=room.random))
    room.propose("c", room.ours["c"].propose_self_remove(random=room.random))
    room.commit("a")
    assert room.names == ["a", "b"]
    room.assert_agreement()
    room.talk()


def test_proposals_of_mls_rs_are_committed_by_us() -> None:
    room = MixedRoom(3)
    room.create("a", foreign=True)
    room.add("a", ("b", False), ("c", True))
    room.talk()
    room.deliver("a", room.foreign["a"].propose_remove("c"))
    room.commit("b")
    assert room.names == ["a", "b"]
    room.assert_agreement()


def test_public_commits_of_ours_are_understood() -> None:
    room = MixedRoom(4)
    room.create("a", foreign=False)
    room.add("a", ("b", True))
    room.commit("a", public=True)
    room.assert_agreement()


def test_a_removed_mls_rs_member_reads_nothing_later() -> None:
    room = MixedRoom(5)
    room.create("a", foreign=False)
    room.add("a", ("b", True), ("c", True))
    gone = room.foreign["b"]
    room.commit("a", "b")
    room.ours["a"], message = room.ours["a"].encrypt(b"later", random=room.random)
    assert room.foreign["c"].process(message, "a").data == b"later"
    with pytest.raises(Exception, match=r".*"):
        gone.process(message, "a")


def test_a_flipped_bit_costs_us_no_message_of_mls_rs() -> None:
    room = MixedRoom(6)
    room.create("a", foreign=True)
    room.add("a", ("b", False))
    message = room.foreign["a"].encrypt(b"text")
    with pytest.raises(PeerError):
        room.ours["b"].process(message[:-1] + bytes([message[-1] ^ 1]))
    received = room.ours["b"].process(message)
    assert isinstance(received, Received)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_random_walk_keeps_everybody_in_agreement(seed: int) -> None:
    dice = stdlib_random.Random(seed)
    room = MixedRoom(seed + 100, tree_in_welcome=dice.random() < 0.5)
    room.create("m0", foreign=dice.random() < 0.5)
    room.add("m0", ("m1", dice.random() < 0.5))
    created = 2
    for _ in range(40):
        names = room.names
        actor = dice.choice(names)
        match dice.choice(["add", "add", "remove", "rotate", "talk", "update"]):
            case "add" if len(names) < 12:
                newcomers = [(f"m{created + each}", dice.random() < 0.5) for each in range(dice.randint(1, 3))]
                created += len(newcomers)
                room.add(actor, *newcomers)
            case "remove" if len(names) > 2:
                other = dice.choice([name for name in names if name != actor])
                if actor in room.ours or room.foreign[actor].has_heard(other):
                    room.commit(actor, other)
            case "talk":
                room.talk()
            case "update" if actor in room.ours:
                room.propose(actor, room.ours[actor].propose_update(random=room.random))
                room.commit(dice.choice([name for name in names if name != actor]))
            case _:
                room.commit(actor)
        room.assert_agreement()
    room.talk()
