"""Messages as window and RPC ask for them: what is refused before anything is stored, pages, reading, drafts."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from byre.client.delivery.sending import Sent
from byre.client.events import MessageSent, RoomChanged
from byre.client.messages.service import LATEST_MS, MOST_ROWS, Messages
from byre.client.rooms.showing import Showing
from byre.client.views import MessageId, RoomId, Trust
from byre.errors import EnvironmentFault, UsageError
from byre.store import MemberRow, MessageRow, NewMessage, OutboxRow, RoomRow, Transaction
from byre.wire.content_bodies import LARGEST_TEXT_BYTES
from tests.fakes.delivery_context import GROUP, ME, MY_DEVICE, NOW, DeliveryContext

ANNA, TWIN = b"a" * 32, b"h" * 32
ROOM = RoomId(GROUP.hex())


class PeersOnPaper:
    """Everybody is called by their first letter; `changed` are accounts with another key."""

    def __init__(self) -> None:
        self.changed: set[bytes] = set()

    def is_own(self, account_id: bytes) -> bool:
        return account_id == ME

    def trust_of(self, tx: Transaction, account_id: bytes) -> Trust:
        return Trust.CHANGED if account_id in self.changed else Trust.UNVERIFIED

    def handle_of(self, tx: Transaction, account_id: bytes) -> str:
        return account_id[:1].decode()

    name_of = handle_of


class SendingOnPaper:
    """Stores a text in one transaction, as `Sending.text` does, and sends nothing."""

    def __init__(self, around: DeliveryContext) -> None:
        self._around = around
        self.is_held = False

    async def text(
        self, group_id: bytes, text: str, *, check: Callable[..., None], show: Callable[..., Any]
    ) -> Sent[Any]:
        def work(tx: Transaction) -> Sent[Any]:
            row = tx.rooms.get(group_id)
            if row is None:
                raise UsageError("There is no such room.", code="no_such_room")
            check(tx, row)
            return Sent(show(tx, row, stored(tx, row, text)), self.is_held)

        return await self._around.store.write(work)


def stored(tx: Transaction, room: RoomRow, text: str, account: bytes = ME, at: int = 0) -> MessageRow:
    number = tx.messages.count(room.id)
    row = tx.messages.add(
        NewMessage(
            room=room.id,
            message_id=bytes([number + 1]) * 16,
            account_id=account,
            device_id=MY_DEVICE,
            kind="text",
            state="queued" if account == ME else "received",
            is_own=account == ME,
            sent_at=NOW + at,
            received_at=NOW + at,
            body=text,
        )
    )
    assert row is not None
    return row


class Desk:
    """The service and all that it tells."""

    def __init__(self, around: DeliveryContext) -> None:
        self.around = around
        self.peers = PeersOnPaper()
        self.sending = SendingOnPaper(around)
        self.due: list[bytes] = []
        self.checked: list[bytes] = []
        self.again: list[tuple[bytes, bytes]] = []
        self.messages = Messages(
            around.context,
            self.sending,  # type: ignore[arg-type]
            self.peers,  # type: ignore[arg-type]
            Showing(self.peers, around.clock.now_ms),  # type: ignore[arg-type]
            receipts_due=self.due.append,
            check_listing=self.checked.append,
            seal_again=lambda group, device: self.again.append((group, device)),
        )

    def fill(self, count: int, account: bytes = ANNA) -> list[MessageId]:
        def work(tx: Transaction) -> list[MessageId]:
            room = tx.rooms.get(GROUP)
            assert room is not None
            return [MessageId(stored(tx, room, f"{n}", account, n).message_id.hex()) for n in range(count)]

        return self.around.store.now(work)

    def change_room(self, **columns: Any) -> None:
        self.around.store.now(lambda tx: tx.rooms.change(1, **columns))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    around = DeliveryContext(tmp_path)
    around.own.require_listed = lambda: None
    around.room()
    around.store.now(
        lambda tx: tx.members.replace(
            1, [MemberRow(1, MY_DEVICE, ME, 0, b"", False), MemberRow(1, b"x" * 16, ANNA, 1, b"", False)]
        )
    )
    yield Desk(around)
    await around.close()


async def refusal(work: Any) -> str:
    with pytest.raises((UsageError, EnvironmentFault)) as caught:
        await work
    code: str = caught.value.code
    return code


async def test_a_text_is_told_once_it_is_stored(desk: Desk) -> None:
    message_id = await desk.messages.send(ROOM, "hello")
    sent, changed = desk.around.told
    assert isinstance(sent, MessageSent)
    assert (sent.message.message_id, sent.message.text, changed) == (message_id, "hello", RoomChanged(ROOM))
    assert desk.checked == []


async def test_a_room_that_holds_text_back_is_looked_at(desk: Desk) -> None:
    desk.sending.is_held = True
    await desk.messages.send(ROOM, "hello")
    assert desk.checked == [GROUP]


@pytest.mark.parametrize("text", ["", " \n", "x" * (LARGEST_TEXT_BYTES + 1), "가" * (LARGEST_TEXT_BYTES // 3 + 1)])
async def test_nothing_and_too_much_is_refused(desk: Desk, text: str) -> None:
    assert await refusal(desk.messages.send(ROOM, text)) == "bad_params"
    assert desk.around.told == []


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"state": "left"}, "wrong_state"),
        ({"state": "request"}, "wrong_state"),
        ({"state": "jammed", "requester_account": b"s" * 32}, "wrong_state"),
        ({"state": "rejoining", "requester_account": b"s" * 32}, "wrong_state"),
    ],
)
async def test_a_room_in_the_wrong_state_takes_no_text(desk: Desk, columns: dict[str, Any], code: str) -> None:
    desk.change_room(**columns)
    assert await refusal(desk.messages.send(ROOM, "hello")) == code
    assert await desk.messages.list(ROOM, 10) == []


async def test_a_room_that_comes_back_takes_text_and_one_with_a_new_key_does_not(desk: Desk) -> None:
    desk.change_room(state="rejoining")
    await desk.messages.send(ROOM, "hello")
    desk.peers.changed.add(ANNA)
    assert await refusal(desk.messages.send(ROOM, "who are you")) == "key_changed"


async def test_unknown_rooms_and_ids_are_refused(desk: Desk) -> None:
    unknown, nonsense = RoomId(TWIN.hex()), MessageId("zz")
    assert await refusal(desk.messages.send(unknown, "hello")) == "no_such_room"
    assert await refusal(desk.messages.list(unknown, 1)) == "no_such_room"
    assert await refusal(desk.messages.draft(unknown)) == "no_such_room"
    assert await refusal(desk.messages.list(ROOM, 1, nonsense)) == "no_such_message"
    assert await refusal(desk.messages.mark_read(ROOM, MessageId("00" * 16))) == "no_such_message"
    assert await refusal(desk.messages.retry(nonsense)) == "no_such_message"


async def test_text_for_a_twin_goes_to_the_canonical_room(desk: Desk) -> None:
    twin = desk.around.store.now(lambda tx: tx.rooms.all())[0]._replace(id=0, group_id=TWIN)
    desk.around.store.now(lambda tx: tx.rooms.add(twin))
    desk.around.store.now(lambda tx: tx.rooms.change(2, superseded_by=GROUP))
    await desk.messages.send(RoomId(TWIN.hex()), "hello")
    assert [row.room_id for row in await desk.messages.list(ROOM, 10)] == [ROOM]


async def test_a_full_disk_stores_and_tells_nothing(desk: Desk) -> None:
    desk.around.store.fault = EnvironmentFault("the disk is full; nothing was changed", code="disk_full")
    assert await refusal(desk.messages.send(ROOM, "hello")) == "disk_full"
    assert await refusal(desk.messages.save_draft(ROOM, "hello")) == "disk_full"
    assert desk.around.told == []
    desk.around.store.fault = None
    assert (await desk.messages.list(ROOM, 10), await desk.messages.draft(ROOM)) == ([], "")


async def test_pages_go_back_from_a_message(desk: Desk) -> None:
    ids = desk.fill(7)
    assert [view.text for view in await desk.messages.list(ROOM, 3)] == ["6", "5", "4"]
    assert [view.text for view in await desk.messages.list(ROOM, 3, ids[4])] == ["3", "2", "1"]
    assert [view.text for view in await desk.messages.around(ROOM, ids[3], 4)] == ["5", "4", "3", "2"]


async def test_a_date_leads_to_its_first_message_or_to_the_last_one(desk: Desk) -> None:
    assert await desk.messages.first_since(ROOM, NOW) is None
    desk.fill(7)
    found = [await desk.messages.first_since(ROOM, time) for time in (0, NOW + 3, NOW + 99)]
    assert [view and view.text for view in found] == ["0", "3", "6"]
    for time in (-1, LATEST_MS + 1):
        assert await refusal(desk.messages.first_since(ROOM, time)) == "bad_params"


async def test_a_search_from_beyond_all_time_finds_nothing(desk: Desk) -> None:
    desk.fill(3)
    assert await desk.messages.find("1", since=2**53 - 1) == []
    assert [hit.message.text for hit in await desk.messages.find("1", until=2**53 - 1)] == ["1"]


@pytest.mark.parametrize("limit", [0, -1, MOST_ROWS + 1])
async def test_a_limit_has_bounds(desk: Desk, limit: int) -> None:
    assert await refusal(desk.messages.list(ROOM, limit)) == "bad_params"


async def test_reading_is_told_once_and_only_where_one_was_let_in(desk: Desk) -> None:
    ids = desk.fill(3)
    await desk.messages.mark_read(ROOM, ids[1])
    await desk.messages.mark_read(ROOM, ids[0])
    assert (desk.due, desk.around.told) == ([GROUP], [RoomChanged(ROOM)])
    desk.change_room(state="request")
    await desk.messages.mark_read(ROOM, ids[2])
    assert desk.due == [GROUP]


async def test_what_came_late_above_the_last_one_read_disappears_from_when_it_is_read(desk: Desk) -> None:
    ids = desk.fill(3)
    await desk.messages.mark_read(ROOM, ids[2])
    desk.around.store.connection.execute("UPDATE message SET timer_s = 5 WHERE body = '1'")
    desk.around.told.clear()
    for _ in range(2):
        await desk.messages.mark_read(ROOM, ids[2])
        assert desk.around.told == [RoomChanged(ROOM)]  # which `Fading` hears
    assert [view.expires_at for view in await desk.messages.list(ROOM, 2)] == [None, NOW + 5000]


async def test_what_is_over_is_shown_no_more_while_it_cannot_be_erased(desk: Desk) -> None:
    """A wipe holds the store for seconds, a full disk for as long as it likes."""
    ids = desk.fill(7)
    desk.around.store.connection.execute("UPDATE message SET expires_at = ? WHERE body IN ('3', '4', '6')", (NOW + 9,))
    messages = desk.messages

    async def shown() -> list[str]:
        page, middle = await messages.list(ROOM, 3), await messages.around(ROOM, ids[3], 4)
        hits = [(await messages.search(word))[:1] for word in "36"]
        first = await messages.first_since(ROOM, NOW + 6)
        parts = (page, middle, *hits, [first] if first else [])
        return ["".join(view.text for view in part) for part in parts]

    assert await shown() == ["654", "5432", "3", "6", "6"]
    desk.around.clock.advance(0.01)
    assert await shown() == ["521", "52", "", "", "5"]


async def test_drafts_are_kept_and_forgotten(desk: Desk) -> None:
    await desk.messages.save_draft(ROOM, "not yet")
    assert await desk.messages.draft(ROOM) == "not yet"
    await desk.messages.save_draft(ROOM, "")
    assert await desk.messages.draft(ROOM) == ""


async def test_retrying_seals_again_for_each_device_that_missed_it(desk: Desk) -> None:
    (message_id,) = desk.fill(1, ME)
    row = OutboxRow(
        id=0,
        message_id=bytes.fromhex(message_id),
        device_id=b"x" * 16,
        account_id=ANNA,
        room=1,
        kind="message",
        relay="https://relay.test",
        mailbox_id=b"m" * 16,
        token=b"t" * 32,
        mid=None,
        ciphertext=None,
        state="expired",
        ttl_s=60,
        created_at=NOW,
        expires_at=NOW,
    )
    waiting = dataclasses.replace(row, device_id=b"y" * 16, state="queued", mid=b"q" * 16, ciphertext=b"sealed")
    failed = dataclasses.replace(row, device_id=b"z" * 16, state="failed", mid=b"f" * 16)
    desk.around.store.now(lambda tx: tx.outbox.add([row, waiting, failed]))
    await desk.messages.retry(message_id)
    assert sorted(desk.again) == [(GROUP, b"x" * 16), (GROUP, b"z" * 16)]
    assert desk.around.store.now(lambda tx: [one.state for one in tx.outbox.of_device(b"z" * 16)]) == ["expired"]
