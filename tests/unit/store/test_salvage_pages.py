"""Pages that authenticate, out of a file and its WAL; whatever else lies there is lost."""

from __future__ import annotations

from pathlib import Path

from byre.crypto.secret import Secret
from byre.db import open_connection
from byre.store.forensics_pages import PAGE_BYTES, PageReader
from byre.store.salvage_pages import SoundPages
from byre.store.schema import create_database

KEY = Secret(b"k" * 32)


def database(folder: Path, *, salt: bytes | None = None) -> Path:
    """A closed database; with `salt`, as an older version made it."""
    path = folder / "store.1.db"
    create_database(path, KEY if salt is None else Secret(KEY.reveal() + salt))
    return path


def contents(path: Path) -> dict[int, bytes | None]:
    with SoundPages(path, KEY) as pages:
        return dict(pages.contents(range(1, pages.count + 1)))


def with_log(path: Path, *values: str) -> tuple[bytes, bytes]:
    """Write settings, one commit each, and put back file and WAL as they lay before the file was closed."""
    connection = open_connection(path, KEY)
    for value in values:
        connection.execute("INSERT OR REPLACE INTO setting (name, value) VALUES ('x', ?)", (value.encode(),))
    log = path.with_name("store.1.db-wal")
    kept = path.read_bytes(), log.read_bytes()
    connection.close()
    path.write_bytes(kept[0])
    log.write_bytes(kept[1])
    return kept


def test_all_pages_of_a_sound_file_are_read(tmp_path: Path) -> None:
    path = database(tmp_path)
    reader = PageReader.of_file(path, KEY)
    assert contents(path) == {page.number: page.data for page in reader.pages(path)}


def test_what_does_not_authenticate_is_lost_and_so_is_what_was_cut_off(tmp_path: Path) -> None:
    path = database(tmp_path)
    whole = path.read_bytes()
    before = contents(path)
    raw = bytearray(whole[: -2 * PAGE_BYTES])
    raw[5 * PAGE_BYTES] ^= 1
    path.write_bytes(raw)
    last = len(whole) // PAGE_BYTES
    assert contents(path) == {**before, 6: None, last - 1: None, last: None}


def test_the_last_whole_commit_of_the_log_counts(tmp_path: Path) -> None:
    path = database(tmp_path)
    _, log = with_log(path, "first", "second")

    def said() -> set[bytes]:
        joined = b"".join(content or b"" for content in contents(path).values())
        return {word for word in (b"first", b"second") if word in joined}

    assert said() == {b"second"}
    torn = bytearray(log)
    torn[-1] ^= 1
    path.with_name("store.1.db-wal").write_bytes(torn)
    assert said() == {b"first"}
    path.with_name("store.1.db-wal").write_bytes(log[:-1])
    assert said() == {b"first"}
    earlier = bytearray(log)
    for frame in range(32, len(log), 24 + PAGE_BYTES):
        earlier[frame + 8] ^= 1
        earlier[frame + 16] ^= 1
    path.with_name("store.1.db-wal").write_bytes(earlier)
    assert said() == set()


def test_the_salt_is_made_of_the_key_where_the_first_page_is_lost(tmp_path: Path) -> None:
    path = database(tmp_path)
    before = contents(path)
    raw = bytearray(path.read_bytes())
    raw[:PAGE_BYTES] = bytes(PAGE_BYTES)
    path.write_bytes(raw)
    assert contents(path) == {**before, 1: None}


def test_an_older_file_is_read_with_the_salt_that_it_has(tmp_path: Path) -> None:
    path = database(tmp_path, salt=b"s" * 16)
    assert path.read_bytes()[:16] == b"s" * 16
    assert None not in contents(path).values()
    raw = bytearray(path.read_bytes())
    raw[:16] = bytes(16)
    path.write_bytes(raw)
    assert set(contents(path).values()) == {None}


def test_free_pages_are_told(tmp_path: Path) -> None:
    path = database(tmp_path)
    connection = open_connection(path, KEY)
    connection.execute("CREATE TABLE t (x)")
    connection.execute("INSERT INTO t VALUES (zeroblob(20000))")
    connection.execute("DROP TABLE t")
    connection.close()
    with SoundPages(path, KEY) as pages:
        assert len(pages.free()) >= 5
        assert max(pages.free()) == pages.count


def test_junk_has_no_pages(tmp_path: Path) -> None:
    path = tmp_path / "store.1.db"
    for junk in (b"", b"x", b"x" * 3 * PAGE_BYTES):
        path.write_bytes(junk)
        assert set(contents(path).values()) <= {None}
