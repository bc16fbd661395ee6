"""Generates a database of the first schema, as its release writes it.

Until the first release the schema may still change, so the file is made anew for each run. At the release it is
written once (`python -m tests.migrations.first_schema tests/migrations/schema_0001.db`), committed, and never again
touched: from then on the test opens that file.
"""

from __future__ import annotations

import sys
from pathlib import Path

from byre.crypto.secret import Secret
from byre.db import load_migrations, migrate, open_connection
from byre.store.schema import APPLICATION_ID

KEY = Secret(bytes(range(32)))
VERSION = 1
RELEASED_FILE = Path(__file__).with_name("schema_0001.db")

# Plain SQL on purpose: repositories change with the schema, an old file does not.
CONTENT = (
    "INSERT INTO setting (name, value) VALUES ('theme', CAST('\"dark\"' AS BLOB))",
    "INSERT INTO account (id, account_id, account_public, account_seed, role, handle, host, name, relay, binding,"
    " device_id, device_seed, certificate, run_id, created_at) VALUES (1, zeroblob(32), zeroblob(32), zeroblob(32),"
    " 'primary', 'alice', 'relay.test', '앨리스', 'http://relay.test', x'01', zeroblob(16), zeroblob(32), x'02',"
    " zeroblob(8), 1760000000000)",
    "INSERT INTO room (id, group_id, kind, title, state, relay, group_tag, last_message, last_kind, last_text,"
    " last_activity, created_at) VALUES (1, zeroblob(32), 'group', '외양간', 'active', 'http://relay.test',"
    " zeroblob(16), 5, 'text', '오래된 글', 1760000000000, 1760000000000)",
    "INSERT INTO mls_epoch (group_id, epoch, bytes) VALUES (zeroblob(32), 3, x'aa')",
    "INSERT INTO mls_ratchet (group_id, epoch, bytes) VALUES (zeroblob(32), 3, x'bb')",
    "INSERT INTO author (id, account_id, device_id) VALUES (1, zeroblob(32), zeroblob(16))",
    "INSERT INTO message (id, room, message_id, author, kind, state, is_own, sent_at, received_at, body)"
    " VALUES (5, 1, zeroblob(16), 1, 'text', 'received', 0, 1760000000000, 1760000000000, '오래된 글')",
    "INSERT INTO message_index (rowid, body) VALUES (5, '\ue000\u4e01 \ue001\u4e01 오래 래된 된 글')",
    "INSERT INTO seen_window (room, device_id, run_id, highest, bitmap)"
    " VALUES (1, zeroblob(16), zeroblob(8), 9, zeroblob(512))",
)


def write_first_schema(path: Path) -> None:
    """Make the file at `path`."""
    connection = open_connection(path, KEY, create=True)
    try:
        migrate(connection, load_migrations("byre.store.migrations")[:VERSION], application_id=APPLICATION_ID)
        for statement in CONTENT:
            connection.execute(statement)
    finally:
        connection.close()


if __name__ == "__main__":
    write_first_schema(Path(sys.argv[1]))
