"""Fixtures of the store's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from byre.db import Connection
from byre.store import Transaction
from tests.unit.store.profile import open_memory


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    opened = open_memory(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def tx(connection: Connection) -> Transaction:
    """The repositories over a new database, outside of any transaction."""
    return Transaction(connection)
