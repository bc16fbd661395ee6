"""Which messages a database has, told from its pages alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault
from byre.store import Transaction
from byre.store.forensics_copies import message_ids
from tests.unit.store.profile import open_memory, room, text


def test_every_message_is_counted_once(tmp_path: Path) -> None:
    connection = open_memory(tmp_path)
    tx = Transaction(connection)
    tx.rooms.add(room())
    rows = [tx.messages.add(text(n, f"이야기 {n} " * (1 + n % 90), at=n)) for n in range(300)]
    found = list(message_ids(tmp_path / "rows.db", Secret(b"k" * 32)))
    assert sorted(found) == [row.id for row in rows if row is not None]
    connection.close()
    assert sorted(message_ids(tmp_path / "rows.db", Secret(b"k" * 32))) == sorted(found)


def test_what_is_no_database_has_none_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(bytes(range(256)) * 64)
    assert list(message_ids(tmp_path / "x.db", Secret(b"k" * 32))) == []
    with pytest.raises(EnvironmentFault):
        list(message_ids(tmp_path / "none.db", Secret(b"k" * 32)))
