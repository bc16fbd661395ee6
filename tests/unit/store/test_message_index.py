"""Entries of the search index come out as they went in."""

from __future__ import annotations

from byre.db import Connection
from byre.store import Transaction, message_index
from tests.unit.store.profile import room, text


def words(connection: Connection) -> set[str]:
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.words USING fts5vocab('main', 'message_index', 'row')")
    return {str(row[0]) for row in connection.execute("SELECT term FROM words")}


def test_entries_go_in_and_out_by_the_same_text(tx: Transaction, connection: Connection) -> None:
    tx.rooms.add(room())
    tx.messages.add(text(1, "회의 file", has_file=True))
    tx.messages.add(text(2, "other"))
    tx.messages.add(text(3, "system", kind="system"))
    entries = message_index.entries(connection, "room = ? ORDER BY id", (1,))
    assert [entry.body for entry in entries] == ["회의 file", "other"]
    assert "회의" not in repr(entries)
    message_index.remove(connection, entries[:1])
    assert "회의" not in words(connection)
    message_index.add(connection, entries[:1])
    assert "회의" in words(connection)
    message_index.remove(connection, entries)
    message_index.optimise(connection)
    assert words(connection) == set()


def test_forgetting_takes_the_words_out_at_once_and_ends(tx: Transaction, connection: Connection) -> None:
    tx.rooms.add(room())
    tx.messages.add(text(1, "forgotten"))
    with message_index.forgetting(connection):
        message_index.remove(connection, message_index.entries(connection, "id > ?", (0,)))
    blocks = connection.execute("SELECT block FROM message_index_data").fetchall()
    assert not any(b"forgotten" in block for (block,) in blocks)
    config = connection.execute("SELECT v FROM message_index_config WHERE k = 'secure-delete'").fetchone()
    assert config == (0,)
