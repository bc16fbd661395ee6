"""What a row says that is to be sealed anew: in another epoch, maybe, than the one it was sent in."""

from __future__ import annotations

from byre.client.delivery.outbox import MESSAGE
from byre.client.rooms.live_room import LiveRoom
from byre.errors import InternalBug
from byre.identity.room_policy import kept_retention
from byre.store import MessageRow, OutboxRow, Transaction
from byre.wire.content_bodies import Body, Text, decode_body
from byre.wire.msgpack_codec import unpack


def body_again(tx: Transaction, old: OutboxRow, room: LiveRoom) -> tuple[Body | None, int]:
    """Return the content of an old row, as `room` is to hear it now, and when it was sent; None if it is erased."""
    if old.kind == MESSAGE:
        message = tx.messages.own(old.message_id)
        return (None, 0) if message is None else (_text_again(message, room), message.sent_at)
    if old.content is None:
        return None, 0
    value = unpack(old.content)
    if not isinstance(value, list) or len(value) != 3:
        raise InternalBug("a stored content does not decode", code="bad_content")
    kind, fields, sent_at = value
    return decode_body(kind, fields)[0], sent_at


def _text_again(message: MessageRow, room: LiveRoom) -> Text:
    """A text says the timer that it was sent under where the room goes by another one by now."""
    agreed_s = kept_retention(room.context.retention_s)
    return Text(message.body, None if message.timer_s == agreed_s else message.timer_s)
