"""A backup: an archive in one file that its code opens, anywhere.

```
 salt 16 ‖ SQLCipher pages        the file is a SQLCipher database; its first 16 bytes are its salt, as always
 key = Argon2id(code, salt)       256 MiB, 3 passes; the code has 130 random bits, NFKC as for a passphrase
```
It holds the account's and the device's keys and all messages that do not disappear, and no MLS state: who has file and
code is this device. Restored on another machine, the profile rejoins its rooms in a new run. A wipe does not reach it.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from byre.crypto import passphrase as argon2id
from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault, UsageError
from byre.store.archive import Progress, check_archive, read_archive, write_archive
from byre.store.schema import open_database
from byre.store.vault_files import file_faults, overwrite_and_unlink, sync_folder
from byre.store.vault_key_file import PassphraseCosts

_SALT_BYTES = 16


def _ignore(fraction: float) -> None:
    pass


def write_backup(
    source: Path,
    source_key: Secret,
    target: Path,
    code: str,
    *,
    random: Random,
    costs: PassphraseCosts,
    on_progress: Progress = _ignore,
) -> None:
    """Write a backup of an open profile; `target` is replaced as one step, when all of it is on the disk. Blocking.

    Raises:
        UsageError: `wrong_state`: a wipe is under way.
        EnvironmentFault: `disk_full`, `io_error` (also a folder that cannot be written, a target inside the profile,
            and one that is neither new nor a file or a link to one), `db_damaged`.
    """
    built = target.with_name(f"{target.name}.part")
    with file_faults():
        built.unlink(missing_ok=True)
        if not target.parent.is_dir():
            raise EnvironmentFault("there is no such folder", code="io_error")
        if not _may_be_replaced(target, source.parent):
            raise EnvironmentFault("a backup cannot take that place", code="io_error")
    salt = random(_SALT_BYTES)
    write_archive(source, source_key, built, _key(code, salt, costs), on_progress=on_progress)
    try:
        with file_faults():
            built.chmod(0o600)
            on_progress(1.0)  # the last word of who gives up: the backup that was there stays, and its code is known
            os.replace(built, target)
    except BaseException:
        with suppress(OSError):
            built.unlink(missing_ok=True)
        raise
    with suppress(EnvironmentFault):  # it is in its place, and the one before is gone: its code must be shown
        sync_folder(target.parent)


def read_backup(
    backup: Path,
    code: str,
    target: Path,
    target_key: Secret,
    *,
    random: Random,
    costs: PassphraseCosts,
    now_ms: int,
    on_progress: Progress = _ignore,
) -> int:
    """Replace the database `target`, which is not open, by what a backup holds; returns its number of messages.

    The backup is only read: a copy beside `target` is brought to this version's schema. Blocking.

    Raises:
        UsageError: `wrong_backup_code`: the code is another one, or this is no backup, or it is damaged.
        EnvironmentFault: `db_newer`, `disk_full`, `io_error`. `target` is as it was.
    """
    copy, built = target.with_suffix(".part"), target.with_suffix(".new.db")
    try:
        with file_faults():
            if backup.exists() and not backup.is_file():  # a pipe would be waited for, a device read without end
                raise EnvironmentFault("a backup is a file", code="io_error")
            with backup.open("rb") as file:
                salt = file.read(_SALT_BYTES)
            shutil.copyfile(backup, copy)
        if len(salt) != _SALT_BYTES:
            raise _refused()
        key = _key(code, salt, costs)
        try:
            open_database(copy, key).close()
            messages = check_archive(copy, key)
            overwrite_and_unlink(built, random)
            read_archive(copy, key, built, target_key, run_id=random(8), now_ms=now_ms, on_progress=on_progress)
        except EnvironmentFault as fault:
            if fault.code == "db_damaged":  # at whatever page: the profile is not what is damaged
                raise _refused() from None
            raise
        with file_faults():
            for suffix in ("-wal", "-shm"):
                target.with_name(target.name + suffix).unlink(missing_ok=True)
            os.replace(built, target)
        sync_folder(target.parent)
    finally:
        for suffix in ("", "-wal", "-shm"):
            overwrite_and_unlink(copy.with_name(copy.name + suffix), random)
    return messages


def _may_be_replaced(target: Path, profile: Path) -> bool:
    """Whether a name is free, a file's or a link's: what is renamed over is gone, be it a device or the profile."""
    if target.parent.resolve().is_relative_to(profile.resolve()):
        return False
    return not os.path.lexists(target) or target.is_symlink() or target.is_file()


def _key(code: str, salt: bytes, costs: PassphraseCosts) -> Secret:
    """SQLCipher's raw key with the salt that the file begins with: 48 bytes."""
    key = argon2id.stretch(code, salt, memory_kib=costs.memory_kib, passes=costs.passes)
    return Secret(key.reveal() + salt)


def _refused() -> UsageError:
    return UsageError("the code does not open this file, or it is no backup, or damaged", code="wrong_backup_code")
