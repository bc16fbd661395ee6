"""Turns rows into the frozen views that the window and the RPC see.

Runs inside a store transaction, so that a view is one snapshot. Names are resolved when they are shown, never stored
with the message: a contact's new name shows in old lines too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from byre.client.names import clean_name
from byre.client.peers import Peers
from byre.client.rooms.live_room import LiveRoom
from byre.client.views import (
    AccountId,
    DeviceId,
    DeviceView,
    MemberView,
    MessageId,
    MessageKind,
    MessageState,
    MessageView,
    Role,
    RoomId,
    RoomKind,
    RoomState,
    RoomView,
    Sender,
    Trust,
)
from byre.identity.certificate import DeviceRole
from byre.identity.room_context import AccountRole
from byre.identity.room_policy import may_remove, roles_to_give
from byre.store import MemberRow, MessageRow, RoomLine, RoomRow, Transaction
from byre.wire.ids import AccountId as WireAccountId

_DRAFT_CHARACTERS = 240
_PLAIN = re.compile("[ -~가-힣]*")
"""What most titles consist of: the list of rooms has no time to look at each of their characters."""
_TRUST_ORDER = (Trust.CHANGED, Trust.UNVERIFIED, Trust.VERIFIED)


class Showing:
    """Views of messages, rooms and members."""

    def __init__(self, peers: Peers, now_ms: Callable[[], int]) -> None:
        self._peers = peers
        self._now_ms = now_ms

    def over(self, tx: Transaction) -> frozenset[int]:
        """Return positions of messages whose time has come and that could not be erased yet: shown no more.

        A full disk may keep them for long, the last step of a wipe for a moment. Mostly there are none.
        """
        return frozenset(tx.erasures.due(self._now_ms(), -1))

    def sender(self, tx: Transaction, account_id: bytes, device_id: bytes) -> Sender:
        """Return who wrote, as far as known."""
        return Sender(
            account_id=AccountId(account_id.hex()),
            handle=self._peers.handle_of(tx, account_id),
            device_id=DeviceId(device_id.hex()),
            name=self._peers.name_of(tx, account_id),
        )

    def message(self, tx: Transaction, row: MessageRow, room_id: bytes, sender: Sender | None = None) -> MessageView:
        """Return one line of the transcript of `room_id`; `sender` if it was looked up already."""
        kind = MessageKind(row.kind)
        detail, detail_name = self._subject(tx, row.detail) if kind is MessageKind.SYSTEM else (row.detail, "")
        return MessageView(
            message_id=MessageId(row.message_id.hex()),
            room_id=RoomId(room_id.hex()),
            sender=sender or self.sender(tx, row.account_id, row.device_id),
            text=row.body,
            sent_at=row.sent_at,
            state=MessageState(row.state),
            position=row.id,
            is_own=row.is_own,
            kind=kind,
            unread_by=row.unread_by,
            detail=detail,
            detail_name=detail_name,
            timer_s=row.timer_s,
            expires_at=row.expires_at,
        )

    def messages(self, tx: Transaction, rows: Sequence[MessageRow]) -> list[MessageView]:
        """Return lines of several rooms; who wrote them is looked up for all of them at once."""
        rooms: dict[int, bytes] = {}
        senders: dict[tuple[bytes, bytes], Sender] = {}
        views = []
        tx.peers.read(row.account_id for row in rows)
        for row in rows:
            if row.room not in rooms:
                room = tx.rooms.by_number(row.room)
                rooms[row.room] = b"" if room is None else room.group_id
            who = row.account_id, row.device_id
            if who not in senders:
                senders[who] = self.sender(tx, *who)
            views.append(self.message(tx, row, rooms[row.room], senders[who]))
        return views

    def rooms(self, tx: Transaction, rows: Sequence[RoomLine]) -> list[RoomView]:
        """Return the chat list; what its lines need is read for all of them at once."""
        accounts, last, drafts = tx.members.accounts(), tx.rooms.last_messages(), tx.drafts.all()
        for position in self.over(tx):
            last.pop(position, None)
        return [
            self._line(
                tx,
                row,
                accounts.get(row.id, {}),
                None if row.last_message is None else last.get(row.last_message),
                drafts.get(row.id, ""),
            )
            for row in rows
        ]

    def room(self, tx: Transaction, row: RoomRow) -> RoomView:
        """Return one line of the chat list."""
        accounts: dict[bytes, bool] = {}
        for member in tx.members.of_room(row.id):
            accounts[member.account_id] = accounts.get(member.account_id, False) or member.is_admin
        is_empty = row.last_message is None or row.last_message in self.over(tx)
        last = None if is_empty else tx.messages.at(row.last_message or 0)
        return self._line(tx, row, accounts, last, tx.drafts.get(row.id))

    def _line(
        self,
        tx: Transaction,
        row: RoomRow | RoomLine,
        accounts: Mapping[bytes, bool],
        last: MessageRow | None,
        draft: str,
    ) -> RoomView:
        """`accounts` of the room, and whether each is an admin."""
        return RoomView(
            room_id=RoomId(row.group_id.hex()),
            title=self._title(tx, row),
            kind=RoomKind(row.kind),
            state=RoomState(row.state),
            trust=self._trust(tx, accounts),
            unread=row.unread,
            member_count=len(accounts),
            last_activity=row.last_activity,
            last_message=None if last is None else self.message(tx, last, row.group_id),
            peer_account_id=None if row.peer_account is None else AccountId(row.peer_account.hex()),
            retention_s=row.timer_s,
            draft=draft[:_DRAFT_CHARACTERS],
            may_set_retention=any(is_admin and self._peers.is_own(account) for account, is_admin in accounts.items()),
            peer_handle="" if row.peer_account is None else self._peers.handle_of(tx, row.peer_account),
        )

    def members(self, tx: Transaction, row: RoomRow, live: LiveRoom | None) -> list[MemberView]:
        """Return the accounts of a room, oneself first, then by handle. Only own devices have names here."""
        by_account: dict[bytes, list[MemberRow]] = {}
        for member in tx.members.of_room(row.id):
            by_account.setdefault(member.account_id, []).append(member)
        leaves = () if live is None else live.facts.leaves
        primaries = {bytes(leaf.device_id) for leaf in leaves if leaf.credential.role == DeviceRole.PRIMARY}
        own = None if live is None else live.own_seat.device_id
        names = {device.device_id: device.name for device in tx.own_devices.all()}
        views = [self._member(tx, account_id, rows, primaries, own, names) for account_id, rows in by_account.items()]
        if live is not None:
            views = [_with_rights(view, live, live.own_seat.account_id) for view in views]
        return sorted(views, key=lambda view: (not view.is_self, view.handle, view.account_id))

    def _member(
        self,
        tx: Transaction,
        account_id: bytes,
        rows: Sequence[MemberRow],
        primaries: set[bytes],
        own: bytes | None,
        names: Mapping[bytes, str],
    ) -> MemberView:
        """`names` of the own devices: another account's device cannot borrow one of them."""
        is_self = self._peers.is_own(account_id)
        return MemberView(
            account_id=AccountId(account_id.hex()),
            handle=self._peers.handle_of(tx, account_id),
            name=self._peers.name_of(tx, account_id),
            devices=tuple(
                DeviceView(
                    device_id=DeviceId(row.device_id.hex()),
                    name=names.get(row.device_id, "") if is_self else "",
                    role=Role.PRIMARY if row.device_id in primaries else Role.LINKED,
                    current=row.device_id == own,
                )
                for row in rows
            ),
            trust=self._peers.trust_of(tx, account_id),
            is_self=is_self,
            is_admin=any(row.is_admin for row in rows),
        )

    def _title(self, tx: Transaction, row: RoomRow | RoomLine) -> str:
        if row.peer_account is not None:
            return self._peers.name_of(tx, row.peer_account) or self._peers.handle_of(tx, row.peer_account)
        return clean_title(row.title)

    def _trust(self, tx: Transaction, accounts: Iterable[bytes]) -> Trust:
        others = [self._peers.trust_of(tx, account) for account in accounts if not self._peers.is_own(account)]
        return min(others, key=_TRUST_ORDER.index, default=Trust.VERIFIED)

    def _subject(self, tx: Transaction, detail: str) -> tuple[str, str]:
        """Return handle and name of the account that a system line is about."""
        try:
            account_id = bytes.fromhex(detail)
        except ValueError:
            return detail, ""
        return self._peers.handle_of(tx, account_id), self._peers.name_of(tx, account_id)


def _with_rights(view: MemberView, live: LiveRoom, own: bytes) -> MemberView:
    """Return a member with its role, and with what the own account may make of it in this epoch."""
    me, account = WireAccountId(own), WireAccountId(bytes.fromhex(view.account_id))
    roles = roles_to_give(live.facts, me, account)
    return replace(
        view,
        role=live.context.role_of(account).name.lower(),
        may_be_removed=not view.is_self and may_remove(live.context, me, account),
        roles_to_give=tuple(role.name.lower() for role in roles),
    )


def clean_title(title: str) -> str:
    """Return a room's title as it may be shown: members choose it, and it is cleaned as their names are."""
    return title.strip() if _PLAIN.fullmatch(title) else clean_name(title, longest=None)


def member_rows(room: int, live: LiveRoom) -> list[MemberRow]:
    """Return the cache of `live`'s leaves that lists and views read."""
    return [
        MemberRow(
            room=room,
            device_id=leaf.device_id,
            account_id=leaf.account_id,
            leaf=leaf.leaf_index,
            address=leaf.info.encode(),
            is_admin=live.context.role_of(leaf.account_id) >= AccountRole.ADMIN,
        )
        for leaf in live.facts.leaves
    ]
