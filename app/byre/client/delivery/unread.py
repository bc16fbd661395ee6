"""Messages that a timer erased before anybody read them: their authors are told, so that later reading does not count.

A receipt says up to where its user has read. What was erased before that was not read; it is named in the next such
receipt and forgotten here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from byre.store import MessageRow, RoomRow, Transaction
from byre.wire.content_bodies import MOST_RECEIPTS
from byre.wire.ids import MessageId

_SETTING = "delivery.erased_unread"


def note_erased(tx: Transaction, room: RoomRow, rows: Iterable[MessageRow]) -> None:
    """Remember which of the messages that are about to be erased others wrote and nobody here has read."""
    unread = [
        row.message_id.hex() for row in rows if not row.is_own and row.kind == "text" and row.id > room.read_up_to
    ]
    if unread:
        known = _read(tx)
        key = str(room.id)
        tx.settings.put(_SETTING, {**known, key: [*known.get(key, []), *unread][-MOST_RECEIPTS:]})


def take_erased(tx: Transaction, room: int) -> tuple[MessageId, ...]:
    """Return them for the receipt that is being made, and forget them."""
    known = _read(tx)
    found = known.pop(str(room), [])
    if found:
        tx.settings.put(_SETTING, known)
    return tuple(MessageId(bytes.fromhex(each)) for each in found)


def _read(tx: Transaction) -> dict[str, list[str]]:
    value = tx.settings.get(_SETTING)
    return cast(dict[str, list[str]], value) if isinstance(value, dict) else {}
