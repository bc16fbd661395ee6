"""Encrypts contents and queues them: {ratchet, message row, outbox rows} in one transaction, then the network.

MLS encryption and sealing run inside the transaction, on the store's thread: the counter, the ratchet that moved and
the bytes that come of it are on the disk together or not at all, and the window never waits for them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

from byre.client.context import Context, OwnIdentity
from byre.client.delivery import ledger
from byre.client.delivery.fan_out import Recipient, Sealed, echo, seal_for_all
from byre.client.delivery.outbox import CONTENT, HELD, MESSAGE, PASSING, TTL_S, Outbox
from byre.client.rooms.groups import Groups, write_ratchets
from byre.client.rooms.intent_codec import restored
from byre.client.rooms.intents import AddDevices
from byre.client.rooms.listing import unlisted_devices
from byre.client.rooms.live_room import LiveRoom
from byre.errors import InternalBug, UsageError
from byre.store import MessageRow, NewMessage, OutboxRow, RoomRow, Transaction
from byre.wire.content import Content, encode_content
from byre.wire.content_bodies import Body, Text, decode_body
from byre.wire.envelope import MLS_MESSAGE
from byre.wire.ids import MESSAGE_ID_SIZE, MessageId
from byre.wire.msgpack_codec import pack, unpack

T = TypeVar("T")
S = TypeVar("S")
_FOR_EVER = (1 << 62) - 1


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


class Sending:
    """The one way by which contents leave this device."""

    def __init__(self, context: Context, groups: Groups, outbox: Outbox) -> None:
        self._context = context
        self._groups = groups
        self._outbox = outbox

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
        context = self._context
        body, message_id, now_ms = Text(text), MessageId(context.random(MESSAGE_ID_SIZE)), context.clock.now_ms()
        own = context.own

        def work(tx: Transaction, room: LiveRoom | None, row: RoomRow) -> tuple[Sent[S], Encrypted | None]:
            check(tx, row)
            can_send = room is not None and not _must_wait(tx, room, row, own)
            if room is not None and can_send and _is_alone(room, row, own):
                if not _is_being_filled(tx, room, own):
                    raise UsageError("Nobody else is in this room any more.", code="wrong_state")
                can_send = False
            audience = _audience(room, own.account_id) if room is not None and can_send else set[bytes]()
            state, unread_by = ledger.at_first(audience, own.account_id) if can_send else ("queued", 0)
            message = tx.messages.add(
                NewMessage(
                    room=row.id,
                    message_id=message_id,
                    account_id=own.account_id,
                    device_id=own.device_id,
                    kind="text",
                    state=state,
                    is_own=True,
                    sent_at=now_ms,
                    received_at=now_ms,
                    body=text,
                    unread_by=unread_by,
                    timer_s=row.timer_s,
                    expires_at=now_ms + row.timer_s * 1000 if row.timer_s else None,
                    run_id=own.run_id if can_send else None,
                    counter=row.next_counter if can_send else None,
                )
            )
            if message is None:
                raise InternalBug("a random message id came twice")
            if room is None or not can_send:
                tx.outbox.add([_held(message_id, own.account_id, own.device_id, row.id, now_ms)])
                return Sent(show(tx, row, message), is_held=True), None
            encrypted = self._encrypt(tx, room, row, message_id, now_ms, body, kind=MESSAGE)
            ledger.begin(tx, message, audience)
            return Sent(show(tx, row, message), is_held=False), encrypted

        return await self._with_room(group_id, work)

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

        def work(tx: Transaction, room: LiveRoom | None, row: RoomRow) -> tuple[bool, Encrypted | None]:
            if room is None:
                return False, None
            kind = CONTENT if is_kept else PASSING
            return True, self._encrypt(tx, room, row, message_id, now_ms, body, kind=kind, to_accounts=to_accounts)

        return await self._with_room(group_id, work)

    async def receipt(
        self, group_id: bytes, make: Callable[[Transaction, RoomRow], tuple[Body, Collection[bytes]] | None]
    ) -> bool:
        """Queue what `make` takes from the store in the same transaction; nothing when it gives None."""
        context = self._context
        message_id, now_ms = MessageId(context.random(MESSAGE_ID_SIZE)), context.clock.now_ms()

        def work(tx: Transaction, room: LiveRoom | None, row: RoomRow) -> tuple[bool, Encrypted | None]:
            made = make(tx, row)
            if made is None or room is None:
                return False, None
            body, accounts = made
            return True, self._encrypt(tx, room, row, message_id, now_ms, body, kind=PASSING, to_accounts=accounts)

        return await self._with_room(group_id, work)

    async def chosen(
        self,
        group_id: bytes,
        choose: Callable[[Transaction, RoomRow, LiveRoom], tuple[Body, list[Recipient]] | None],
    ) -> bool:
        """Queue a content for the devices that `choose` names in the same transaction, until each has confirmed it."""
        context = self._context
        message_id, now_ms = MessageId(context.random(MESSAGE_ID_SIZE)), context.clock.now_ms()

        def work(tx: Transaction, room: LiveRoom | None, row: RoomRow) -> tuple[bool, Encrypted | None]:
            chosen = None if room is None else choose(tx, row, room)
            if chosen is None or room is None:
                return False, None
            body, to = chosen
            return True, self._encrypt(tx, room, row, message_id, now_ms, body, kind=CONTENT, recipients=to)

        return await self._with_room(group_id, work)

    async def flush_held(self, group_id: bytes) -> int:
        """Encrypt what was held back while the room could not send; returns how many messages went out."""
        sent = 0
        while await self._flush_one(group_id):
            sent += 1
        return sent

    async def seal_again(self, group_id: bytes, device_id: bytes) -> int:
        """Encrypt anew, for one device that was heard, what expired for it; returns how many contents."""
        sent = 0
        while await self._seal_one_again(group_id, device_id):
            sent += 1
        return sent

    async def address_anew(self, refused: OutboxRow) -> None:
        """Seal a refused content again if its device has taken another token since; else it waits to be heard."""
        room = refused.room

        def find(tx: Transaction) -> bytes | None:
            row = None if room is None else tx.rooms.by_number(room)
            return None if row is None else row.group_id

        group_id = await self._context.store.read(find)
        live = None if group_id is None else await self._groups.current(group_id)
        to = None if live is None else live.recipient(refused.device_id)
        if group_id is not None and to is not None and to.address.token != refused.token:
            await self.seal_again(group_id, refused.device_id)

    async def _flush_one(self, group_id: bytes) -> bool:
        own, now_ms = self._context.own, self._context.clock.now_ms()
        failed: list[ledger.StateChange] = []

        def work(tx: Transaction, room: LiveRoom | None, row: RoomRow) -> tuple[bool, Encrypted | None]:
            held = tx.outbox.of_kind(HELD, room=row.id)
            if not held or room is None or _must_wait(tx, room, row, own):
                return False, None
            is_alone = _is_alone(room, row, own)
            if is_alone and _is_being_filled(tx, room, own):
                return False, None
            tx.outbox.delete(held[0].id)
            message = tx.messages.own(MessageId(held[0].message_id))
            if message is None:
                return True, None
            if is_alone:  # everybody left while it waited
                failed.extend(ledger.nobody_there(tx, message))
                return True, None
            tx.messages.set_counter(message.id, own.run_id, row.next_counter)
            encrypted = self._encrypt(
                tx, room, row, MessageId(message.message_id), message.sent_at, Text(message.body), kind=MESSAGE
            )
            ledger.expect(tx, message, _audience(room, own.account_id), own.account_id, "queued")
            tx.rooms.change(row.id, last_activity=max(row.last_activity, now_ms))
            return True, encrypted

        has_left = await self._with_room(group_id, work)
        for change in failed:
            self._context.events.publish(change.event())
        return has_left

    async def _seal_one_again(self, group_id: bytes, device_id: bytes) -> bool:
        own = self._context.own

        def work(tx: Transaction, room: LiveRoom | None, row: RoomRow) -> tuple[bool, Encrypted | None]:
            expired = tx.outbox.of_device(device_id, room=row.id, state="expired")
            to = None if room is None else room.recipient(device_id)
            if not expired or room is None or to is None:
                return False, None
            old = expired[0]
            tx.outbox.delete(old.id)
            body, sent_at = _body_again(tx, old)
            if body is None:
                return True, None
            encrypted = self._encrypt(
                tx, room, row, MessageId(old.message_id), sent_at, body, kind=old.kind, recipients=[to]
            )
            ledger.device_moved(tx, old.message_id, old.account_id, own.account_id)
            return True, encrypted

        return await self._with_room(group_id, work)

    async def _with_room(
        self, group_id: bytes, work: Callable[[Transaction, LiveRoom | None, RoomRow], tuple[T, Encrypted | None]]
    ) -> T:
        async with self._groups.held(group_id) as room:

            def in_transaction(tx: Transaction) -> tuple[T, Encrypted | None]:
                row = tx.rooms.get(group_id)
                if row is None:
                    raise UsageError("There is no such room.", code="no_such_room")
                return work(tx, room, row)

            result, encrypted = await self._context.store.write(in_transaction)
            if encrypted is not None:
                self._groups.put(encrypted.room)
        if encrypted is not None:
            self._outbox.dispatch(encrypted.rows, encrypted.echo)
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
    ) -> Encrypted:
        random = self._context.random
        content = Content(message_id, self._context.own.run_id, tx.rooms.take_counter(row.id), sent_at, body)
        group, message = room.group.encrypt(encode_content(content), random=random)
        write_ratchets(tx, group)
        to = room.recipients(to_accounts) if recipients is None else recipients
        rows = self._outbox.rows(
            message_id,
            seal_for_all(to, MLS_MESSAGE, message, random),
            room=row.id,
            kind=kind,
            ttl_s=TTL_S,
            content=pack([content.kind, body.fields(), sent_at]) if kind == CONTENT else None,
        )
        tx.outbox.add(rows)
        return Encrypted(room.with_group(group), rows, echo(room.own_recipient, len(message), random))


def _must_wait(tx: Transaction, room: LiveRoom, row: RoomRow, own: OwnIdentity) -> bool:
    """Whether text waits: for a way back into the room, or until a device that is to hear no more of it is out."""
    return row.state == "rejoining" or _is_being_left(room) or bool(unlisted_devices(tx, room, own))


def _is_being_left(room: LiveRoom) -> bool:
    """Whether somebody's leaving waits for a commit: data sent now would still be sealed to them (RFC 9420, 12.4)."""
    if not room.group.pending_proposals:
        return False
    situation = room.situation()
    return bool(situation.leaving) and situation.is_whole


