"""Receipts: from the store, one a second per room, and none lost on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from byre.client.delivery import receipts
from byre.client.delivery.receipts import Receipts
from byre.errors import EnvironmentFault
from byre.store import NewMessage, ReadDueRow, ReceiptDueRow, RoomRow, Transaction
from byre.wire.content_bodies import Body, Receipt
from tests.fakes.delivery_context import GROUP, ME, MY_DEVICE, NOW, DeliveryContext

ANNA, BEN = b"a" * 32, b"b" * 32
OTHER = b"h" * 32


class SendingOnPaper:
    """Takes receipts in the store's transaction, as `Sending.receipt` does."""

    def __init__(self, around: DeliveryContext) -> None:
        self._around = around
        self.sent: list[tuple[bytes, Receipt, set[bytes]]] = []

    async def receipt(
        self, group_id: bytes, make: Callable[[Transaction, RoomRow], tuple[Body, Collection[bytes]] | None]
    ) -> bool:
        def work(tx: Transaction) -> Any:
            row = tx.rooms.get(group_id)
            return None if row is None else make(tx, row)

        made = await self._around.store.write(work)
        if made is None:
            return False
        body, accounts = made
        assert isinstance(body, Receipt)
        self.sent.append((group_id, body, set(accounts)))
        return True


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[DeliveryContext]:
    surroundings = DeliveryContext(tmp_path)
    surroundings.room()
    surroundings.room(OTHER)
    yield surroundings
    await surroundings.close()


@pytest.fixture
def sending(around: DeliveryContext) -> SendingOnPaper:
    return SendingOnPaper(around)


@pytest.fixture
def sender(around: DeliveryContext, sending: SendingOnPaper) -> Receipts:
    return Receipts(around.context, sending)  # type: ignore[arg-type]


def due(around: DeliveryContext, *numbers: int, room: int = 1, account: bytes = ANNA) -> None:
    rows = [ReceiptDueRow(room, account, number.to_bytes(16, "big"), NOW) for number in numbers]
    around.store.now(lambda tx: tx.receipts.add(*rows))


def numbers(receipt: Receipt) -> list[int]:
    return [int.from_bytes(each) for each in receipt.delivered]


async def test_what_is_due_goes_at_once_and_the_next_a_second_later(
    around: DeliveryContext, sender: Receipts, sending: SendingOnPaper
) -> None:
    due(around, 1, 2)
    due(around, 3, account=BEN)
    due(around, 9, room=2)
    sender.due(GROUP)
    await around.settle()
    assert [(group, numbers(body), to) for group, body, to in sending.sent] == [(GROUP, [1, 2, 3], {ANNA, BEN, ME})]
    due(around, 4)
    sender.due(GROUP)
    await around.settle()
    assert len(sending.sent) == 1
    await around.settle(1)
    assert numbers(sending.sent[1][1]) == [4]
    assert around.store.now(lambda tx: [row.room for row in tx.receipts.due(NOW + 9999)]) == [2]


async def test_a_flood_of_receipts_goes_in_pieces(
    around: DeliveryContext, sender: Receipts, sending: SendingOnPaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "MOST_IDS", 3)
    due(around, *range(7))
    sender.due(GROUP)
    for _ in range(4):
        await around.settle(1)
    assert [len(body.delivered) for _, body, _ in sending.sent] == [3, 3, 1]


async def test_reading_is_told_to_the_authors(
    around: DeliveryContext, sender: Receipts, sending: SendingOnPaper
) -> None:
    def write(tx: Transaction) -> None:
        for number, account in enumerate((ANNA, ME, BEN)):
            row = tx.messages.add(
                NewMessage(
                    1, bytes([number]) * 16, account, MY_DEVICE, "text", "received", account == ME, NOW, NOW, "words"
                )
            )
            assert row is not None
            tx.receipts.add_read(ReadDueRow(1, row.id, row.message_id, NOW))

    around.store.now(write)
    sender.due(GROUP)
    await around.settle()
    (_, body, accounts) = sending.sent[0]
    assert (body.read_up_to, accounts) == (bytes([2]) * 16, {ANNA, BEN, ME})
    await around.settle(1)
    assert len(sending.sent) == 1


async def test_a_start_takes_up_what_a_crash_left(
    around: DeliveryContext, sender: Receipts, sending: SendingOnPaper
) -> None:
    due(around, 1)
    due(around, 2, room=2)
    around.store.now(lambda tx: tx.receipts.add_read(ReadDueRow(2, 5, b"x" * 16, NOW)))
    await sender.resume()
    await around.settle()
    assert {(group, tuple(numbers(body))) for group, body, _ in sending.sent} == {(GROUP, (1,)), (OTHER, (2,))}


async def test_a_receipt_that_finds_no_room_on_the_disk_stays_due(
    around: DeliveryContext, sender: Receipts, sending: SendingOnPaper
) -> None:
    due(around, 1)
    around.store.fault = EnvironmentFault("full", code="disk_full")
    sender.due(GROUP)
    await around.settle()
    assert sending.sent == []
    around.store.fault = None
    await around.settle(receipts.RETRY_S)
    assert numbers(sending.sent[0][1]) == [1]
