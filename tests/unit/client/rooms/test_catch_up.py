"""Fetching missed commits: up to the head, rejoining when they are gone, jammed when they are no commits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.connection.results import CommitResult, Found, Gone, NothingYet
from byre.client.leaf_check import validate_leaf
from byre.client.rooms.catch_up import CatchUp, Word
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.standstill import Dispute
from byre.errors import EnvironmentFault, PeerError
from byre.identity.room_head import commit_hash
from byre.store import PendingCommitRow, Transaction
from tests.fakes.identities import Person
from tests.fakes.paper_rooms import NOW_S, context_of, room_of, staged

GROUP = b"g" * 32


class Home:
    """A home that answers from a list; an error in it is raised."""

    def __init__(self, *answers: CommitResult | Exception) -> None:
        self.answers = list(answers)

    async def relay_id(self) -> bytes:
        return b"r" * 32

    async def get_commit(self, **_: Any) -> CommitResult:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Bench:
    """A catch-up with everything around it on paper: the body of a commit is the commit itself."""

    def __init__(self, tx: Transaction, *answers: CommitResult | Exception) -> None:
        self.anna, self.ben = Person("anna"), Person("ben")
        rooms = room_of(self.anna, self.ben)
        self.sender, self.room = rooms["anna"], rooms["ben"]
        self.home = Home(*answers)
        self.taken: list[bytes] = []
        self.told: list[str] = []
        self.refusal: PeerError | None = None
        context = context_of(self.ben, tx, network=SimpleNamespace(relay=lambda url: self.home))
        groups: Any = SimpleNamespace(current=self._current)
        self.catch_up = CatchUp(
            context,
            groups,
            commit_in=self._commit_in,
            take_commit=self._take,
            rejoin=lambda group_id, dispute: self._tell("gone" if dispute else "rejoin"),
            jammed=lambda group_id, dispute: self._tell("disputed" if dispute else "jammed"),
        )

    def commit(self) -> bytes:
        """Let anna commit; return what the home holds."""
        pending = self.sender.group.commit(validate=validate_leaf, now_s=NOW_S, random=self.anna.random)
        self.sender = LiveRoom.read(pending.group)
        return pending.message

    async def _current(self, group_id: bytes) -> LiveRoom:
        return self.room

    async def _commit_in(self, room: LiveRoom, body: bytes) -> bytes:
        return body

    async def _take(self, group_id: bytes, epoch: int, commit: bytes) -> Any:
        if self.refusal is not None:
            raise self.refusal
        assert epoch == self.room.epoch
        self.room = LiveRoom.read(staged(self.room, commit).merge())
        self.taken.append(commit)

    async def _tell(self, word: str) -> None:
        self.told.append(word)


def found(commit: bytes, digest: bytes | None = None) -> Found:
    return Found(9, b"c" * 16, digest or commit_hash(commit), commit)


def head(commit: bytes) -> NothingYet:
    return NothingYet(9, b"c" * 16, commit_hash(commit))


async def test_every_commit_up_to_the_head_is_processed(tx: Transaction) -> None:
    bench = Bench(tx)
    commits = [bench.commit() for _ in range(3)]
    bench.home.answers = [*(found(commit) for commit in commits), head(commits[-1])]
    assert await bench.catch_up.room(GROUP)
    assert bench.taken == commits
    assert bench.room.epoch == bench.sender.epoch
    assert not bench.told


async def test_a_home_that_is_away_changes_nothing(tx: Transaction) -> None:
    bench = Bench(tx, EnvironmentFault("The relay cannot be reached.", code="relay_unreachable"))
    assert not await bench.catch_up.room(GROUP)
    assert not bench.told


async def test_commits_that_are_gone_make_the_device_rejoin_for_as_long_as_the_home_says_so(tx: Transaction) -> None:
    bench = Bench(tx, Gone(9))
    assert not await bench.catch_up.room(GROUP)
    assert bench.told == ["gone"]


@pytest.mark.parametrize(("code", "told"), [("relay_auth", ["disputed"]), ("relay_rate", []), ("relay_lied", [])])
async def test_a_home_that_refuses_takes_no_room_away(tx: Transaction, code: str, told: list[str]) -> None:
    bench = Bench(tx, PeerError("no", code=code))
    assert not await bench.catch_up.room(GROUP)
    assert bench.told == told


async def test_a_home_that_knows_nothing_of_the_room_is_believed_only_late(tx: Transaction) -> None:
    bench = Bench(tx, Gone(0), Gone(0))
    assert await bench.catch_up.room(GROUP)
    assert not bench.told
    assert not await bench.catch_up.room(GROUP, is_late=True)
    assert bench.told == ["gone"]


async def test_another_commit_than_the_head_s_is_a_jam_until_the_home_says_otherwise(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.home.answers = [found(bench.commit(), bytes(48))]
    assert not await bench.catch_up.room(GROUP)
    assert bench.told == ["disputed"]
    assert not bench.taken


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("invalid_commit", "jammed"),
        ("not_allowed", "jammed"),
        ("unreadable_path", "rejoin"),
        ("missing_proposal", "rejoin"),
    ],
)
async def test_a_commit_that_cannot_be_taken_ends_it(tx: Transaction, code: str, told: str) -> None:
    bench = Bench(tx)
    bench.home.answers = [found(bench.commit())]
    bench.refusal = PeerError("no", code=code)
    assert not await bench.catch_up.room(GROUP)
    assert bench.told == [told]


async def test_an_own_commit_is_left_to_the_pipeline_that_made_it(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.home.answers = [found(bench.commit())]
    bench.refusal = PeerError("our own", code="own_message")
    row = PendingCommitRow(GROUP, bench.room.epoch, b"c" * 16, "sent", b"p", b"m", b"b", None, b"", 0)
    tx.groups.put_pending(row)
    assert await bench.catch_up.room(GROUP)
    assert not bench.told


async def test_an_own_commit_that_this_profile_lacks_means_that_it_was_put_back(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.home.answers = [found(bench.commit())]
    bench.refusal = PeerError("our own", code="own_message")
    assert not await bench.catch_up.room(GROUP)
    assert bench.told == ["rejoin"]


async def test_a_merged_commit_is_compared_with_the_head(tx: Transaction) -> None:
    bench = Bench(tx)
    commit = bench.commit()
    epoch, digest = bench.room.epoch, commit_hash(commit)
    for answer, expected, word in (
        (head(commit), digest, Word.AGREES),
        (head(b"another"), digest, Word.DISAGREES),
        (head(commit), b"", Word.AGREES),
        (PeerError("no", code="relay_auth"), b"", Word.DISAGREES),
        (PeerError("no", code="relay_quota"), b"", Word.SILENT),
        (EnvironmentFault("away", code="relay_unreachable"), digest, Word.SILENT),
        (found(commit), digest, Word.SILENT),  # the head has moved on
        (Gone(epoch + 1), digest, Word.SILENT),
    ):
        bench.home.answers = [answer]
        assert await bench.catch_up.word(Dispute(GROUP, epoch, expected)) is word
    assert await bench.catch_up.word(Dispute(GROUP, epoch + 1, bytes(48))) is Word.SILENT, "the room has moved on"


async def test_a_dispute_is_over_once_the_home_agrees(tx: Transaction) -> None:
    bench = Bench(tx)
    commit, epoch = bench.commit(), bench.room.epoch
    digest = commit_hash(commit)
    away, refused = EnvironmentFault("away", code="relay_unreachable"), PeerError("no", code="relay_auth")
    gone = Dispute(GROUP, epoch, is_gone=True)
    for answer, about, word in (
        (head(commit), Dispute(GROUP, epoch, digest), Word.AGREES),
        (head(b"another"), Dispute(GROUP, epoch, digest), Word.DISAGREES),
        (head(b"another"), Dispute(GROUP, epoch), Word.AGREES),
        (head(b"another"), Dispute(GROUP, epoch - 1, digest), Word.AGREES),  # the room has moved on, and the home too
        (found(commit), Dispute(GROUP, epoch), Word.AGREES),
        (found(commit, bytes(48)), Dispute(GROUP, epoch), Word.DISAGREES),
        (Gone(epoch + 1), Dispute(GROUP, epoch), Word.AGREES),  # catching up will tell, and rejoin
        (Gone(0), Dispute(GROUP, epoch), Word.SILENT),
        (away, Dispute(GROUP, epoch, digest), Word.SILENT),
        (refused, Dispute(GROUP, epoch, digest), Word.DISAGREES),
        (head(b"another"), gone, Word.AGREES),
        (Gone(epoch + 1), gone, Word.DISAGREES),
        (Gone(0), gone, Word.SILENT),
    ):
        bench.home.answers = [answer]
        assert await bench.catch_up.look(about) is word, (answer, about)
    bench.room = None  # type: ignore[assignment]
    assert await bench.catch_up.look(Dispute(GROUP, epoch)) is Word.SILENT


async def test_the_head_is_asked_by_itself_what_it_names(tx: Transaction) -> None:
    found, other = Found(2, b"c" * 16, b"x" * 48, b""), Found(2, b"c" * 16, b"y" * 48, b"")
    answers = [found, other, NothingYet(1, b"", b""), EnvironmentFault("no", code="relay_unreachable")]
    bench = Bench(tx, *answers)
    assert [await bench.catch_up.head_names(bench.room, b"x" * 48) for _ in answers] == [True, False, False, False]
