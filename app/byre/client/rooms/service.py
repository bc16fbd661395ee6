"""Rooms as the window and the RPC work with them (`RoomsApi`): ids in hex, handles, views, codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from byre.client.contacts import Contacts
from byre.client.context import Context, OwnIdentity
from byre.client.delivery.outbox import MESSAGE
from byre.client.events import RoomChanged
from byre.client.names import clean_name
from byre.client.rooms.acceptance import accept, is_unaccepted
from byre.client.rooms.commits import Commits
from byre.client.rooms.founding import Founding
from byre.client.rooms.groups import Groups
from byre.client.rooms.intents import AddDevices, RemoveAccount, Retitle, SetRetention, SetRole
from byre.client.rooms.leaving import Leaving
from byre.client.rooms.showing import Showing
from byre.client.rooms.twins import canonical_of, direct_room
from byre.client.views import AccountId, MemberView, RoomId, RoomView
from byre.errors import UsageError
from byre.identity.room_context import AccountRole
from byre.identity.room_policy import is_lawful_retention
from byre.store import ReceiptDueRow, RoomRow, Transaction
from byre.wire.fields import LARGEST_NAME_BYTES
from byre.wire.ids import AccountId as WireAccountId

_SHOWN_KINDS = ("direct", "group", "note")


class Rooms:
    """`RoomsApi`.

    Args:
        accepted: told of a room that the user accepted, to send its receipts.
    """

    def __init__(
        self,
        context: Context,
        groups: Groups,
        commits: Commits,
        founding: Founding,
        leaving: Leaving,
        contacts: Contacts,
        showing: Showing,
        accepted: Callable[[bytes], None],
    ) -> None:
        self._context = context
        self._groups = groups
        self._commits = commits
        self._founding = founding
        self._leaving = leaving
        self._contacts = contacts
        self._showing = showing
        self._accepted = accepted

    async def create(self, members: Sequence[str], title: str | None = None) -> RoomId:
        """Open a room; with one member and no title the direct room, which exists once.

        Raises:
            UsageError: code bad_params, no_such_handle, key_changed, not_allowed (oneself) or room_too_large.
            EnvironmentFault: code relay_unreachable.
        """
        require_listed(self._context.own)
        if not members:
            raise UsageError("A room needs a member.")
        title = None if title is None else typed_title(title)
        accounts = await self._resolve(members)
        if len(accounts) > 1 or title is not None:
            return _shown(await self._founding.group(accounts, title or ""))
        peer = accounts[0]
        known = await self._context.store.read(lambda tx: direct_room(tx, self._context.own, peer))
        if known is not None:
            return _shown(known.group_id)
        return _shown(await self._founding.direct(peer))

    async def list(self) -> Sequence[RoomView]:
        """Return the rooms, most recent activity first."""

        def work(tx: Transaction) -> list[RoomView]:
            rows = [row for row in tx.rooms.listed() if row.kind in _SHOWN_KINDS and row.superseded_by is None]
            return self._showing.rooms(tx, rows)

        return await self._context.store.read(work)

    async def get(self, room_id: RoomId) -> RoomView:
        """Return one room.

        Raises:
            UsageError: code no_such_room.
        """
        return await self._context.store.read(lambda tx: self._showing.room(tx, room_row(tx, room_id)))

    async def members(self, room_id: RoomId) -> Sequence[MemberView]:
        """Return the accounts of a room with their devices."""
        row = await self._context.store.read(lambda tx: room_row(tx, room_id))
        live = await self._groups.current(row.group_id)
        return await self._context.store.read(lambda tx: self._showing.members(tx, row, live))

    async def accept(self, room_id: RoomId) -> None:
        """Accept a stranger's room: receipts go out from now on, also for what was kept.

        Raises:
            UsageError: code no_such_room or wrong_state.
        """
        require_listed(self._context.own)
        own_account, now_ms = self._context.own.account_id, self._context.clock.now_ms()

        def work(tx: Transaction) -> bytes:
            row = room_row(tx, room_id)
            if row.state == "active":
                return row.group_id
            if not is_unaccepted(row):
                raise UsageError("Only a request can be accepted.", code="wrong_state")
            accept(tx, row)
            for message in tx.messages.page(row.id, 1000):
                if message.kind != "system" and message.account_id != own_account:
                    tx.receipts.add(ReceiptDueRow(row.id, message.account_id, message.message_id, now_ms))
            return row.group_id

        group_id = await self._context.store.write(work)
        self._context.events.publish(RoomChanged(_shown(group_id)))
        self._accepted(group_id)

    async def add(self, room_id: RoomId, members: Sequence[str]) -> None:
        """Add accounts with all their devices.

        Raises:
            UsageError: code no_such_room, wrong_state, not_allowed, room_too_large, no_such_handle or key_changed.
            EnvironmentFault: code relay_unreachable; once a commit was made it goes on by itself later.
        """
        row = await self._active(room_id)
        if row.kind != "group":
            raise UsageError("Only group rooms take more members.", code="not_allowed")
        accounts = await self._resolve(members)
        packages = await self._founding.packages(accounts, with_own=False)
        await self._commits.bring_about(row.group_id, AddDevices(packages))

    async def remove(self, room_id: RoomId, account_id: AccountId) -> None:
        """Remove an account with all its devices.

        Raises:
            UsageError: code no_such_room, no_such_member, wrong_state or not_allowed.
            EnvironmentFault: code relay_unreachable.
        """
        row = await self._active(room_id)
        account = account_bytes(account_id)
        members = await self._context.store.read(lambda tx: tx.members.of_room(row.id))
        if account not in {member.account_id for member in members}:
            raise UsageError("This account is not in the room.", code="no_such_member")
        if account == self._context.own.account_id or row.kind != "group":
            raise UsageError("This account cannot be removed; leave the room instead.", code="not_allowed")
        await self._commits.bring_about(row.group_id, RemoveAccount(account))

    async def rename(self, room_id: RoomId, title: str) -> None:
        """Give a group or the notes another title, for all members.

        Raises:
            UsageError: code bad_params, no_such_room, wrong_state or not_allowed (a direct room has no title).
            EnvironmentFault: code relay_unreachable.
        """
        title = typed_title(title)
        row = await self._active(room_id)
        if row.kind == "direct":
            raise UsageError("A direct room has no title of its own.", code="not_allowed")
        await self._commits.bring_about(row.group_id, Retitle(title))

    async def set_role(self, room_id: RoomId, account_id: AccountId, role: str) -> None:
        """Make a member an admin, an owner, or a plain member again (`member`, `admin`, `owner`).

        Raises:
            UsageError: code bad_params, no_such_room, no_such_member, wrong_state or not_allowed (one's own role is
                too low, or the room would be without an admin).
            EnvironmentFault: code relay_unreachable.
        """
        if role.upper() not in AccountRole.__members__ or role != role.lower():
            raise UsageError("A role is member, admin or owner.")
        row = await self._active(room_id)
        account = account_bytes(account_id)
        members = await self._context.store.read(lambda tx: tx.members.of_room(row.id))
        if account not in {member.account_id for member in members}:
            raise UsageError("This account is not in the room.", code="no_such_member")
        if row.kind != "group":
            raise UsageError("Only groups have roles that change.", code="not_allowed")
        await self._commits.bring_about(row.group_id, SetRole(account, AccountRole[role.upper()]))

    async def set_retention(self, room_id: RoomId, seconds: int) -> None:
        """Let the room's messages live for so many seconds, 5 to 2,419,200 (four weeks); 0 keeps them for ever.

        Raises:
            UsageError: code bad_params, no_such_room, wrong_state or not_allowed (admins decide).
            EnvironmentFault: code relay_unreachable.
        """
        if not is_lawful_retention(seconds):
            raise UsageError("Messages live for 5 seconds to 4 weeks, or, with 0, for ever.")
        row = await self._active(room_id)
        await self._commits.bring_about(row.group_id, SetRetention(seconds))

    async def leave(self, room_id: RoomId) -> None:
        """Leave with all own devices.

        Raises:
            UsageError: code no_such_room, not_allowed (the note room) or wrong_state.
        """
        require_listed(self._context.own)
        row = await self._context.store.read(lambda tx: room_row(tx, room_id))
        if row.kind == "note":
            raise UsageError("Nobody leaves the own notes.", code="not_allowed")
        if row.state not in ("active", "request", "jammed"):
            raise UsageError("This device is not in the room.", code="wrong_state")
        await self._leaving.leave(row.group_id)

    async def relay_held(self, room_id: RoomId) -> int | None:
        """Return how many of the room's own messages wait at relays for devices that are away."""

        def work(tx: Transaction) -> int:
            row = room_row(tx, room_id)
            return sum(1 for one in tx.outbox.of_kind(MESSAGE, room=row.id) if one.state == "stored")

        return await self._context.store.read(work)

    async def _resolve(self, members: Sequence[str]) -> Sequence[WireAccountId]:
        accounts = [(await self._contacts.resolve(handle)).account_id for handle in members]
        return tuple(dict.fromkeys(accounts))

    async def _active(self, room_id: RoomId) -> RoomRow:
        require_listed(self._context.own)
        row = await self._context.store.read(lambda tx: room_row(tx, room_id))
        if row.state != "active":
            raise UsageError("The room cannot be changed now.", code="wrong_state")
        return row


