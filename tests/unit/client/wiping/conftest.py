"""Fixtures of the wiping tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from byre.store import Transaction
from tests.unit.store.profile import open_memory


@pytest.fixture
def tx(tmp_path: Path) -> Iterator[Transaction]:
    connection = open_memory(tmp_path)
    connection.execute("BEGIN")
    yield Transaction(connection)
    connection.close()
