"""`byre relay disclose`: everything that the relay has about one account, for an operator who must or wants to tell.

All that can be attributed to an account hangs on its record and its devices' mailboxes: held messages among them, which
are sealed to the recipient, and nothing says who sent them. Room heads, commit bodies, linkings and blobs carry random
names without any account: of those only the numbers are told, for all together. `byre relay report` tells totals only.
The layout is frozen (`version`, `tests/golden/disclose.json`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from byre.crypto.random import system_random
from byre.db import Connection, Database
from byre.errors import EnvironmentFault, PeerError, UsageError
from byre.identity.handle import normalise
from byre.relay.bucket_rows import count_rows, read_bodies
from byre.relay.buckets import bucket_path, open_bucket
from byre.relay.clock import Clock
from byre.relay.disk import DataDirectory
from byre.relay.durable import Durable
from byre.relay.key_file import KeyFile
from byre.relay.report import UNATTRIBUTED, totals
from byre.relay.sealed_values import PACKAGE, RECOVERY, open_value
from byre.relay.tasks import Tasks

VERSION: Final = 1
Rows = dict[str, Any]


async def disclose(path: Path, account: str, clock: Clock, *, with_bodies: bool = False) -> str:
    """Return a JSON document of all rows about an account, named by handle or account id in hex.

    Args:
        with_bodies: the sealed bodies of held messages too, not only their sizes.

    Raises:
        UsageError: "no_such_handle".
        EnvironmentFault: the directory is no relay's, or a relay runs in it.
    """
    async with _Opened(path, clock) as opened:
        found = await opened.durable.read(lambda connection: _rows(connection, account))
        if found is None:
            raise UsageError("No such account.", code="no_such_handle")
        counts = await opened.durable.read(totals)
        held, commit_bodies = await opened.held(
            [bytes.fromhex(each["mailbox"]) for each in found["devices"]], with_bodies
        )
        for device in found["devices"]:
            device["held_messages"] = held[bytes.fromhex(device["mailbox"])]
    found["unattributed"] = {**{name: counts[name] for name in UNATTRIBUTED}, "commit_bodies": commit_bodies}
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


async def report(path: Path, clock: Clock) -> str:
    """Return a JSON document of how much of what lies in a stopped relay's files.

    Raises:
        EnvironmentFault: the directory is no relay's, or a relay runs in it.
    """
    async with _Opened(path, clock) as opened:
        counts = await opened.durable.read(totals)
        held, commit_bodies = await opened.counts()
    return (
        json.dumps({"version": VERSION, **counts, "held_messages": held, "commit_bodies": commit_bodies}, indent=2)
        + "\n"
    )


class _Opened:
    """A stopped relay's files, open for reading."""

    durable: Durable

    def __init__(self, path: Path, clock: Clock) -> None:
        if not (path / "relay.keys").exists():
            raise EnvironmentFault("This is not a relay's data directory.", code="db_missing")
        self._path = path
        self._directory = DataDirectory(path, clock)
        self._keys: KeyFile | None = None

    async def __aenter__(self) -> _Opened:
        try:
            self._keys = self._directory.keys(lambda size: bytes(size))
            self.durable = await Durable.open(self._path, self._keys, Tasks(), erase_delay_s=0)
        except BaseException:
            self._directory.unlock()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        try:
            await self.durable.close()
        finally:
            self._directory.unlock()

    async def held(self, mailboxes: list[bytes], with_bodies: bool) -> tuple[dict[bytes, list[Rows]], int]:
        """Return what is held for these mailboxes, and how many commit bodies there are for whatever rooms."""
        found: dict[bytes, list[Rows]] = {mailbox: [] for mailbox in mailboxes}
        commit_bodies = 0
        for database in await self._buckets():
            try:
                for mailbox in mailboxes:
                    found[mailbox] += await database.read(
                        lambda connection, mailbox=mailbox: _held(connection, mailbox, with_bodies)  # type: ignore[misc]
                    )
                commit_bodies += (await database.read(count_rows))[1]
            finally:
                await database.close()
        return found, commit_bodies

    async def counts(self) -> tuple[int, int]:
        """Return how many messages are held, and how many commit bodies."""
        messages = bodies = 0
        for database in await self._buckets():
            try:
                more = await database.read(count_rows)
                messages, bodies = messages + more[0], bodies + more[1]
            finally:
                await database.close()
        return messages, bodies

    async def _buckets(self) -> list[Database]:
        found: list[Database] = []
        for start, key in sorted(self._keys.buckets.items() if self._keys else ()):
            path = bucket_path(self._path, start)
            if path.exists():
                found.append(await open_bucket(path, key, system_random))
        return found


