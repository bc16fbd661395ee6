"""Writes app/byre/store/schema.sql anew: `python -m tests.unit.store.schema_file`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from byre.db import dump_schema
from tests.unit.store.profile import open_memory

SCHEMA_FILE = Path(__file__).parents[3] / "app" / "byre" / "store" / "schema.sql"


def schema_text(folder: Path) -> str:
    """The dump of a new database."""
    connection = open_memory(folder)
    try:
        return dump_schema(connection)
    finally:
        connection.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        SCHEMA_FILE.write_text(schema_text(Path(folder)), encoding="utf-8")
