"""Files of a profile by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from byre.store.vault_manifest import Manifest
from byre.store.vault_profile import DESTROYING, MANIFEST, ProfileFiles, mark_destroyed
from tests.unit.store.profile import seeded


@pytest.fixture
def files(tmp_path: Path) -> ProfileFiles:
    return ProfileFiles(tmp_path, seeded("files"))


def test_a_missing_folder_has_no_names(tmp_path: Path) -> None:
    files = ProfileFiles(tmp_path / "none", seeded("files"))
    assert files.names() == frozenset()
    assert files.generations() == []
    files.destroy_generation(1)


def test_generations_are_read_off_the_names(files: ProfileFiles, tmp_path: Path) -> None:
    for name in ("key.2", "key.4.part", "store.3.db", "store.5.db-wal", "store.x.db", "notes.7", "key.", "store.8"):
        (tmp_path / name).write_bytes(b"")
    assert files.generations() == [2, 3, 4, 5, 8]


@pytest.mark.parametrize("has_room", [True, False])
def test_a_profile_is_marked_as_destroyed_whether_there_is_room_for_the_mark_or_not(
    files: ProfileFiles, monkeypatch: pytest.MonkeyPatch, has_room: bool
) -> None:
    manifest = Manifest(1, b"p" * 16)
    files.write_manifest(manifest)

    def full(*_: object) -> None:
        raise EnvironmentFault("injected", code="disk_full")

    if not has_room:
        monkeypatch.setattr(files, "write_manifest", full)
    for _ in range(2):
        mark_destroyed(files, manifest)
        assert files.read_manifest(DESTROYING) == manifest
    assert (MANIFEST in files.names()) is has_room


def test_a_generation_goes_with_all_its_files_and_no_other(files: ProfileFiles, tmp_path: Path) -> None:
    gone = ("key.2", "key.2.part", "store.2.db", "store.2.db-wal", "store.2.db-shm", "store.2.db-journal")
    for name in (*gone, "key.1", "store.1.db", "store.22.db", "manifest"):
        (tmp_path / name).write_bytes(b"x")
    files.destroy_generation(2)
    assert files.names() == {"key.1", "store.1.db", "store.22.db", "manifest"}


def test_what_is_only_another_name_of_the_living_key_goes_without_the_key(files: ProfileFiles, tmp_path: Path) -> None:
    files.write_manifest(Manifest(1, b"p" * 16))
    (tmp_path / "key.1").write_bytes(b"the key that counts")
    (tmp_path / "key.2").hardlink_to(tmp_path / "key.1")
    (tmp_path / "store.3.db").symlink_to(tmp_path / "key.1")
    files.destroy_key(2)
    files.destroy_generation(3)
    assert files.names() == {"manifest", "key.1"}
    assert (tmp_path / "key.1").read_bytes() == b"the key that counts"
    (tmp_path / "second").hardlink_to(tmp_path / "key.1")
    files.destroy_key(1)  # what is meant to go, goes under every name
    assert (tmp_path / "second").read_bytes() != b"the key that counts"


def test_what_does_not_parse_or_fit_is_damaged_and_kept(files: ProfileFiles, tmp_path: Path) -> None:
    (tmp_path / "manifest").write_bytes(b"junk")
    with pytest.raises(EnvironmentFault) as caught:
        files.read_manifest()
    assert caught.value.code == "db_damaged"
    manifest = Manifest(1, b"p" * 16)
    with pytest.raises(EnvironmentFault) as caught:
        files.read_key_file(manifest)
    assert caught.value.code == "db_damaged"
    (tmp_path / "key.1").write_bytes(b"junk")
    with pytest.raises(EnvironmentFault) as caught:
        files.read_key_file(manifest)
    assert caught.value.code == "db_damaged"
    assert files.names() == {"manifest", "key.1"}


def test_a_newer_manifest_is_named(files: ProfileFiles, tmp_path: Path) -> None:
    raw = bytearray(Manifest(1, b"p" * 16).to_bytes())
    raw[8] = 9
    (tmp_path / "manifest").write_bytes(raw)
    with pytest.raises(EnvironmentFault) as caught:
        files.read_manifest()
    assert caught.value.code == "db_newer"


def test_another_profiles_key_file_is_refused(files: ProfileFiles, tmp_path: Path) -> None:
    from tests.unit.store.test_vault_key_file import key_file

    files.write_key_file(key_file())
    assert files.read_key_file(Manifest(2, b"p" * 16)) == key_file()
    with pytest.raises(EnvironmentFault) as caught:
        files.read_key_file(Manifest(2, b"q" * 16))
    assert caught.value.code == "db_damaged"


def test_names_that_cannot_be_listed_are_an_io_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: Path) -> None:
        raise OSError(5, "injected")

    monkeypatch.setattr(Path, "iterdir", fails)
    with pytest.raises(EnvironmentFault) as caught:
        ProfileFiles(tmp_path, seeded("files")).names()
    assert caught.value.code == "io_error"


def test_removing_a_marker_twice_is_once(files: ProfileFiles) -> None:
    files.write_manifest(Manifest(1, b"p" * 16), "creating")
    files.unlink("creating")
    files.unlink("creating")
    assert files.names() == frozenset()


def test_a_profile_is_set_aside_as_a_whole_and_again(files: ProfileFiles, tmp_path: Path) -> None:
    for round_ in (1, 2):
        for name in ("manifest", "key.1", "store.1.db", "store.1.db-wal"):
            (tmp_path / name).write_bytes(name.encode() + bytes([round_]))
        files.set_aside()
        assert files.names() == {f"kept.{n}" for n in range(1, round_ + 1)}
        assert files.generations() == []
        assert (tmp_path / f"kept.{round_}" / "store.1.db").read_bytes() == b"store.1.db" + bytes([round_])


def test_setting_aside_goes_on_after_a_crash(
    files: ProfileFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("manifest", "key.1", "store.1.db"):
        (tmp_path / name).write_bytes(name.encode())
    real, moved = os.replace, []

    def second_fails(source: Path, target: Path) -> None:
        if len(moved) == 1:
            raise OSError(5, "injected")
        moved.append(source.name)
        real(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", second_fails)
        with pytest.raises(EnvironmentFault):
            files.set_aside()
    assert "manifest" in files.names()
    files.set_aside()
    assert files.names() == {"kept.1"}
    assert {path.name for path in (tmp_path / "kept.1").iterdir()} == {"manifest", "key.1", "store.1.db"}