def _held(connection: Connection, mailbox: bytes, with_bodies: bool) -> list[Rows]:
    rows = connection.execute(
        "SELECT mid, seq, expires_at FROM held WHERE mailbox = ? ORDER BY seq", (mailbox,)
    ).fetchall()
    bodies = read_bodies(connection, mailbox, [row[0] for row in rows])
    return [
        {
            "mid": mid.hex(),
            "seq": seq,
            "expires_at": expires_at,
            "size_bytes": len(bodies[mid]),
            "sealed_body": bodies[mid].hex() if with_bodies else None,
        }
        for mid, seq, expires_at in rows
    ]


def _rows(connection: Connection, account: str) -> Rows | None:
    try:
        handle = normalise(account)
    except PeerError:
        handle = ""
    try:
        account_id = bytes.fromhex(account)
    except ValueError:
        account_id = b""
    row = connection.execute(
        "SELECT account_id, handle, skeleton, record, fetch_key_hash, changed_at FROM account"
        " WHERE handle = ? OR account_id = ?",
        (handle, account_id),
    ).fetchone()
    if row is None:
        return None
    account_id = row[0]
    file = connection.execute(
        "SELECT key, file FROM recovery_file JOIN key_slot ON key_slot.id = slot WHERE account_id = ?", (account_id,)
    ).fetchone()
    devices = connection.execute(
        "SELECT m.mailbox, m.auth_public, m.made_at, m.is_last_resort_used, d.device_id, d.record, d.issued_at"
        " FROM device d JOIN mailbox m ON m.mailbox = d.mailbox WHERE d.account_id = ? ORDER BY d.device_id",
        (account_id,),
    ).fetchall()
    return {
        "version": VERSION,
        "account_id": account_id.hex(),
        "handle": row[1],
        "skeleton": row[2],
        "record": row[3].hex(),
        "fetch_key_hash": row[4].hex(),
        "recovery_file": open_value(*file, kind=RECOVERY, owner=account_id).hex() if file else None,
        "changed_at": row[5],
        "device_lists": [
            {"version": version, "list": data.hex()}
            for version, data in connection.execute(
                "SELECT version, list FROM device_list WHERE account_id = ? ORDER BY version", (account_id,)
            ).fetchall()
        ],
        "devices": [_device(connection, each) for each in devices],
    }


def _device(connection: Connection, row: tuple[Any, ...]) -> Rows:
    mailbox, auth_public, made_at, is_last_resort_used, device_id, record, issued_at = row
    tokens = connection.execute(
        "SELECT key, kind, dies_at FROM token JOIN key_slot ON key_slot.id = slot WHERE mailbox = ? ORDER BY key",
        (mailbox,),
    ).fetchall()
    packages = [
        (open_value(key, sealed, kind=PACKAGE, owner=mailbox), is_last_resort)
        for key, sealed, is_last_resort in connection.execute(
            "SELECT key, package, is_last_resort FROM key_package JOIN key_slot ON key_slot.id = slot"
            " WHERE mailbox = ? ORDER BY key_package.id",
            (mailbox,),
        ).fetchall()
    ]
    return {
        "device_id": device_id.hex(),
        "record": record.hex(),
        "issued_at": issued_at,
        "mailbox": mailbox.hex(),
        "auth_public": auth_public.hex(),
        "made_at": made_at,
        "is_last_resort_used": bool(is_last_resort_used),
        "token_hashes": [each.hex() for each, _, _ in tokens],
        "token_kinds": [kind for _, kind, _ in tokens],
        "token_ends": [dies_at for _, _, dies_at in tokens],
        "key_packages": [package.hex() for package, is_last_resort in packages if not is_last_resort],
        "last_resort_package": next((package.hex() for package, is_last_resort in packages if is_last_resort), None),
    }
