"""The database written anew into the next generation: no free page, no slack, no stale frame comes along.

`sqlcipher_export` copies rows, FTS5's shadow tables included; that is why the index is optimised before.
"""

from __future__ import annotations

from byre.db import Connection
from byre.db.connection import key_literal
from byre.errors import EnvironmentFault
from byre.store.schema import APPLICATION_ID, SCHEMA_VERSION
from byre.store.vault_rotation import NextGeneration


def export_to(connection: Connection, following: NextGeneration) -> None:
    """Write all of the database into `following.path` under its key, and check the copy.

    Raises:
        EnvironmentFault: `disk_full`, `io_error`; `db_damaged` if the copy does not hold together.
    """
    connection.execute("ATTACH DATABASE ? AS next KEY ?", (str(following.path), key_literal(following.key)))
    try:
        connection.execute("SELECT sqlcipher_export('next')").fetchall()
        # The export leaves both at 0: without them the next start would take the copy for an empty database.
        connection.execute(f"PRAGMA next.application_id={APPLICATION_ID:d}")
        connection.execute(f"PRAGMA next.user_version={SCHEMA_VERSION:d}")
        connection.execute("PRAGMA next.journal_mode=WAL").fetchall()
        if connection.execute("PRAGMA next.integrity_check").fetchall() != [("ok",)]:
            raise EnvironmentFault("the rebuilt database does not hold together", code="db_damaged")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute("DETACH DATABASE next")
