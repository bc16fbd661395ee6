"""What a timer erased unread: noted once, told once, and only of others' texts that nobody has read."""

from __future__ import annotations

from byre.client.delivery.unread import note_erased, take_erased
from byre.store import MessageRow, RoomRow, Transaction
from byre.wire.content_bodies import MOST_RECEIPTS
from tests.unit.store.profile import room, text


def stored(tx: Transaction, *, read: int = 0) -> tuple[RoomRow, list[MessageRow]]:
    number = tx.rooms.add(room(1))
    made = [
        tx.messages.add(text(1, "read", at=1)),
        tx.messages.add(text(2, "unread", at=2)),
        tx.messages.add(text(3, "own", at=3, own=True)),
        tx.messages.add(text(4, "", at=4, kind="system")),
    ]
    rows = [row for row in made if row is not None]
    if read:
        tx.rooms.mark_read(number, rows[read - 1].id)
    found = tx.rooms.by_number(number)
    assert found is not None
    return found, rows


def test_only_what_others_wrote_and_nobody_read_is_told_once(tx: Transaction) -> None:
    row, rows = stored(tx, read=1)
    note_erased(tx, row, rows)
    assert take_erased(tx, row.id) == (rows[1].message_id,)
    assert take_erased(tx, row.id) == ()


def test_rooms_are_kept_apart_and_the_newest_count(tx: Transaction) -> None:
    row, rows = stored(tx)
    note_erased(tx, row, [])
    note_erased(tx, row, rows[:1] * MOST_RECEIPTS)
    note_erased(tx, row, rows[1:2])
    assert take_erased(tx, row.id + 1) == ()
    found = take_erased(tx, row.id)
    assert (len(found), found[-1]) == (MOST_RECEIPTS, rows[1].message_id)
