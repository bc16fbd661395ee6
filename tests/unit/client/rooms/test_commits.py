"""The pipeline of own commits against a home that answers from a list; making and fanning out are stand-ins."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.connection.results import ConflictingCommit, Granted
from byre.client.leaf_check import validate_leaf
from byre.client.rooms.claim_outcome import Outcome
from byre.client.rooms.claiming import Claiming
from byre.client.rooms.commit_fan_out import READY, Prepared
from byre.client.rooms.commit_making import Made
from byre.client.rooms.commit_rows import note_brought_back
from byre.client.rooms.commit_steps import CommitPorts, CommitSteps
from byre.client.rooms.commits import Commits
from byre.client.rooms.intents import CommitLeaving, Package, ReAdd, RenewLeaf, Retitle, SetRole
from byre.client.rooms.judging import judge_commit
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.waiting import Waiting
from byre.errors import EnvironmentFault, InternalBug, PeerError, UsageError
from byre.identity.room_head import commit_hash
from byre.mls import PendingCommit
from byre.store import Transaction
from tests.fakes.identities import Person
from tests.fakes.paper_rooms import NOW_S, room_of, staged
from tests.fakes.relay_user import until
from tests.fakes.room_desk import RoomDesk
from tests.patience import WAIT_S

GROUP = b"g" * 32


class Bench:
    """Anna commits; `answers` are the home's, a function of the claim's commit hash or an error."""

    def __init__(self, tx: Transaction, *answers: Any) -> None:
        self.anna, self.ben = Person("anna"), Person("ben")
        rooms = room_of(self.anna, self.ben)
        self.answers = list(answers)
        self.words: list[Any] = []
        self.refusal: Exception | None = None
        self.head = b""
        relay = SimpleNamespace(relay_id=self._relay_id, claim=self._claim)
        network = SimpleNamespace(relay=lambda url: relay)
        self.desk = RoomDesk(tx, self.anna, rooms["anna"], network=network)
        self.row = self.desk.write_room(rooms["anna"])
        self.ben_room = rooms["ben"]
        parts: Any = SimpleNamespace(
            fresh_token=self._done(b"t" * 32),
            make=self._make,
            claim_body=lambda room, message: b"sealed",
            retire_token=self._noted("retire"),
            prepare=self._prepare,
            lay_down=self._lay_down,
            withdraw=self._noted("withdraw"),
            write=self._write,
        )
        merging: Any = SimpleNamespace(write=self._merge)
        waiting = Waiting()
        steps = CommitSteps(
            self.desk.context,
            self.desk.groups,  # type: ignore[arg-type]
            self.desk.outbox,  # type: ignore[arg-type]
            merging,
            parts,
            parts,
            Claiming(self.desk.context),
            CommitPorts(
                commit_in=self._commit_in,
                take_commit=self._take,
                retry_kept=self._noted("retry_kept"),
                epoch_changed=lambda group_id, judged: self.words.append("epoch_changed"),
                rejoin=self._noted("rejoin"),
                jammed=self._noted("jammed"),
                home_refuses=self._home_refuses,
                head_names=self._head_names,
            ),
            waiting,
        )
        self.commits = Commits(self.desk.context, steps, waiting)

    def _done(self, value: Any) -> Any:
        async def done(*_: Any) -> Any:
            return value

        return done

    def _noted(self, word: str) -> Any:
        async def noted(*_: Any) -> None:
            self.words.append(word)

        return noted

    async def _relay_id(self) -> bytes:
        return b"r" * 32

    async def _claim(self, **claim: Any) -> Outcome:
        self.words.append("claim")
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(claim) if callable(answer) else answer  # type: ignore[no-any-return]

    async def _home_refuses(self, room: LiveRoom) -> Any:
        return EnvironmentFault("the home is gone", code="home_gone")

    async def _head_names(self, room: LiveRoom, digest: bytes) -> bool:
        self.words.append("head")
        return digest == self.head

    async def _make(self, room: LiveRoom, intent: Any, plan: Any, token: bytes) -> Made:
        if self.refusal is not None:
            raise self.refusal
        pending = room.group.commit(validate=validate_leaf, now_s=NOW_S, random=self.anna.random)
        return Made(pending, tree_beside=False)

    async def _prepare(self, room: LiveRoom, pending: Any) -> Prepared:
        made = PendingCommit.from_bytes(pending.pending, before=room.group)
        return Prepared(made, judge_commit(room, made.staged, pending.message))

    async def _lay_down(self, room: LiveRoom, prepared: Prepared, pending: Any) -> Any:
        assert pending.state == READY
        return pending

    def _write(self, tx: Transaction, *_: Any) -> list[Any]:
        self.words.append("fan out")
        return []

    def _merge(self, tx: Transaction, judged: Any, message: bytes, now_ms: int) -> list[Any]:
        self.words.append(("merge", judged.after.epoch))
        tx.groups.delete_pending(GROUP)
        return []

    async def _commit_in(self, room: LiveRoom, body: bytes) -> bytes:
        return body

    async def _take(self, group_id: bytes, epoch: int, commit: bytes) -> Any:
        before = self.desk.groups.rooms[GROUP]
        self.desk.groups.rooms[GROUP] = LiveRoom.read(staged(before, commit).merge())
        self.words.append("took the winner")

    @property
    def epoch(self) -> int:
        return self.desk.groups.rooms[GROUP].epoch


GRANT = Granted(2)


def of_another(bench: Bench) -> ConflictingCommit:
    """Let ben commit; return what the home then answers to anna."""
    pending = bench.ben_room.group.commit(validate=validate_leaf, now_s=NOW_S, random=bench.ben.random)
    return ConflictingCommit(2, b"c" * 16, commit_hash(pending.message), pending.message)


async def over(bench: Bench) -> None:
    """Wait until nothing is left to do for the room."""
    await until(lambda: not bench.commits._working)


async def test_a_granted_commit_is_merged_fanned_out_and_over(tx: Transaction) -> None:
    bench = Bench(tx, GRANT)
    await bench.commits.add(GROUP, RenewLeaf(bench.desk.groups.rooms[GROUP].own_seat.package_key))
    await over(bench)
    assert bench.words[:4] == ["claim", ("merge", 2), "fan out", "epoch_changed"]
    assert (bench.epoch, tx.groups.pending(GROUP)) == (2, None)
    claim = tx.claims.granted(GROUP)
    assert claim is not None
    assert (claim.epoch, claim.body) == (1, b"sealed")


async def test_what_is_true_already_needs_no_commit(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.commits.bring_about(GROUP, CommitLeaving())
    assert (bench.words, tx.intents.of_group(GROUP)) == ([], [])


async def test_who_was_brought_back_by_another_member_is_not_brought_back_again(tx: Transaction) -> None:
    bench = Bench(tx)
    seat = bench.desk.groups.rooms[GROUP].own_seat
    package = Package(bench.ben.account_id, bench.ben.primary.id, b"k" * 32, b"package")
    judged: Any = SimpleNamespace(come=(replace(seat, package_key=b"k" * 32),), devices_back={seat.device_id})
    note_brought_back(tx, judged, bench.desk.context.own, 0)
    await bench.commits.bring_about(GROUP, ReAdd(package))
    assert (bench.words, tx.intents.of_group(GROUP)) == ([], [])


async def test_one_intent_is_stored_once(tx: Transaction) -> None:
    bench = Bench(tx)
    numbers = [await bench.commits.add(GROUP, Retitle("later"), delay_ms=60_000) for _ in range(2)]
    assert numbers[0] == numbers[1]
    assert await bench.commits.add(GROUP, Retitle("other"), delay_ms=60_000) != numbers[0]
    assert (bench.words, len(tx.intents.of_group(GROUP))) == ([], 2)
    await bench.desk.context.tasks.stop()


async def test_what_cannot_be_put_into_a_commit_stands_before_nothing_else(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.refusal = UsageError("no title of ours", code="bad_field")
    with pytest.raises(UsageError) as caught:
        await bench.commits.bring_about(GROUP, Retitle("x"))
    assert (caught.value.code, tx.intents.of_group(GROUP)) == ("bad_field", [])


async def test_what_can_never_be_is_told_and_forgotten(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.refusal = PeerError("the law", code="invalid_commit")
    for intent, state, code in (
        (Retitle("x"), "active", "not_allowed"),
        (Retitle("x"), "left", "wrong_state"),
        (SetRole(b"x" * 32, 99), "active", None),
    ):
        tx.rooms.change(bench.row.id, state=state)
        with pytest.raises(UsageError) as caught:
            await bench.commits.bring_about(GROUP, intent)
        assert code is None or caught.value.code == code
    assert (bench.words, tx.intents.of_group(GROUP)) == ([], [])


async def test_a_lost_race_processes_the_winner_and_tries_again(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.answers = [of_another(bench), Granted(3)]
    await bench.commits.add(GROUP, RenewLeaf(bench.desk.groups.rooms[GROUP].own_seat.package_key))
    await over(bench)
    assert bench.words[:5] == ["claim", "took the winner", "claim", ("merge", 3), "fan out"]
    assert bench.epoch == 3


async def test_a_conflict_with_oneself_is_a_grant_from_before_a_crash(tx: Transaction) -> None:
    bench = Bench(tx)

    def before(claim: Any) -> ConflictingCommit:
        return ConflictingCommit(2, claim["claim_id"], claim["commit_hash"], b"")

    bench.answers = [before]
    await bench.commits.add(GROUP, RenewLeaf(bench.desk.groups.rooms[GROUP].own_seat.package_key))
    await over(bench)
    assert bench.words[:3] == ["claim", ("merge", 2), "fan out"]


@pytest.mark.parametrize(("code", "word"), [("invalid_commit", "jammed"), ("unreadable_path", "rejoin")])
async def test_a_winner_that_cannot_be_followed_jams_the_room_or_is_our_own_trouble(
    tx: Transaction, code: str, word: str
) -> None:
    bench = Bench(tx)
    bench.answers = [of_another(bench)]

    async def refuses(*_: Any) -> Any:
        tx.rooms.change(bench.row.id, state="jammed" if word == "jammed" else "rejoining")
        raise PeerError("no", code=code)

    bench.commits._steps._ports = replace(bench.commits._steps._ports, take_commit=refuses)
    await bench.commits.add(GROUP, RenewLeaf(bench.desk.groups.rooms[GROUP].own_seat.package_key))
    await until(lambda: word in bench.words)
    assert bench.words[:2] == ["claim", word]
    assert tx.groups.pending(GROUP) is None
    await bench.desk.context.tasks.stop()


async def test_a_winner_whose_body_is_not_what_was_ordered_jams_the_room(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.head = b"x" * 32
    bench.answers = [replace(of_another(bench), commit_hash=bench.head), GRANT]
    await bench.commits.add(GROUP, RenewLeaf(bench.desk.groups.rooms[GROUP].own_seat.package_key))
    await until(lambda: "jammed" in bench.words)
    assert bench.words[:3] == ["claim", "head", "jammed"]
    assert "took the winner" not in bench.words
    await bench.desk.context.tasks.stop()


async def test_one_forged_conflict_takes_no_room_away(tx: Transaction) -> None:
    bench = Bench(tx, ConflictingCommit(2, b"c" * 16, b"x" * 48, b"junk"))

    async def unreadable(*_: Any) -> bytes:
        raise PeerError("this opens with no key of ours", code="bad_ciphertext")

    bench.commits._steps._ports = replace(bench.commits._steps._ports, commit_in=unreadable)
    with pytest.raises(PeerError) as caught:
        await bench.commits.bring_about(GROUP, RenewLeaf(bench.desk.groups.rooms[GROUP].own_seat.package_key))
    assert caught.value.code == "relay_lied"
    assert bench.words == ["claim", "head"]
    assert (tx.groups.pending(GROUP) is not None, len(tx.intents.of_group(GROUP))) == (True, 1)
    bench.answers = [GRANT]
    bench.commits.wake(GROUP)
    await over(bench)
    assert bench.words[2:5] == ["claim", ("merge", 2), "fan out"]


async def test_a_full_disk_is_told_and_waited_out(tx: Transaction) -> None:
    bench = Bench(tx, GRANT)
    faults: list[Exception] = [EnvironmentFault("The disk is full.", code="disk_full")]
    make = bench.commits._steps._maker.make

    async def failing(*arguments: Any) -> Any:
        if faults:
            raise faults.pop()
        return await make(*arguments)

    bench.commits._steps._maker.make = failing  # type: ignore[method-assign, assignment]
    intent = RenewLeaf(bench.desk.groups.rooms[GROUP].own_seat.package_key)

    with pytest.raises(EnvironmentFault) as caught:
        await bench.commits.bring_about(GROUP, intent)

    assert (caught.value.code, len(tx.intents.of_group(GROUP))) == ("disk_full", 1)
    bench.commits.wake(GROUP)
    await over(bench)
    assert ("merge", 2) in bench.words


@pytest.mark.logs_errors
async def test_a_bug_leaves_nobody_waiting(tx: Transaction) -> None:
    bench = Bench(tx)

    async def failing(*_: Any) -> Any:
        raise ZeroDivisionError

    bench.commits._steps._maker.make = failing  # type: ignore[method-assign, assignment]
    with pytest.raises(InternalBug):
        await bench.commits.bring_about(GROUP, RenewLeaf(bench.desk.groups.rooms[GROUP].own_seat.package_key))


async def test_who_waits_while_the_profile_is_closed_hears_it_and_the_intent_stays(tx: Transaction) -> None:
    bench = Bench(tx)
    silence = asyncio.Event()

    async def silent(*_: Any) -> Any:
        bench.words.append("asked")
        await silence.wait()

    bench.commits._steps._maker = SimpleNamespace(fresh_token=silent)  # type: ignore[assignment]
    waiting = asyncio.ensure_future(bench.commits.bring_about(GROUP, Retitle("later")))
    await until(lambda: bench.words == ["asked"])

    bench.commits.close()

    with pytest.raises(UsageError) as caught:
        await waiting
    assert (caught.value.code, len(tx.intents.of_group(GROUP))) == ("locked", 1)
    await bench.desk.context.tasks.stop()


@pytest.mark.parametrize(("fault", "told"), [("relay_unreachable", "relay_unreachable"), ("relay_auth", "home_gone")])
async def test_without_an_answer_the_commit_stays_pending_and_goes_on_later(
    tx: Transaction, fault: str, told: str
) -> None:
    bench = Bench(tx, EnvironmentFault("no", code=fault))
    intent = RenewLeaf(bench.desk.groups.rooms[GROUP].own_seat.package_key)
    with pytest.raises(EnvironmentFault) as caught:
        await bench.commits.bring_about(GROUP, intent)
    assert caught.value.code == told
    pending = tx.groups.pending(GROUP)
    assert pending is not None
    assert (bench.epoch, len(tx.intents.of_group(GROUP))) == (1, 1)
    bench.answers = [GRANT]
    bench.commits.wake(GROUP)
    await over(bench)
    assert ("merge", 2) in bench.words


async def test_who_asks_for_a_change_behind_one_that_waits_hears_what_keeps_it_back(tx: Transaction) -> None:
    bench = Bench(tx, *[EnvironmentFault("no", code="relay_auth")] * 9)
    for title in ("first", "second"):
        with pytest.raises(EnvironmentFault) as caught:
            async with asyncio.timeout(WAIT_S):
                await bench.commits.bring_about(GROUP, Retitle(title))
        assert caught.value.code == "home_gone"
    await bench.desk.context.tasks.stop()


async def test_a_room_that_one_left_drops_its_pending_commit(tx: Transaction) -> None:
    bench = Bench(tx, EnvironmentFault("no", code="relay_unreachable"))
    with pytest.raises(EnvironmentFault):
        await bench.commits.bring_about(GROUP, RenewLeaf(bench.desk.groups.rooms[GROUP].own_seat.package_key))
    tx.rooms.change(bench.row.id, state="left")
    bench.commits.wake(GROUP)
    await until(lambda: tx.groups.pending(GROUP) is None)
    assert bench.words == ["claim"]
    await bench.desk.context.tasks.stop()
