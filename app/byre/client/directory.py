"""Looking accounts up in the directories of relays, and verifying every word of the answer.

The directory is the relay's, and the relay may lie: binding, lists and device records are signed, lists are chained,
and nothing older than what is known is taken. What it can do is to hide an account or, at first contact, to name a
key of its own: that is what safety numbers are for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from byre.client.connection import DirectoryAnswer
from byre.client.context import Context
from byre.client.events import ContactChanged
from byre.client.peers import Peers, shown_account
from byre.client.room_keeper import AfterCommit
from byre.errors import PeerError, UsageError
from byre.identity.device_list import DeviceList
from byre.identity.directory_entry import DirectoryEntry, verify_lookup
from byre.identity.handle import Address, parse_address
from byre.identity.records import AccountRecord, DeviceRecord
from byre.store import PeerRow, Transaction
from byre.wire.ids import AccountId, DeviceId
from byre.wire.relay_url import authority_of, is_loopback, parse_relay_url


@dataclass(frozen=True, slots=True)
class VerifiedAccount:
    """What a directory says of an account, every signature checked. `devices` are those that are listed."""

    account_id: AccountId
    account_public: bytes
    handle: str
    host: str
    relay: str
    device_list: DeviceList
    devices: Mapping[DeviceId, DeviceRecord]


class Directory:
    """Lookups by handle and by account id; what is learnt is stored."""

    def __init__(self, context: Context, peers: Peers) -> None:
        self._context = context
        self._peers = peers

    async def lookup(self, handle: str) -> VerifiedAccount:
        """Return the account that `name` or `name@host` names now.

        Raises:
            UsageError: code bad_handle, bad_relay or no_such_handle.
            EnvironmentFault: code relay_unreachable.
            PeerError: the relay's answer does not verify.
        """
        address = typed_address(handle)
        address = Address(address.handle, address.host or self._context.own.host)
        relay_url = self._relay_of(address.host or "")
        answer = await self._context.network.relay(relay_url).directory_get(handle=address.handle)
        if answer is None:
            raise no_such_handle()
        entry = await self._verified(answer, handle=address.handle, host=address.host)
        return await self._keep(entry, relay_url)

    async def lookup_account(self, account_id: AccountId, relay_url: str) -> VerifiedAccount:
        """Return what the relay at `relay_url` knows of an account; a relay gives handles of its own only.

        Raises:
            UsageError: code no_such_handle; that relay does not know the account.
            EnvironmentFault: code relay_unreachable.
            PeerError: the relay's answer does not verify, or its handle is another relay's (wrong_account).
        """
        answer = await self._context.network.relay(relay_url).directory_get(account_id=account_id)
        if answer is None:
            raise no_such_handle()
        # whoever runs a relay could otherwise sign themselves any handle of any other relay
        entry = await self._verified(answer, account_id=account_id, host=authority_of(relay_url))
        return await self._keep(entry, relay_url)

    async def lookup_known(self, account_id: AccountId) -> VerifiedAccount:
        """Return the account anew, from the relay of its known handle (or one's own)."""
        if self._peers.is_own(account_id):
            return await self.lookup_account(account_id, self._context.own.relay)
        row = await self._context.store.read(lambda tx: tx.peers.get(account_id))
        host = row.host if row is not None and row.host else self._context.own.host
        return await self.lookup_account(account_id, self._relay_of(host))

    async def learn_name(self, account_id: AccountId, relay_url: str) -> None:
        """Fetch handle and lists of an account that was met in a room."""
        await self.lookup_account(account_id, relay_url)
        self._context.events.publish(ContactChanged(shown_account(account_id)))

    async def _verified(self, answer: DirectoryAnswer, **asked: Any) -> DirectoryEntry:
        """Verify an answer. A proof that the account signed two histories is kept, and blocks the account."""
        try:
            return verify_lookup(answer.account_record, answer.device_lists, answer.device_records, **asked)
        except PeerError as error:
            if error.code != "list_fork":
                raise
        record = AccountRecord.decode(answer.account_record)
        lists = [DeviceList.decode(each, record.account_public) for each in answer.device_lists]

        def keep(tx: Transaction) -> list[AfterCommit]:
            effects = [self._peers.learn_list(tx, record.account_public, each) for each in lists]
            return [effect for effect in effects if effect is not None]

        for effect in await self._context.store.write(keep):
            effect()
        raise UsageError("This account has signed two histories of its devices.", code="key_changed")

    def _relay_of(self, host: str) -> str:
        own = self._context.own
        if host == own.host:
            return own.relay
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        return parse_relay_url(f"{'http' if is_loopback(name) else 'https'}://{host}")

    async def _keep(self, entry: DirectoryEntry, relay_url: str) -> VerifiedAccount:
        record = entry.record
        account = VerifiedAccount(
            account_id=record.account_id,
            account_public=record.account_public,
            handle=record.binding.handle,
            host=record.binding.host,
            relay=relay_url,
            device_list=record.device_list,
            devices={device.certificate.device_id: device for device in entry.devices},
        )
        newest_known, effects = await self._context.store.write(lambda tx: self._write(tx, entry, account))
        for effect in effects:
            effect()
        if newest_known > account.device_list.version:
            raise PeerError("the directory holds back newer device lists", code="list_rollback")
        return account

    def _write(self, tx: Transaction, entry: DirectoryEntry, account: VerifiedAccount) -> tuple[int, list[AfterCommit]]:
        """Store what was learnt. Returns the newest list version known and what is to follow."""
        now_ms = self._context.clock.now_ms()
        effects = [
            self._peers.learn_list(tx, account.account_public, device_list)
            for device_list in (*entry.lists, account.device_list)
        ]
        if self._peers.is_own(account.account_id):
            newest_known = self._context.own.device_list.version
        else:
            row = tx.peers.get(account.account_id) or PeerRow(
                account.account_id, account.account_public, handle="", host="", added_at=now_ms
            )
            tx.peers.put(
                dataclasses.replace(
                    row,
                    handle=account.handle,
                    host=account.host,
                    binding=entry.record.binding.encoded,
                    record=entry.record.encoded,
                    fetched_at=now_ms,
                )
            )
            newest_known = row.list_version
        return newest_known, [effect for effect in effects if effect is not None]


def typed_relay(text: str) -> str:
    """Return the canonical base URL that a user typed.

    Raises:
        UsageError: code bad_relay.
    """
    try:
        return parse_relay_url(text)
    except PeerError as error:
        raise UsageError(f"This is no relay's address: {error.sentence}.", code="bad_relay") from None


def typed_account(handle: str, relay: str) -> Address:
    """Return the full address of a handle at a relay.

    Raises:
        UsageError: code bad_handle (also when the handle names another host) or bad_relay.
    """
    host, address = authority_of(typed_relay(relay)), typed_address(handle)
    if address.host not in (None, host):
        raise UsageError("The handle names another relay.", code="bad_handle")
    return Address(address.handle, host)


def typed_address(text: str) -> Address:
    """Return the address that a user typed.

    Raises:
        UsageError: code bad_handle or bad_relay.
    """
    try:
        return parse_address(text)
    except PeerError as error:
        code = "bad_handle" if error.code == "bad_handle" else "bad_relay"
        raise UsageError(f"This is no handle: {error.sentence}.", code=code) from None


def no_such_handle() -> UsageError:
    """Return the error for a handle that nobody has."""
    return UsageError("Nobody has this handle at that relay.", code="no_such_handle")
