"""What a content does, by its kind and its sender: shown once, confirmed, handed on, or recorded."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.delivery.burst import Burst
from byre.client.delivery.contents import Arrival, Contents
from byre.client.rooms.live_room import LiveRoom
from byre.errors import PeerError
from byre.store import MessageRow, Transaction
from byre.wire.content import Content
from byre.wire.content_bodies import Back, Body, DeviceName, Joined, Profile, Text, Unknown, Wipe
from byre.wire.ids import DeviceId, GroupId, MessageId, RunId, WipeId
from tests.fakes.identities import NOW_MS, Person
from tests.fakes.paper_rooms import room_of
from tests.fakes.room_desk import RoomDesk, outbox_row

GROUP = b"g" * 32
RUN = RunId(b"run id 8")


class Bench:
    """Anna's device hears ben, and her own account's other devices where `is_own`."""

    def __init__(self, tx: Transaction, *, is_own: bool = False, **columns: Any) -> None:
        self.tx = tx
        self.anna, self.ben = Person("anna"), Person("ben")
        rooms = room_of(self.anna, self.ben)
        self.room: LiveRoom = rooms["anna"]
        self.desk = RoomDesk(tx, self.anna, self.room)
        self.row = self.desk.write_room(self.room, **columns)
        self.sender = next(seat for seat in self.room.seats() if seat.account_id == self.ben.account_id)
        if is_own:  # ben's leaf stands for another device of one's own account
            self.desk.context.own.account_id = self.ben.account_id
        self.due: list[bytes] = []
        self.heard: list[bytes] = []
        self.handed: list[tuple[str, Body]] = []
        showing: Any = SimpleNamespace(
            sender=lambda *_: "sender",
            message=lambda tx, row, group_id, sender: SimpleNamespace(row=row, room_id=GROUP.hex()),
        )
        self.contents = Contents(
            self.desk.context,
            showing,
            receipts_due=self.due.append,
            heard=lambda group_id, device_id: self.heard.append(device_id),
        )
        self.counter = self.mids = 0

    def content(self, body: Body, *, message_id: bytes = b"", counter: int | None = None) -> Content:
        self.counter += 1
        number = self.counter if counter is None else counter
        return Content(MessageId(message_id or number.to_bytes(16)), RUN, number, NOW_MS, body)

    def take(self, *said: Body | Content | PeerError) -> None:
        burst = Burst(self.tx, {GROUP: self.room})
        for each in said:
            content = each if isinstance(each, Content | PeerError) else self.content(each)
            self.mids += 1
            self.contents.take(
                burst, Arrival(self.room, self.sender.leaf_index, content, b"envelope" + self.mids.to_bytes(8), NOW_MS)
            )
        burst.finish()
        for effect in burst.aftermath.effects(lambda event: None):
            effect()

    @property
    def shown(self) -> list[MessageRow]:
        return list(reversed(self.tx.messages.page(self.row.id, 20)))

    @property
    def confirmed(self) -> list[bytes]:
        return [row.message_id for row in self.tx.receipts.due_in(self.row.id, NOW_MS, 20)]

    @property
    def state(self) -> str:
        row = self.tx.rooms.get(GROUP)
        assert row is not None
        return row.state


def test_texts_are_shown_in_their_order_and_confirmed_together(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.take(Text("one"), Text("two"))
    assert [(row.body, row.state, row.is_own) for row in bench.shown] == [
        ("one", "received", False),
        ("two", "received", False),
    ]
    assert (len(bench.confirmed), bench.due) == (2, [GROUP])


def test_a_text_from_before_this_device_was_in_the_room_is_dated_when_it_came(tx: Transaction) -> None:
    bench = Bench(tx, created_at=NOW_MS)
    day_ms = 24 * 3600 * 1000
    for number, days in enumerate((4, 6)):
        bench.take(Content(MessageId(bytes([number]) * 16), RUN, number, NOW_MS - days * day_ms, Text(f"{days} days")))
    assert [(row.body, row.sent_at) for row in bench.shown] == [("4 days", NOW_MS - 4 * day_ms), ("6 days", NOW_MS)]


@pytest.mark.parametrize("is_own", [False, True])
def test_a_text_that_says_the_timer_that_it_was_sent_under_goes_by_that(tx: Transaction, is_own: bool) -> None:
    bench = Bench(tx, is_own=is_own)
    facts = replace(bench.room.facts, context=bench.room.context.replaced(retention_s=60))
    bench.room = replace(bench.room, facts=facts)
    bench.take(Text("as agreed"), Text("stays", 0), Text("lives long", 3600), Text("unlawfully short", 1))
    timers = {"as agreed": 60, "stays": 0, "lives long": 3600, "unlawfully short": 5}
    assert {row.body: row.timer_s for row in bench.shown} == timers
    starts = {body: NOW_MS + timer_s * 1000 if is_own and timer_s else None for body, timer_s in timers.items()}
    assert {row.body: row.expires_at for row in bench.shown} == starts


def test_a_copy_under_a_new_counter_is_confirmed_and_not_shown(tx: Transaction) -> None:
    bench = Bench(tx)
    first = bench.content(Text("once"), message_id=b"m" * 16)
    bench.take(first)
    bench.take(bench.content(Text("once"), message_id=b"m" * 16))
    assert [row.body for row in bench.shown] == ["once"]
    bench.take(first)  # the same counter again: known, so it is confirmed once more
    assert [row.body for row in bench.shown] == ["once"]
    assert tx.inbox.undecryptable() == []


def test_a_used_counter_with_another_content_is_a_replay(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.take(bench.content(Text("true"), counter=7))
    bench.take(bench.content(Text("false"), message_id=b"f" * 16, counter=7))
    assert [row.body for row in bench.shown] == ["true"]
    assert [row.reason for row in tx.inbox.undecryptable()] == ["replayed"]


def test_kinds_of_the_future_are_shown_as_such_and_nonsense_as_unreadable(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.take(Unknown("hologram", {"depth": 3}))
    bench.take(PeerError("no", code="malformed"))
    assert [(row.kind, row.detail) for row in bench.shown] == [("unknown", "hologram"), ("unreadable", "malformed")]
    assert [row.reason for row in tx.inbox.undecryptable()] == ["malformed"]


@pytest.mark.parametrize("body", [Joined(), Back(), DeviceName(DeviceId(b"d" * 16), "PC")])
def test_what_says_nothing_here_is_neither_shown_nor_confirmed(tx: Transaction, body: Body) -> None:
    bench = Bench(tx)
    bench.contents.on_device_content(DeviceName.KIND, lambda tx, message: pytest.fail("not a device room"))
    bench.take(body)
    assert (bench.shown, bench.confirmed) == ([], [])


def test_who_speaks_is_heard_and_gets_what_expired_for_it(tx: Transaction) -> None:
    bench = Bench(tx)
    device = bench.sender.device_id
    tx.outbox.add([outbox_row(b"m" * 16, "message", room=bench.row.id, device_id=device, account_id=b"b" * 32)])
    bench.take(Back())
    assert bench.heard == []
    tx.outbox.expire(NOW_MS + 10**12)
    bench.take(Back(), Text("hello"))
    assert bench.heard == [device]  # once for a burst


def test_an_own_other_device_s_text_is_ours_and_stored(tx: Transaction) -> None:
    bench = Bench(tx, is_own=True)
    bench.take(Text("from the PC"))
    (row,) = bench.shown
    assert (row.is_own, row.state, row.body) == (True, "stored", "from the PC")


def test_a_profile_is_handed_on_and_needs_somebody_who_takes_it(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.take(Profile("Ben", 1))
    told: list[Any] = []

    def take(tx: Transaction, row: Any, account_id: bytes, profile: Profile, received_at: int) -> list[Any]:
        return [lambda: told.append((account_id, profile.name, received_at))]

    bench.contents.on_profile(take)
    bench.take(Profile("Benno", 2))
    assert told == [(bench.ben.account_id, "Benno", NOW_MS)]
    assert bench.shown == []


def test_an_order_to_wipe_finds_what_came_before_it(tx: Transaction) -> None:
    bench = Bench(tx)
    seen: list[list[str]] = []

    def wipe(tx: Transaction, row: Any, account_id: bytes, message: Any) -> Any:
        seen.append([each.body for each in tx.messages.page(row.id, 9)])
        return lambda: bench.handed.append(("wipe", message.body))

    bench.contents.on_wiping(wipe)
    order = Wipe(WipeId(bytes(16)), GroupId(GROUP), ())
    bench.take(Text("before"), order)
    assert (seen, bench.handed) == ([["before"]], [("wipe", order)])


def test_the_device_room_s_contents_go_to_their_handlers(tx: Transaction) -> None:
    bench = Bench(tx, is_own=True, kind="device")
    body = DeviceName(DeviceId(b"d" * 16), "PC")

    def named(tx: Transaction, message: Any) -> Any:
        return lambda: bench.handed.append(("name", message.body))

    bench.contents.on_device_content(DeviceName.KIND, named)
    bench.take(body, Text("nobody types here"), Unknown("of a later version", {}))
    assert (bench.handed, bench.shown) == ([("name", body)], [])
    assert len(bench.confirmed) == 3


def test_a_stranger_in_the_device_room_says_nothing(tx: Transaction) -> None:
    bench = Bench(tx, kind="device")
    bench.contents.on_device_content(DeviceName.KIND, lambda tx, message: pytest.fail("not one of ours"))
    bench.take(DeviceName(DeviceId(b"d" * 16), "PC"))
    assert bench.confirmed == []


def test_a_room_that_is_gone_takes_nothing(tx: Transaction) -> None:
    bench = Bench(tx)
    tx.messages._connection.execute("DELETE FROM room WHERE id = ?", (bench.row.id,))
    bench.take(Text("late"))
    assert tx.inbox.undecryptable() == []
