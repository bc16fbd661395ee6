"""The part of the selftest that only the frozen program runs: whether all of it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.selftest import CheckFailed, check_files


def written(folder: Path) -> Path:
    (folder / "lib").mkdir()
    (folder / "lib" / "libX 1.so").write_bytes(b"12345")
    (folder / "data").write_bytes(b"")
    (folder / "files.txt").write_text("5 lib/libX 1.so\n0 data\n")
    return folder


def test_a_whole_folder_is_counted(tmp_path: Path) -> None:
    assert check_files(written(tmp_path)) == "2 files of 5 bytes are there"


@pytest.mark.parametrize("name", ["lib/libX 1.so", "data"])
def test_a_file_that_was_taken_away_is_named(tmp_path: Path, name: str) -> None:
    (written(tmp_path) / name).unlink()
    with pytest.raises(CheckFailed, match=f"{name} is missing"):
        check_files(tmp_path)


def test_a_file_that_was_cut_off_is_named(tmp_path: Path) -> None:
    (written(tmp_path) / "lib" / "libX 1.so").write_bytes(b"123")
    with pytest.raises(CheckFailed, match="has 3 bytes, not 5"):
        check_files(tmp_path)


def test_an_empty_list_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "files.txt").write_text("")
    with pytest.raises(CheckFailed):
        check_files(tmp_path)
