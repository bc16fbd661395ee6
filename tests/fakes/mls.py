"""People and rooms for tests of the MLS engine: every member in one process, a seed for all randomness.

`Room` holds one `Group` per member and delivers by hand, so that a test can lose, double and reorder. HPKE's own
ephemeral keys come from OpenSSL; everything else repeats with the seed.
"""

from __future__ import annotations

import random as stdlib_random
from collections.abc import Sequence
from dataclasses import dataclass, field

from byre.crypto.random import Random
from byre.crypto.signature import SigningKey
from byre.mls import (
    AddProposal,
    CipherSuite,
    Credential,
    Extension,
    Group,
    KeyPackageBundle,
    PendingCommit,
    Proposal,
    ProposalReceived,
    Received,
    StagedCommit,
    generate_key_package,
    suite_by_id,
)

NOW_S = 1_700_000_000
YEAR_S = 365 * 24 * 3600


def seeded(seed: int) -> Random:
    """Return a source of bytes that repeats."""
    return stdlib_random.Random(seed).randbytes


@dataclass(frozen=True)
class Person:
    """A client with its signature key."""

    name: str
    key: SigningKey
    suite: CipherSuite
    random: Random

    def package(
        self,
        *,
        not_after_s: int = NOW_S + YEAR_S,
        leaf_extensions: Sequence[Extension] = (),
        key_package_extensions: Sequence[Extension] = (),
    ) -> KeyPackageBundle:
        """Return a fresh KeyPackage."""
        return generate_key_package(
            self.suite,
            signature_key=self.key,
            credential=Credential(self.name.encode()),
            leaf_extensions=leaf_extensions,
            not_before_s=NOW_S - YEAR_S,
            not_after_s=not_after_s,
            random=self.random,
            key_package_extensions=key_package_extensions,
        )

    def create(self, *, group_id: bytes = b"a group", extensions: Sequence[Extension] = ()) -> Group:
        """Return a new group of one."""
        return Group.create(
            self.suite,
            group_id=group_id,
            signature_key=self.key,
            credential=Credential(self.name.encode()),
            leaf_extensions=(),
            extensions=extensions,
            not_before_s=NOW_S - YEAR_S,
            not_after_s=NOW_S + YEAR_S,
            random=self.random,
        )


def person(name: str, suite_id: int = 1, seed: int = 0) -> Person:
    """Return a client; the same name, suite and seed give the same keys."""
    random = seeded(int.from_bytes(name.encode()) * 65_537 + suite_id * 257 + seed)
    return Person(name, SigningKey.generate(random), suite_by_id(suite_id), random)


@dataclass
class Room:
    """A group as all of its members hold it, by name."""

    groups: dict[str, Group]
    people: dict[str, Person]
    random: Random = field(default_factory=lambda: seeded(1))

    @classmethod
    def of(cls, *names: str, suite_id: int = 1, seed: int = 0, extensions: Sequence[Extension] = ()) -> Room:
        """Return a room of the named people; the first one created it and added the others."""
        people = {name: person(name, suite_id, seed) for name in names}
        first = names[0]
        room = cls({first: people[first].create(extensions=extensions)}, people)
        if len(names) > 1:
            room.add(first, *names[1:])
        return room

    def __getitem__(self, name: str) -> Group:
        return self.groups[name]

    def leaf(self, name: str) -> int:
        """Return a member's leaf index."""
        return self.groups[name].own_leaf_index

    def add(self, adder: str, *names: str, tree_in_welcome: bool = True) -> PendingCommit:
        """Let `adder` add people; all join and follow."""
        for name in names:
            self.people.setdefault(name, person(name, self.groups[adder].suite.suite_id))
        bundles = {name: self.people[name].package() for name in names}
        adds = [AddProposal(bundle.key_package) for bundle in bundles.values()]
        pending = self.commit(adder, *adds, tree_in_welcome=tree_in_welcome)
        for name, bundle in bundles.items():
            self.join(name, bundle, pending, tree_in_welcome=tree_in_welcome)
        return pending

    def join(
        self, name: str, bundle: KeyPackageBundle, pending: PendingCommit, *, tree_in_welcome: bool = True
    ) -> None:
        """Let one person in by its Welcome."""
        welcome = next(each for each in pending.welcomes if bundle.reference in each.references)
        self.groups[name] = Group.join(
            welcome.message,
            bundle=bundle,
            signature_key=self.people[name].key,
            ratchet_tree=None if tree_in_welcome else pending.group.ratchet_tree,
            now_s=NOW_S,
        )

    def commit(
        self, committer: str, *proposals: Proposal, force_path: bool = True, tree_in_welcome: bool = True
    ) -> PendingCommit:
        """Let `committer` commit; everybody follows, whoever is removed leaves the room."""
        pending = self.groups[committer].commit(
            proposals, now_s=NOW_S, random=self.random, force_path=force_path, tree_in_welcome=tree_in_welcome
        )
        self.follow(committer, pending)
        return pending

    def follow(self, committer: str, pending: PendingCommit) -> None:
        """Let everybody merge a commit."""
        for name in list(self.groups):
            if name == committer:
                self.groups[name] = pending.group
                continue
            staged = self.stage(name, pending.message)
            if staged.self_removed:
                del self.groups[name]
            else:
                self.groups[name] = staged.merge()

    def stage(self, name: str, message: bytes) -> StagedCommit:
        """Let one member look at a commit."""
        staged = self.groups[name].process(message, now_s=NOW_S, public_handshakes=True)
        assert isinstance(staged, StagedCommit)
        return staged

    def propose(self, name: str, message_and_group: tuple[Group, bytes]) -> bytes:
        """Book a proposal that `name` made and deliver it to everybody."""
        self.groups[name], message = message_and_group
        for other, group in self.groups.items():
            if other != name:
                received = group.process(message, now_s=NOW_S, public_handshakes=True)
                assert isinstance(received, ProposalReceived)
                self.groups[other] = received.group
        return message

    def send(self, name: str, data: bytes, authenticated_data: bytes = b"") -> bytes:
        """Let one member encrypt; nobody has received it yet."""
        self.groups[name], message = self.groups[name].encrypt(
            data, authenticated_data=authenticated_data, random=self.random
        )
        return message

    def receive(self, name: str, message: bytes) -> Received:
        """Let one member decrypt."""
        received = self.groups[name].process(message, now_s=NOW_S)
        assert isinstance(received, Received)
        self.groups[name] = received.group
        return received

    def assert_agreement(self) -> None:
        """All members are in one epoch, with one tree, one transcript and one secret, and hear each other."""
        views = {
            (
                group.epoch,
                group.tree_hash,
                group.confirmed_transcript_hash,
                group.extensions,
                group.export_secret("agreement", b"", 32).reveal(),
            )
            for group in self.groups.values()
        }
        assert len(views) == 1
        for sender in self.groups:
            message = self.send(sender, sender.encode())
            for receiver in self.groups:
                if receiver != sender:
                    received = self.receive(receiver, message)
                    assert (received.data, received.sender_leaf) == (sender.encode(), self.leaf(sender))
