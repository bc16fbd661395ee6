"""Files that are never half written."""

from __future__ import annotations

import errno
import os
from contextlib import nullcontext
from pathlib import Path
from typing import IO

import pytest

from byre.crypto.random import Random
from byre.errors import EnvironmentFault
from byre.store import vault_files
from byre.store.vault_files import (
    file_faults,
    overwrite_and_unlink,
    replace_over,
    sync_file,
    sync_folder,
    write_durably,
    write_over,
)
from tests.unit.store.profile import seeded


def test_a_file_is_replaced_as_a_whole_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_durably(path, b"old")
    write_durably(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full"), (errno.EIO, "io_error"), (errno.EACCES, "io_error")],
)
def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    path = tmp_path / "f"
    write_durably(path, b"old")

    def fails(descriptor: int) -> None:
        raise OSError(number, "injected")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(EnvironmentFault) as caught:
        write_durably(path, b"new")
    assert caught.value.code == code
    assert caught.value.__suppress_context__
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]


def test_the_bytes_of_a_replaced_file_are_overwritten(tmp_path: Path) -> None:
    path, second_name = tmp_path / "f", tmp_path / "the old one by another name"
    write_durably(path, b"old secret bytes")
    os.link(path, second_name)
    write_over(path, b"new", seeded("over"))
    assert path.read_bytes() == b"new"
    assert second_name.read_bytes() == seeded("over")(len(b"old secret bytes"))


@pytest.mark.parametrize("overwriting_works", [True, False])
def test_a_built_file_takes_the_place_of_another_whose_bytes_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwriting_works: bool
) -> None:
    built, path, second_name = tmp_path / "built", tmp_path / "f", tmp_path / "the old one by another name"
    built.write_bytes(b"new")
    path.write_bytes(b"old secret bytes")
    os.link(path, second_name)

    def fails(file: object, random: object) -> None:
        raise OSError(errno.EIO, "injected")

    if not overwriting_works:
        monkeypatch.setattr(vault_files, "_overwrite", fails)
    replace_over(built, path, seeded("over"))
    assert path.read_bytes() == b"new"
    assert not built.exists()
    expected = seeded("over")(len(b"old secret bytes")) if overwriting_works else b"old secret bytes"
    assert second_name.read_bytes() == expected


def test_a_built_file_can_be_the_first_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "built").write_bytes(b"new")
    replace_over(tmp_path / "built", tmp_path / "f", seeded("over"))
    assert (tmp_path / "f").read_bytes() == b"new"


def test_what_overwrites_is_on_the_disk_before_the_name_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"secret")
    found: list[bytes] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: found.append(path.read_bytes()))
    overwrite_and_unlink(path, seeded("over"))
    assert (len(found), path.exists()) == (1, False)
    assert found[0] != b"secret"


def test_overwriting_that_fails_is_no_failure_and_a_write_that_fails_overwrites_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, second_name = tmp_path / "f", tmp_path / "the old one by another name"
    write_durably(path, b"old")
    os.link(path, second_name)
    real, calls = os.fsync, []

    def third_fails(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 3:  # file, folder, then the old one
            raise OSError(errno.EIO, "injected")
        real(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", third_fails)
        write_over(path, b"new", seeded("over"))
    assert path.read_bytes() == b"new"

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "injected")

    os.unlink(second_name)
    os.link(path, second_name)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentFault) as caught:
        write_over(path, b"newer", seeded("over"))
    assert caught.value.code == "disk_full"
    assert path.read_bytes() == second_name.read_bytes() == b"new"


def test_where_open_files_cannot_be_replaced_the_file_is_only_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_files, "_CAN_REPLACE_OPEN_FILES", False)
    path = tmp_path / "f"
    write_durably(path, b"old")
    write_over(path, b"new", seeded("over"))
    assert path.read_bytes() == b"new"


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), file_faults():
        raise KeyError


def test_syncing_what_is_missing_is_an_io_error(tmp_path: Path) -> None:
    for sync in (sync_file, sync_folder):
        with pytest.raises(EnvironmentFault) as caught:
            sync(tmp_path / "missing")
        assert caught.value.code == "io_error"
    (tmp_path / "f").write_bytes(b"x")
    sync_file(tmp_path / "f")


def test_folders_are_not_synced_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = tmp_path / "missing"
    monkeypatch.setattr(vault_files, "_CAN_SYNC_FOLDERS", False)
    sync_folder(missing)


def test_a_file_is_overwritten_in_place_before_it_goes(tmp_path: Path) -> None:
    path, other_name = tmp_path / "f", tmp_path / "same file"
    content = b"secret" * 300_000
    path.write_bytes(content)
    os.link(path, other_name)
    overwrite_and_unlink(path, seeded("over"))
    assert not path.exists()
    left = other_name.read_bytes()
    assert len(left) == len(content)
    assert b"secret" not in left
    overwrite_and_unlink(path, seeded("over"))


