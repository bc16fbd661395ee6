"""Words in the search index that no message has are found, whatever SQLite says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.db import open_connection
from byre.store import ProfileVault, forensics_index, message_index
from byre.store.forensics_index import index_remnants
from byre.store.forensics_profile import databases_of, scan_profile
from byre.store.message_index import IndexEntry
from tests.unit.store.profile import open_store, text
from tests.unit.store.wiped_profile import profile_with_rooms

LEFT = IndexEntry(77, 2, 1, has_file=False, body="남겨진 낱말 leftover")


async def used(folder: Path) -> ProfileVault:
    """A closed profile with messages of many kinds, some of them erased."""
    vault, store = await profile_with_rooms(folder, None)
    texts = (
        "ㅋㅋㅋ ㅠㅠ 대박",
        "Straße ΣΊΣΥΦΟΣ ǅ İstanbul",
        "한글 café ½ ﬁn … x̂y 👍🏽 don't_do",
        "1234 ①② ㈜회사 ｶﾅ",
        "",
    )
    await store.write(lambda tx: [tx.messages.add(text(3000 + n, body, at=n)) for n, body in enumerate(texts)])
    await store.write(lambda tx: tx.erasures.erase(tx.erasures.positions((1007).to_bytes(16, "big"))))
    await store.wipe([2])
    await store.write(lambda tx: tx.messages.add(text(4000, "und weiter geht es", in_room=2, at=9000)))
    await store.close()
    return vault


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def remnants(vault: ProfileVault) -> list[str]:
    return index_remnants(vault.database_path, vault.database_key)


def places(vault: ProfileVault) -> tuple[str, ...]:
    return scan_profile(vault.directory, vault.generation, databases_of(vault)).places()


async def test_the_index_of_a_used_profile_has_no_word_too_many(tmp_path: Path) -> None:
    assert remnants(await used(tmp_path)) == []


async def test_an_entry_of_no_message_is_found_and_named(tmp_path: Path) -> None:
    vault = await used(tmp_path)
    connection = open_connection(vault.database_path, vault.database_key)
    message_index.add(connection, [LEFT])
    connection.close()
    assert [place.partition(", ")[0] for place in places(vault)] == ["store.2.db (search index"]


async def test_an_index_of_another_version_is_not_judged_by_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an update, and until the next start builds it anew."""
    vault = await used(tmp_path)
    monkeypatch.setattr(forensics_index, "current_tables", lambda: "another")
    assert remnants(vault) == []
    connection = open_connection(vault.database_path, vault.database_key)
    message_index.add(connection, [LEFT])
    connection.close()
    assert remnants(vault) == ["search index, built by another version of Byre: start it once, then scan again"]


async def test_words_that_sqlite_counts_as_deleted_are_found(tmp_path: Path) -> None:
    vault = await used(tmp_path)
    connection = open_connection(vault.database_path, vault.database_key)
    message_index.add(connection, [LEFT])
    message_index.remove(connection, [LEFT])
    query = "SELECT count(*) FROM message_index WHERE message_index MATCH 'leftover'"
    assert connection.execute(query).fetchall() == [(0,)]
    connection.close()
    assert "words of no message" in remnants(vault)[0]


async def test_a_row_of_no_segment_is_found_and_named(tmp_path: Path) -> None:
    vault = await used(tmp_path)
    connection = open_connection(vault.database_path, vault.database_key)
    connection.execute("INSERT INTO message_index_data (id, block) VALUES (?, ?)", (999 << 37 | 1, b"x" * 50))
    connection.close()
    assert places(vault) == ("store.2.db (search index, 1 rows of no segment)",)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("CREATE TABLE stranger (x)", "1 tables, indexes, views or triggers that are none of ours"),
        ("CREATE INDEX stranger ON message (body)", "1 tables, indexes, views or triggers that are none of ours"),
        ("ANALYZE room", "tables, indexes, views or triggers that are none of ours"),
        (
            "INSERT INTO message_index_config (k, v) VALUES ('x', 'what was said')",
            "search index, 1 settings that are none of its",
        ),
        (
            "INSERT INTO message_index_idx SELECT max(id) >> 37, '0secret', 99 FROM message_index_data",
            "search index, beginnings of 1 words of no message",
        ),
        (
            "INSERT INTO message_index_idx (segid, term, pgno) VALUES (1999, '0', 2)",
            "search index, 1 rows of no segment",
        ),
    ],
)
async def test_what_lies_in_tables_and_rows_that_no_message_needs_is_named(
    tmp_path: Path, statement: str, told: str
) -> None:
    vault = await used(tmp_path)
    connection = open_connection(vault.database_path, vault.database_key)
    connection.execute(statement)
    connection.close()
    (remnant,) = remnants(vault)
    assert remnant.endswith(told)
    assert "secret" not in remnant


async def test_messages_whose_room_is_gone_are_named(tmp_path: Path) -> None:
    vault = await used(tmp_path)
    connection = open_connection(vault.database_path, vault.database_key)
    connection.execute("PRAGMA foreign_keys=OFF").fetchall()
    connection.execute("UPDATE message SET room = 99 WHERE id IN (SELECT id FROM message LIMIT 2)")
    connection.close()
    assert "2 messages of no room" in remnants(vault)


async def test_an_index_that_many_rotations_have_moved_down_is_read_to_its_last_level(tmp_path: Path) -> None:
    vault = await used(tmp_path)
    connection = open_connection(vault.database_path, vault.database_key)
    for _ in range(70):
        message_index.optimise(connection)
    levels = message_index._segments_per_level(message_index._structure(connection, "main"))
    connection.close()
    assert len(levels) > 64
    assert remnants(vault) == []


async def test_it_is_only_read(tmp_path: Path) -> None:
    vault = await used(tmp_path)
    store = await open_store(vault)
    await store.write(lambda tx: tx.messages.add(text(5000, "im WAL", in_room=2, at=9100)))
    before = contents(tmp_path)
    assert "store.2.db-wal" in before
    assert remnants(vault) == []
    assert contents(tmp_path) == before
    await store.close()
