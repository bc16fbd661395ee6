"""Contacts: accounts that the user added by handle, their trust, and what happens when the key behind a handle changes.

First contact trusts the directory; a safety number verifies it. Another key behind a known handle blocks: nothing is
sent to either account until the user has looked and accepted the new one.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable, Sequence

from byre.client.context import Context
from byre.client.directory import Directory, VerifiedAccount, typed_address
from byre.client.events import ContactChanged, KeyChanged
from byre.client.names import clean_name
from byre.client.peers import shown_account, shown_handle
from byre.client.room_keeper import RoomKeeper
from byre.client.views import AccountId as ShownAccountId
from byre.client.views import ContactView, Trust
from byre.errors import PeerError, UsageError
from byre.identity.account import account_id_of
from byre.identity.safety_number import DIGITS, is_match, parse_safety_uri, safety_number, safety_uri
from byre.store import PeerRow, Transaction
from byre.wire.content_bodies import Contact
from byre.wire.ids import AccountId


@dataclasses.dataclass(frozen=True, slots=True)
class Changed:
    """Contacts whose handle leads to another account now."""

    contacts: tuple[PeerRow, ...]


class Contacts:
    """The contact list (`ContactsApi`), kept alike on all own devices through the device room."""

    def __init__(self, context: Context, directory: Directory) -> None:
        self._context = context
        self._directory = directory
        self._keeper: RoomKeeper | None = None
        self._safety_numbers: dict[bytes, str] = {}
        self._reckoning = asyncio.Lock()

    def attach(self, keeper: RoomKeeper) -> None:
        """Take the way to the own other devices, which itself needs contacts."""
        self._keeper = keeper

    async def add(self, handle: str) -> ContactView:
        """Look the handle up and add its account.

        Raises:
            UsageError: code bad_handle, bad_relay, no_such_handle, not_allowed (oneself) or key_changed.
            EnvironmentFault: code relay_unreachable.
        """
        account = await self.resolve(handle)
        row = await self._context.store.read(lambda tx: tx.peers.get(account.account_id))
        assert row is not None
        return await self._view(row)

    async def resolve(self, handle: str) -> VerifiedAccount:
        """Return the account behind a handle, as a contact from now on. Raises as `add`."""
        self._context.own.require_listed()
        address = typed_address(handle)
        own = self._context.own
        if address.handle == own.handle and address.host in (None, own.host):
            raise UsageError("This is your own handle.", code="not_allowed")
        account = await self._directory.lookup(handle)
        outcome = await self._context.store.write(lambda tx: self._admit(tx, account))
        if isinstance(outcome, Changed):
            for known in outcome.contacts:
                self._context.events.publish(ContactChanged(shown_account(known.account_id)))
                self._context.events.publish(KeyChanged(shown_account(known.account_id), known.handle, "key"))
        if outcome is None or isinstance(outcome, Changed):
            raise UsageError("The account behind this handle has changed its key.", code="key_changed")
        changed, row = outcome
        if changed:
            await self._tell(row)
        return account

    async def list(self) -> Sequence[ContactView]:
        """Return all contacts by name."""
        rows = await self._context.store.read(lambda tx: tx.peers.contacts())
        return await self._views(rows)

    async def get(self, account_id: ShownAccountId) -> ContactView:
        """Return one contact.

        Raises:
            UsageError: code no_such_contact.
        """
        return await self._view(await self._context.store.read(lambda tx: _contact(tx, account_id)))

    async def check_qr(self, account_id: ShownAccountId, text: str) -> bool:
        """Tell whether the other side's QR (or its 60 digits) shows the same safety number.

        Raises:
            UsageError: code no_such_contact, or bad_safety_number: the text holds none.
        """
        view = await self.get(account_id)
        digits = "".join(text.split())
        try:
            scanned = digits if len(digits) == DIGITS and digits.isdecimal() else parse_safety_uri(text)
        except PeerError:
            raise UsageError("This holds no safety number.", code="bad_safety_number") from None
        return is_match(view.safety_number, scanned)

    async def mark_verified(self, account_id: ShownAccountId) -> None:
        """Note that the user has compared the safety number.

        Raises:
            UsageError: code no_such_contact, or key_changed while the change is not accepted.
        """

        def verify(tx: Transaction) -> PeerRow:
            row = _contact(tx, account_id)
            if row.trust == Trust.CHANGED:
                raise UsageError("Accept the changed key first.", code="key_changed")
            row = dataclasses.replace(row, trust=Trust.VERIFIED.value)
            tx.peers.put(row)
            return row

        await self._tell(await self._context.store.write(verify))

    async def accept_changed_key(self, account_id: ShownAccountId) -> None:
        """Take the account that is behind the handle now in place of the known one.

        Raises:
            UsageError: code no_such_contact; wrong_state when nothing has changed.
        """

        def accept(tx: Transaction) -> PeerRow:
            row = _contact(tx, account_id)
            if row.trust != Trust.CHANGED:
                raise UsageError("This account's key has not changed.", code="wrong_state")
            return _replace(tx, row, self._context.clock.now_ms())

        row = await self._context.store.write(accept)
        if row.account_id != bytes.fromhex(account_id):
            self._context.events.publish(ContactChanged(account_id))
        await self._tell(row)

    def take_synced(self, tx: Transaction, contact: Contact) -> AccountId:
        """Store what another own device says of a contact, in the transaction that received it."""
        account_id, now_ms = account_id_of(contact.account_public), self._context.clock.now_ms()
        row = tx.peers.get(account_id) or PeerRow(
            account_id, contact.account_public, contact.handle, contact.host, added_at=now_ms
        )
        for other in tx.peers.by_handle(contact.handle, contact.host):
            if other.is_contact and other.account_id != account_id and contact.is_accepted:
                tx.peers.set_contact(other.account_id, False)
        trust = Trust.VERIFIED.value if contact.is_verified else row.trust
        tx.peers.put(
            dataclasses.replace(
                row,
                handle=contact.handle,
                host=contact.host,
                name=row.name if row.name_at else clean_name(contact.name),  # what the account told itself is newer
                is_contact=contact.is_accepted,
                trust=trust,
            )
        )
        return account_id

    async def introduce_all(self) -> None:
        """Tell the own other devices all contacts: one of them is new."""
        for row in await self._context.store.read(lambda tx: tx.peers.contacts()):
            await self._send(row)

    def _admit(self, tx: Transaction, account: VerifiedAccount) -> tuple[bool, PeerRow] | Changed | None:
        """Make the account a contact; the contacts that had the handle with another key, which is noted; or None."""
        changed = []
        for known in tx.peers.by_handle(account.handle, account.host):
            if known.account_id != account.account_id and known.is_contact:
                tx.peers.set_trust(known.account_id, Trust.CHANGED.value, changed_public=account.account_public)
                changed.append(known)
        if changed:
            return Changed(tuple(changed))
        row = tx.peers.get(account.account_id)
        if row is None or row.trust == Trust.CHANGED:
            return None
        if row.is_contact:
            return False, row
        row = dataclasses.replace(row, is_contact=True)
        tx.peers.put(row)
        return True, row

    async def _tell(self, row: PeerRow) -> None:
        self._context.events.publish(ContactChanged(shown_account(row.account_id)))
        await self._send(row)

    async def _send(self, row: PeerRow) -> None:
        if self._keeper is None or not await self._keeper.has_device_room():
            return
        await self._keeper.send_to_own_devices(
            Contact(
                account_public=row.account_public,
                handle=row.handle,
                host=row.host,
                name=row.name,
                is_verified=row.trust == Trust.VERIFIED,
                is_accepted=row.is_contact,
            )
        )

    async def _view(self, row: PeerRow) -> ContactView:
        return (await self._views([row]))[0]

    async def _views(self, rows: Sequence[PeerRow]) -> Sequence[ContactView]:
        """Return what is shown of accounts. A safety number takes milliseconds: they are reckoned beside the loop."""
        accounts = {row.account_id for row in rows} | {
            account_id_of(successor) for successor in map(_successor, rows) if successor
        }
        async with self._reckoning:
            unknown = accounts - self._safety_numbers.keys()
            if unknown:
                self._safety_numbers |= await asyncio.to_thread(_safety_numbers, self._context.own.account_id, unknown)
        return [self._shown(row) for row in rows]

    def _shown(self, row: PeerRow) -> ContactView:
        number, trust, successor = self._safety_numbers[row.account_id], Trust(row.trust), _successor(row)
        return ContactView(
            account_id=shown_account(row.account_id),
            handle=shown_handle(row.handle, row.host, self._context.own.host),
            name=row.name,
            trust=trust,
            safety_number=number,
            change="" if trust is not Trust.CHANGED else "history" if successor is None else "key",
            changed_safety_number="" if successor is None else self._safety_numbers[account_id_of(successor)],
            safety_qr=safety_uri(number),
        )


def _successor(row: PeerRow) -> bytes | None:
    """Return the key that has taken a contact's handle and waits for the user's word."""
    return row.changed_public if row.trust == Trust.CHANGED.value else None


def _safety_numbers(own: AccountId, others: Iterable[bytes]) -> dict[bytes, str]:
    return {other: safety_number(own, AccountId(other)) for other in others}


def _contact(tx: Transaction, account_id: ShownAccountId) -> PeerRow:
    row = tx.peers.get(bytes.fromhex(account_id))
    if row is None or not row.is_contact:
        raise UsageError("There is no such contact.", code="no_such_contact")
    return row


def _replace(tx: Transaction, row: PeerRow, now_ms: int) -> PeerRow:
    """Accept: without a new key (a fork of the list) the account stays, else its successor takes the handle."""
    if row.changed_public is None:
        kept = dataclasses.replace(row, trust=Trust.UNVERIFIED.value)
        tx.peers.put(kept)
        return kept
    successor_id = account_id_of(row.changed_public)
    successor = tx.peers.get(successor_id) or PeerRow(
        successor_id, row.changed_public, handle=row.handle, host=row.host, added_at=now_ms
    )
    successor = dataclasses.replace(successor, name=row.name, is_contact=True)
    tx.peers.put(dataclasses.replace(row, is_contact=False))
    tx.peers.put(successor)
    return successor
