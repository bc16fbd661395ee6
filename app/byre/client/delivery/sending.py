"""Encrypts contents and queues them: {ratchet, message row, outbox rows} in one transaction, then the network.

MLS encryption and sealing run inside the transaction, on the store's thread: the counter, the ratchet that moved and
the bytes that come of it are on the disk together or not at all, and the window never waits for them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from byre.client.context import Context
from byre.client.delivery import ledger
from byre.client.delivery.audience import audience, is_alone, is_being_filled, must_wait
from byre.client.delivery.body_again import body_again
from byre.client.delivery.fan_out import Recipient, Sealed, echo, seal_for_all
from byre.client.delivery.gathering import MOST_AT_ONCE, Gathering
from byre.client.delivery.outbox import CONTENT, HELD, MESSAGE, PASSING, TTL_S, Outbox, held_row
from byre.client.delivery.text_times import TextTimes, too_early_ms
from byre.client.events import RoomChanged
from byre.client.rooms.groups import Groups, write_ratchets
from byre.client.rooms.live_room import LiveRoom
from byre.client.views import RoomId
from byre.errors import InternalBug, UsageError
from byre.store import MessageRow, NewMessage, OutboxRow, RoomRow, Transaction
from byre.wire.content import Content, encode_content
from byre.wire.content_bodies import Body, Text
from byre.wire.envelope import MLS_MESSAGE
from byre.wire.ids import MESSAGE_ID_SIZE, MessageId
from byre.wire.msgpack_codec import pack

T = TypeVar("T")
S = TypeVar("S")
_ENVELOPES_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Encrypted:
    """What encrypting one content gave: the room's next value and the stored rows to dispatch."""

    room: LiveRoom
    rows: list[OutboxRow]
    echo: Sealed


@dataclass(frozen=True, slots=True)
class Sent(Generic[S]):
    """A stored message as `show` saw it. `is_held`: it waits until the room can send."""

    seen: S
    is_held: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """One text that is to be sent, under its id and time."""

    body: Text = field(repr=False)
    message_id: MessageId
    at_ms: int


@dataclass(frozen=True, slots=True)
class _Way:
    """What texts must have in common to be sent together: the room, and who looks at them."""

    group_id: bytes
    check: Callable[[Transaction, RoomRow], None]
    show: Callable[[Transaction, RoomRow, MessageRow], Any]


