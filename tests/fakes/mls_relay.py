"""A room of MLS members who only meet through what gets lost, and who can die between any two writes.

    Ledger   what the room's home has ordered: one commit per epoch, with what the epoch looks like to its members
    Device   one member as the client holds it: a group in memory, the same in two parts on a `Disk`, an inbox

A device stores before it sends and before it forgets an envelope, as `client/` does; `crash` throws the memory away and
reads the disk. Everything is in one process and nothing waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from byre.crypto.random import Random
from byre.errors import PeerError
from byre.mls import (
    Group,
    KeyPackageBundle,
    PendingCommit,
    Proposal,
    ProposalReceived,
    Received,
    StagedCommit,
    peek_message,
)
from byre.mls.framing import ContentType
from tests.fakes.mls import NOW_S, Person, seeded

PAST_EPOCHS = 3
APART = ("replayed", "own_message", "wrong_epoch")
"""What a device throws away without a word: doubles, echoes, and what is too old to read."""


@dataclass
class Epoch:
    """An epoch as its first member saw it; every other one must see the same."""

    commit: bytes
    roster: frozenset[str]
    digest: bytes


@dataclass
class Ledger:
    """The order of commits, and everything that was ever said, by the epoch in which it was said."""

    epochs: dict[int, Epoch] = field(default_factory=dict)
    said: list[tuple[int, str, bytes, bytes]] = field(default_factory=list)
    proposed: dict[int, list[bytes]] = field(default_factory=dict)

    @property
    def head(self) -> int:
        """The epoch that the room is in."""
        return max(self.epochs)

    @property
    def roster(self) -> frozenset[str]:
        """Who is in the room."""
        return self.epochs[self.head].roster


@dataclass
class Disk:
    """What survives a crash: the current epoch in two parts, past epochs, the pending commit, the bundle."""

    epoch: bytes = b""
    ratchets: bytes = b""
    past: list[tuple[bytes, bytes]] = field(default_factory=list)
    pending: bytes | None = None
    bundle: bytes | None = None


def expect(error: PeerError, *codes: str) -> None:
    """Fail unless a refusal is one of those that honest traffic can meet."""
    if error.code not in codes:
        raise AssertionError(f"honest traffic was refused: {error}") from error


def digest_of(group: Group) -> bytes:
    """Return what all members of an epoch must have in common."""
    parts = (group.tree_hash, group.confirmed_transcript_hash, group.export_secret("digest", b"", 32).reveal())
    return b"".join(parts)


def roster_of(group: Group) -> frozenset[str]:
    """Return the members' names."""
    return frozenset(member.credential.identity.decode() for member in group.members)


