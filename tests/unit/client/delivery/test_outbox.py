"""What is on its way: handed over, answered, written down in one go, and never lost on a full disk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from byre.client.connection import Progress
from byre.client.delivery import ledger
from byre.client.delivery.fan_out import Recipient, Sealed
from byre.client.delivery.ledger import StateChange
from byre.client.delivery.outbox import ANSWERS_PAUSE_S, MESSAGE, PASSING, RETRY_S, Outbox
from byre.errors import EnvironmentFault
from byre.identity.leaf import DeliveryAddress
from byre.store import NewMessage, OutboxRow
from byre.wire.ids import MailboxId
from tests.fakes.delivery_context import GROUP, ME, MY_DEVICE, NOW, DeliveryContext

RELAY = "https://relay.test"
MESSAGE_ID = b"1" * 16


class Told:
    """What the outbox told."""

    def __init__(self) -> None:
        self.states: list[str] = []
        self.refused: list[bytes] = []
        self.reasons: list[str] = []

    def changed(self, changes: Sequence[StateChange]) -> None:
        self.states += [change.state for change in changes]
        self.reasons += [change.reason for change in changes if change.reason]

    def refuse(self, rows: Sequence[OutboxRow]) -> None:
        self.refused += [row.device_id for row in rows]


def sealed(device: bytes) -> Sealed:
    address = DeliveryAddress(RELAY, MailboxId(device), b"k" * 32, b"t" * 32)
    return Sealed(Recipient(device * 2, device, address), b"mid" + device[:13], b"sealed")


ANNA, BEN = sealed(b"a" * 16), sealed(b"b" * 16)


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[DeliveryContext]:
    surroundings = DeliveryContext(tmp_path)
    yield surroundings
    await surroundings.close()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def outbox(around: DeliveryContext, told: Told) -> Outbox:
    return Outbox(around.context, told.changed, told.refuse)


def queue(around: DeliveryContext, outbox: Outbox, *to: Sealed, kind: str = MESSAGE) -> list[OutboxRow]:
    """Store an own message with its rows, as sending does."""
    room = around.room()
    rows = outbox.rows(MESSAGE_ID, to, room=room, kind=kind)
    message = NewMessage(room, MESSAGE_ID, ME, MY_DEVICE, "text", "queued", True, NOW, NOW, "hello")

    def work(tx: object) -> None:
        row = tx.messages.add(message)  # type: ignore[attr-defined]
        tx.outbox.add(rows)  # type: ignore[attr-defined]
        ledger.begin(tx, row, {one.recipient.account_id for one in to})  # type: ignore[arg-type]

    around.store.now(work)
    return rows


def states(around: DeliveryContext) -> list[tuple[str, bool]]:
    """(state, whether the ciphertext is still there) of the message's rows."""
    rows = around.store.now(lambda tx: tx.outbox.of_message(MESSAGE_ID))
    return [(row.state, row.ciphertext is not None) for row in rows]


async def test_the_answers_of_a_moment_are_one_write(around: DeliveryContext, outbox: Outbox, told: Told) -> None:
    queue(around, outbox, ANNA, BEN)
    for one in (ANNA, BEN):
        outbox.on_progress(one.mid, Progress.RELAYED)
    await around.settle()
    assert around.store.writes == 0
    outbox.on_progress(ANNA.mid, Progress.ACKED)
    outbox.on_progress(BEN.mid, Progress.STORED)
    outbox.on_progress(b"unknown" * 2, Progress.ACKED)
    await around.settle(ANSWERS_PAUSE_S)
    assert around.store.writes == 1
    assert states(around) == [("acked", False), ("stored", False)]
    assert told.states == ["relayed"]


async def test_later_answers_are_written_later(around: DeliveryContext, outbox: Outbox, told: Told) -> None:
    queue(around, outbox, ANNA)
    outbox.on_progress(ANNA.mid, Progress.RELAYED)
    await around.settle(ANSWERS_PAUSE_S)
    assert states(around) == [("relayed", True)]
    outbox.on_progress(ANNA.mid, Progress.STORED)
    await around.settle(ANSWERS_PAUSE_S)
    assert (states(around), told.states, around.store.writes) == ([("stored", False)], ["relayed", "stored"], 2)


