"""Receipts count for messages that are here, and wait for those that are still on their way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from byre.client.delivery import confirmations, ledger
from byre.client.delivery.burst import Burst
from byre.client.delivery.confirmations import Confirmation
from byre.store import EarlyReceiptRow, MessageRow, NewMessage
from byre.wire.content_bodies import Receipt
from byre.wire.ids import MessageId
from tests.fakes.delivery_context import GROUP, ME, NOW, DeliveryContext, within

ANNA, PHONE, MY_PHONE = b"a" * 32, b"p" * 16, b"q" * 16
MINE, THEIRS = MessageId(b"1" * 16), MessageId(b"2" * 16)


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[DeliveryContext]:
    surroundings = DeliveryContext(tmp_path)
    surroundings.room()
    yield surroundings
    await surroundings.close()


def says(burst: Burst, receipt: Receipt, account: bytes = ANNA, device: bytes = PHONE) -> None:
    row = burst.row(GROUP)
    assert row is not None
    confirmations.take(burst, Confirmation(row, account, device, receipt, NOW + 5), ME)


def comes(burst: Burst, message_id: bytes, at: int = 0) -> None:
    """A message of the own phone (MINE) or of Anna arrives, as `Contents` stores it."""
    row, is_own = burst.row(GROUP), message_id == MINE
    assert row is not None

    def then(stored: MessageRow, early: Any) -> None:
        if is_own:
            ledger.expect(burst.tx, stored, {ANNA}, ME, "stored")
        confirmations.take_early(burst, row, stored, early, ME)

    message = NewMessage(
        room=row.id,
        message_id=message_id,
        account_id=ME if is_own else ANNA,
        device_id=MY_PHONE if is_own else PHONE,
        kind="text",
        state="stored" if is_own else "received",
        is_own=is_own,
        sent_at=NOW + at,
        received_at=NOW + at,
        body="hello",
        timer_s=60,
    )
    burst.add(message, then)


def state(around: DeliveryContext, message_id: bytes = MINE) -> tuple[str, int]:
    row = around.store.now(lambda tx: tx.messages.get(1, message_id))
    assert row is not None
    return row.state, row.unread_by


def kept(around: DeliveryContext) -> int:
    return int(around.store.connection.execute("SELECT count(*) FROM early_receipt").fetchall()[0][0])


@pytest.mark.parametrize("is_together", [False, True])
def test_a_receipt_counts_whether_it_comes_before_or_after_its_message(
    around: DeliveryContext, is_together: bool
) -> None:
    delivered = Receipt((MINE,), None)
    within(around, lambda burst: says(burst, delivered))
    assert kept(around) == 1
    within(around, lambda burst: comes(burst, MINE))
    assert (state(around), kept(around)) == (("delivered", 1), 0)
    read = Receipt((), THEIRS if is_together else MINE)
    if is_together:  # it names a message after mine that is not here either
        within(around, lambda burst: says(burst, read))
        assert state(around) == ("delivered", 1)
        within(around, lambda burst: comes(burst, THEIRS, 9))
    else:
        within(around, lambda burst: says(burst, read))
    assert (state(around), kept(around)) == (("read", 0), 0)


def test_a_receipt_finds_what_came_in_the_same_burst(around: DeliveryContext) -> None:
    def both(burst: Burst) -> None:
        comes(burst, MINE)
        says(burst, Receipt((MINE,), MINE))

    within(around, both)
    assert (state(around), kept(around)) == (("read", 0), 0)


def test_what_another_own_device_read_is_read_when_it_comes(around: DeliveryContext) -> None:
    within(around, lambda burst: says(burst, Receipt((THEIRS,), THEIRS), ME, MY_PHONE))
    assert kept(around) == 1  # that an own device has it tells nobody anything
    within(around, lambda burst: comes(burst, THEIRS))
    room = around.store.now(lambda tx: tx.rooms.by_number(1))
    message = around.store.now(lambda tx: tx.messages.get(1, THEIRS))
    assert room is not None
    assert message is not None
    assert (room.unread, room.read_up_to) == (0, message.id)
    assert message.expires_at == NOW + 5 + 60_000  # from when it was read


def test_nothing_is_kept_of_what_is_here_or_was_sent_from_here(around: DeliveryContext) -> None:
    around.store.now(lambda tx: tx.receipts.add_early([]))
    within(around, lambda burst: comes(burst, MINE))
    within(around, lambda burst: says(burst, Receipt((MINE,), MINE)))
    within(around, lambda burst: says(burst, Receipt((MINE,), None)))
    assert kept(around) == 0
    assert around.store.now(lambda tx: tx.receipts.take_early([MINE])) == list[EarlyReceiptRow]()


def test_a_timer_that_an_own_device_starts_is_told_whatever_was_read_here(around: DeliveryContext) -> None:
    """`Fading` hears of it: what came late stands above what was read."""
    told: list[bytes] = []

    def read_twice(burst: Burst) -> None:
        comes(burst, THEIRS)
        burst.write_messages()
        row = burst.tx.messages.get(1, THEIRS)
        assert row is not None
        burst.tx.rooms.mark_read(1, row.id)
        burst.aftermath.room_changed = told.append  # type: ignore[method-assign]
        for _ in range(2):
            says(burst, Receipt((), THEIRS), ME, MY_PHONE)

    within(around, read_twice)
    assert told == [GROUP]