class Device:
    """One member; `is_out` once a commit has removed it."""

    def __init__(self, person: Person, ledger: Ledger) -> None:
        self.person = person
        self.name = person.name
        self.ledger = ledger
        self.random: Random = seeded(int.from_bytes(person.name.encode()) + 7)
        self.disk = Disk()
        self.inbox: list[bytes] = []
        self.read: list[bytes] = []
        self.is_out = False
        self.before_write: Callable[[], None] = lambda: None
        self._group: Group | None = None

    @property
    def group(self) -> Group:
        """The current epoch, read from the disk after a crash."""
        if self._group is None:
            self._group = Group.load(self.disk.epoch, self.disk.ratchets)
        return self._group

    @property
    def is_in(self) -> bool:
        """Whether this device has a group and was not removed."""
        return bool(self.disk.epoch) and not self.is_out

    @property
    def pending(self) -> PendingCommit | None:
        """The commit that waits for its order, if there is one."""
        if self.disk.pending is None:
            return None
        return PendingCommit.from_bytes(self.disk.pending, before=self.group)

    def crash(self) -> None:
        """Forget everything that is not on the disk."""
        self._group = None

    def create(self) -> None:
        """Begin the room."""
        self._enter(self.person.create(group_id=b"a room"))
        self.ledger.epochs[0] = Epoch(b"", roster_of(self.group), digest_of(self.group))

    def package(self) -> KeyPackageBundle:
        """Make a KeyPackage and keep its keys."""
        bundle = self.person.package()
        self.disk.bundle = bundle.to_bytes()
        return bundle

    def join(self, welcome: bytes) -> None:
        """Join; the bundle goes in the same write as the group comes (Rule 16)."""
        assert self.disk.bundle is not None
        bundle = KeyPackageBundle.from_bytes(self.disk.bundle)
        group = Group.join(welcome, bundle=bundle, signature_key=self.person.key, now_s=NOW_S)
        self._enter(group)

    def say(self, text: bytes) -> bytes:
        """Encrypt: the ratchet is on the disk before the bytes are anywhere else (Rule 1)."""
        group, message = self.group.encrypt(text, random=self.random)
        self._store_ratchets(group)
        self.ledger.said.append((group.epoch, self.name, text, message))
        return message

    def commit(self, proposals: Sequence[Proposal] = ()) -> PendingCommit:
        """Make a commit and store it with the ratchet that it used; nothing leaves yet (Rule 10)."""
        pending = self.group.commit(proposals, now_s=NOW_S, random=self.random)
        self.before_write()
        self.disk.pending, self.disk.ratchets = pending.to_bytes(), pending.current.ratchet_bytes()
        self._group = pending.current
        return pending

    def drop_pending(self) -> None:
        """Another commit was ordered: ours never was."""
        self.before_write()
        self.disk.pending = None

    def propose(self, made: tuple[Group, bytes]) -> bytes:
        """Store and return a proposal of ours."""
        group, message = made
        self.before_write()
        self.disk.ratchets = group.ratchet_bytes()
        self._group = group
        self.ledger.proposed.setdefault(group.epoch, []).append(message)
        return message

    def merge_own(self) -> PendingCommit:
        """Merge the pending commit, which was ordered."""
        pending = self.pending
        assert pending is not None, "nothing is pending"
        self._advance(pending.group)
        return pending

    def take(self, message: bytes) -> None:
        """Process one envelope; what is for a later epoch stays in the inbox."""
        header = peek_message(message)
        if not self.is_in or header.epoch is None:
            return
        if header.epoch > self.group.epoch:
            self.inbox.append(message)
            return
        if header.epoch < self.group.epoch:
            self._read_late(header.epoch, message)
            return
        if header.content_type is ContentType.COMMIT:
            self.follow(message)
            return
        try:
            outcome = self.group.process(message, now_s=NOW_S)
        except PeerError as error:
            expect(error, *APART)
            return
        assert isinstance(outcome, Received | ProposalReceived)
        self._store_ratchets(outcome.group)
        if isinstance(outcome, Received):
            self.read.append(outcome.data)

    def follow(self, commit: bytes) -> None:
        """Merge the commit that the home ordered, asking for proposals that got lost; any other one is ignored."""
        if self.group.epoch >= self.ledger.head or commit != self.ledger.epochs[self.group.epoch + 1].commit:
            return
        if self.pending is not None and self.pending.message == commit:
            self.merge_own()
            return
        try:
            staged = self.stage(commit)
        except PeerError as error:
            expect(error, "missing_proposal")
            for message in self.ledger.proposed.get(self.group.epoch, ()):
                self.take(message)
            staged = self.stage(commit)
        if staged.self_removed:
            self.is_out = True
            return
        self._advance(staged.merge())

    def stage(self, commit: bytes) -> StagedCommit:
        """Look at a commit."""
        staged = self.group.process(commit, now_s=NOW_S)
        assert isinstance(staged, StagedCommit)
        return staged

    def catch_up(self) -> None:
        """Fetch from the home whatever commit is missing."""
        while self.is_in and self.group.epoch < self.ledger.head:
            self.follow(self.ledger.epochs[self.group.epoch + 1].commit)

    def can_read(self, message: bytes) -> bool:
        """Whether any state on the disk opens a message, without keeping what came of it."""
        states = [(self.disk.epoch, self.disk.ratchets), *self.disk.past] if self.disk.epoch else []
        for epoch, ratchets in states:
            try:
                Group.load(epoch, ratchets).process(message, now_s=NOW_S)
            except PeerError:
                continue
            return True
        return False

    def _read_late(self, epoch: int, message: bytes) -> None:
        for number, (epoch_bytes, ratchets) in enumerate(self.disk.past):
            past = Group.load(epoch_bytes, ratchets, past=True)
            if past.epoch != epoch:
                continue
            try:
                received = past.process(message, now_s=NOW_S)
            except PeerError as error:
                expect(error, *APART)
                return
            assert isinstance(received, Received)
            self.before_write()
            self.disk.past[number] = (epoch_bytes, received.group.ratchet_bytes())
            self.read.append(received.data)

    def _enter(self, group: Group) -> None:
        self.before_write()
        self.disk.epoch, self.disk.ratchets, self.disk.bundle = group.epoch_bytes(), group.ratchet_bytes(), None
        self._group = group

    def _store_ratchets(self, group: Group) -> None:
        self.before_write()
        self.disk.ratchets = group.ratchet_bytes()
        self._group = group

    def _advance(self, group: Group) -> None:
        """Enter the next epoch in one write: the ended one stays, stripped; the pending commit goes."""
        past = self.group.as_past()
        self.before_write()
        self.disk.past = [(past.epoch_bytes(), past.ratchet_bytes()), *self.disk.past][:PAST_EPOCHS]
        self.disk.epoch, self.disk.ratchets, self.disk.pending = group.epoch_bytes(), group.ratchet_bytes(), None
        self._group = group
        known = self.ledger.epochs.get(group.epoch)
        assert known is None or (known.digest, known.roster) == (digest_of(group), roster_of(group)), "a split"
