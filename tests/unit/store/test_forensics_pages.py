"""Pages decrypted by ourselves, compared with an independent examiner."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import Connection, open_connection
from byre.store.forensics_pages import PageReader
from tests.unit.store.examiner import Examiner

KEY = b"k" * 32


@pytest.fixture
def opened(tmp_path: Path) -> Connection:
    connection = open_connection(tmp_path / "a.db", Secret(KEY), create=True)
    connection.execute("CREATE TABLE t (x TEXT)")
    connection.executemany("INSERT INTO t VALUES (?)", [(f"row {n} " * 40,) for n in range(200)])
    return connection


def test_every_page_and_frame_is_what_an_examiner_reads(opened: Connection, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    opened.execute("UPDATE t SET x = 'changed' WHERE rowid < 5")
    opened.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    examiner = Examiner(path, KEY)
    reader = PageReader.of_file(path, Secret(KEY))
    pages, frames = list(reader.pages(path)), list(reader.frames(tmp_path / "a.db-wal"))
    opened.close()
    assert [page.data for page in pages] == [
        b"SQLite format 3\0" + plain if number == 0 else plain for number, (plain, _) in enumerate(examiner.pages)
    ]
    assert all(page.is_authentic for page in pages)
    assert [page.data[100:] for page in frames] == [
        (b"SQLite format 3\0" + plain if page.number == 1 else plain)[100:]
        for page, (plain, _) in zip(frames, examiner.frames, strict=True)
    ]
    assert any(b"row 3 " in page.data for page in frames)  # changed since: an older frame of its page
    assert [reader.page_at(path, number) for number in (1, 2)] == [page.data for page in pages[:2]]
    assert reader.page_at(path, len(pages) + 1) == b""
    assert [page.place for page in pages[:2]] == ["a.db page 1", "a.db page 2"]
    assert frames[0].place == "a.db-wal frame 1"


def test_another_keys_pages_are_not_authentic(opened: Connection, tmp_path: Path) -> None:
    opened.close()
    reader = PageReader.of_file(tmp_path / "a.db", Secret(b"x" * 32))
    assert not any(page.is_authentic for page in reader.pages(tmp_path / "a.db"))


def test_a_torn_end_and_a_missing_wal_are_no_errors(opened: Connection, tmp_path: Path) -> None:
    opened.close()
    path = tmp_path / "a.db"
    with path.open("ab") as file:
        file.write(b"torn")
    reader = PageReader.of_file(path, Secret(KEY))
    last = list(reader.pages(path))[-1]
    assert (last.data, last.is_authentic) == (b"torn", False)
    assert list(reader.frames(tmp_path / "none-wal")) == []


def test_a_wal_that_goes_away_meanwhile_is_no_error(
    opened: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wal = tmp_path / "a.db-wal"
    reader = PageReader.of_file(tmp_path / "a.db", Secret(KEY))
    real = Path.open

    def open_late(path: Path, *arguments: object) -> object:
        if path == wal:
            opened.close()  # the last connection takes the WAL with it
        return real(path, *arguments)  # type: ignore[call-overload]

    assert wal.exists()
    monkeypatch.setattr(Path, "open", open_late)
    assert list(reader.frames(wal)) == []
    assert not wal.exists()
