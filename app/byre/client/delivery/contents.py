"""What a decrypted content does: shown, counted, or handed to the device room's handlers.

Everything here runs inside the receive transaction, on the store's thread: the rows, the ratchet that was used and
the mid that was taken are on the disk together. Effects in the loop come back as functions to call after the commit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from byre.client.context import Context
from byre.client.delivery import ledger
from byre.client.delivery.ledger import StateChange
from byre.client.events import MessageReceived, RoomChanged
from byre.client.room_keeper import AfterCommit, DeviceContentHandler, DeviceMessage
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.showing import Showing
from byre.client.views import MessageState, RoomId
from byre.errors import PeerError
from byre.identity.room_context import RoomKind
from byre.store import MessageRow, NewMessage, ReceiptDueRow, RoomRow, Transaction, UndecryptableRow
from byre.wire.content import Content, decode_content
from byre.wire.content_bodies import Back, Joined, Receipt, Text, Unknown


@dataclass(frozen=True, slots=True)
class Arrival:
    """A decrypted application message: who sent which bytes in which room."""

    room: LiveRoom
    sender_leaf: int
    data: bytes
    mid: bytes
    received_at: int


@dataclass(frozen=True, slots=True)
class _Origin:
    """An arrival's content with its room row and its sender. `shown_in`: the room that shows it."""

    row: RoomRow
    shown_in: RoomRow
    account_id: bytes
    device_id: bytes
    content: Content
    received_at: int


