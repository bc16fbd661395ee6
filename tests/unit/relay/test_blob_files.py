"""Blob files: sealed chunk by chunk under the blob's key, each in its place, worthless without the key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from byre.relay.blob_files import SLOT_BYTES, BlobFiles, chunk_count, chunk_size, file_size
from byre.wire.frames import BLOB_CHUNK_BYTES
from tests.fakes.relay import seeded

ID, OTHER, KEY = b"i" * 16, b"o" * 16, b"k" * 32
CHUNK = bytes(range(256)) * 4096


@pytest.fixture
def files(tmp_path: Path) -> BlobFiles:
    return BlobFiles(tmp_path / "blobs", seeded(1))


def test_chunks_come_back_from_their_places(files: BlobFiles, tmp_path: Path) -> None:
    files.write(ID, KEY, 1, b"last")
    files.write(ID, KEY, 0, CHUNK)
    assert files.read(ID, KEY, 0, len(CHUNK)) == CHUNK
    assert files.read(ID, KEY, 1, 4) == b"last"
    assert files.sizes() == {ID: file_size(BLOB_CHUNK_BYTES + 4, 2)}
    path = tmp_path / "blobs" / ID.hex()
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "blobs").stat().st_mode & 0o777 == 0o700
    assert CHUNK[:64] not in path.read_bytes()


def test_a_chunk_is_on_the_disk_when_it_is_answered(
    files: BlobFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def note(handle: int) -> None:
        steps.append(name_of(handle))

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(os, "fdatasync", note)
    files.write(ID, KEY, 0, CHUNK)
    assert steps == [tmp_path.name, ID.hex(), "blobs"]
    files.write(ID, KEY, 1, b"last")
    assert steps[3:] == [ID.hex()]


def name_of(handle: int) -> str:
    return Path(f"/proc/self/fd/{handle}").readlink().name


def test_another_key_place_blob_or_bit_does_not_open(files: BlobFiles, tmp_path: Path) -> None:
    files.write(ID, KEY, 0, CHUNK)
    files.write(ID, KEY, 1, CHUNK)
    path = tmp_path / "blobs" / ID.hex()
    data = bytearray(path.read_bytes())
    path.with_name(OTHER.hex()).write_bytes(data)
    swapped = data[SLOT_BYTES:] + data[:SLOT_BYTES]
    path.with_name((b"s" * 16).hex()).write_bytes(swapped)
    data[100] ^= 1
    path.write_bytes(data)
    for blob_id, key, index, size in [
        (ID, KEY, 0, len(CHUNK)),
        (ID, bytes(32), 1, len(CHUNK)),
        (OTHER, KEY, 0, len(CHUNK)),
        (b"s" * 16, KEY, 0, len(CHUNK)),
        (ID, KEY, 1, len(CHUNK) - 1),
        (ID, KEY, 2, 1),
        (bytes(16), KEY, 0, 1),
    ]:
        with pytest.raises(EnvironmentFault) as caught:
            files.read(blob_id, key, index, size)
        assert caught.value.code == "io_error"


def test_what_cannot_be_written_is_a_fault_and_what_is_not_there_is_deleted_already(
    files: BlobFiles, tmp_path: Path
) -> None:
    files.delete(ID)
    assert files.sizes() == {}
    (tmp_path / "blobs").write_bytes(b"")  # where the folder should be
    with pytest.raises(EnvironmentFault):
        files.write(ID, KEY, 0, CHUNK)
    with pytest.raises(EnvironmentFault):
        files.sizes()
    files.delete(ID)


def test_strangers_in_the_folder_go(files: BlobFiles, tmp_path: Path) -> None:
    files.write(ID, KEY, 0, b"x")
    folder = tmp_path / "blobs"
    (folder / "notes.txt").write_bytes(b"")
    (folder / "00").write_bytes(b"")
    (folder / OTHER.hex()).symlink_to(tmp_path)
    (folder / "folder").mkdir()
    assert files.sizes().keys() == {ID}
    assert {path.name for path in folder.iterdir()} == {ID.hex(), "folder"}


@pytest.mark.parametrize(
    ("size", "chunks", "last"),
    [(1, 1, 1), (BLOB_CHUNK_BYTES, 1, BLOB_CHUNK_BYTES), (BLOB_CHUNK_BYTES + 1, 2, 1), (100 << 20, 100, 1 << 20)],
)
def test_sizes(size: int, chunks: int, last: int) -> None:
    assert chunk_count(size) == chunks
    assert chunk_size(size, chunks - 1) == last
    assert file_size(size, chunks) == size + chunks * (SLOT_BYTES - BLOB_CHUNK_BYTES)
    assert file_size(size, 0) == 0