async def test_answers_wait_for_room_on_the_disk(around: DeliveryContext, outbox: Outbox, told: Told) -> None:
    queue(around, outbox, ANNA)
    around.store.fault = EnvironmentFault("the disk is full; nothing was changed", code="disk_full")
    outbox.on_progress(ANNA.mid, Progress.STORED)
    await around.settle(ANSWERS_PAUSE_S)
    outbox.on_progress(ANNA.mid, Progress.ACKED)
    await around.settle(RETRY_S)
    assert (states(around), told.states) == ([("queued", True)], [])
    around.store.fault = None
    await around.settle(RETRY_S)
    assert (states(around), told.states) == ([("acked", False)], ["stored"])


async def test_closing_writes_what_was_collected(around: DeliveryContext, outbox: Outbox) -> None:
    queue(around, outbox, ANNA)
    outbox.on_progress(ANNA.mid, Progress.STORED)
    await outbox.close()
    assert states(around) == [("stored", False)]
    await around.settle(ANSWERS_PAUSE_S)
    assert around.store.writes == 1


async def test_closing_on_a_full_disk_leaves_the_rows_to_be_sent_again(around: DeliveryContext, outbox: Outbox) -> None:
    rows = queue(around, outbox, ANNA)
    outbox.on_progress(ANNA.mid, Progress.STORED)
    around.store.fault = EnvironmentFault("full", code="disk_full")
    await outbox.close()
    await outbox.resume()
    assert around.network.sent == [(RELAY, rows[0].mid)]


async def test_a_refused_row_waits_to_be_sealed_anew(around: DeliveryContext, outbox: Outbox, told: Told) -> None:
    queue(around, outbox, ANNA, BEN)
    outbox.on_failed(ANNA.mid, "token", 0)
    outbox.on_failed(BEN.mid, "quota", 5000)  # the connection tries again by itself
    await around.settle(ANSWERS_PAUSE_S)
    assert states(around) == [("expired", False), ("queued", True)]
    assert told.refused == [b"a" * 16]


@pytest.mark.parametrize("word", [Progress.STORED, Progress.ACKED])
async def test_what_needs_no_receipt_is_done_with_the_relay_s_word(
    around: DeliveryContext, outbox: Outbox, word: Progress
) -> None:
    queue(around, outbox, ANNA, kind=PASSING)
    outbox.on_progress(ANNA.mid, Progress.RELAYED)
    await around.settle(ANSWERS_PAUSE_S)
    assert states(around) == [("queued", True)]
    outbox.on_progress(ANNA.mid, word)
    await around.settle(ANSWERS_PAUSE_S)
    assert states(around) == []


async def test_a_start_hands_over_what_the_relay_has_not_confirmed(around: DeliveryContext, outbox: Outbox) -> None:
    queue(around, outbox, ANNA, BEN)
    outbox.on_progress(BEN.mid, Progress.STORED)
    await around.settle(ANSWERS_PAUSE_S)
    await outbox.resume()
    assert around.network.sent == [(RELAY, ANNA.mid)]


async def test_rows_and_echo_go_out_together(around: DeliveryContext, outbox: Outbox) -> None:
    rows = queue(around, outbox, ANNA, BEN)
    echo = sealed(b"e" * 16)
    outbox.dispatch(rows, echo)
    assert sorted(around.network.sent) == sorted((RELAY, one.mid) for one in (ANNA, BEN, echo))


async def test_a_large_fan_out_keeps_its_order_and_lets_the_loop_turn(around: DeliveryContext, outbox: Outbox) -> None:
    many = [sealed(number.to_bytes(16, "big")) for number in range(100)]
    outbox.dispatch(outbox.rows(MESSAGE_ID, many, room=None, kind=MESSAGE))
    outbox.dispatch(outbox.rows(b"2" * 16, [ANNA], room=None, kind=MESSAGE))
    assert len(around.network.sent) < 100
    await around.settle()
    assert [mid for _, mid in around.network.sent] == [each.mid for each in [*many, ANNA]]


def test_a_group_id_is_what_changes_name() -> None:
    assert StateChange(GROUP, MESSAGE_ID, "stored", 1).event().room_id == GROUP.hex()


async def test_what_no_relay_takes_has_failed_and_says_why(around: DeliveryContext, outbox: Outbox, told: Told) -> None:
    queue(around, outbox, ANNA)
    outbox.on_failed(ANNA.mid, "disk", 60_000)  # the connection goes on by itself
    await around.settle(ANSWERS_PAUSE_S)
    assert states(around) == [("queued", True)]
    outbox.on_failed(ANNA.mid, "size", 0)
    await around.settle(ANSWERS_PAUSE_S)
    assert (states(around), told.states, told.reasons) == ([("failed", False)], ["failed"], ["too_large"])
