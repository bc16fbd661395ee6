"""What a decrypted content does: shown, counted, or handed to the device room's handlers.

Everything here runs inside the receive transaction, on the store's thread: the rows, the ratchet that was used and
the mid that was taken are on the disk together. What follows in the loop is left with the burst.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from byre.client.context import Context
from byre.client.delivery import confirmations, ledger
from byre.client.delivery.burst import Burst
from byre.client.delivery.confirmations import Confirmation
from byre.client.delivery.departed import has_a_say
from byre.client.room_keeper import AfterCommit, DeviceContentHandler, DeviceMessage
from byre.client.rooms.acceptance import accept, is_unaccepted
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.showing import Showing
from byre.client.views import MessageState
from byre.errors import PeerError
from byre.identity.room_context import RoomKind
from byre.identity.room_policy import kept_retention
from byre.store import EarlyReceiptRow, MessageRow, NewMessage, ReceiptDueRow, RoomRow, Transaction, UndecryptableRow
from byre.wire.content import Content
from byre.wire.content_bodies import Back, Joined, Profile, Receipt, Text, Unknown, Wipe, WipeReport

log = logging.getLogger(__name__)

_BEFORE_MS = 5 * 24 * 3600 * 1000
"""A Welcome waits up to 72 hours, what was sent after it 48: a device knows a room later than those who write to it."""
_DEVICE = RoomKind.DEVICE.name.lower()
_RECEIVED, _STORED = MessageState.RECEIVED.value, MessageState.STORED.value
ProfileHandler = Callable[[Transaction, RoomRow, bytes, Profile, int], list[AfterCommit]]
"""(transaction, room, account, what it calls itself, received at) -> what follows the commit."""
WipingHandler = Callable[[Transaction, RoomRow, bytes, DeviceMessage], AfterCommit | None]
"""(transaction, room, account, what it says) -> what follows the commit."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A decrypted application message: who says what in which room, or why nobody can read it."""

    room: LiveRoom
    sender_leaf: int
    content: Content | PeerError
    mid: bytes
    received_at: int


