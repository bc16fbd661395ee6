"""Keyed databases: the only room that imports sqlcipher3.

Ground room, used by `store` (the client) and `relay` (the server). It knows SQLCipher, threads and migrations and
nothing of messages: schemas, keys and repositories belong to its users. See README.md.
"""

from byre.db.connection import Connection, Cursor, DatabaseKey, memory_connection, open_connection
from byre.db.database import Database, Opening
from byre.db.migrations import Migration, load_migrations, migrate
from byre.db.pragmas import CLIENT_PRAGMAS, Pragmas
from byre.db.schema_dump import dump_schema
from byre.db.worker import Worker

__all__ = [
    "CLIENT_PRAGMAS",
    "Connection",
    "Cursor",
    "Database",
    "DatabaseKey",
    "Migration",
    "Opening",
    "Pragmas",
    "Worker",
    "dump_schema",
    "load_migrations",
    "memory_connection",
    "migrate",
    "open_connection",
]