def room_row(tx: Transaction, room_id: RoomId) -> RoomRow:
    """Return the room that the id means: of twins the canonical one.

    Raises:
        UsageError: code no_such_room.
    """
    row = tx.rooms.get(group_bytes(room_id))
    if row is None or row.kind not in _SHOWN_KINDS:
        raise no_such_room()
    return canonical_of(tx, row)


def typed_title(text: str) -> str:
    """Return a title as all members will see it: one line, its blanks single; an empty one takes the title away.

    Raises:
        UsageError: code bad_params.
    """
    title = " ".join(part for part in text.split(" ") if part)  # a line break is no blank: it is refused
    if len(title.encode("utf-8", "replace")) > LARGEST_NAME_BYTES or clean_name(title, longest=None) != title:
        raise UsageError("A title is one line of at most 256 bytes of printable text.")
    return title


def group_bytes(room_id: RoomId) -> bytes:
    """Return the group id behind a room id; UsageError no_such_room when it is no hex."""
    try:
        return bytes.fromhex(room_id)
    except ValueError:
        raise no_such_room() from None


def no_such_room() -> UsageError:
    """Return the error of an id that names no room of the user's."""
    return UsageError("There is no such room.", code="no_such_room")


def require_listed(own: OwnIdentity) -> None:
    """Refuse for a device that its account has removed: its rooms remove it, and nobody answers it.

    Raises:
        UsageError: code not_allowed.
    """
    own.require_listed()


def account_bytes(account_id: AccountId) -> bytes:
    """Return the bytes of a shown account id.

    Raises:
        UsageError: code bad_params.
    """
    try:
        return bytes.fromhex(account_id)
    except ValueError:
        raise UsageError("This is no account id.") from None


def _shown(group_id: bytes) -> RoomId:
    return RoomId(group_id.hex())
