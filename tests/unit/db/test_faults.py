"""The driver's errors in our words."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlcipher3 import dbapi2

from byre.db.faults import translated
from byre.errors import ByreError


def error(code: int | None) -> dbapi2.Error:
    raised = dbapi2.OperationalError("a message with a value in it")
    if code is not None:
        raised.sqlite_errorcode = code
        raised.sqlite_errorname = "SQLITE_SOMETHING"
    return raised


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        (dbapi2.SQLITE_FULL, "disk_full"),
        (dbapi2.SQLITE_CORRUPT, "db_damaged"),
        (dbapi2.SQLITE_NOTADB, "db_damaged"),
        (dbapi2.SQLITE_IOERR | 3 << 8, "io_error"),
        (dbapi2.SQLITE_READONLY, "io_error"),
        (dbapi2.SQLITE_BUSY, "profile_in_use"),
        (dbapi2.SQLITE_CONSTRAINT, "db_statement"),
        (None, "db_statement"),
    ],
)
def test_each_kind_has_its_code(tmp_path: Path, code: int | None, ours: str) -> None:
    with pytest.raises(ByreError) as caught, translated(tmp_path / "a.db"):
        raise error(code)
    assert caught.value.code == ours
    assert "value" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_an_io_error_without_free_space_is_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(ByreError) as caught, translated(tmp_path / "a.db"):
        raise error(dbapi2.SQLITE_IOERR)
    assert caught.value.code == "disk_full"


@pytest.mark.parametrize(
    ("number", "ours"), [(errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full"), (errno.EACCES, "io_error")]
)
def test_a_file_that_cannot_be_made_where_no_other_can_is_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, ours: str
) -> None:
    def refused(**_: object) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    with pytest.raises(ByreError) as caught, translated(tmp_path / "a.db"):
        raise error(dbapi2.SQLITE_CANTOPEN)
    assert caught.value.code == ours


def test_a_file_that_cannot_be_opened_where_another_can_be_made_is_an_io_error(tmp_path: Path) -> None:
    with pytest.raises(ByreError) as caught, translated(tmp_path / "a.db"):
        raise error(dbapi2.SQLITE_CANTOPEN)
    assert caught.value.code == "io_error"
    assert list(tmp_path.iterdir()) == []


def test_an_io_error_in_a_vanished_folder_stays_an_io_error(tmp_path: Path) -> None:
    with pytest.raises(ByreError) as caught, translated(tmp_path / "gone" / "a.db"):
        raise error(dbapi2.SQLITE_IOERR)
    assert caught.value.code == "io_error"


def test_other_exceptions_pass(tmp_path: Path) -> None:
    with pytest.raises(KeyError), translated(tmp_path / "a.db"):
        raise KeyError
