"""What relays must know of this account and device before anybody can reach them.

Order, each step repeatable: mailbox -> account record (primary) -> introduction token -> device record -> key packages.
"""

from __future__ import annotations

from byre.client.context import Context
from byre.client.key_packages import KeyPackages
from byre.client.mailbox import MailboxTokens, TokenUse
from byre.client.own_record import next_issue, was_kept
from byre.errors import InternalBug, PeerError
from byre.identity.device_list import DeviceList
from byre.identity.records import AccountRecord, DeviceRecord
from byre.store import Transaction
from byre.wire.ids import DeliveryToken

_RECOVERY = "engine.recovery"


class Registration:
    """Registers the own account, device and mailbox at the own relay."""

    def __init__(self, context: Context, tokens: MailboxTokens, key_packages: KeyPackages) -> None:
        self._context = context
        self._tokens = tokens
        self._key_packages = key_packages

    async def register_mailbox(self) -> None:
        """Make the mailbox and receive by it from now on."""
        own = self._context.own
        await self._context.own_relay.mailbox_new(own.mailbox)
        self._context.network.attach(own.relay, own.mailbox)

    async def register_anew(self) -> None:
        """The relay lost our mailbox: make it again, with every token that a leaf, a package or a record names."""
        await self.register_mailbox()
        await self._tokens.register_again()
        await self._key_packages.publish(0, needs_last_resort=True, replace=True)

    async def publish_account(self, device_list: DeviceList) -> None:
        """Publish the account with `device_list`; only the primary can.

        Raises:
            PeerError: code relay_taken (the handle is another's) or relay_stale (a newer list is there).
        """
        issued_at_ms = self._context.clock.now_ms()
        try:
            await self._put_account(device_list, issued_at_ms)
        except PeerError as error:
            if error.code != "relay_stale":
                raise
            newest_ms = await self._issued_at_the_relay()
            if newest_ms < issued_at_ms:
                raise
            await self._put_account(device_list, newest_ms + 1)  # its clock, or an earlier phone's, was ahead once

    async def _put_account(self, device_list: DeviceList, issued_at_ms: int) -> None:
        own = self._context.own
        key = own.require_account_key()
        hashes = await self._context.store.read(_hashes_in_force)
        if hashes is not None:
            record = AccountRecord.reissue(
                key, binding=own.binding, device_list=device_list, hashes=hashes, now_ms=issued_at_ms
            )
            await self._context.own_relay.directory_put_account(record.encoded)
            return
        file, fetch_key = await self._context.store.read(read_recovery)
        record = AccountRecord.issue(
            key,
            binding=own.binding,
            device_list=device_list,
            recovery_file=file,
            fetch_key=fetch_key,
            now_ms=issued_at_ms,
        )
        await self._context.own_relay.directory_put_account(record.encoded, recovery_file=file)

    async def _issued_at_the_relay(self) -> int:
        """Return when the record was issued that the directory has of this account, 0 without one."""
        account_id = self._context.own.account_id
        answer = await self._context.own_relay.directory_get(account_id=account_id)
        record = None if answer is None else AccountRecord.decode(answer.account_record)
        return record.issued_at_ms if record is not None and record.account_id == account_id else 0

    async def publish_device(self) -> None:
        """Publish how this device is reached first, and fill its stock of key packages."""
        own = self._context.own
        token = DeliveryToken(own.introduction_token.reveal())
        await self._tokens.register([token], TokenUse.INTRODUCTION)
        now_ms = self._context.clock.now_ms()
        issued_at_ms = await self._context.store.write(lambda tx: next_issue(tx, own.device_id, now_ms))
        record = DeviceRecord.issue(
            own.device_key,
            certificate=own.certificate,
            relay_url=own.relay,
            mailbox_id=own.mailbox.mailbox_id,
            introduction_token=token,
            now_ms=issued_at_ms,
        )
        await self._context.own_relay.directory_put_device(own.mailbox.mailbox_id, record.encoded)
        await self._context.store.write(lambda tx: was_kept(tx, own.device_id, issued_at_ms))
        await self._key_packages.renew()


def write_recovery(tx: Transaction, file: bytes, fetch_key: bytes, *, since_ms: int | None = None) -> None:
    """Keep the sealed recovery file: each account record names it anew. `since_ms`: when its code was made, if now."""
    before = tx.settings.get(_RECOVERY)
    known = before.get("since_ms", 0) if isinstance(before, dict) else 0
    value = {"file": file.hex(), "fetch_key": fetch_key.hex(), "since_ms": known if since_ms is None else since_ms}
    tx.settings.put(_RECOVERY, value)


def follow_newer_code(tx: Transaction, record: AccountRecord) -> bool:
    """Let the relay's recovery file stay in force if its code is newer than this profile's, which came out of a copy.

    The file is not here, and nobody but its code can have it: later records name it by its hashes. A record from before
    the code here was made is the relay's mistake, or its lie.
    """
    value = tx.settings.get(_RECOVERY)
    if not isinstance(value, dict) or "file" not in value or not record.has_recovery_file:
        return False
    if record.is_fetch_key(bytes.fromhex(value["fetch_key"])) or record.issued_at_ms <= value.get("since_ms", 0):
        return False
    tx.settings.put(_RECOVERY, {"hashes": [each.hex() for each in record.hashes]})
    return True


def _hashes_in_force(tx: Transaction) -> tuple[bytes, bytes] | None:
    value = tx.settings.get(_RECOVERY)
    if not isinstance(value, dict) or "hashes" not in value:
        return None
    file_hash, fetch_key_hash = (bytes.fromhex(each) for each in value["hashes"])
    return file_hash, fetch_key_hash


def read_recovery(tx: Transaction) -> tuple[bytes, bytes]:
    """Return the recovery file and its fetch key."""
    value = tx.settings.get(_RECOVERY)
    if not isinstance(value, dict) or "file" not in value:
        raise InternalBug("the primary has no recovery file")
    return bytes.fromhex(value["file"]), bytes.fromhex(value["fetch_key"])
