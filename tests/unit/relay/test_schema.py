"""The relay's schemas are frozen: what may exist on its disk is what stands here, column by column."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import dump_schema, load_migrations, migrate, open_connection
from byre.relay.bucket_upgrade import seal_first_form
from byre.relay.durable_upgrade import bring_into_slots

RELAY = Path(__file__).resolve().parents[3] / "app" / "byre" / "relay"


@pytest.mark.parametrize("name", ["durable", "bucket"])
def test_the_schema_is_the_committed_one(tmp_path: Path, name: str) -> None:
    connection = open_connection(tmp_path / "a.db", Secret(bytes(32)), create=True)
    migrate(connection, load_migrations(f"byre.relay.migrations.{name}"))
    upgrade = seal_first_form if name == "bucket" else bring_into_slots
    upgrade(connection, lambda size: bytes(size))
    dumped = dump_schema(connection)
    connection.close()
    assert dumped.strip() == (RELAY / f"{name}.schema.sql").read_text().strip()
