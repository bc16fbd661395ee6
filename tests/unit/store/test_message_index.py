"""Entries of the search index come out as they went in."""

from __future__ import annotations

import hashlib

from byre.db import Connection
from byre.store import Transaction, message_index
from byre.store.message_index import IndexEntry
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


def test_optimising_leaves_nothing_of_what_was_removed_whatever_the_levels(connection: Connection) -> None:
    def added(numbers: range) -> list[IndexEntry]:
        made = [IndexEntry(number, 1, 1, has_file=False, body=word(number)) for number in numbers]
        connection.execute("BEGIN")
        message_index.add(connection, made)
        connection.execute("COMMIT")
        return made

    own = "INSERT INTO message_index (message_index) VALUES ('optimize')"
    for first, last in ((1000, 1300), (1300, 1310), (1310, 1320)):
        added(range(first, last))
        connection.execute(own)
    gone = added(range(600))  # larger than what is there, which moves down to the first of the levels
    connection.execute("BEGIN")
    message_index.remove(connection, gone)
    connection.execute("COMMIT")
    connection.execute(own)
    connection.execute(own)
    assert word(599)[6:].encode() in stored(connection)
    message_index.optimise(connection)
    assert word(599)[6:].encode() not in stored(connection)
    assert word(1319)[6:].encode() in stored(connection)
    message_index.optimise(connection)
    connection.execute("INSERT INTO message_index (message_index) VALUES ('integrity-check')")
    assert connection.execute("SELECT rowid FROM message_index(?)", (word(1319),)).fetchall() == [(1319,)]
    assert connection.execute("SELECT rowid FROM message_index('x')").fetchall() == []


def word(number: int) -> str:
    return f"w{hashlib.sha256(str(number).encode()).hexdigest()[:30]}"


def stored(connection: Connection) -> bytes:
    return b"".join(bytes(block) for (block,) in connection.execute("SELECT block FROM message_index_data"))


def test_forgetting_takes_the_words_out_at_once_and_ends(tx: Transaction, connection: Connection) -> None:
    tx.rooms.add(room())
    tx.messages.add(text(1, "forgotten"))
    with message_index.forgetting(connection):
        message_index.remove(connection, message_index.entries(connection, "id > ?", (0,)))
    blocks = connection.execute("SELECT block FROM message_index_data").fetchall()
    assert not any(b"forgotten" in block for (block,) in blocks)
    config = connection.execute("SELECT v FROM message_index_config WHERE k = 'secure-delete'").fetchone()
    assert config == (0,)


def test_an_index_of_one_page_that_moves_down_each_time_is_built_anew(tx: Transaction, connection: Connection) -> None:
    """Empty levels behind the only segment: merging never comes to the last one."""
    tx.rooms.add(room())
    tx.messages.add(text(1, word(1)))
    tx.messages.add(text(2, word(2)))
    message_index.remove(connection, message_index.entries(connection, "message_id = ?", ((1).to_bytes(16, "big"),)))
    record = bytearray(connection.execute("SELECT block FROM message_index_data WHERE id = 10").fetchall()[0][0])
    assert message_index._segments_per_level(bytes(record)) == [3]
    record[4] = 5
    connection.execute("UPDATE message_index_data SET block = ? WHERE id = 10", (bytes(record) + bytes(8),))
    connection.execute("SAVEPOINT forget")
    connection.execute("ROLLBACK TO forget")  # FTS5 reads its structure again
    connection.execute("RELEASE forget")
    assert message_index._segments_per_level(bytes(record) + bytes(8)) == [3, 0, 0, 0, 0]
    assert not message_index.optimise(connection)
    assert word(1)[6:].encode() in stored(connection)
    message_index.build_anew(connection, without=f"message_id = x'{(1).to_bytes(16, 'big').hex()}'")
    assert word(1)[6:].encode() not in stored(connection)
    assert word(2)[6:].encode() in stored(connection)


def test_an_index_of_many_segments_is_merged_in_steps(connection: Connection) -> None:
    def add_some(first: int) -> None:
        message_index.add(
            connection, [IndexEntry(first + n, 1, 1, has_file=False, body=word(first + n)) for n in range(200)]
        )

    def hits() -> list[int]:
        rows = connection.execute("SELECT rowid FROM message_index WHERE message_index MATCH '\"\ue000\u4e01\"'")
        return [row for (row,) in rows]

    connection.execute("INSERT INTO message_index (message_index, rank) VALUES ('automerge', 0)")
    for burst in range(6):
        connection.execute("BEGIN")
        add_some(1000 * burst)
        connection.execute("COMMIT")
    before = hits()
    assert sum(message_index._segments_per_level(message_index._structure(connection, "main"))) == 6
    steps = 0
    while message_index.merge_some(connection, 2):
        steps += 1
        add_some(100_000 + 1000 * steps)  # nobody waits for the end
    assert steps > 2
    assert set(before) <= set(hits())
    assert sum(message_index._segments_per_level(message_index._structure(connection, "main"))) < 6 + steps
    while message_index.merge_some(connection, 1000):
        pass
    assert not message_index.merge_some(connection, 1000)
    assert len(hits()) == 200 * (6 + steps)


def test_fewer_than_five_segments_are_left_alone(connection: Connection) -> None:
    def segments() -> int:
        return sum(message_index._segments_per_level(message_index._structure(connection, "main")))

    connection.execute("INSERT INTO message_index (message_index, rank) VALUES ('automerge', 0)")
    for burst in range(4):
        message_index.add(connection, [IndexEntry(burst, 1, 1, has_file=False, body=word(burst))])
    assert not message_index.merge_some(connection, 1000)
    assert segments() == 4
    message_index.add(connection, [IndexEntry(4, 1, 1, has_file=False, body=word(4))])
    while message_index.merge_some(connection, 1000):
        pass
    assert segments() == 1


def test_an_index_that_is_one_segment_on_its_last_level_is_optimal(connection: Connection) -> None:
    message_index.add(connection, [IndexEntry(1, 1, 1, has_file=False, body=word(1))])
    assert message_index.optimise(connection)
    assert message_index._is_merged_to_the_end(connection, "main")
    message_index.build_anew(connection)
    assert message_index._is_merged_to_the_end(connection, "main"), "of an empty one nothing is left to merge"


def test_the_structure_is_read_whatever_its_numbers() -> None:
    of_one_segment = b"\x81\x48\x01\x82\x02"  # 200, 1, 258
    record = b"\0\0\0\7\x02\x01\x82\x2c" + b"\x00\x00" + b"\x81\x00\x01" + of_one_segment
    assert message_index._levels(record) == [(0, 0), (128, 1)]
