"""What the arrivals of one transaction share is read once, written once, and read anew when others change it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from byre.client.delivery.burst import Burst
from byre.client.views import AccountId, DeviceId, Sender
from byre.store import ReceiptDueRow, Transaction
from tests.fakes.delivery_context import GROUP, ME, NOW, DeliveryContext, within

ANNA, PHONE, RUN = b"a" * 32, b"p" * 16, b"r" * 8


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[DeliveryContext]:
    surroundings = DeliveryContext(tmp_path)
    surroundings.room()
    yield surroundings
    await surroundings.close()


def test_counters_are_taken_once_and_stored_at_the_end(around: DeliveryContext) -> None:
    def first(burst: Burst) -> list[bool]:
        taken = [burst.window(1, PHONE, RUN).accept(counter) for counter in (0, 1, 1, 5)]
        assert burst.tx.seen.current(1) == []
        return taken

    assert within(around, first) == [True, True, False, True]
    assert within(around, lambda burst: [burst.window(1, PHONE, RUN).accept(each) for each in (5, 4)]) == [False, True]


def test_who_works_in_between_finds_the_counters_and_may_cover_them(around: DeliveryContext) -> None:
    def wiping(burst: Burst) -> tuple[bool, int]:
        burst.window(1, PHONE, RUN).accept(7)
        burst.settle()
        burst.tx.seen.cover(1, burst.tx.seen.current(1))  # as an ordered wipe does
        window = burst.window(1, PHONE, RUN)
        return window.accept(7), window.covered

    assert within(around, wiping) == (False, 7)


def test_a_room_is_read_once_until_somebody_changes_it(around: DeliveryContext) -> None:
    def reading(burst: Burst) -> list[str | None]:
        states = []
        for _ in range(2):
            row = burst.row(GROUP)
            states.append(None if row is None else row.state)
            burst.tx.rooms.change(1, state="left")
        burst.settle()
        row = burst.row(GROUP)
        return [*states, None if row is None else row.state]

    assert within(around, reading) == ["active", "active", "left"]
    assert within(around, lambda burst: burst.row(b"?" * 32)) is None


def test_a_name_is_asked_once_and_again_after_others_worked(around: DeliveryContext) -> None:
    asked: list[bytes] = []

    def find(tx: Transaction, account_id: bytes, device_id: bytes) -> Sender:
        asked.append(account_id)
        return Sender(AccountId(account_id.hex()), "anna", DeviceId(device_id.hex()), "Anna")

    def naming(burst: Burst) -> None:
        for account in (ANNA, ME, ANNA):
            assert burst.sender(account, PHONE, find).account_id == account.hex()
        burst.settle()
        burst.sender(ANNA, PHONE, find)

    within(around, naming)
    assert asked == [ANNA, ME, ANNA]


def test_a_device_is_heard_once_in_each_room(around: DeliveryContext) -> None:
    heard = within(around, lambda burst: [burst.hears_first(room, PHONE) for room in (1, 1, 2, 1)])
    assert heard == [True, False, True, False]


def test_receipts_are_stored_at_the_end(around: DeliveryContext) -> None:
    rows = [ReceiptDueRow(1, ANNA, bytes([number]) * 16, NOW) for number in range(3)]

    def confirming(burst: Burst) -> list[ReceiptDueRow]:
        for row in (*rows, rows[0]):
            burst.confirm(row)
        return burst.tx.receipts.due(NOW)

    assert within(around, confirming) == []
    assert around.store.now(lambda tx: tx.receipts.due(NOW)) == rows


def test_an_epoch_that_is_no_longer_kept_is_none(around: DeliveryContext) -> None:
    def looking(burst: Burst) -> tuple[object, object, list[Any]]:
        burst.tx.groups.save_epoch(GROUP, 4, b"epoch", b"ratchets")
        return burst.past(GROUP, 3), burst.past(GROUP, 4), burst.moved()  # epoch 4 is the present one

    assert within(around, looking) == (None, None, [])