@pytest.mark.parametrize(("number", "goes"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EIO, False)])
def test_a_full_disk_keeps_no_file_from_going(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, goes: bool
) -> None:
    """A copy-on-write one needs room for what overwrites, and it is only the removal that makes some."""
    path = tmp_path / "f"
    path.write_bytes(b"secret")

    def fails(file: object, random: object) -> None:
        raise OSError(number, "injected")

    monkeypatch.setattr(vault_files, "_overwrite", fails)
    with nullcontext() if goes else pytest.raises(EnvironmentFault):
        overwrite_and_unlink(path, seeded("over"))
    assert path.exists() is not goes


def test_of_a_folder_in_a_files_place_nothing_is_left_but_what_links_lead_to(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"somebody else's")
    (tmp_path / "f" / "deep").mkdir(parents=True)
    (tmp_path / "f" / "deep" / "text").write_bytes(b"old text")
    os.link(tmp_path / "f" / "deep" / "text", tmp_path / "other name")
    (tmp_path / "f" / "link").symlink_to(tmp_path / "outside")
    overwrite_and_unlink(tmp_path / "f", seeded("over"))
    assert {path.name for path in tmp_path.iterdir()} == {"outside", "other name"}
    assert (tmp_path / "outside").read_bytes() == b"somebody else's"
    assert (tmp_path / "other name").read_bytes() != b"old text"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of a file system are POSIX's")
@pytest.mark.parametrize("what", ["folder", "pipe", "link"])
def test_what_lies_in_the_place_of_a_temporary_file_makes_room(tmp_path: Path, what: str) -> None:
    (tmp_path / "outside").write_bytes(b"somebody else's")
    temporary = tmp_path / "f.part"
    if what == "folder":
        (temporary / "inside").mkdir(parents=True)
    elif what == "pipe":
        os.mkfifo(temporary)
    else:
        temporary.symlink_to(tmp_path / "outside")
    write_durably(tmp_path / "f", b"new")
    assert (tmp_path / "f").read_bytes() == b"new"
    assert {path.name for path in tmp_path.iterdir()} == {"f", "outside"}
    assert not (tmp_path / "f").is_symlink()
    assert (tmp_path / "outside").read_bytes() == b"somebody else's"


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_to_itself_goes(tmp_path: Path) -> None:
    (tmp_path / "key.2").symlink_to("key.2")
    overwrite_and_unlink(tmp_path / "key.2", seeded("f"))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_overwritten_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f").write_bytes(b"old text")

    def broken(path: Path, mode: str) -> IO[bytes]:
        raise OSError(errno.EIO, "a worn disk")

    monkeypatch.setattr(Path, "open", broken)
    with pytest.raises(EnvironmentFault) as caught:
        overwrite_and_unlink(tmp_path / "f", seeded("over"))
    assert caught.value.code == "io_error"
    assert (tmp_path / "f").exists()


def test_another_name_of_a_living_file_loses_the_name_only(tmp_path: Path) -> None:
    living = tmp_path / "living"
    living.write_bytes(b"bytes")
    (tmp_path / "hard").hardlink_to(living)
    (tmp_path / "soft").symlink_to(living)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("hard", "soft", "dangling"):
        overwrite_and_unlink(tmp_path / name, seeded("over"), living=[tmp_path / "missing", living])
    assert [entry.name for entry in tmp_path.iterdir()] == ["living"]
    assert living.read_bytes() == b"bytes"


@pytest.mark.parametrize("is_somebody_elses", [False, True])
def test_a_file_that_nobody_may_write_to_is_removed_nevertheless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_somebody_elses: bool
) -> None:
    path, second_name = tmp_path / "f", tmp_path / "second"
    path.write_bytes(b"bytes")
    second_name.hardlink_to(path)
    path.chmod(0o400)
    real = Path.open

    def refused(file: Path, mode: str = "r") -> IO[bytes]:
        if mode == "r+b" and not file.stat().st_mode & 0o200:
            raise PermissionError(errno.EACCES, "injected")
        return real(file, mode)  # type: ignore[return-value]

    def not_ours(file: Path, mode: int) -> None:
        raise PermissionError(errno.EPERM, "injected")

    monkeypatch.setattr(Path, "open", refused)
    if is_somebody_elses:
        monkeypatch.setattr(Path, "chmod", not_ours)
    overwrite_and_unlink(path, seeded("over"))
    assert not path.exists()
    assert (second_name.read_bytes() == b"bytes") is is_somebody_elses


def test_a_replaced_file_that_cannot_even_be_closed_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written over the old bytes may be refused as late as that."""

    def refused_late(file: IO[bytes], _: Random) -> None:
        close = file.close

        def late() -> None:
            close()
            raise OSError(errno.EIO, "what was buffered")

        file.close = late  # type: ignore[method-assign]

    monkeypatch.setattr(vault_files, "_overwrite", refused_late)
    path, built = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"old")
    write_over(path, b"new", seeded("x"))
    assert path.read_bytes() == b"new"
    built.write_bytes(b"newest")
    replace_over(built, path, seeded("x"))
    assert path.read_bytes() == b"newest"


def test_where_nothing_was_built_the_other_stays(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    for missing in (path, tmp_path / "none"):
        with pytest.raises(EnvironmentFault):
            replace_over(tmp_path / "b", missing, seeded("x"))
    assert path.read_bytes() == b"old"
