"""A database for tests of rooms that need rows: made once, and rolled back after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from byre.db import Connection
from byre.store import Transaction
from tests.unit.store.profile import open_memory


@pytest.fixture(scope="session")
def empty_profile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    connection = open_memory(tmp_path_factory.mktemp("rooms"))
    yield connection
    connection.close()


@pytest.fixture
def tx(empty_profile: Connection) -> Iterator[Transaction]:
    empty_profile.execute("BEGIN")
    yield Transaction(empty_profile)
    empty_profile.execute("ROLLBACK")