class Contents:
    """Dispatches contents by kind.

    Args:
        receipts_due: told, after the commit, of a room that has receipts to send.
        heard: told, after the commit, of a device that spoke and has expired rows waiting.
    """

    def __init__(
        self,
        context: Context,
        showing: Showing,
        *,
        receipts_due: Callable[[bytes], None],
        heard: Callable[[bytes, bytes], None],
    ) -> None:
        self._context = context
        self._showing = showing
        self._receipts_due = receipts_due
        self._heard = heard
        self._handlers: dict[str, DeviceContentHandler] = {}

    def on_device_content(self, kind: str, handler: DeviceContentHandler) -> None:
        """Register the one handler of a device-room content kind."""
        self._handlers[kind] = handler

    def take(self, tx: Transaction, arrival: Arrival) -> list[AfterCommit]:
        """Store what an arrival says. Bad content of a member is recorded, never an error."""
        row = tx.rooms.get(arrival.room.group_id)
        if row is None:
            return []
        seat = arrival.room.seat(arrival.sender_leaf)
        effects = self._note_heard(tx, row, seat.device_id, arrival.received_at)
        try:
            content = decode_content(arrival.data)
        except PeerError as error:
            return effects + self._unreadable(tx, row, seat.account_id, seat.device_id, arrival, error.code)
        shown_in = row if row.superseded_by is None else tx.rooms.get(row.superseded_by) or row
        origin = _Origin(row, shown_in, seat.account_id, seat.device_id, content, arrival.received_at)
        if not tx.seen.accept(row.id, seat.device_id, content.run_id, content.counter):
            # Sealed anew by somebody else, or delivered twice: confirmed again if it was shown, never shown again.
            return effects + self._confirm_again(tx, origin, arrival)
        if tx.seen.is_covered(row.id, seat.device_id, content.run_id, content.counter):
            return effects + self._confirm(tx, origin)
        return effects + self._dispatch(tx, origin)

    def _dispatch(self, tx: Transaction, origin: _Origin) -> list[AfterCommit]:
        body = origin.content.body
        is_from_own = origin.account_id == self._context.own.account_id
        if origin.row.kind == RoomKind.DEVICE.name.lower():
            return self._device_content(tx, origin) if is_from_own else []
        if isinstance(body, Text):
            return self._show(tx, origin, kind="text", text=body.text)
        if isinstance(body, Receipt):
            return self._receipt(tx, origin, body)
        if isinstance(body, Joined | Back):
            return []
        if isinstance(body, Unknown):
            return self._show(tx, origin, kind="unknown", detail=body.kind)
        return []  # a device-room kind in another room means nothing

    def _show(
        self, tx: Transaction, origin: _Origin, *, kind: str, text: str = "", detail: str = ""
    ) -> list[AfterCommit]:
        own = self._context.own
        is_own = origin.account_id == own.account_id
        content, room = origin.content, origin.shown_in
        row = tx.messages.add(
            NewMessage(
                room=room.id,
                message_id=content.message_id,
                account_id=origin.account_id,
                device_id=origin.device_id,
                kind=kind,
                state=MessageState.STORED.value if is_own else MessageState.RECEIVED.value,
                is_own=is_own,
                sent_at=content.sent_at_ms,
                received_at=origin.received_at,
                body=text,
                detail=detail,
                content=None if kind == "text" else origin.content.kind.encode(),
            )
        )
        effects = self._confirm(tx, origin)
        if row is None:
            return effects
        if is_own:
            accounts = {member.account_id for member in tx.members.of_room(origin.row.id)} - {own.account_id}
            ledger.expect(tx, row, accounts, own.account_id, "stored")
            if origin.row.state == "request":
                tx.rooms.change(origin.row.id, state="active")
            row = tx.messages.at(row.id) or row
        return [*effects, self._received(tx, row, room)]

    def _received(self, tx: Transaction, row: MessageRow, room: RoomRow) -> AfterCommit:
        view, publish = self._showing.message(tx, row, room.group_id), self._context.events.publish

        def after() -> None:
            publish(MessageReceived(view))
            publish(RoomChanged(RoomId(room.group_id.hex())))

        return after

    def _receipt(self, tx: Transaction, origin: _Origin, receipt: Receipt) -> list[AfterCommit]:
        own_account = self._context.own.account_id
        is_from_own = origin.account_id == own_account
        changes = []
        for message_id in receipt.delivered:
            if tx.messages.own(message_id) is None:
                tx.outbox.settle(message_id, origin.device_id)
                continue
            change = ledger.delivered(tx, message_id, origin.account_id, origin.device_id, own_account)
            changes += [change] if change is not None else []
        effects: list[AfterCommit] = []
        if is_from_own and origin.row.state == "request":
            # Only an accepted room is receipted: the user accepted it on the other device.
            tx.rooms.change(origin.row.id, state="active")
            effects.append(self._room_changed(origin.row.group_id))
        mark = None if receipt.read_up_to is None else tx.messages.get(origin.shown_in.id, receipt.read_up_to)
        if mark is not None and is_from_own:
            if tx.rooms.mark_read(origin.shown_in.id, mark.id):
                effects.append(self._room_changed(origin.shown_in.group_id))
        elif mark is not None:
            changes += ledger.read_up_to(tx, origin.shown_in.id, mark.id, origin.account_id, own_account)
        return effects + [self._moved(change) for change in changes]

    def _device_content(self, tx: Transaction, origin: _Origin) -> list[AfterCommit]:
        content = origin.content
        if isinstance(content.body, Receipt):
            for message_id in content.body.delivered:
                tx.outbox.settle(message_id, origin.device_id)
            return []
        effects = [] if isinstance(content.body, Joined | Back) else self._confirm(tx, origin)
        handler = self._handlers.get(content.kind)
        if handler is None:
            return effects
        after = handler(tx, DeviceMessage(origin.device_id, content.body, content.sent_at_ms))
        return effects if after is None else [*effects, after]

    def _confirm(self, tx: Transaction, origin: _Origin) -> list[AfterCommit]:
        if origin.row.state == "request" or isinstance(origin.content.body, Receipt | Joined | Back):
            return []
        tx.receipts.add(ReceiptDueRow(origin.row.id, origin.account_id, origin.content.message_id, origin.received_at))
        group_id = origin.row.group_id
        return [lambda: self._receipts_due(group_id)]

    def _confirm_again(self, tx: Transaction, origin: _Origin, arrival: Arrival) -> list[AfterCommit]:
        room, content = origin.shown_in, origin.content
        if tx.messages.is_known(room.id, origin.account_id, origin.device_id, content.message_id):
            return self._confirm(tx, origin)
        tx.inbox.add_undecryptable(
            UndecryptableRow(0, arrival.mid, room.group_id, arrival.room.epoch, "replayed", arrival.received_at)
        )
        return []

    def _unreadable(
        self, tx: Transaction, row: RoomRow, account_id: bytes, device_id: bytes, arrival: Arrival, code: str
    ) -> list[AfterCommit]:
        """Show that a member sent something that nobody can read; its own signature is on it."""
        tx.inbox.add_undecryptable(
            UndecryptableRow(0, arrival.mid, row.group_id, arrival.room.epoch, code, arrival.received_at)
        )
        stored = tx.messages.add(
            NewMessage(
                room=row.id,
                message_id=arrival.mid,
                account_id=account_id,
                device_id=device_id,
                kind="unreadable",
                state=MessageState.RECEIVED.value,
                is_own=False,
                sent_at=arrival.received_at,
                received_at=arrival.received_at,
                body="",
                detail=code,
            )
        )
        return [] if stored is None else [self._received(tx, stored, row)]

    def _note_heard(self, tx: Transaction, row: RoomRow, device_id: bytes, now_ms: int) -> list[AfterCommit]:
        tx.members.heard(row.id, device_id, now_ms)
        tx.joins.delete(row.group_id, device_id)
        if not tx.outbox.of_device(device_id, room=row.id, state="expired"):
            return []
        group_id = row.group_id
        return [lambda: self._heard(group_id, device_id)]

    def _moved(self, change: StateChange) -> AfterCommit:
        return lambda: self._context.events.publish(change.event())

    def _room_changed(self, group_id: bytes) -> AfterCommit:
        return lambda: self._context.events.publish(RoomChanged(RoomId(group_id.hex())))
