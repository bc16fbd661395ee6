"""Letters become rows, whatever they are: read, kept for later, recorded or history; nothing is lost, nothing loops."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.delivery.beside import Beside
from byre.client.delivery.opening import MISSING_PROPOSAL, Opening, Taken
from byre.client.delivery.reading import Letter, decrypt
from byre.client.events import RoomChanged
from byre.client.leaf_check import validate_leaf
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.merging import Merging
from byre.errors import PeerError
from byre.mls import ContentType, RemoveProposal, peek_message
from byre.store import Transaction
from tests.fakes.identities import Person
from tests.fakes.paper_rooms import NOW_S, room_of, staged
from tests.fakes.room_desk import RoomDesk

GROUP = b"g" * 32


class Bench:
    """Anna opens what ben and carl send; `read` is what arrived, as plaintext."""

    def __init__(self, tx: Transaction, state: str = "active") -> None:
        self.tx = tx
        self.people = {name: Person(name) for name in ("anna", "ben", "carl")}
        self.rooms: dict[str, LiveRoom] = room_of(*self.people.values())
        self.desk = RoomDesk(tx, self.people["anna"], self.rooms["anna"])
        self.row = self.desk.write_room(self.rooms["anna"], state=state)
        self.read: list[bytes] = []
        self.mids = 0
        merging = Merging(self.desk.context, SimpleNamespace(learn=lambda *_: None))  # type: ignore[arg-type]
        contents: Any = SimpleNamespace(take=lambda burst, arrival: self.read.append(arrival.mid))
        self.opening = Opening(self.desk.context, contents, merging)

    def text(self, name: str) -> bytes:
        group, message = self.rooms[name].group.encrypt(b"hello", random=self.people[name].random)
        self.rooms[name] = self.rooms[name].with_group(group)
        return message

    def commit(self, name: str, *changes: RemoveProposal) -> bytes:
        room, random = self.rooms[name], self.people[name].random
        return room.group.commit(list(changes), validate=validate_leaf, now_s=NOW_S, random=random).message

    def letter(self, message: bytes, mid: bytes = b"") -> Letter:
        self.mids += 1
        header = peek_message(message)
        is_handshake = header.content_type is not ContentType.APPLICATION
        return Letter(
            mid or self.mids.to_bytes(16), header.group_id, header.epoch or 0, message, is_handshake=is_handshake
        )

    def take(self, *letters: Letter, is_unknown: bool = False) -> Taken:
        rooms = {GROUP: None if is_unknown else self.rooms["anna"]}
        taken = self.opening.take(self.tx, letters, decrypt(letters, rooms, NOW_S, Beside(has_room=False)), rooms)
        for room in taken.rooms:
            self.rooms["anna"] = room
        for effect in taken.effects:
            effect()
        return taken

    @property
    def kept(self) -> list[str]:
        return [row.reason for row in self.tx.inbox.kept(GROUP)]

    @property
    def recorded(self) -> list[str]:
        return [row.reason for row in self.tx.inbox.undecryptable()]

    @property
    def state(self) -> str:
        row = self.tx.rooms.get(GROUP)
        assert row is not None
        return row.state


def test_a_forged_message_burns_no_key_and_stops_no_other(tx: Transaction) -> None:
    bench = Bench(tx)
    first, second = bench.text("ben"), bench.text("ben")
    forged = first[:-1] + bytes((first[-1] ^ 1,))
    taken = bench.take(bench.letter(forged), bench.letter(first), bench.letter(second))
    assert (len(bench.read), taken.read, bench.recorded) == (2, 3, ["bad_ciphertext"])


def test_a_mid_counts_once_and_a_message_twice_is_nothing_new(tx: Transaction) -> None:
    bench = Bench(tx)
    message = bench.text("ben")
    bench.take(bench.letter(message, b"m" * 16), bench.letter(message, b"m" * 16))
    assert len(bench.read) == 1
    bench.take(bench.letter(message, b"m" * 16))  # the relay sends it again
    bench.take(bench.letter(message))  # another envelope with the same message
    assert (len(bench.read), bench.recorded) == (1, [])


def test_what_comes_too_early_is_kept_and_asked_for(tx: Transaction) -> None:
    bench = Bench(tx)
    commit = bench.commit("ben")
    bench.rooms["carl"] = LiveRoom.read(staged(bench.rooms["carl"], commit).merge())
    early = bench.letter(bench.text("carl"))
    taken = bench.take(early)
    assert (taken.missing, taken.read, bench.kept, bench.read) == ({GROUP}, 0, ["future_epoch"], [])
    unknown = bench.take(bench.letter(bench.text("carl")), is_unknown=True)
    assert (unknown.missing, bench.kept) == (set(), ["future_epoch", "unknown_group"])
    assert bench.take(bench.letter(commit)).merged is not None
    again = [Letter(row.mid, GROUP, row.epoch or 0, row.envelope, kept=row.id) for row in bench.tx.inbox.kept(GROUP)]
    assert bench.take(*again).read == 2
    assert (len(bench.read), bench.kept) == (2, [])


def test_a_room_that_one_left_takes_nothing_and_keeps_nothing(tx: Transaction) -> None:
    bench = Bench(tx, state="left")
    taken = bench.take(bench.letter(bench.text("ben")), is_unknown=True)
    assert (taken.read, bench.kept, bench.recorded, bench.read) == (1, [], [], [])


def test_a_commit_that_waits_for_its_proposal_is_kept(tx: Transaction) -> None:
    bench = Bench(tx)
    ben = bench.rooms["ben"]
    group, proposal = bench.rooms["carl"].group.propose_self_remove(random=bench.people["carl"].random)
    bench.rooms["carl"] = bench.rooms["carl"].with_group(group)
    heard = ben.group.process(proposal, validate=validate_leaf, now_s=NOW_S)
    bench.rooms["ben"] = ben.with_group(heard.group)  # type: ignore[union-attr]
    commit = bench.commit("ben")
    assert bench.take(bench.letter(commit)).missing == {GROUP}
    assert bench.kept == [MISSING_PROPOSAL]
    assert bench.take(bench.letter(proposal)).has_proposal
    (row,) = bench.tx.inbox.kept(GROUP)
    waiting = Letter(row.mid, GROUP, row.epoch or 0, row.envelope, is_handshake=True, kept=row.id)
    assert bench.take(waiting).merged is not None
    assert bench.kept == []


def test_a_proposal_that_is_no_leaving_is_recorded(tx: Transaction) -> None:
    bench = Bench(tx)
    carl = bench.rooms["carl"].group.own_leaf_index
    _, proposal = bench.rooms["ben"].group.propose_remove(carl, random=bench.people["ben"].random)
    taken = bench.take(bench.letter(proposal))
    assert (taken.has_proposal, bench.recorded) == (False, ["not_allowed"])


def test_a_second_commit_for_an_epoch_is_said_aloud(tx: Transaction) -> None:
    bench = Bench(tx)
    first, second = bench.commit("ben"), bench.commit("carl")
    assert bench.take(bench.letter(first)).merged is not None
    before = len(bench.desk.told)
    bench.take(bench.letter(first))  # by mail and by the home: history
    assert (bench.state, bench.recorded, len(bench.desk.told)) == ("active", [], before)
    bench.take(bench.letter(second))
    assert RoomChanged(GROUP.hex()) in bench.desk.told[before:]  # type: ignore[arg-type]
    lines = [row.body for row in bench.tx.messages.page(bench.row.id, 10)]
    assert lines.count("jammed") == 1


def test_what_the_home_ordered_is_taken_strictly(tx: Transaction) -> None:
    bench = Bench(tx)
    commit = bench.commit("ben")
    with pytest.raises(PeerError):
        bench.opening.commit(tx, bench.rooms["anna"], commit[:-1] + bytes((commit[-1] ^ 1,)))
    assert (bench.recorded, bench.kept) == ([], [])
    taken = bench.opening.commit(tx, bench.rooms["anna"], commit)
    assert taken.merged is not None
    assert [room.epoch for room in taken.rooms] == [bench.rooms["anna"].epoch + 1]