def _is_alone(room: LiveRoom, row: RoomRow, own: OwnIdentity) -> bool:
    """Whether nobody else is in a room that is for others, so that no word in it would reach anybody."""
    if ledger.is_ones_own(row):
        return False
    return all(leaf.account_id == own.account_id for leaf in room.facts.leaves)


def _is_being_filled(tx: Transaction, room: LiveRoom, own: OwnIdentity) -> bool:
    """Whether somebody else is to be added to the room: its first commit, or a later one, waits for the home."""
    intents = (restored(row.kind, row.payload) for row in tx.intents.of_group(room.group_id))
    adds = (package for intent in intents if isinstance(intent, AddDevices) for package in intent.packages)
    return any(package.account_id != own.account_id for package in adds)


def _audience(room: LiveRoom, own_account: bytes) -> set[bytes]:
    """Accounts whose receipts count: the others, or in rooms of one's own one's other devices."""
    others = room.accounts() - {own_account}
    return others or ({own_account} if room.recipients() else set())


def _held(message_id: bytes, account_id: bytes, device_id: bytes, room: int, now_ms: int) -> OutboxRow:
    """A row that stands for all devices until the room can send."""
    return OutboxRow(
        id=0,
        message_id=message_id,
        device_id=device_id,
        account_id=account_id,
        room=room,
        kind=HELD,
        relay="",
        mailbox_id=b"",
        token=b"",
        mid=None,
        ciphertext=None,
        state="queued",
        ttl_s=TTL_S,
        created_at=now_ms,
        expires_at=_FOR_EVER,
    )


def _body_again(tx: Transaction, old: OutboxRow) -> tuple[Body | None, int]:
    """Return the content of an expired row, None when it was erased since."""
    if old.kind == MESSAGE:
        message = tx.messages.own(old.message_id)
        return (None, 0) if message is None else (Text(message.body), message.sent_at)
    if old.content is None:
        return None, 0
    value = unpack(old.content)
    if not isinstance(value, list) or len(value) != 3:
        raise InternalBug("a stored content does not decode", code="bad_content")
    kind, fields, sent_at = value
    return decode_body(kind, fields)[0], sent_at
