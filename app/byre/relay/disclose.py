"""`byre relay disclose`: everything that the relay has about one account, for an operator who must or wants to tell.

There is nothing else: messages and commit bodies cannot be attributed beyond the mailboxes listed here, and room heads
carry random tags without any account.
"""

from __future__ import annotations

import json
from pathlib import Path

from byre.db import Connection
from byre.errors import EnvironmentFault, PeerError, UsageError
from byre.identity.handle import normalise
from byre.relay.clock import Clock
from byre.relay.disk import DataDirectory
from byre.relay.durable import Durable
from byre.relay.tasks import Tasks


async def disclose(path: Path, account: str, clock: Clock) -> str:
    """Return a JSON document of all rows about an account, named by handle or account id in hex.

    Raises:
        UsageError: "no_such_handle".
        EnvironmentFault: the directory is no relay's, or a relay runs in it.
    """
    if not (path / "relay.keys").exists():
        raise EnvironmentFault("This is not a relay's data directory.", code="db_missing")
    directory = DataDirectory(path, clock)
    try:
        keys = directory.keys(lambda size: bytes(size))
        durable = await Durable.open(path, keys, Tasks(), erase_delay_s=0)
        try:
            found = await durable.read(lambda connection: _rows(connection, account))
        finally:
            await durable.close()
    finally:
        directory.unlock()
    if found is None:
        raise UsageError("No such account.", code="no_such_handle")
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _rows(connection: Connection, account: str) -> dict[str, object] | None:
    try:
        handle = normalise(account)
    except PeerError:
        handle = ""
    try:
        account_id = bytes.fromhex(account)
    except ValueError:
        account_id = b""
    row = connection.execute(
        "SELECT account_id, handle, record, recovery_file, changed_at FROM account WHERE handle = ? OR account_id = ?",
        (handle, account_id),
    ).fetchone()
    if row is None:
        return None
    account_id = row[0]
    mailboxes = connection.execute(
        "SELECT m.mailbox, m.auth_public, m.made_at, d.device_id, d.record, d.issued_at FROM device d"
        " JOIN mailbox m ON m.mailbox = d.mailbox WHERE d.account_id = ? ORDER BY d.device_id",
        (account_id,),
    ).fetchall()
    return {
        "account_id": account_id.hex(),
        "handle": row[1],
        "record": row[2].hex(),
        "recovery_file": row[3].hex() if row[3] else None,
        "changed_at": row[4],
        "device_lists": [
            {"version": version, "list": data.hex()}
            for version, data in connection.execute(
                "SELECT version, list FROM device_list WHERE account_id = ? ORDER BY version", (account_id,)
            ).fetchall()
        ],
        "devices": [
            {
                "device_id": device_id.hex(),
                "record": record.hex(),
                "issued_at": issued_at,
                "mailbox": mailbox.hex(),
                "auth_public": auth_public.hex(),
                "made_at": made_at,
                "token_hashes": [
                    each.hex()
                    for (each,) in connection.execute(
                        "SELECT hash FROM token WHERE mailbox = ? ORDER BY hash", (mailbox,)
                    ).fetchall()
                ],
                "key_packages": [
                    package.hex()
                    for (package,) in connection.execute(
                        "SELECT package FROM key_package WHERE mailbox = ? ORDER BY id", (mailbox,)
                    ).fetchall()
                ],
            }
            for mailbox, auth_public, made_at, device_id, record, issued_at in mailboxes
        ],
    }
