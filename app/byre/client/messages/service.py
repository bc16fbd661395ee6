"""Messages as the window and the RPC work with them (`MessagesApi`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from byre.client.context import Context
from byre.client.delivery.sending import Sending, Sent
from byre.client.events import MessageSent, RoomChanged
from byre.client.peers import Peers
from byre.client.rooms.acceptance import is_unaccepted
from byre.client.rooms.service import group_bytes, no_such_room, require_listed, room_row
from byre.client.rooms.showing import Showing
from byre.client.views import AccountId, MessageId, MessageView, RoomId, SearchHitView, Trust
from byre.errors import UsageError
from byre.store import MessageRow, ReadDueRow, RoomRow, SearchFilter, Transaction
from byre.store.messages import TIE_BITS
from byre.wire.content_bodies import LARGEST_TEXT_BYTES

MOST_ROWS = 500
_WRITABLE = ("active", "rejoining", "jammed")
"""A text waits for the way back into a room; where the home and the members disagree it goes on in their epoch."""
_TOLD = ("active", "jammed")
LATEST_MS = (1 << 42) - 1
"""The latest time (ms) that a message can have a place at: some day in the year 2109."""


class _ShownElsewhere(UsageError):
    """The room is a twin: messages go to the canonical one."""

    def __init__(self, group_id: bytes) -> None:
        super().__init__("This room is shown as another one.", code="no_such_room")
        self.group_id = group_id


class Messages:
    """`MessagesApi`.

    Args:
        receipts_due: told of a room that was read.
        check_listing: told of a room that holds text back for a device that is no longer listed.
        seal_again: encrypts anew what expired for a device.
    """

    def __init__(
        self,
        context: Context,
        sending: Sending,
        peers: Peers,
        showing: Showing,
        *,
        receipts_due: Callable[[bytes], None],
        check_listing: Callable[[bytes], None],
        seal_again: Callable[[bytes, bytes], None],
    ) -> None:
        self._context = context
        self._sending = sending
        self._peers = peers
        self._showing = showing
        self._receipts_due = receipts_due
        self._check_listing = check_listing
        self._seal_again = seal_again

    async def send(self, room_id: RoomId, text: str) -> MessageId:
        """Store and queue a text; it goes out when the relay can be reached.

        Raises:
            UsageError: code bad_params (empty, too long), no_such_room, wrong_state, or key_changed: a member's key
                is another one, and the user has not looked yet.
        """
        require_listed(self._context.own)
        if not text.strip() or len(text.encode("utf-8", "replace")) > LARGEST_TEXT_BYTES:
            raise UsageError("A message is 1 to 32,768 bytes of text.")

        sent = await self._send(group_bytes(room_id), text)
        await asyncio.sleep(0)  # the wire first: what is told of a message takes longer than sending it
        self._context.events.publish(MessageSent(sent.seen))
        self._context.events.publish(RoomChanged(sent.seen.room_id))
        if sent.is_held:
            self._check_listing(group_bytes(sent.seen.room_id))
        return sent.seen.message_id

    async def _send(self, group_id: bytes, text: str) -> Sent[MessageView]:
        try:
            return await self._sending.text(group_id, text, check=self._check, show=self._show)
        except _ShownElsewhere as moved:
            return await self._sending.text(moved.group_id, text, check=self._check, show=self._show)

    def _check(self, tx: Transaction, row: RoomRow) -> None:
        """Refuse what may not be sent now."""
        if row.superseded_by is not None:
            raise _ShownElsewhere(row.superseded_by)
        if row.kind == "device":
            raise no_such_room()
        if row.state not in _WRITABLE or is_unaccepted(row):
            raise UsageError("Nothing can be sent to this room now.", code="wrong_state")
        for account in {member.account_id for member in tx.members.of_room(row.id)}:
            if self._peers.trust_of(tx, account) is Trust.CHANGED:
                raise UsageError("A member's key has changed; look at it first.", code="key_changed")

    def _show(self, tx: Transaction, row: RoomRow, message: MessageRow) -> MessageView:
        return self._showing.message(tx, message, row.group_id)

    async def list(self, room_id: RoomId, limit: int, before: MessageId | None = None) -> Sequence[MessageView]:
        """Return up to `limit` messages older than `before`, newest first.

        Raises:
            UsageError: code no_such_room, no_such_message or bad_params.
        """
        count = _checked(limit)

        def work(tx: Transaction) -> list[MessageView]:
            row = room_row(tx, room_id)
            top = None if before is None else _position(tx, row, before)
            over = self._showing.over(tx)
            rows = tx.messages.page(row.id, count + len(over), before=top)
            return self._showing.messages(tx, _without(over, rows)[:count])

        return await self._context.store.read(work)

    async def around(self, room_id: RoomId, message_id: MessageId, limit: int) -> Sequence[MessageView]:
        """Return messages with `message_id` in their middle, newest first."""
        count = _checked(limit)

        def work(tx: Transaction) -> list[MessageView]:
            row = room_row(tx, room_id)
            rows = tx.messages.around(row.id, _position(tx, row, message_id), count)
            return self._showing.messages(tx, _without(self._showing.over(tx), rows))

        return await self._context.store.read(work)

    async def first_since(self, room_id: RoomId, time_ms: int) -> MessageView | None:
        """Return the first message at or after a time, to jump to a date; the last one where nothing is as new.

        Raises:
            UsageError: code no_such_room or bad_params.
        """
        if not 0 <= time_ms <= LATEST_MS:
            raise UsageError("This is no time in milliseconds.")

        def work(tx: Transaction) -> MessageView | None:
            row = room_row(tx, room_id)
            over = self._showing.over(tx)
            later = tx.messages.after(row.id, 1 + len(over), (time_ms << TIE_BITS) - 1)
            found = _without(over, later) or _without(over, tx.messages.page(row.id, 1 + len(over)))
            return self._showing.message(tx, found[0], row.group_id) if found else None

        return await self._context.store.read(work)

    async def search(self, query: str, room_id: RoomId | None = None, limit: int = 50) -> Sequence[MessageView]:
        """Return messages that contain `query`, newest first."""
        return [hit.message for hit in await self.find(query, room_id=room_id, limit=limit)]

    async def find(
        self,
        query: str,
        *,
        room_id: RoomId | None = None,
        sender: AccountId | None = None,
        since: int | None = None,
        until: int | None = None,
        has_file: bool = False,
        before: MessageId | None = None,
        limit: int = 50,
    ) -> Sequence[SearchHitView]:
        """Return messages with every part of `query` that fit the filters, newest first, and where they match.

        Args:
            since, until: times in ms, `until` not included. before: the last message of the page before.

        Raises:
            UsageError: code no_such_room, no_such_message or bad_params.
        """
        count = _checked(limit)
        account = None if sender is None else bytes.fromhex(sender)

        def work(tx: Transaction) -> list[SearchHitView]:
            room = None if room_id is None else room_row(tx, room_id).id
            top = None if before is None else _any_position(tx, before, room)
            first = None if since is None else min(since, LATEST_MS)
            last = None if until is None else min(until, LATEST_MS)
            where = SearchFilter(room=room, sender=account, since=first, until=last, has_file=has_file)
            over = self._showing.over(tx)
            found = tx.search.find(query, count + len(over), where=where, before=top)
            hits = [hit for hit in found if hit.message.id not in over][:count]
            shown = self._showing.messages(tx, [hit.message for hit in hits])
            return [
                SearchHitView(view, hit.highlights, hit.snippet, hit.snippet_highlights)
                for view, hit in zip(shown, hits, strict=True)
            ]

        return await self._context.store.read(work)

    async def mark_read(self, room_id: RoomId, up_to: MessageId) -> None:
        """Note that the user has read everything up to a message; authors and own devices are told.

        Raises:
            UsageError: code no_such_room or no_such_message.
        """
        now_ms = self._context.clock.now_ms()

        def work(tx: Transaction) -> tuple[bytes, bool, bool]:
            row = room_row(tx, room_id)
            position = _position(tx, row, up_to)
            has_moved = tx.rooms.mark_read(row.id, position)
            has_started = tx.erasures.start_timers(row.id, position, now_ms) > 0  # also of what came late, above
            is_told = has_moved and row.state in _TOLD and not is_unaccepted(row)
            if is_told:
                tx.receipts.add_read(ReadDueRow(row.id, position, bytes.fromhex(up_to), now_ms))
            return row.group_id, has_moved or has_started, is_told

        group_id, has_changed, is_told = await self._context.store.write(work)
        if has_changed:
            self._context.events.publish(RoomChanged(RoomId(group_id.hex())))
        if is_told:
            self._receipts_due(group_id)

    async def retry(self, message_id: MessageId) -> None:
        """Send an expired, refused or failed own message again now, without waiting for its devices to speak.

        Raises:
            UsageError: code no_such_message.
        """
        now_ms = self._context.clock.now_ms()

        def work(tx: Transaction) -> tuple[bytes, set[bytes]]:
            row = tx.messages.own(_message_bytes(message_id))
            if row is None:
                raise UsageError("There is no such own message.", code="no_such_message")
            rows = tx.outbox.of_message(row.message_id)
            expired = [one for one in rows if one.state in ("expired", "failed")]
            for one in expired:
                if one.mid is not None and one.state == "failed":
                    tx.outbox.set_state(one.mid, "expired", now_ms=now_ms)
            numbers = {one.room for one in expired if one.room is not None}
            room = tx.rooms.by_number(next(iter(numbers), row.room))
            return b"" if room is None else room.group_id, {one.device_id for one in expired}

        group_id, devices = await self._context.store.write(work)
        for device_id in devices:
            self._seal_again(group_id, device_id)

    async def draft(self, room_id: RoomId) -> str:
        """Return the unsent text of a room."""
        return await self._context.store.read(lambda tx: tx.drafts.get(room_row(tx, room_id).id))

    async def save_draft(self, room_id: RoomId, text: str) -> None:
        """Keep unsent text; empty text forgets it."""
        now_ms = self._context.clock.now_ms()
        await self._context.store.write(lambda tx: tx.drafts.put(room_row(tx, room_id).id, text, now_ms))


def _without(over: frozenset[int], rows: Sequence[MessageRow]) -> Sequence[MessageRow]:
    return [row for row in rows if row.id not in over] if over else rows


def _checked(limit: int) -> int:
    if not 1 <= limit <= MOST_ROWS:
        raise UsageError("A limit is 1 to 500.")
    return limit


def _message_bytes(message_id: MessageId) -> bytes:
    try:
        return bytes.fromhex(message_id)
    except ValueError:
        raise UsageError("There is no such message.", code="no_such_message") from None


def _find(tx: Transaction, row: RoomRow, message_id: MessageId) -> MessageRow | None:
    return tx.messages.get(row.id, _message_bytes(message_id))


def _any_position(tx: Transaction, message_id: MessageId, room: int | None) -> int:
    """Where a message stands that the page before ended with, in whatever room."""
    for position in tx.erasures.positions(_message_bytes(message_id)):
        row = tx.messages.at(position)
        if row is not None and room in (None, row.room):
            return position
    raise UsageError("There is no such message.", code="no_such_message")


def _position(tx: Transaction, row: RoomRow, message_id: MessageId) -> int:
    found = _find(tx, row, message_id)
    if found is None:
        raise UsageError("There is no such message in this room.", code="no_such_message")
    return found.id
