"""Who is told one's name, and by whom: everybody once, the newest only, strangers after their room was accepted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from byre.client import name_telling
from byre.client.events import ContactChanged, MessageSent, RoomChanged
from byre.client.name_telling import OTHERS_WAIT_S, Names
from byre.client.names import write_name
from byre.client.rooms.live_room import LiveRoom
from byre.store import PeerRow, Transaction
from byre.wire.content_bodies import Profile
from tests.fakes.identities import NOW_MS, Person
from tests.fakes.paper_rooms import room_of
from tests.fakes.room_desk import RoomDesk

GROUP = b"g" * 32


class Bench:
    """Anna in a room with ben and carl; `said` is to which devices her name went, each time."""

    def __init__(self, tx: Transaction, **columns: Any) -> None:
        self.tx, self.anna = tx, Person("anna")
        self.ben, self.carl = Person("ben"), Person("carl")
        rooms = room_of(self.anna, self.ben, self.carl)
        self.room: LiveRoom = rooms["anna"]
        self.desk = RoomDesk(tx, self.anna, self.room)
        self.desk.context.own.name = "Anna"
        self.row = self.desk.write_room(self.room, **columns)
        self.said: list[tuple[str, set[bytes]]] = []
        write_name(tx, "Anna", NOW_MS)
        sending: Any = SimpleNamespace(chosen=self._chosen)
        peers: Any = SimpleNamespace(is_own=lambda account_id: account_id == self.anna.account_id)
        self.names = Names(self.desk.context, self.desk.groups, sending, peers)  # type: ignore[arg-type]

    async def _chosen(self, group_id: bytes, choose: Any) -> bool:
        made = choose(self.tx, self.tx.rooms.get(group_id), self.room)
        if made is None:
            return False
        body, recipients = made
        self.said.append((body.name, {each.device_id for each in recipients}))
        return True

    async def tell(self, speaker: bool | None = None) -> None:
        self.names.tell(GROUP, speaker)
        await self.desk.settle()

    def take(self, account_id: bytes, name: str, changed_at: int, received_at: int = NOW_MS) -> Any:
        row = self.tx.rooms.get(GROUP)
        assert row is not None
        effects = self.names.take(self.tx, row, account_id, Profile(name, changed_at), received_at)
        for effect in effects:
            effect()
        return self.tx.peers.get(account_id)

    def devices(self, *people: Person) -> set[bytes]:
        return {person.primary.id for person in people}

    def knows(self, person: Person) -> None:
        row = PeerRow(person.account_id, person.key.public, person.handle, "relay.example", NOW_MS)
        self.tx.peers.put(row)


def everybody_is_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_telling, "QUIET_DEVICES", 2)


async def test_everybody_is_told_once_and_again_after_a_change(tx: Transaction) -> None:
    bench = Bench(tx)
    for _ in range(2):
        await bench.tell()
    assert bench.said == [("Anna", bench.devices(bench.ben, bench.carl))]
    write_name(tx, "Anne", NOW_MS + 1)
    bench.desk.context.own.name = "Anne"
    await bench.tell(speaker=True)
    assert bench.said[1:] == [("Anne", bench.devices(bench.ben, bench.carl))]


async def test_everywhere_is_where_somebody_has_not_heard_it(tx: Transaction, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tx)
    looked_at: list[bytes] = []
    tell = bench.names.tell
    monkeypatch.setattr(bench.names, "tell", lambda group, speaker: (looked_at.append(group), tell(group, speaker)))
    for _ in range(2):
        await bench.names.tell_everywhere()
        await bench.desk.settle()
    assert bench.said == [("Anna", bench.devices(bench.ben, bench.carl))]
    assert looked_at == [GROUP]


async def test_who_joined_later_is_told_alone(tx: Transaction) -> None:
    bench = Bench(tx)
    tx.peers.note_told(bench.row.id, list(bench.devices(bench.ben)), NOW_MS)
    await bench.tell()
    assert bench.said == [("Anna", bench.devices(bench.carl))]


@pytest.mark.parametrize(("columns"), [{"state": "request"}, {"state": "left"}, {"kind": "note"}, {"kind": "device"}])
async def test_strangers_own_rooms_and_rooms_that_one_left_hear_nothing(
    tx: Transaction, columns: dict[str, str]
) -> None:
    bench = Bench(tx, **columns)
    await bench.tell()
    assert bench.said == []


async def test_a_device_that_is_not_the_speaker_waits_whether_the_speaker_tells(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.tell(speaker=False)
    assert bench.said == []
    tx.peers.note_told(bench.row.id, list(bench.devices(bench.ben, bench.carl)), NOW_MS)  # the other one did
    bench.desk.context.clock.advance(OTHERS_WAIT_S + 1)
    await bench.desk.settle()
    assert bench.said == []
    write_name(tx, "Anne", NOW_MS + 1)
    await bench.tell(speaker=False)
    bench.desk.context.clock.advance(OTHERS_WAIT_S + 1)
    await bench.desk.settle()
    assert len(bench.said) == 1  # nobody did


async def test_a_crowd_hears_it_with_the_first_text(tx: Transaction, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody_is_many(monkeypatch)
    bench = Bench(tx)
    await bench.tell()
    assert bench.said == []
    spoken: Any = MessageSent(SimpleNamespace(room_id=GROUP.hex()))  # type: ignore[arg-type]
    for _ in range(2):
        bench.desk.events.publish(spoken)
        await bench.desk.settle()
    assert bench.said == [("Anna", bench.devices(bench.ben, bench.carl))]
    write_name(tx, "Anne", NOW_MS + 1)
    await bench.tell(speaker=True)  # somebody there knows the old name: it is replaced at once
    assert len(bench.said) == 2
    bench.names.close()
    write_name(tx, "Ann", NOW_MS + 2)
    bench.desk.events.publish(spoken)
    await bench.desk.settle()
    assert len(bench.said) == 2


async def test_a_text_in_a_small_room_tells_nothing_new(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.desk.events.publish(MessageSent(SimpleNamespace(room_id=GROUP.hex())))  # type: ignore[arg-type]
    await bench.desk.settle()
    assert bench.said == []


def test_the_newest_name_counts_whatever_comes_in_which_order(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.knows(bench.ben)
    assert bench.take(bench.ben.account_id, "Ben", 10).name == "Ben"
    assert bench.take(bench.ben.account_id, "Old Ben", 9).name == "Ben"
    assert bench.take(bench.ben.account_id, "Benno", 11).name == "Benno"
    changed = [event for event in bench.desk.told if isinstance(event, ContactChanged)]
    assert len(changed) == 2
    assert RoomChanged(GROUP.hex()) in bench.desk.told  # type: ignore[arg-type]


def test_a_time_ahead_of_ours_counts_as_now(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.knows(bench.ben)
    bench.take(bench.ben.account_id, "For Ever", NOW_MS + 10**12)
    assert bench.take(bench.ben.account_id, "Ben", NOW_MS + 1, received_at=NOW_MS + 1).name == "Ben"


def test_names_are_cleaned_and_strangers_names_are_not_kept(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.knows(bench.ben)
    assert bench.take(bench.ben.account_id, "Be\u202en\u0007", 10).name == "Ben"
    assert bench.take(bench.carl.account_id, "Carl", 10) is None


def test_what_another_own_device_told_needs_no_telling(tx: Transaction) -> None:
    bench = Bench(tx)
    assert not tx.peers.told(bench.row.id)
    bench.take(bench.anna.account_id, "Anna", NOW_MS)
    assert set(tx.peers.told(bench.row.id)) >= bench.devices(bench.ben, bench.carl)