class Sending:
    """The one way by which contents leave this device."""

    def __init__(self, context: Context, groups: Groups, outbox: Outbox) -> None:
        self._context = context
        self._groups = groups
        self._outbox = outbox
        self._texts = Gathering[_Way, _Said, Sent[Any]](self._send_texts, self._most_texts)
        self._devices: dict[bytes, int] = {}
        self._times = TextTimes()

    async def text(
        self,
        group_id: bytes,
        text: str,
        *,
        check: Callable[[Transaction, RoomRow], None],
        show: Callable[[Transaction, RoomRow, MessageRow], S],
    ) -> Sent[S]:
        """Store and queue a text message. A room that cannot send now keeps it, queued, until it can.

        `check` (which raises to refuse) and `show` run inside the one transaction that stands between a person's key
        and the wire.

        Raises:
            UsageError: code bad_params (too long), no_such_room, wrong_state (nobody is left in the room), or what
                `check` raises.
        """
        message_id = MessageId(self._context.random(MESSAGE_ID_SIZE))
        said = _Said(Text(text), message_id, self._times.next(self._context.clock.now_ms()))
        sent: Sent[S] = await self._texts.ask(_Way(group_id, check, show), said)
        return sent

    async def close(self) -> None:
        """Store what is begun and refuse what waits; texts that come later are refused, too (code locked)."""
        await self._texts.close()

    def _most_texts(self, way: _Way) -> int:
        """How many texts share a transaction: in a large room each is sealed many times, and others wait to read."""
        return max(1, min(MOST_AT_ONCE, _ENVELOPES_AT_ONCE // max(1, self._devices.get(way.group_id, 1))))

    async def _send_texts(self, way: _Way, texts: Sequence[_Said]) -> list[Sent[Any]]:
        """Store and queue texts of one room, in their order and in one transaction."""
        own = self._context.own

        def work(tx: Transaction, room: LiveRoom | None, row: RoomRow) -> tuple[list[Sent[Any]], list[Encrypted]]:
            way.check(tx, row)
            later_ms = too_early_ms(texts[0].at_ms, row.last_message)
            said = [replace(each, at_ms=each.at_ms + later_ms) for each in texts] if later_ms else texts
            can_send = room is not None and not must_wait(tx, room, row, own)
            if room is not None and can_send and is_alone(room, row, own):
                if not is_being_filled(tx, room.group_id, own):
                    raise UsageError("Nobody else is in this room any more.", code="wrong_state")
                can_send = False
            hearing = audience(room, own.account_id) if room is not None and can_send else set[bytes]()
            state, unread_by = ledger.at_first(hearing, own.account_id) if can_send else ("queued", 0)
            # What is held has time until it goes out.
            lives_ms = row.timer_s * 1000 - later_ms if row.timer_s and can_send else None
            messages: list[MessageRow] = []
            for message in tx.messages.add_many(
                [
                    NewMessage(
                        room=row.id,
                        message_id=each.message_id,
                        account_id=own.account_id,
                        device_id=own.device_id,
                        kind="text",
                        state=state,
                        is_own=True,
                        sent_at=each.at_ms,
                        received_at=each.at_ms,
                        body=each.body.text,
                        unread_by=unread_by,
                        timer_s=row.timer_s,
                        expires_at=None if lives_ms is None else each.at_ms + lives_ms,
                        run_id=own.run_id if can_send else None,
                        counter=row.next_counter + place if can_send else None,
                    )
                    for place, each in enumerate(said)
                ]
            ):
                if message is None:
                    raise InternalBug("a random message id came twice")
                messages.append(message)
            if room is None or not can_send:
                tx.outbox.add(
                    [held_row(one.message_id, own.account_id, own.device_id, row.id, one.at_ms) for one in said]
                )
                return [Sent(way.show(tx, row, message), is_held=True) for message in messages], []
            encrypted = self._encrypt_texts(tx, room, row, said)
            for message in messages:
                ledger.begin(tx, message, hearing)
            return [Sent(way.show(tx, row, message), is_held=False) for message in messages], encrypted

        return await self._with_room(way.group_id, work)

    def _encrypt_texts(self, tx: Transaction, room: LiveRoom, row: RoomRow, said: Sequence[_Said]) -> list[Encrypted]:
        """Encrypt texts one after the other and store together what came of it."""
        counter, recipients = tx.rooms.take_counter(row.id, len(said)), room.recipients()
        self._devices[room.group_id] = len(recipients)
        encrypted: list[Encrypted] = []
        for place, each in enumerate(said):
            content = Content(each.message_id, self._context.own.run_id, counter + place, each.at_ms, each.body)
            encrypted.append(self._seal(room, row, content, kind=MESSAGE, to=recipients))
            room = encrypted[-1].room
        write_ratchets(tx, room.group)
        tx.outbox.add([outgoing for each in encrypted for outgoing in each.rows])
        return encrypted

    async def content(
        self, group_id: bytes, body: Body, *, to_accounts: Collection[bytes] | None = None, is_kept: bool = False
    ) -> bool:
        """Queue a content that is no message. False when this device is not in the room.

        Args:
            to_accounts: only their devices; None for all.
            is_kept: keep the content until each device confirmed it, else the relay's word ends it.
        """
        context = self._context
        message_id, now_ms = MessageId(context.random(MESSAGE_ID_SIZE)), context.clock.now_ms()

        def work(tx: Transaction, room: LiveRoom | None, row: RoomRow) -> tuple[bool, Sequence[Encrypted]]:
            if room is None:
                return False, ()
            kind = CONTENT if is_kept else PASSING
            return True, [self._encrypt(tx, room, row, message_id, now_ms, body, kind=kind, to_accounts=to_accounts)]

        return await self._with_room(group_id, work)

    async def receipt(
        self, group_id: bytes, make: Callable[[Transaction, RoomRow], tuple[Body, Collection[bytes]] | None]
    ) -> bool:
        """Queue what `make` takes from the store in the same transaction; nothing when it gives None."""
        context = self._context
        message_id, now_ms = MessageId(context.random(MESSAGE_ID_SIZE)), context.clock.now_ms()

        def work(tx: Transaction, room: LiveRoom | None, row: RoomRow) -> tuple[bool, Sequence[Encrypted]]:
            made = make(tx, row)
            if made is None or room is None:
                return False, ()
            body, accounts = made
            return True, [self._encrypt(tx, room, row, message_id, now_ms, body, kind=PASSING, to_accounts=accounts)]

        return await self._with_room(group_id, work)

    async def chosen(
        self,
        group_id: bytes,
        choose: Callable[[Transaction, RoomRow, LiveRoom], tuple[Body, list[Recipient]] | None],
    ) -> bool:
        """Queue a content for the devices that `choose` names in the same transaction, until each has confirmed it."""
        context = self._context
        message_id, now_ms = MessageId(context.random(MESSAGE_ID_SIZE)), context.clock.now_ms()

        def work(tx: Transaction, room: LiveRoom | None, row: RoomRow) -> tuple[bool, Sequence[Encrypted]]:
            chosen = None if room is None else choose(tx, row, room)
            if chosen is None or room is None:
                return False, ()
            body, to = chosen
            return True, [self._encrypt(tx, room, row, message_id, now_ms, body, kind=CONTENT, recipients=to)]

        return await self._with_room(group_id, work)

    async def flush_held(self, group_id: bytes) -> int:
        """Encrypt what was held back while the room could not send; returns how many messages went out."""
        sent = 0
        while await self._flush_one(group_id):
            sent += 1
        if sent:  # their timers have started
            self._context.events.publish(RoomChanged(RoomId(group_id.hex())))
        return sent

    async def seal_again(self, group_id: bytes, device_id: bytes | None = None) -> int:
        """Encrypt anew what expired for one device that was heard, or for all members; returns how many contents."""
        return await self.replace(group_id, lambda tx, row: tx.reseals.oldest_expired(row.id, device_id))

    async def replace(
        self, group_id: bytes, oldest: Callable[[Transaction, RoomRow], list[OutboxRow]], *, is_retry: bool = False
    ) -> int:
        """Encrypt contents anew for the devices whose rows `oldest` names, one content a time, until it names none.

        The old rows go in the transaction that brings the new ones: a crash leaves the one or the other. `oldest` gives
        rows of one content for members of the room, and never rows that were made here after it was asked first.
        `is_retry` counts in the new rows how often it has been; they have the time limit of the old ones.
        """

        def is_due(tx: Transaction) -> bool:
            row = tx.rooms.get(group_id)
            return row is not None and bool(oldest(tx, row))

        replaced = 0
        if await self._context.store.read(is_due):
            while await self._replace_one(group_id, oldest, is_retry=is_retry):
                replaced += 1
        return replaced

    async def _flush_one(self, group_id: bytes) -> bool:
        own, now_ms = self._context.own, self._context.clock.now_ms()
        failed: list[ledger.StateChange] = []

        def work(tx: Transaction, room: LiveRoom | None, row: RoomRow) -> tuple[bool, Sequence[Encrypted]]:
            held = tx.outbox.of_kind(HELD, room=row.id)
            if not held or room is None or must_wait(tx, room, row, own):
                return False, ()
            nobody_left = is_alone(room, row, own)
            if nobody_left and is_being_filled(tx, room.group_id, own):
                return False, ()
            tx.outbox.delete(held[0].id)
            message = tx.messages.own(MessageId(held[0].message_id))
            if message is None:
                return True, ()
            tx.erasures.start_own(message.id, row.timer_s, now_ms)
            if nobody_left:  # everybody left while it waited
                failed.extend(ledger.nobody_there(tx, message))
                return True, ()
            tx.messages.set_counter(message.id, own.run_id, row.next_counter)
            encrypted = self._encrypt(
                tx, room, row, MessageId(message.message_id), message.sent_at, Text(message.body), kind=MESSAGE
            )
            ledger.expect(tx, message, audience(room, own.account_id), own.account_id, "queued")
            tx.rooms.change(row.id, last_activity=max(row.last_activity, now_ms))
            return True, [encrypted]

        has_left = await self._with_room(group_id, work)
        for change in failed:
            self._context.events.publish(change.event())
        return has_left

    async def _replace_one(
        self, group_id: bytes, oldest: Callable[[Transaction, RoomRow], list[OutboxRow]], *, is_retry: bool
    ) -> bool:
        own = self._context.own

        def work(tx: Transaction, room: LiveRoom | None, row: RoomRow) -> tuple[bool, Sequence[Encrypted]]:
            rows = [] if room is None else oldest(tx, row)
            devices = {each.device_id for each in rows}
            to = [] if room is None else [each for each in room.recipients() if each.device_id in devices]
            if room is None or not to:
                return False, ()
            old = rows[0]
            tx.answers.end([each.id for each in rows])
            body, sent_at = body_again(tx, old, room)
            if body is None:
                return True, ()
            encrypted = self._encrypt(
                *(tx, room, row, MessageId(old.message_id), sent_at, body),
                kind=old.kind,
                recipients=to,
                again=old if is_retry else None,
            )
            ledger.devices_moved(tx, [ledger.Moved(old.message_id, each.account_id) for each in to], own.account_id)
            return True, [encrypted]

        return await self._with_room(group_id, work)

    async def _with_room(
        self, group_id: bytes, work: Callable[[Transaction, LiveRoom | None, RoomRow], tuple[T, Sequence[Encrypted]]]
    ) -> T:
        async with self._groups.held(group_id) as room:

            def in_transaction(tx: Transaction) -> tuple[T, Sequence[Encrypted]]:
                row = tx.rooms.get(group_id)
                if row is None:
                    raise UsageError("There is no such room.", code="no_such_room")
                return work(tx, room, row)

            result, encrypted = await self._context.store.write(in_transaction)
            if encrypted:
                self._groups.put(encrypted[-1].room)
        for each in encrypted:
            self._outbox.dispatch(each.rows, each.echo)
        return result

    def _encrypt(
        self,
        tx: Transaction,
        room: LiveRoom,
        row: RoomRow,
        message_id: MessageId,
        sent_at: int,
        body: Body,
        *,
        kind: str,
        to_accounts: Collection[bytes] | None = None,
        recipients: list[Recipient] | None = None,
        again: OutboxRow | None = None,
    ) -> Encrypted:
        content = Content(message_id, self._context.own.run_id, tx.rooms.take_counter(row.id), sent_at, body)
        to = room.recipients(to_accounts) if recipients is None else recipients
        encrypted = self._seal(room, row, content, kind=kind, to=to)
        write_ratchets(tx, encrypted.room.group)
        if again is not None:
            attempts, until = again.attempts + 1, again.expires_at
            rows = [replace(r, attempts=attempts, expires_at=until, ttl_s=_left_s(r, until)) for r in encrypted.rows]
            encrypted = replace(encrypted, rows=rows)
        tx.outbox.add(encrypted.rows)
        return encrypted

    def _seal(self, room: LiveRoom, row: RoomRow, content: Content, *, kind: str, to: Sequence[Recipient]) -> Encrypted:
        """Encrypt a content and seal it for `to`; nothing is stored yet."""
        random = self._context.random
        group, message = room.group.encrypt(encode_content(content), random=random)
        kept = pack([content.kind, content.body.fields(), content.sent_at_ms]) if kind == CONTENT else None
        sealed = seal_for_all(to, MLS_MESSAGE, message, random)
        rows = self._outbox.rows(content.message_id, sealed, room=row.id, kind=kind, ttl_s=TTL_S, content=kept)
        return Encrypted(room.with_group(group), rows, echo(room.own_recipient, len(message), random))


def _left_s(row: OutboxRow, until: int) -> int:
    return max(1, min(row.ttl_s, (until - row.created_at) // 1000))
