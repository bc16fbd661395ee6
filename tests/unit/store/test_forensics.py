"""The scanner finds and names what was planted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import Connection, Pragmas, open_connection
from byre.errors import EnvironmentFault
from byre.store import forensics
from byre.store.forensics import Finding, Scan, scan_database, scan_files, unexplained
from byre.store.forensics_needles import NeedleSet

KEY = Secret(b"k" * 32)
TEXT = "비밀 이야기를 여기에 적어 둔다 7f3a"
NEEDLE = TEXT.encode()[6:36]
NEEDLES = NeedleSet([NEEDLE])
CARELESS = Pragmas(secure_delete=False)


def make(tmp_path: Path, pragmas: Pragmas = CARELESS) -> Connection:
    connection = open_connection(tmp_path / "a.db", KEY, pragmas=pragmas, create=True)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT, y BLOB)")
    connection.executemany("INSERT INTO t (x) VALUES (?)", [(f"filler {n} " * 10,) for n in range(300)])
    return connection


def places(tmp_path: Path) -> tuple[str, ...]:
    return scan_database(tmp_path / "a.db", KEY, NEEDLES).places()


def test_nothing_planted_nothing_found(tmp_path: Path) -> None:
    make(tmp_path).close()
    told: list[float] = []
    scan = scan_database(tmp_path / "a.db", KEY, NEEDLES, told.append)
    assert (scan.findings, scan.wal_frames, scan.not_authentic) == ((), 0, 0)
    assert scan.pages == (tmp_path / "a.db").stat().st_size // 4096


def test_progress_is_told_on_large_files(tmp_path: Path) -> None:
    connection = make(tmp_path)
    connection.executemany("INSERT INTO t (x) VALUES (?)", [("z" * 3000,)] * 600)
    connection.close()
    told: list[float] = []
    scan_database(tmp_path / "a.db", KEY, NEEDLES, told.append)
    assert told
    assert all(0 < fraction <= 1 for fraction in told)


def test_a_live_row_is_a_cell(tmp_path: Path) -> None:
    connection = make(tmp_path)
    connection.execute("INSERT INTO t (x) VALUES (?)", (TEXT,))
    connection.close()
    (place,) = places(tmp_path)
    assert place.endswith("(cell)")


def test_a_stale_wal_frame_is_found_and_named(tmp_path: Path) -> None:
    connection = make(tmp_path, Pragmas(secure_delete=True))
    connection.execute("INSERT INTO t (id, x) VALUES (999, ?)", (TEXT,))
    connection.execute("DELETE FROM t WHERE id = 999")
    connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
    found = places(tmp_path)
    connection.close()
    assert found
    assert all(place.startswith("a.db-wal frame") for place in found)


def test_a_deleted_row_in_page_slack_or_a_free_block(tmp_path: Path) -> None:
    connection = make(tmp_path)
    connection.execute("INSERT INTO t (id, x) VALUES (999, ?)", (TEXT,))
    connection.execute("DELETE FROM t WHERE id = 999")
    connection.close()
    (place,) = places(tmp_path)
    assert place.endswith(("(page slack)", "(free block)"))


def test_a_free_page_is_found_and_named(tmp_path: Path) -> None:
    connection = make(tmp_path)
    connection.execute("CREATE TABLE gone (x TEXT)")
    connection.execute("INSERT INTO gone (x) VALUES (?)", (TEXT,))
    connection.execute("DROP TABLE gone")
    connection.close()
    (place,) = places(tmp_path)
    assert place.endswith("(free page)")


def test_an_overflow_page_is_found_and_named(tmp_path: Path) -> None:
    connection = make(tmp_path)
    connection.execute("INSERT INTO t (y) VALUES (?)", (b"\x00" * 6000 + TEXT.encode(),))
    connection.close()
    (place,) = places(tmp_path)
    assert place.endswith("(overflow page)")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_stray_file_is_found_and_named_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "notes.txt").write_bytes(b"x" * 77 + TEXT.encode(encoding))
    scan = scan_files(tmp_path, NEEDLES)
    assert [place.split(" at byte ")[0] for place in scan.places()] == ["sub/notes.txt"]
    assert scan.findings[0].needle == NEEDLE
    assert scan.files == 1
    assert TEXT not in repr(scan)


@pytest.mark.parametrize("before", [(1 << 20) - 40, (1 << 20) - 10, 1 << 20])
def test_a_needle_across_two_pieces_of_a_file_is_found(tmp_path: Path, before: int) -> None:
    (tmp_path / "big").write_bytes(b"\x00" * before + TEXT.encode() + b"\x00" * 5000)
    scan = scan_files(tmp_path, NEEDLES)
    assert {int(place.split()[-2]) for place in scan.places()} == {before + 6}
    assert scan.raw_bytes >= before


def test_files_that_vanish_or_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("gone", "locked", "plain"):
        (tmp_path / name).write_bytes(TEXT.encode())
    real = Path.open

    def open_some(path: Path, *arguments: object) -> object:
        if path.name == "gone":
            raise FileNotFoundError
        if path.name == "locked":
            raise PermissionError
        return real(path, *arguments)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", open_some)
    assert scan_files(tmp_path, NEEDLES).places() == ("locked (could not be read)", "plain at byte 6 (plaintext)")


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="extended attributes are Linux's")
def test_what_hangs_on_a_file_or_a_folder_is_searched(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    try:
        os.setxattr(tmp_path / "file", "user.note", TEXT.encode())
        os.setxattr(tmp_path, "user.note", TEXT.encode("utf-16-le"))
        os.setxattr(tmp_path / "file", "user.other", b"harmless")
    except OSError:
        pytest.skip("the file system keeps no such attributes")
    places = scan_files(tmp_path, NEEDLES).places()
    assert places == ("an extended attribute of . (plaintext)", "an extended attribute of file (plaintext)")


def test_names_of_any_bytes_are_shown_as_text() -> None:
    places = Scan((Finding("a\nb", b""), Finding("\udcff.tmp \u202e", b""), Finding("방 1", b""))).places()
    assert places == ("a\ufffdb", "\ufffd.tmp \ufffd", "방 1")


def test_a_folder_that_cannot_be_read_is_no_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    real = os.scandir

    def refused(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError
        return real(path)

    monkeypatch.setattr(os, "scandir", refused)
    assert scan_files(tmp_path, NEEDLES).places() == ("closed (could not be read)",)


def test_live_content_is_searched_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forensics, "_CHUNK_BYTES", 200)
    connection = make(tmp_path)
    connection.execute("INSERT INTO t (id, x) VALUES (9999, ?)", (TEXT,))
    found = Scan((Finding("a.db page 2 (cell)", NEEDLE), Finding("a.db page 3 (cell)", b"nowhere in any row")))
    assert unexplained(found, connection).places() == ("a.db page 3 (cell)",)
    connection.close()


def test_a_word_that_the_index_holds_in_lower_case_is_explained(tmp_path: Path) -> None:
    connection = make(tmp_path)
    connection.execute("INSERT INTO t (x) VALUES ('SUPERCALIFRAGILISTIC')")
    scan = Scan((Finding("a.db page 2 (cell)", b"supercalifragilistic"),))
    assert unexplained(scan, connection).findings == ()
    connection.close()


def test_binary_needles_have_no_utf16_form(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(bytes(range(128, 160)))
    assert len(scan_files(tmp_path, NeedleSet([bytes(range(128, 160))])).findings) == 1


def test_what_stands_in_another_room_too_is_explained(tmp_path: Path) -> None:
    connection = make(tmp_path)
    connection.execute("INSERT INTO t (id, x, y) VALUES (1000, ?, ?)", (TEXT, b"\x01\x02"))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    scan = scan_database(tmp_path / "a.db", KEY, NEEDLES)
    plain = Scan((Finding("notes.txt at byte 3 (plaintext)", NEEDLE),))
    assert unexplained(scan + plain, connection).places() == plain.places()
    connection.execute("UPDATE t SET x = NULL WHERE id = 1000")
    assert unexplained(scan + plain, connection).places() == (*scan.places(), *plain.places())
    assert unexplained(plain, connection) == plain
    connection.close()


def test_a_missing_database_is_an_io_error(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        scan_database(tmp_path / "none.db", KEY, NEEDLES)
    assert caught.value.code == "io_error"
