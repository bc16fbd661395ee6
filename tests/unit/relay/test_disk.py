"""The data directory: one relay at a time, and never new keys over old databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from byre.relay.disk import DataDirectory
from tests.fakes.relay import RelayClock, seeded


def code_of(path: Path) -> str:
    with pytest.raises(EnvironmentFault) as caught:
        DataDirectory(path, RelayClock()).keys(seeded(1))
    return caught.value.code


def test_a_directory_is_one_relays(tmp_path: Path) -> None:
    first = DataDirectory(tmp_path / "data", RelayClock())
    assert code_of(tmp_path / "data") == "profile_in_use"
    first.unlock()
    DataDirectory(tmp_path / "data", RelayClock()).unlock()


def test_keys_are_made_once(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path, RelayClock())
    made = directory.keys(seeded(1))
    assert directory.keys(seeded(2)).relay_id == made.relay_id
    directory.unlock()


def test_databases_without_their_keys_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "relay.db").write_bytes(b"precious")
    assert code_of(tmp_path) == "key_missing"
    assert (tmp_path / "relay.db").read_bytes() == b"precious"
    assert not (tmp_path / "relay.keys").exists()


def test_a_path_that_is_a_file_is_an_io_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert code_of(tmp_path / "file") == "io_error"


def test_free_space_is_a_percentage_looked_up_now_and_then(tmp_path: Path) -> None:
    clock = RelayClock()
    directory = DataDirectory(tmp_path / "data", clock)
    assert 0 <= directory.free_percent() <= 100
    directory.unlock()
    for each in (tmp_path / "data").iterdir():
        each.unlink()
    (tmp_path / "data").rmdir()
    assert directory.free_percent() > 0  # remembered
    clock.advance(10)
    assert directory.free_percent() == 0  # a disk that cannot be asked has no room
