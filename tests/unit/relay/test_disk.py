"""The data directory: one relay at a time, and never new keys over old databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from byre.relay.disk import DataDirectory
from byre.relay.key_file import KeyFile
from tests.fakes.relay import RelayClock, running_relay, seeded


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


@pytest.mark.parametrize("is_emptied", [True, False])
async def test_a_lost_durable_file_is_no_new_relay(tmp_path: Path, is_emptied: bool) -> None:
    async with running_relay(tmp_path / "relay") as relay:
        data = relay.path
    path = data / "relay.db"
    kept = path.read_bytes()
    path.write_bytes(b"") if is_emptied else path.unlink()
    before = {file.name: file.read_bytes() for file in data.iterdir()}
    with pytest.raises(EnvironmentFault) as caught:
        async with running_relay(data):
            pass
    assert caught.value.code == "db_missing"
    assert {file.name: file.read_bytes() for file in data.iterdir()} == before
    path.write_bytes(kept)
    async with running_relay(data):
        pass


async def test_a_first_start_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    (tmp_path / "relay").mkdir()
    KeyFile.create(tmp_path / "relay" / "relay.keys", seeded(1))
    async with running_relay(tmp_path / "relay") as relay:
        keys = KeyFile.restore(relay.path / "relay.keys", (relay.path / "relay.keys").read_bytes())
        assert keys.is_database_made
