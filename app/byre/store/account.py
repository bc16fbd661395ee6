"""This account and this device: identity, secrets, mailboxes, own devices.

Seeds leave the store only as `Secret`. `account_seed` exists on the primary device alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from byre.crypto.secret import Secret
from byre.db import Connection
from byre.store.table import Table


@dataclass(frozen=True, slots=True)
class AccountRow:
    """The one account of a profile. `record` is the account record last published; `run_id` is 8 bytes.

    `is_linked` is False on a PC that stored its grant but has not got its device-room Welcome.
    """

    account_id: bytes
    account_public: bytes
    account_seed: Secret | None
    role: str
    handle: str
    host: str
    name: str
    relay: str
    binding: bytes
    device_id: bytes
    device_seed: Secret
    certificate: bytes
    run_id: bytes
    created_at: int
    is_published: bool = False
    is_linked: bool = True
    record: bytes = b""


@dataclass(frozen=True, slots=True)
class MailboxRow:
    """An own mailbox at a relay, with the keys that attach to it and open its envelopes."""

    mailbox_id: bytes
    relay: str
    auth_seed: Secret
    box_private: Secret
    box_public: bytes
    intro_token: Secret
    created_at: int
    is_registered: bool = False
    retired_at: int | None = None


@dataclass(frozen=True, slots=True)
class OwnDeviceRow:
    """A device of the own account as the device room knows it. `removed_at` keeps a removed device's name."""

    device_id: bytes
    name: str
    role: str
    linked_at: int
    certificate: bytes = b""
    is_removal_wanted: bool = False
    removed_at: int | None = None


_OF_THE_DEVICE = (
    *("mls_epoch", "mls_ratchet", "pending_commit", "signed_claim", "intent", "joining", "rejoining"),
    *(
        "kept_envelope",
        "received_mid",
        "key_package",
        "delivery_token",
        "outbox",
        "receipt_due",
        "read_due",
        "name_told",
    ),
)
_ACCOUNT = Table.of("account", AccountRow)
_MAILBOX = Table.of("mailbox", MailboxRow)
_OWN_DEVICE = Table.of("own_device", OwnDeviceRow)


class AccountRepository:
    """The account row. To change it: `put(dataclasses.replace(row, …))`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self) -> AccountRow | None:
        return _ACCOUNT.one(self._connection)

    def put(self, row: AccountRow) -> None:
        self._connection.execute("DELETE FROM account")
        _ACCOUNT.insert(self._connection, row)

    def clear(self) -> None:
        """Forget account, mailboxes and own devices: a link that never completed returns to `new`."""
        for table in ("account", "mailbox", "own_device"):
            self._connection.execute(f"DELETE FROM {table}")

    def forget_device(self) -> None:
        """Forget what belonged to a device that was removed: identity, mailbox, MLS state, what was on its way.

        Rooms, messages, people and seen ids stay, so that the history is readable and the same profile can be linked
        anew; rooms count as removed until a Welcome brings the new device in.
        """
        self.clear()
        for table in _OF_THE_DEVICE:
            self._connection.execute(f"DELETE FROM {table}")
        self._connection.execute(
            "UPDATE room SET state = 'removed' WHERE state IN ('active', 'request', 'rejoining', 'jammed')"
        )
        self._connection.execute("UPDATE message SET state = 'failed' WHERE is_own = 1 AND state = 'queued'")


class MailboxRepository:
    """Own mailboxes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, row: MailboxRow) -> None:
        _MAILBOX.put(self._connection, row, "mailbox_id")

    def get(self, mailbox_id: bytes) -> MailboxRow | None:
        return _MAILBOX.one(self._connection, "WHERE mailbox_id = ?", (mailbox_id,))

    def active(self) -> list[MailboxRow]:
        """All that are not retired, oldest first."""
        return _MAILBOX.all(self._connection, "WHERE retired_at IS NULL ORDER BY created_at")

    def retire(self, mailbox_id: bytes, now_ms: int) -> None:
        self._connection.execute("UPDATE mailbox SET retired_at = ? WHERE mailbox_id = ?", (now_ms, mailbox_id))

    def delete(self, mailbox_id: bytes) -> None:
        self._connection.execute("DELETE FROM mailbox WHERE mailbox_id = ?", (mailbox_id,))


class OwnDeviceRepository:
    """Own devices, the current one included."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, row: OwnDeviceRow) -> None:
        _OWN_DEVICE.put(self._connection, row, "device_id")

    def get(self, device_id: bytes) -> OwnDeviceRow | None:
        return _OWN_DEVICE.one(self._connection, "WHERE device_id = ?", (device_id,))

    def all(self, *, with_removed: bool = False) -> list[OwnDeviceRow]:
        """Own devices, oldest first."""
        where = "" if with_removed else "WHERE removed_at IS NULL"
        return _OWN_DEVICE.all(self._connection, f"{where} ORDER BY linked_at, device_id")

    def delete(self, device_id: bytes) -> None:
        self._connection.execute("DELETE FROM own_device WHERE device_id = ?", (device_id,))
