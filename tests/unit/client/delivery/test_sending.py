"""The one way out: stored, encrypted and queued at once, or held until the room can; sealed again for who was away."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from byre.client.delivery.outbox import CONTENT, HELD, MESSAGE, PASSING
from byre.client.delivery.sending import Sending, Sent
from byre.client.delivery.text_times import SMALL_JUMP_MS
from byre.client.events import RoomChanged
from byre.client.leaf_check import validate_leaf
from byre.client.views import RoomId
from byre.errors import EnvironmentFault, UsageError
from byre.mls import Received
from byre.store import MessageRow, PeerRow, RoomRow, Transaction
from byre.wire.content import Content, decode_content
from byre.wire.content_bodies import Back, DeviceName, Joined, Text
from byre.wire.ids import DeviceId
from tests.fakes.identities import NOW_MS, Person
from tests.fakes.paper_rooms import NOW_S, room_of
from tests.fakes.room_desk import RoomDesk
from tests.refusals import refused

GROUP = b"g" * 32


class Bench:
    """Anna sends to ben and carl; what leaves is read by ben."""

    def __init__(self, tx: Transaction, **columns: Any) -> None:
        self.tx = tx
        self.anna, self.ben, self.carl = (Person(name) for name in ("anna", "ben", "carl"))
        rooms = room_of(self.anna, self.ben, self.carl)
        self.room, self.ben_room = rooms["anna"], rooms["ben"]
        self.desk = RoomDesk(tx, self.anna, rooms["anna"])
        self.desk.context.own.run_id = b"run id 8"
        self.row: RoomRow = self.desk.write_room(rooms["anna"], **columns)
        self.sending = Sending(self.desk.context, self.desk.groups, self.desk.outbox)  # type: ignore[arg-type]
        self.refusal: UsageError | None = None

    def _check(self, tx: Transaction, row: RoomRow) -> None:
        if self.refusal is not None:
            raise self.refusal

    @staticmethod
    def _show(tx: Transaction, row: RoomRow, message: MessageRow) -> MessageRow:
        return message

    async def text(self, text: str = "hello") -> Sent[MessageRow]:
        return await self.sending.text(GROUP, text, check=self._check, show=self._show)

    def change(self, state: str) -> None:
        self.tx.rooms.change(self.row.id, state=state)

    @property
    def sent(self) -> list[tuple[str, bytes]]:
        """(kind, device) of what left."""
        return [(row.kind, row.device_id) for row in self.desk.outbox.sent]

    def read_by_ben(self) -> list[Content]:
        """What ben reads of what left for him."""
        contents = []
        for row in self.desk.outbox.sent:
            if row.device_id == self.ben.primary.id and row.ciphertext is not None:
                message = self.ben.primary.mailbox.open(row.ciphertext).body
                received = self.ben_room.group.process(message, validate=validate_leaf, now_s=NOW_S)
                assert isinstance(received, Received)
                self.ben_room = self.ben_room.with_group(received.group)
                contents.append(decode_content(received.data))
        return contents

    @property
    def devices(self) -> set[bytes]:
        return {self.ben.primary.id, self.carl.primary.id}


async def test_a_text_is_stored_and_leaves_for_every_device(tx: Transaction) -> None:
    bench = Bench(tx)
    sent = [await bench.text(text) for text in ("one", "two")]
    assert [each.is_held for each in sent] == [False, False]
    assert {device for _, device in bench.sent} == bench.devices
    read = bench.read_by_ben()
    assert [content.body for content in read] == [Text("one"), Text("two")]
    assert [content.message_id for content in read] == [each.seen.message_id for each in sent]
    assert read[0].counter < read[1].counter
    assert (sent[0].seen.state, sent[0].seen.is_own, sent[0].seen.sent_at) == ("queued", True, NOW_MS)


async def test_texts_that_are_sent_at_once_share_a_transaction_and_keep_their_order(tx: Transaction) -> None:
    bench = Bench(tx)
    store: Any = bench.desk.context.store
    write, writes = store.write, list[None]()

    async def counted(work: Any) -> Any:
        writes.append(None)
        await asyncio.sleep(0)
        return await write(work)

    store.write = counted
    words = [f"line {number}" for number in range(20)]
    sent = await asyncio.gather(*(bench.text(text) for text in words))
    assert len(writes) <= 2
    assert [each.seen.body for each in sent] == words
    assert [each.body for each in reversed(tx.messages.page(bench.row.id, 50))] == words
    read = bench.read_by_ben()
    assert [content.body for content in read] == [Text(text) for text in words]
    first = bench.row.next_counter
    assert [content.counter for content in read] == list(range(first, first + 20))
    assert [each.seen.counter for each in sent] == list(range(first, first + 20))
    assert [content.sent_at_ms for content in read] == list(range(NOW_MS, NOW_MS + 20))  # shown in this order by all
    assert len(tx.outbox.queued()) == 20 * len(bench.devices)
    bench.desk.outbox.sent.clear()
    await bench.text("after")
    assert [content.body for content in bench.read_by_ben()] == [Text("after")]  # the ratchet goes on


async def test_a_clock_that_was_put_back_is_believed(tx: Transaction) -> None:
    bench = Bench(tx)
    times = []
    for step_s in (0, 0, -0.5, -3600):
        bench.desk.context.clock.advance(step_s)
        times.append((await bench.text()).seen.sent_at - NOW_MS)
    assert times == [0, 1, 2, -3_600_500]


async def test_a_clock_that_was_put_back_a_little_keeps_the_order_also_after_a_restart(tx: Transaction) -> None:
    bench = Bench(tx)
    shown = []
    for step_s, text in ((0, "one"), (-60, "two"), (0, "three"), (-30, "four")):
        bench.desk.context.clock.advance(step_s)
        bench.sending = Sending(bench.desk.context, bench.desk.groups, bench.desk.outbox)  # type: ignore[arg-type]
        shown.append((await bench.text(text)).seen.sent_at - NOW_MS)
    assert shown == [0, 1, 2, 3]
    assert [each.body for each in reversed(tx.messages.page(bench.row.id, 50))] == ["one", "two", "three", "four"]
    assert [content.sent_at_ms - NOW_MS for content in bench.read_by_ben()] == shown  # and so everybody shows them


async def test_texts_together_keep_their_order_below_what_stands_last(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.text("before")
    bench.desk.context.clock.advance(-SMALL_JUMP_MS / 2000)
    sent = await asyncio.gather(*(bench.text(str(number)) for number in range(5)))
    assert [each.seen.sent_at - NOW_MS for each in sent] == [1, 2, 3, 4, 5]


async def test_a_clock_that_was_far_ahead_dates_nothing_else_wrongly(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.desk.context.clock.advance(365 * 86_400)
    await bench.text("from the future")
    bench.desk.context.clock.advance(-365 * 86_400)
    assert (await bench.text("now")).seen.sent_at == NOW_MS


async def test_what_may_not_be_said_burns_no_key(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.refusal = UsageError("blocked", code="key_changed")
    assert await refused(bench.text()) == "key_changed"
    assert await refused(bench.sending.content(b"u" * 32, Joined())) == "no_such_room"
    assert bench.sent == []
    bench.refusal = None
    await bench.text("first")
    assert [content.counter for content in bench.read_by_ben()] == [bench.row.next_counter]


async def test_a_store_that_refuses_lets_nothing_out(tx: Transaction) -> None:
    bench = Bench(tx)

    async def full(_: Any) -> Any:
        raise EnvironmentFault("full", code="disk_full")

    store: Any = bench.desk.context.store
    write, store.write = store.write, full
    assert await refused(bench.text()) == "disk_full"
    assert bench.sent == []
    store.write = write
    await bench.text()
    assert len(bench.read_by_ben()) == 1


async def test_a_room_on_its_way_back_keeps_texts_and_sends_them_in_their_order(tx: Transaction) -> None:
    bench = Bench(tx, state="rejoining")
    held = [await bench.text(text) for text in ("one", "two")]
    assert ([each.is_held for each in held], bench.sent) == ([True, True], [])
    assert len(tx.outbox.of_kind(HELD, room=bench.row.id)) == 2
    assert await bench.sending.flush_held(GROUP) == 0  # not yet
    bench.change("active")
    assert await bench.sending.flush_held(GROUP) == 2
    read = bench.read_by_ben()
    assert [content.body for content in read] == [Text("one"), Text("two")]
    assert [content.message_id for content in read] == [each.seen.message_id for each in held]
    assert tx.outbox.of_kind(HELD, room=bench.row.id) == []
    assert await bench.sending.flush_held(GROUP) == 0


async def test_the_timer_of_a_held_text_runs_from_when_it_goes_out_as_agreed_by_then(tx: Transaction) -> None:
    """Else it would disappear without having been said; or stay here for ever, of all places."""
    bench = Bench(tx, state="rejoining", timer_s=5)
    held = [await bench.text(text) for text in ("one", "two")]
    assert [(each.seen.timer_s, each.seen.expires_at) for each in held] == [(5, None)] * 2
    for timer_s, expires_at in ((60, NOW_MS + 60_000), (0, None)):
        bench.change("active")
        tx.rooms.change(bench.row.id, timer_s=timer_s)
        assert await bench.sending._flush_one(GROUP)
        flushed = tx.messages.own(held.pop(0).seen.message_id)
        assert flushed is not None
        assert (flushed.timer_s, flushed.expires_at) == (timer_s, expires_at)
    bench.change("rejoining")
    await bench.text()
    bench.change("active")
    bench.desk.told.clear()
    await bench.sending.flush_held(GROUP)
    assert bench.desk.told == [RoomChanged(RoomId(GROUP.hex()))]  # which `Fading` hears


async def test_a_held_text_that_was_erased_leaves_no_more(tx: Transaction) -> None:
    bench = Bench(tx, state="rejoining")
    held = await bench.text("to be erased")
    tx.messages._connection.execute("DELETE FROM message WHERE message_id = ?", (held.seen.message_id,))
    bench.change("active")
    assert await bench.sending.flush_held(GROUP) == 1
    assert bench.sent == []


async def test_texts_wait_while_somebody_is_on_their_way_out(tx: Transaction) -> None:
    bench = Bench(tx)
    room = bench.desk.groups.rooms[GROUP]
    _, proposal = bench.ben_room.group.propose_self_remove(random=bench.ben.random)
    received = room.group.process(proposal, validate=validate_leaf, now_s=NOW_S)
    bench.desk.groups.put(room.with_group(received.group))  # type: ignore[union-attr]
    assert (await bench.text()).is_held
    assert bench.sent == []  # it would still be sealed to who leaves


async def test_texts_wait_while_a_device_that_its_account_has_removed_still_listens(tx: Transaction) -> None:
    bench = Bench(tx)
    ben = bench.ben
    ben.link()
    newest = ben.unlink(ben.primary)
    known = PeerRow(ben.account_id, ben.key.public, handle="ben", host="", added_at=NOW_MS)
    tx.peers.put(replace(known, list_version=newest.version, device_list=newest.encoded))
    assert (await bench.text()).is_held
    assert await bench.sending.flush_held(GROUP) == 0
    assert bench.sent == []


async def test_contents_go_to_whom_they_are_for(tx: Transaction) -> None:
    bench = Bench(tx)
    assert await bench.sending.content(GROUP, Back())
    assert set(bench.sent) == {(PASSING, device) for device in bench.devices}
    bench.desk.outbox.sent.clear()
    body = DeviceName(DeviceId(b"d" * 16), "PC")
    await bench.sending.content(GROUP, body, to_accounts={bench.ben.account_id}, is_kept=True)
    assert bench.sent == [(CONTENT, bench.ben.primary.id)]
    bench.desk.groups.forget(GROUP)
    assert not await bench.sending.content(GROUP, Back())  # not in the room (any more)
    assert not await bench.sending.receipt(GROUP, lambda tx, row: (Back(), [bench.ben.account_id]))
    assert not await bench.sending.chosen(GROUP, lambda tx, row, room: (Back(), []))


async def test_nothing_to_say_costs_no_key(tx: Transaction) -> None:
    bench = Bench(tx)
    assert not await bench.sending.receipt(GROUP, lambda tx, row: None)
    assert not await bench.sending.chosen(GROUP, lambda tx, row, room: None)
    assert bench.sent == []
    row = tx.rooms.get(GROUP)
    assert row is not None
    assert row.next_counter == bench.row.next_counter


async def test_what_expired_for_a_device_is_sealed_anew_under_its_name(tx: Transaction) -> None:
    bench = Bench(tx)
    sent = await bench.text("missed")
    bench.read_by_ben()
    tx.outbox.expire(NOW_MS + 10**12)
    bench.desk.outbox.sent.clear()
    assert await bench.sending.seal_again(GROUP, b"?" * 16) == 0
    assert await bench.sending.seal_again(GROUP, bench.ben.primary.id) == 1
    assert bench.sent == [(MESSAGE, bench.ben.primary.id)]
    (again,) = bench.read_by_ben()
    assert (again.message_id, again.body, again.sent_at_ms) == (sent.seen.message_id, Text("missed"), NOW_MS)
    assert again.counter > 0
    assert await bench.sending.seal_again(GROUP, bench.ben.primary.id) == 0


async def test_what_expired_for_several_devices_is_encrypted_once_for_all_of_them(tx: Transaction) -> None:
    bench = Bench(tx)
    for text in ("first", "second"):
        await bench.text(text)
    to = {device for _, device in bench.sent}
    assert len(to) > 1
    bench.read_by_ben()
    tx.outbox.expire(NOW_MS + 10**12)
    bench.desk.outbox.sent.clear()
    assert await bench.sending.seal_again(GROUP) == 2
    assert [row.kind for row in tx.outbox.of_kind(MESSAGE)] == [MESSAGE] * 2 * len(to)
    again = bench.read_by_ben()
    assert [each.body for each in again] == [Text("first"), Text("second")]
    assert again[1].counter == again[0].counter + 1


@pytest.mark.parametrize(("sent_s", "agreed_s", "said_s"), [(0, 0, None), (60, 60, None), (60, 0, 60), (0, 60, 0)])
async def test_a_text_that_is_sealed_anew_says_the_timer_that_it_was_sent_under_where_another_was_agreed(
    tx: Transaction, sent_s: int, agreed_s: int, said_s: int | None
) -> None:
    bench = Bench(tx, timer_s=sent_s)
    await bench.text("missed")
    assert [content.body for content in bench.read_by_ben()] == [Text("missed")]
    room = bench.desk.groups.rooms[GROUP]
    assert room is not None
    facts = replace(room.facts, context=room.context.replaced(retention_s=agreed_s))
    bench.desk.groups.put(replace(room, facts=facts))
    tx.outbox.expire(NOW_MS + 10**12)
    bench.desk.outbox.sent.clear()
    assert await bench.sending.seal_again(GROUP) == 1
    (again,) = bench.read_by_ben()
    assert again.body == Text("missed", said_s)


async def test_a_kept_content_that_expired_is_sealed_anew_from_what_was_stored(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.sending.content(GROUP, DeviceName(DeviceId(b"d" * 16), "PC"), is_kept=True)
    bench.read_by_ben()
    tx.outbox.expire(NOW_MS + 10**12)
    bench.desk.outbox.sent.clear()
    assert await bench.sending.seal_again(GROUP, bench.ben.primary.id) == 1
    (again,) = bench.read_by_ben()
    assert again.body == DeviceName(DeviceId(b"d" * 16), "PC")
