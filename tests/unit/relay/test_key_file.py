"""The key file: whole or refused, private, and without the keys that were destroyed."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgpack
import pytest

from byre.errors import EnvironmentFault
from byre.relay.key_file import KeyFile
from tests.fakes.relay import seeded


def test_keys_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "relay.keys"
    keys = KeyFile.create(path, seeded(1))
    bucket = keys.add_bucket(6, seeded(2))
    again = KeyFile.restore(path, path.read_bytes())
    assert again.relay_id == keys.relay_id
    assert again.store_epoch == keys.store_epoch
    assert again.durable == keys.durable
    assert again.buckets == {6: bucket}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_destroyed_key_is_in_no_file(tmp_path: Path) -> None:
    path = tmp_path / "relay.keys"
    keys = KeyFile.create(path, seeded(1))
    secret = keys.add_bucket(6, seeded(2)).reveal()
    keys.add_bucket(12, seeded(3))
    keys.destroy_bucket(6)
    keys.destroy_bucket(6)
    assert secret not in b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert list(KeyFile.restore(path, path.read_bytes()).buckets) == [12]


def test_the_old_file_is_overwritten_before_it_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "relay.keys"
    keys = KeyFile.create(path, seeded(1))
    with path.open("rb") as old:
        keys.add_bucket(6, seeded(2))
        assert not any(old.read())


def test_a_key_is_on_the_disk_before_its_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = KeyFile.create(tmp_path / "relay.keys", seeded(1))
    steps: list[str] = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (steps.append(name_of(handle)), sync(handle)))
    monkeypatch.setattr(os, "replace", lambda old, new: (steps.append("renamed"), replace(old, new)))
    keys.add_bucket(6, seeded(2))
    assert steps == ["relay.new", "renamed", tmp_path.name, "relay.keys (deleted)"]


def name_of(handle: int) -> str:
    return Path(f"/proc/self/fd/{handle}").readlink().name


def test_what_is_no_key_file_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "relay.keys"
    KeyFile.create(path, seeded(1))
    good = msgpack.unpackb(path.read_bytes(), strict_map_key=False)
    damaged = [b"", b"\xc1", msgpack.packb([1])]
    damaged += [msgpack.packb({**good, "v": 2}), msgpack.packb({**good, "durable": b"short"})]
    damaged += [msgpack.packb({**good, "buckets": {6: b"short"}}), msgpack.packb({**good, "buckets": []})]
    for data in damaged:
        with pytest.raises(EnvironmentFault) as caught:
            KeyFile.restore(path, data)
        assert caught.value.code == "key_file_damaged"


def test_a_directory_that_cannot_be_written_is_an_io_error(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        KeyFile.create(tmp_path / "missing" / "relay.keys", seeded(1))
    assert caught.value.code == "io_error"


def test_it_remembers_which_buckets_have_a_file(tmp_path: Path) -> None:
    path = tmp_path / "relay.keys"
    keys = KeyFile.create(path, seeded(1))
    for start in (6, 12):
        keys.add_bucket(start, seeded(start))
    keys.note_bucket(6)
    again = KeyFile.restore(path, path.read_bytes())
    assert [again.is_bucket_made(start) for start in (6, 12, 18)] == [True, False, False]
    again.destroy_bucket(6)
    assert not KeyFile.restore(path, path.read_bytes()).is_bucket_made(6)
    good = msgpack.unpackb(path.read_bytes(), strict_map_key=False)
    for wrong in (5, ["6"]):
        with pytest.raises(EnvironmentFault):
            KeyFile.restore(path, msgpack.packb({**good, "made_buckets": wrong}))


def test_one_bucket_may_begin_while_another_ends(tmp_path: Path) -> None:
    """They are changed by worker threads: whatever one writes has what the other has written."""
    keys = KeyFile.create(tmp_path / "relay.keys", os.urandom)
    for start in range(40):
        keys.add_bucket(start, os.urandom)

    def begin(start: int) -> None:
        keys.add_bucket(start, os.urandom)
        keys.note_bucket(start)

    with ThreadPoolExecutor(4) as pool:
        work = [pool.submit(keys.destroy_bucket, start) for start in range(40)]
        work += [pool.submit(begin, start) for start in range(100, 140)]
        for each in work:
            each.result()
    restored = KeyFile.restore(tmp_path / "relay.keys", (tmp_path / "relay.keys").read_bytes())
    assert keys.buckets == restored.buckets
    assert sorted(restored.buckets) == list(range(100, 140))
    assert all(restored.is_bucket_made(start) for start in range(100, 140))