@dataclass(frozen=True, slots=True)
class _Origin:
    """An arrival's content with its room row and its sender.

    `shown_in`: the room that shows it. `retention_s`: how long messages live, as agreed in the epoch it was sealed in.
    """

    row: RoomRow
    shown_in: RoomRow
    account_id: bytes
    device_id: bytes
    content: Content
    received_at: int
    device_key: bytes
    retention_s: int

    @property
    def message(self) -> DeviceMessage:
        """The content as handlers take it."""
        return DeviceMessage(self.device_id, self.content.body, self.content.sent_at_ms, self.device_key)


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
        self._on_profile: ProfileHandler | None = None
        self._on_wiping: WipingHandler | None = None

    def on_device_content(self, kind: str, handler: DeviceContentHandler) -> None:
        """Register the one handler of a device-room content kind."""
        self._handlers[kind] = handler

    def on_profile(self, handler: ProfileHandler) -> None:
        """Register who keeps what members call themselves."""
        self._on_profile = handler

    def on_wiping(self, handler: WipingHandler) -> None:
        """Register who takes what members ask and report about wipes."""
        self._on_wiping = handler

    def take(self, burst: Burst, arrival: Arrival) -> None:
        """Store what an arrival says. Bad content of a member is recorded, never an error."""
        row = burst.row(arrival.room.group_id)
        if row is None:
            return
        own, at = self._context.own, arrival.received_at
        if not has_a_say(burst, arrival.room, arrival.sender_leaf, arrival.content, own, at):
            log.info("a device that has gone went on speaking")
            self._record(burst, arrival, "departed")
            return
        seat = burst.seat(arrival.room, arrival.sender_leaf)
        self._note_heard(burst, row, seat.device_id, arrival.received_at)
        content = arrival.content
        if isinstance(content, PeerError):
            self._unreadable(burst, row, seat.account_id, seat.device_id, arrival, content.code)
            return
        shown_in = row if row.superseded_by is None else burst.row(row.superseded_by) or row
        origin = _Origin(
            *(row, shown_in, seat.account_id, seat.device_id, content, arrival.received_at, seat.device_key),
            kept_retention(arrival.room.context.retention_s),
        )
        window = burst.window(row.id, seat.device_id, content.run_id)
        if not window.accept(content.counter):
            # Sealed anew by somebody else, or delivered twice: confirmed again if it was shown, never shown again.
            self._confirm_again(burst, origin, arrival)
        elif window.covers(content.counter, content.sent_at_ms):
            self._confirm(burst, origin)
        else:
            self._dispatch(burst, origin, arrival)

    def _dispatch(self, burst: Burst, origin: _Origin, arrival: Arrival) -> None:
        body = origin.content.body
        if origin.row.kind == _DEVICE:
            if origin.account_id == self._context.own.account_id:
                self._device_content(burst, origin)
        elif isinstance(body, Text):
            if body.text.strip():
                timer_s = origin.retention_s if body.timer_s is None else kept_retention(body.timer_s)
                self._show(burst, origin, kind="text", text=body.text, timer_s=timer_s)
            else:  # no client of ours sends it: there is nothing to show
                self._record(burst, arrival, "empty_text")
        elif isinstance(body, Receipt):
            self._receipt(burst, origin, body)
        elif isinstance(body, Profile):
            self._profile(burst, origin, body)
        elif isinstance(body, Wipe | WipeReport):
            self._wiped(burst, origin)
        elif isinstance(body, Unknown):
            self._show(burst, origin, kind="unknown", detail=body.kind)
        # else: `joined` and `back` were heard; a device-room kind in another room means nothing

    def _show(
        self, burst: Burst, origin: _Origin, *, kind: str, text: str = "", detail: str = "", timer_s: int = 0
    ) -> None:
        own_account = self._context.own.account_id
        is_own = origin.account_id == own_account
        content, room = origin.content, origin.shown_in
        sent_at = content.sent_at_ms
        if sent_at < origin.row.created_at - _BEFORE_MS:
            sent_at = origin.received_at  # nobody could write to this device before it was here
        expires_at = None
        if is_own and timer_s:  # its timer runs already; the clock of the device that sent it may be ahead of this one
            expires_at = min(sent_at, origin.received_at) + timer_s * 1000
            if expires_at <= origin.received_at:
                self._confirm(burst, origin)  # never shown: its time was over before it came
                self._accepted(burst, origin.row)
                return
        message = NewMessage(
            room=room.id,
            message_id=content.message_id,
            account_id=origin.account_id,
            device_id=origin.device_id,
            kind=kind,
            state=_STORED if is_own else _RECEIVED,
            is_own=is_own,
            sent_at=sent_at,
            received_at=origin.received_at,
            body=text,
            detail=detail,
            content=None if kind == "text" else content.kind.encode(),
            run_id=content.run_id,
            counter=content.counter,
            timer_s=timer_s,
            expires_at=expires_at,
        )
        self._confirm(burst, origin)

        def shown(row: MessageRow, early: Sequence[EarlyReceiptRow]) -> None:
            self._received(burst, row, room)
            confirmations.take_early(burst, room, row, early, own_account)

        def sent_by_us(row: MessageRow, early: Sequence[EarlyReceiptRow]) -> None:
            tx = burst.tx
            accounts = {member.account_id for member in tx.members.of_room(origin.row.id)} - {own_account}
            ledger.expect(tx, row, accounts, own_account, "stored")
            confirmations.take_early(burst, room, row, early, own_account)
            self._received(burst, tx.messages.at(row.id) or row, room)

        burst.add(message, sent_by_us if is_own else shown)
        if is_own:
            self._accepted(burst, origin.row)

    def _received(self, burst: Burst, row: MessageRow, room: RoomRow) -> None:
        sender = burst.sender(row.account_id, row.device_id, self._showing.sender)
        burst.aftermath.show(self._showing.message(burst.tx, row, room.group_id, sender))

    def _receipt(self, burst: Burst, origin: _Origin, receipt: Receipt) -> None:
        own_account = self._context.own.account_id
        if origin.account_id == own_account:
            # Only an accepted room is receipted: the user accepted it on the other device.
            self._accepted(burst, origin.row)
        said = Confirmation(origin.shown_in, origin.account_id, origin.device_id, receipt, origin.received_at)
        confirmations.take(burst, said, own_account)

    def _accepted(self, burst: Burst, row: RoomRow) -> None:
        """Another own device spoke in a room that is still a request here: its user accepted it there."""
        if accept(burst.tx, row):
            burst.settle()
            burst.aftermath.room_changed(row.group_id)

    def _profile(self, burst: Burst, origin: _Origin, body: Profile) -> None:
        self._confirm(burst, origin)
        if self._on_profile is None:
            return
        for effect in self._on_profile(burst.tx, origin.row, origin.account_id, body, origin.received_at):
            burst.aftermath.then(effect)
        burst.settle()  # names may have changed

    def _device_content(self, burst: Burst, origin: _Origin) -> None:
        tx, content = burst.tx, origin.content
        if isinstance(content.body, Receipt):
            for message_id in content.body.delivered:
                tx.outbox.settle(message_id, origin.device_id)
            return
        if not isinstance(content.body, Joined | Back):
            self._confirm(burst, origin)
        handler = self._handlers.get(content.kind)
        if handler is None:
            return
        burst.settle()  # a handler may wipe or join rooms: it must find what came before, and may change it
        after = handler(tx, origin.message)
        if after is not None:
            burst.aftermath.then(after)

    def _wiped(self, burst: Burst, origin: _Origin) -> None:
        self._confirm(burst, origin)
        if self._on_wiping is None:
            return
        burst.settle()  # it covers what came before
        after = self._on_wiping(burst.tx, origin.row, origin.account_id, origin.message)
        if after is not None:
            burst.aftermath.then(after)

    def _confirm(self, burst: Burst, origin: _Origin) -> None:
        if is_unaccepted(origin.row) or isinstance(origin.content.body, Receipt | Joined | Back):
            return
        burst.confirm(ReceiptDueRow(origin.row.id, origin.account_id, origin.content.message_id, origin.received_at))
        group_id = origin.row.group_id
        burst.aftermath.once(("receipts", group_id), lambda: self._receipts_due(group_id))

    def _confirm_again(self, burst: Burst, origin: _Origin, arrival: Arrival) -> None:
        tx, room, content = burst.tx, origin.shown_in, origin.content
        burst.write_messages()  # the first copy may have come just before
        if tx.messages.is_known(room.id, origin.account_id, origin.device_id, content.message_id):
            self._confirm(burst, origin)
            return
        self._record(burst, arrival, "replayed")

    def _record(self, burst: Burst, arrival: Arrival, code: str) -> None:
        """Keep that something came which is not shown."""
        group_id, epoch = arrival.room.group_id, arrival.room.epoch
        burst.tx.inbox.add_undecryptable(UndecryptableRow(0, arrival.mid, group_id, epoch, code, arrival.received_at))

    def _unreadable(
        self, burst: Burst, row: RoomRow, account_id: bytes, device_id: bytes, arrival: Arrival, code: str
    ) -> None:
        """Show that a member sent something that nobody can read; its own signature is on it."""
        self._record(burst, arrival, code)
        message = NewMessage(
            room=row.id,
            message_id=arrival.mid,
            account_id=account_id,
            device_id=device_id,
            kind="unreadable",
            state=_RECEIVED,
            is_own=False,
            sent_at=arrival.received_at,
            received_at=arrival.received_at,
            body="",
            detail=code,
        )
        burst.add(message, lambda stored, _: self._received(burst, stored, row))

    def _note_heard(self, burst: Burst, row: RoomRow, device_id: bytes, now_ms: int) -> None:
        if not burst.hears_first(row.id, device_id):
            return
        tx, group_id = burst.tx, row.group_id
        tx.members.heard(row.id, device_id, now_ms)
        tx.joins.delete(group_id, device_id)
        if tx.outbox.of_device(device_id, room=row.id, state="expired"):
            burst.aftermath.once(("heard", group_id, device_id), lambda: self._heard(group_id, device_id))
