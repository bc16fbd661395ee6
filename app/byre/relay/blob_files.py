"""The bytes of blobs on the disk: one file per blob, every chunk sealed under the blob's own key.

```
blobs/<id in hex>      chunk i at i * 1,048,616:  nonce[24] ‖ XChaCha20-Poly1305(chunk i, AAD)
                       AAD = "byre blob chunk v1" ‖ id[16] ‖ u32 i
```
The key lies in the blob's row of the durable file and nowhere else: once the row is gone, what the disk still holds of
the file is noise. All functions block; they are called on worker threads. A chunk is on the disk when `write` returns.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from byre.crypto import aead
from byre.errors import EnvironmentFault, PeerError
from byre.wire.frames import BLOB_CHUNK_BYTES

DOMAIN: Final = b"byre blob chunk v1"
SEALED_EXTRA: Final = aead.XCHACHA_NONCE_LENGTH + aead.TAG_LENGTH
SLOT_BYTES: Final = BLOB_CHUNK_BYTES + SEALED_EXTRA


def chunk_count(size_bytes: int) -> int:
    """Return how many chunks a blob of this size has."""
    return -(-size_bytes // BLOB_CHUNK_BYTES)


def chunk_size(size_bytes: int, index: int) -> int:
    """Return the size of one chunk of a blob: all are full but the last."""
    return min(BLOB_CHUNK_BYTES, size_bytes - index * BLOB_CHUNK_BYTES)


class BlobFiles:
    """The folder of blob files.

    Args:
        folder: made with the first blob (mode 0700).
    """

    def __init__(self, folder: Path, random: Callable[[int], bytes]) -> None:
        self._folder = folder
        self._random = random

    def write(self, blob_id: bytes, key: bytes, index: int, chunk: bytes) -> None:
        """Seal a chunk into its place and sync it.

        Raises:
            EnvironmentFault: "disk_full" or "io_error"; the chunk counts as not written.
        """
        nonce = self._random(aead.XCHACHA_NONCE_LENGTH)
        sealed = nonce + aead.seal(key, chunk, _aad(blob_id, index), nonce)
        path = self._path(blob_id)
        try:
            if not self._folder.exists():
                self._folder.mkdir(mode=0o700, exist_ok=True)
                _sync_folder(self._folder.parent)
            is_new = not path.exists()
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                _write_all(handle, sealed, index * SLOT_BYTES)
                os.fdatasync(handle) if hasattr(os, "fdatasync") else os.fsync(handle)
            finally:
                os.close(handle)
            if is_new:
                _sync_folder(self._folder)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise EnvironmentFault("the disk is full; nothing was changed", code="disk_full") from None
            raise EnvironmentFault("a blob cannot be written", code="io_error") from None

    def read(self, blob_id: bytes, key: bytes, index: int, size_bytes: int) -> bytes:
        """Return a chunk of `size_bytes`.

        Raises:
            EnvironmentFault: "io_error"; the file is gone, short, or not what was written.
        """
        try:
            handle = os.open(self._path(blob_id), os.O_RDONLY | os.O_CLOEXEC)
            try:
                sealed = os.pread(handle, size_bytes + SEALED_EXTRA, index * SLOT_BYTES)
            finally:
                os.close(handle)
            nonce, ciphertext = sealed[: aead.XCHACHA_NONCE_LENGTH], sealed[aead.XCHACHA_NONCE_LENGTH :]
            chunk = aead.open(key, ciphertext, _aad(blob_id, index), nonce)
        except (OSError, PeerError):
            raise EnvironmentFault("a blob cannot be read", code="io_error") from None
        if len(chunk) != size_bytes:
            raise EnvironmentFault("a blob is shorter than it was", code="io_error")
        return chunk

    def delete(self, blob_id: bytes) -> None:
        """Unlink a blob's file; one that is not there is fine, and one that stays is swept at the next start."""
        try:
            self._path(blob_id).unlink(missing_ok=True)
        except OSError:
            pass

    def sizes(self) -> dict[bytes, int]:
        """Return the size of every blob file by its blob's id; files with other names are deleted.

        Raises:
            EnvironmentFault: "io_error".
        """
        try:
            return self._sweep() if self._folder.exists() else {}
        except OSError:
            raise EnvironmentFault("The folder for blobs cannot be used.", code="io_error") from None

    def _sweep(self) -> dict[bytes, int]:
        found: dict[bytes, int] = {}
        for path in self._folder.iterdir():
            try:
                blob_id = bytes.fromhex(path.name)
            except ValueError:
                blob_id = b""
            if len(blob_id) == 16 and path.is_file() and not path.is_symlink():
                found[blob_id] = path.stat().st_size
            elif path.is_symlink() or not path.is_dir():
                path.unlink(missing_ok=True)
        return found

    def _path(self, blob_id: bytes) -> Path:
        return self._folder / blob_id.hex()


def file_size(size_bytes: int, chunks: int) -> int:
    """Return the least size of a file that holds the first `chunks` chunks of a blob of `size_bytes`."""
    if chunks == 0:
        return 0
    return (chunks - 1) * SLOT_BYTES + chunk_size(size_bytes, chunks - 1) + SEALED_EXTRA


def _aad(blob_id: bytes, index: int) -> bytes:
    return DOMAIN + blob_id + index.to_bytes(4)


def _write_all(handle: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(handle, view, offset)
        view, offset = view[written:], offset + written


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
