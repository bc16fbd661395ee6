"""The directory: signed account and device records by handle and by account id. It invents nothing: every byte that
it serves was signed by an account or a device, and a client checks that again.

A handle belongs to the first account that binds it, for good, and an account has one handle. Lists only grow: a record
must continue the stored list by exactly one version (or repeat it). A handle that looks like another account's counts
as that one. A list that drops a device deletes that device's
record, mailbox, packages and held messages. Unknown and refused answers are the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Final

from byre.crypto.hashes import sha256
from byre.crypto.secret import same
from byre.db import Connection
from byre.errors import PeerError
from byre.identity.handle import normalise
from byre.identity.records import NO_FETCH_KEY, AccountRecord, DeviceRecord
from byre.relay.clock import ExpiryClock
from byre.relay.durable import Durable
from byre.relay.lookalikes import FORM, Lookalikes
from byre.relay.refusal import Refusal
from byre.relay.sealed_values import RECOVERY, open_value, seal_value
from byre.relay.settings import Limits
from byre.wire.frames import BY_HANDLE, DirectoryFound, DirectoryGet
from byre.wire.relay_url import authority_of
from byre.wire.tls import Reader

LISTS_BYTES: Final = 32 * 1024
DEVICES: Final = 64
NOBODY: Final = b""
NO_HANDLE: Final = ""
SKELETON_FORM: Final = "skeleton_form"


class Directory:
    """Records of the accounts of this relay.

    Args:
        origins: base URLs by which clients dial this relay.
        has_disk: whether the disk has room for new accounts.
        drop_mailbox: ends a mailbox whose device was dropped: its durable rows are gone, its messages are not yet.
    """

    def __init__(
        self,
        *,
        durable: Durable,
        limits: Limits,
        expiry: ExpiryClock,
        origins: Collection[str],
        lookalikes: Lookalikes,
        has_disk: Callable[[], bool],
        drop_mailbox: Callable[[bytes], Awaitable[None]],
    ) -> None:
        self._durable = durable
        self._limits = limits
        self._expiry = expiry
        self._origins = frozenset(origins)
        self._hosts = frozenset(authority_of(origin) for origin in origins)
        self._lookalikes = lookalikes
        self._has_disk = has_disk
        self._drop_mailbox = drop_mailbox

    async def put_account(self, record_bytes: bytes, recovery_file: bytes | None) -> None:
        """Publish an account's record.

        Raises:
            Refusal: "auth" (does not verify, or another relay's), "taken" (the handle or one that looks like it, or the
                account has another handle), "stale" (not the successor of what is stored), "quota", "disk".
        """
        try:
            record = AccountRecord.decode(record_bytes)
            if recovery_file is not None:
                record.expect_recovery_file(recovery_file)
        except PeerError:
            raise Refusal("auth") from None
        if record.binding.host not in self._hosts:
            raise Refusal("auth")
        now_ms, has_disk = self._expiry.now_ms(), self._has_disk()
        outcome, dropped = await self._durable.erase(
            lambda connection: self._write_account(connection, record, recovery_file, now_ms, has_disk=has_disk)
        )
        if outcome:
            raise Refusal(outcome, retry_after_ms=60_000 if outcome == "disk" else 0)
        for mailbox in dropped:
            await self._drop_mailbox(mailbox)

    def _write_account(
        self, connection: Connection, record: AccountRecord, recovery_file: bytes | None, now_ms: int, *, has_disk: bool
    ) -> tuple[str, list[bytes]]:
        account_id, handle, newest = record.account_id, record.binding.handle, record.device_list
        stored = connection.execute(
            "SELECT handle, record, EXISTS (SELECT 1 FROM recovery_file AS file WHERE file.account_id = ?1)"
            " FROM account WHERE account_id = ?1",
            (account_id,),
        ).fetchone()
        keeps_file = False
        skeleton = self._lookalikes.skeleton(handle)
        if stored is None:
            self._renew_skeletons(connection)
            if connection.execute("SELECT 1 FROM account WHERE skeleton = ?", (skeleton,)).fetchone() is not None:
                return "taken", []
        if stored is None and not has_disk:
            return "disk", []  # a known account may always go on, above all drop a device
        if stored is not None:
            if stored[0] != handle:
                return "taken", []
            older = AccountRecord.decode(stored[1])
            try:
                record.expect_successor_of(older)
            except PeerError:
                return "stale", []
            if newest.version > older.device_list.version + 1:
                return "stale", []  # a list in between is missing: the directory serves the whole chain
            if newest.version > self._limits.lists_per_account:
                return "quota", []
            keeps_file = recovery_file is None and bool(stored[2]) and record.recovery_hash == older.recovery_hash
        if record.has_recovery_file and recovery_file is None and not keeps_file:
            return "auth", []
        connection.execute(
            "INSERT INTO account (account_id, handle, skeleton, record, list_version, list_hash, fetch_key_hash,"
            " changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (account_id) DO UPDATE SET record = excluded.record, list_version = excluded.list_version,"
            " list_hash = excluded.list_hash, fetch_key_hash = excluded.fetch_key_hash,"
            " changed_at = excluded.changed_at",
            (
                account_id,
                handle,
                skeleton,
                record.encoded,
                newest.version,
                newest.hash,
                record.fetch_key_hash,
                now_ms,
            ),
        )
        if not keeps_file:
            connection.execute("DELETE FROM recovery_file WHERE account_id = ?", (account_id,))
        if recovery_file is not None:
            slot, sealed = seal_value(connection, self._durable.random, recovery_file, kind=RECOVERY, owner=account_id)
            connection.execute(
                "INSERT INTO recovery_file (account_id, slot, file) VALUES (?, ?, ?)", (account_id, slot, sealed)
            )
        connection.execute(
            "INSERT INTO device_list (account_id, version, list) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (account_id, newest.version, newest.encoded),
        )
        devices = connection.execute(
            "SELECT device_id, mailbox, record FROM device WHERE account_id = ?", (account_id,)
        ).fetchall()
        dropped = [
            mailbox
            for _, mailbox, encoded in devices
            if not newest.has(DeviceRecord.decode(encoded, record.account_public).certificate)
        ]
        connection.executemany("DELETE FROM mailbox WHERE mailbox = ?", [(mailbox,) for mailbox in dropped])
        return "", dropped

    def _renew_skeletons(self, connection: Connection) -> None:
        """Once after the rules for look-alikes have changed: compare handles that were given out by the present ones.

        Who has a handle keeps it. Of several that count as one now, one holds their skeleton, which keeps others away;
        the rest keep the skeletons that they had.
        """
        form = connection.execute("SELECT value FROM setting WHERE name = ?", (SKELETON_FORM,)).fetchone()
        if form is not None and form[0] == FORM:
            return
        handles = connection.execute("SELECT handle FROM account ORDER BY handle").fetchall()
        connection.executemany(
            "UPDATE OR IGNORE account SET skeleton = ? WHERE handle = ?",
            [(self._lookalikes.skeleton(handle), handle) for (handle,) in handles],
        )
        connection.execute(
            "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (SKELETON_FORM, FORM),
        )

    async def put_device(self, attached: Collection[bytes], record_bytes: bytes) -> None:
        """Publish a device's record; its mailbox must be among those `attached` to the socket that it came by.

        Raises:
            Refusal: "auth" (does not verify, not listed, not its mailbox), "stale" (older than what is stored).
        """

        def work(connection: Connection) -> str:
            try:
                account_id = _account_id_in(record_bytes)
                row = connection.execute("SELECT record FROM account WHERE account_id = ?", (account_id,)).fetchone()
                if row is None:
                    return "auth"
                account = AccountRecord.decode(row[0])
                record = DeviceRecord.decode(record_bytes, account.account_public)
            except PeerError:
                return "auth"
            certificate = record.certificate
            if (
                record.mailbox_id not in attached
                or record.relay_url not in self._origins
                or not account.device_list.has(certificate)
            ):
                return "auth"
            owner = connection.execute(
                "SELECT account_id, device_id FROM device WHERE mailbox = ?", (record.mailbox_id,)
            ).fetchone()
            if owner is not None and owner != (account_id, certificate.device_id):
                return "auth"
            older = connection.execute(
                "SELECT issued_at FROM device WHERE account_id = ? AND device_id = ?",
                (account_id, certificate.device_id),
            ).fetchone()
            if older is not None and older[0] > record.issued_at_ms:
                return "stale"
            connection.execute(
                "INSERT INTO device (account_id, device_id, mailbox, issued_at, record) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (account_id, device_id) DO UPDATE SET mailbox = excluded.mailbox,"
                " issued_at = excluded.issued_at, record = excluded.record",
                (account_id, certificate.device_id, record.mailbox_id, record.issued_at_ms, record_bytes),
            )
            return ""

        outcome = await self._durable.write(work)
        if outcome:
            raise Refusal(outcome)

    async def get(self, frame: DirectoryGet) -> DirectoryFound:
        """Look an account up; with a wrong fetch key the answer is the one for an unknown account, after the same work.

        The statements are the same for an unknown name, for one that is no name at all and for a wrong fetch key; what
        may not be said is looked up for nobody's account instead.
        """
        account_id, handle = frame.key, NO_HANDLE
        if frame.by == BY_HANDLE:
            account_id, handle = NOBODY, _spelled(frame.key)
        fetch_hash = sha256(frame.fetch_key or b"")
        return await self._durable.read(lambda connection: _find(connection, frame, account_id, handle, fetch_hash))


def _find(
    connection: Connection, frame: DirectoryGet, account_id: bytes, handle: str, fetch_hash: bytes
) -> DirectoryFound:
    row = connection.execute(
        "SELECT account_id, fetch_key_hash FROM account WHERE account_id = ? OR handle = ?", (account_id, handle)
    ).fetchone()
    is_fetch_key = same(row[1] if row else NO_FETCH_KEY, fetch_hash)
    may_know = row is not None and (frame.fetch_key is None or is_fetch_key)
    found = row[0] if row is not None and may_know else NOBODY
    record = connection.execute(
        "SELECT record, key, file FROM account LEFT JOIN recovery_file AS recovery USING (account_id)"
        " LEFT JOIN key_slot ON key_slot.id = slot WHERE account_id = ?",
        (found,),
    ).fetchone()
    recovery_file = None
    if record is not None and record[2] is not None and frame.fetch_key is not None:
        recovery_file = open_value(record[1], record[2], kind=RECOVERY, owner=found)
    lists = connection.execute(
        "SELECT list FROM device_list WHERE account_id = ? AND version > ? ORDER BY version DESC",
        (found, frame.since_list),
    )
    newest: list[bytes] = []
    size_bytes = 0
    for (each,) in lists:
        size_bytes += len(each)
        if newest and size_bytes > LISTS_BYTES:
            break
        newest.append(each)
    devices = connection.execute(
        "SELECT record FROM device WHERE account_id = ? ORDER BY device_id LIMIT ?", (found, DEVICES)
    ).fetchall()
    return DirectoryFound(
        frame.req_id,
        record[0] if record else None,
        tuple(reversed(newest)),
        tuple(each for (each,) in devices),
        recovery_file,
    )


def _spelled(key: bytes) -> str:
    """Return the handle in its one spelling, or one that nobody can have."""
    try:
        return normalise(key.decode())
    except (PeerError, UnicodeDecodeError):
        return NO_HANDLE


def _account_id_in(record_bytes: bytes) -> bytes:
    """Return the account id that a device record claims: it stands at a fixed place of the certificate in it."""
    reader = Reader(record_bytes)
    reader.u16()
    certificate = Reader(reader.opaque_v())
    certificate.u16()
    return certificate.fixed(32)
