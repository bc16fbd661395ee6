"""Files of a profile that must not be half written: temporary name, fsync, rename, fsync of the folder.

What the operating system refuses becomes `disk_full` or `io_error`.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from byre.crypto.random import Random
from byre.errors import EnvironmentFault

_FULL = {errno.ENOSPC, errno.EDQUOT}
_BLOCK_BYTES = 1 << 20
_CAN_REPLACE_OPEN_FILES = _CAN_SYNC_FOLDERS = os.name != "nt"


@contextmanager
def file_faults() -> Iterator[None]:
    """Turn an OSError inside into `disk_full` or `io_error`; the message holds no path."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise EnvironmentFault("the disk is full; nothing was changed", code="disk_full") from None
        raise EnvironmentFault("a file of the profile cannot be read or written", code="io_error") from None


def read_whole(path: Path) -> bytes:
    """The bytes of a file. What is no file is not opened for waiting: reading a pipe would never end.

    Raises:
        EnvironmentFault: `db_damaged` for what is no regular file, `io_error`.
    """
    with file_faults():
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise not_a_file()
        with os.fdopen(descriptor, "rb") as file:
            return file.read()


def require_file(path: Path) -> None:
    """Refuse what is there and is no regular file; a missing one passes. Raises as `read_whole`."""
    with file_faults(), suppress(FileNotFoundError):
        if not stat.S_ISREG(path.stat().st_mode):
            raise not_a_file()


def not_a_file() -> EnvironmentFault:
    """The error for a pipe, a device or a folder that lies in a file's place."""
    sentence = "what lies in the place of a file of the profile is no file; everything is kept as it is"
    return EnvironmentFault(sentence, code="db_damaged")


def write_durably(path: Path, data: bytes) -> None:
    """Replace `path` by `data` as one step: after a crash it holds the old bytes or the new ones.

    Raises:
        EnvironmentFault: `disk_full`, `io_error`; the old file is untouched.
    """
    temporary = path.with_name(f"{path.name}.part")
    with file_faults():
        _make_room(temporary)
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def write_over(path: Path, data: bytes, random: Random) -> None:
    """`write_durably`, and then overwrite the bytes of the file that was replaced: they have no name any more.

    Where an open file cannot be replaced (Windows), they are left to the disk. See `overwrite_and_unlink`.

    Raises:
        EnvironmentFault: `disk_full`, `io_error`; the old file is untouched.
    """
    if not _CAN_REPLACE_OPEN_FILES:
        write_durably(path, data)
        return
    with file_faults():
        old = path.open("r+b")
    try:
        write_durably(path, data)
    except BaseException:
        old.close()
        raise
    with suppress(OSError), old:  # the new file counts: what the disk refuses here is no reason to say otherwise
        _overwrite(old, random)


def replace_over(built: Path, path: Path, random: Random) -> None:
    """Move a file that is on the disk into the place of another as one step, then overwrite the other's bytes."""
    with file_faults():
        old = path.open("r+b") if path.exists() and _CAN_REPLACE_OPEN_FILES else None
        try:
            os.replace(built, path)
            sync_folder(path.parent)
        except BaseException:
            if old is not None:
                old.close()
            raise
        if old is not None:
            with suppress(OSError), old:
                _overwrite(old, random)


def sync_file(path: Path) -> None:
    """Bring a written file to the disk."""
    with file_faults():
        descriptor = os.open(path, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Bring renames and removals in a folder to the disk (no-op on Windows, which cannot open folders)."""
    if not _CAN_SYNC_FOLDERS:
        return
    with file_faults():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def overwrite_and_unlink(path: Path, random: Random, *, living: Sequence[Path] = ()) -> None:
    """Overwrite a file once with random bytes, then remove it. A missing file is fine.

    This is the second line: on flash and copy-on-write disks the old blocks may stay; the dead key is what counts.
    So a file that cannot be written to, somebody else's or one on a full copy-on-write disk, is removed as it is. Of a
    folder that lies in a file's place everything goes, but for what links in it lead to.

    Args:
        living: files that must stay: a link to one of them loses its name only.
    """
    with file_faults():
        if path.is_dir() and not path.is_symlink():
            for inside in sorted(path.iterdir()):
                if inside.is_symlink():
                    inside.unlink()
                else:
                    overwrite_and_unlink(inside, random, living=living)
            path.rmdir()
            return
        if path.is_file() and not any(other.exists() and path.samefile(other) for other in living):
            try:
                with suppress(PermissionError), _writable(path) as file:
                    _overwrite(file, random)
            except OSError as error:
                if error.errno not in _FULL:
                    raise
        path.unlink(missing_ok=True)


def _make_room(path: Path) -> None:
    """Remove what lies in the place of a file that is about to be written and is none: a folder, a pipe, a link."""
    with suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            shutil.rmtree(path)
        elif not stat.S_ISREG(mode):
            path.unlink()


def _writable(path: Path) -> IO[bytes]:
    try:
        return path.open("r+b")
    except PermissionError:
        path.chmod(0o600)
        return path.open("r+b")


def _overwrite(file: IO[bytes], random: Random) -> None:
    size = os.fstat(file.fileno()).st_size
    block = random(min(_BLOCK_BYTES, size))  # over and over: what lay there is ciphertext and gone either way
    for start in range(0, size, _BLOCK_BYTES):
        file.write(block[: size - start])
    file.flush()
    os.fsync(file.fileno())
