"""The search index follows Python's Unicode tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.db import Connection
from byre.store import Transaction, WipeScope, message_index
from byre.store.index_upkeep import SETTING, bring_index_up_to_date, current_tables
from byre.store.wipe_erase import has_index_entries
from tests.unit.store.profile import found, open_store, room, text, vault_at


def fill(tx: Transaction) -> None:
    for number in (1, 2):
        tx.rooms.add(room(number))
        for n in range(5):
            tx.messages.add(text(n, f"회의 {n} ǅ", in_room=number, at=n))


def entries_with(connection: Connection, word: str) -> int:
    """How many entries of the index hold a word, whatever their messages' texts are."""
    rows = connection.execute("SELECT count(*) FROM message_index WHERE message_index MATCH ?", (word,)).fetchall()
    return int(rows[0][0])


def test_an_index_of_these_tables_is_left_alone(tx: Transaction, connection: Connection) -> None:
    fill(tx)
    assert bring_index_up_to_date(connection)
    assert tx.settings.get(SETTING) == current_tables()
    assert not bring_index_up_to_date(connection)
    assert len(found(tx, "회의", 99)) == 10


def test_an_index_of_other_tables_is_built_anew(
    tx: Transaction, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_index, "_BATCH", 3)
    with monkeypatch.context() as old:
        old.setattr("byre.store.bigrams.tokens", lambda body: [*body.split(" "), "oldtoken"])
        fill(tx)
    assert entries_with(connection, "oldtoken") == 10
    tx.settings.put(SETTING, "0/15.0.0")
    assert bring_index_up_to_date(connection)
    assert entries_with(connection, "oldtoken") == 0
    assert len(found(tx, "의", 99, room=2)) == 5
    entries = message_index.entries(connection, "room = ?", (1,))
    message_index.remove(connection, entries)
    connection.execute("DELETE FROM message WHERE room = 1")
    assert not has_index_entries(connection, WipeScope.of_rooms([1]))
    vocabulary = "CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'message_index', 'row')"
    connection.execute(vocabulary)
    assert connection.execute("SELECT count(*) FROM words WHERE term = '회의' AND doc = 5").fetchone() == (1,)


async def test_a_store_checks_when_it_opens(tmp_path: Path) -> None:
    vault = vault_at(tmp_path / "p")
    await vault.create("pass")
    store = await open_store(vault)
    assert await store.read(lambda tx: tx.settings.get(SETTING)) == current_tables()
    await store.close()
