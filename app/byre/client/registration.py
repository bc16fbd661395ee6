"""What relays must know of this account and device before anybody can reach them.

Order, each step repeatable: mailbox -> account record (primary) -> introduction token -> device record -> key packages.
"""

from __future__ import annotations

from byre.client.context import Context
from byre.client.key_packages import KeyPackages
from byre.client.mailbox import MailboxTokens, TokenUse
from byre.errors import InternalBug
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
        own = self._context.own
        file, fetch_key = await self._context.store.read(read_recovery)
        record = AccountRecord.issue(
            own.require_account_key(),
            binding=own.binding,
            device_list=device_list,
            recovery_file=file,
            fetch_key=fetch_key,
            now_ms=self._context.clock.now_ms(),
        )
        await self._context.own_relay.directory_put_account(record.encoded, recovery_file=file)

    async def publish_device(self) -> None:
        """Publish how this device is reached first, and fill its stock of key packages."""
        own = self._context.own
        token = DeliveryToken(own.introduction_token.reveal())
        await self._tokens.register([token], TokenUse.INTRODUCTION)
        record = DeviceRecord.issue(
            own.device_key,
            certificate=own.certificate,
            relay_url=own.relay,
            mailbox_id=own.mailbox.mailbox_id,
            introduction_token=token,
            now_ms=self._context.clock.now_ms(),
        )
        await self._context.own_relay.directory_put_device(own.mailbox.mailbox_id, record.encoded)
        await self._key_packages.renew()


def write_recovery(tx: Transaction, file: bytes, fetch_key: bytes) -> None:
    """Keep the sealed recovery file: each account record names it anew."""
    tx.settings.put(_RECOVERY, {"file": file.hex(), "fetch_key": fetch_key.hex()})


def read_recovery(tx: Transaction) -> tuple[bytes, bytes]:
    """Return the recovery file and its fetch key."""
    value = tx.settings.get(_RECOVERY)
    if not isinstance(value, dict):
        raise InternalBug("the primary has no recovery file")
    return bytes.fromhex(value["file"]), bytes.fromhex(value["fetch_key"])
