"""How much of what lies in a relay's durable file: numbers for the operator's transparency report.

Totals only. Most of what a relay keeps belongs to nobody that it knows: room heads and commit bodies carry random tags,
rendezvous and blobs not even an account's mailbox.
"""

from __future__ import annotations

from typing import Final

from byre.db import Connection

TABLES: Final = {
    "accounts": "account",
    "device_lists": "device_list",
    "device_records": "device",
    "mailboxes": "mailbox",
    "token_hashes": "token",
    "key_packages": "key_package",
    "room_heads": "head",
    "ended_epochs": "ended_epoch",
    "rendezvous_blobs": "rendezvous",
    "blobs": "blob",
}
UNATTRIBUTED: Final = ("room_heads", "ended_epochs", "rendezvous_blobs", "blobs")


def totals(connection: Connection) -> dict[str, int]:
    """Return how many rows there are of everything."""
    found: dict[str, int] = {}
    for name, table in TABLES.items():
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        found[name] = int(row[0]) if row else 0
    row = connection.execute("SELECT coalesce(sum(size_bytes), 0) FROM blob").fetchone()
    found["blob_bytes"] = int(row[0]) if row else 0
    return found
