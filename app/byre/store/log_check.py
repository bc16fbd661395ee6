"""Whether the WAL of a database that is not open ends before what was committed in it.

```
 frame ✓ commit │ frame ✗ · frame commit │ frame …    damage: SQLite ends at ✗ and says nothing
 frame ✓ commit │ frame ✗ · frame commit              a commit that a crash cut off: nobody was told of it
```
Under `synchronous=FULL` a commit is on the disk before anything of the next one is written. So where a whole frame
follows a commit that SQLite will not come to, no crash has cut it off: acknowledged messages would go without a word,
and ratchets that were used would be used again. Of the last commit alone nobody can tell.
Salts and checksums: sqlite.org/fileformat2.html, section 4.
"""

from __future__ import annotations

import struct
from pathlib import Path

from byre.store.forensics_pages import PAGE_BYTES
from byre.store.vault_files import file_faults

_HEADER, _FRAME_HEADER = 32, 24
_MAGIC = 0x377F0682
"""The lowest bit tells the order of bytes in which checksums are computed."""
_WORDS = {0: struct.Struct(f"<{(8 + PAGE_BYTES) // 4:d}I"), 1: struct.Struct(f">{(8 + PAGE_BYTES) // 4:d}I")}

_Checksum = tuple[int, int]


def log_of(database: Path) -> Path:
    """Where the WAL of a database lies."""
    return database.with_name(f"{database.name}-wal")


def ends_too_soon(log: Path) -> bool:
    """Whether SQLite would pass over commits of this WAL. Blocking; reads only.

    Raises:
        EnvironmentFault: `io_error`.
    """
    with file_faults():
        if not log.exists() or log.stat().st_size <= _HEADER:
            return False
        with log.open("rb") as file:
            header = file.read(_HEADER)
            magic, _, page_bytes = struct.unpack(">3I", header[:12])
            words = _WORDS.get(magic ^ _MAGIC)
            if words is None or page_bytes != PAGE_BYTES or not _is_sound(header, magic & 1):
                return False
            salts, before = header[16:24], _stored(header[24:32])
            is_over, previous = False, b""
            while len(frame := file.read(_FRAME_HEADER + PAGE_BYTES)) == _FRAME_HEADER + PAGE_BYTES:
                is_of_now, stored = frame[8:16] == salts, _stored(frame[16:24])
                if not is_over:
                    if not is_of_now:
                        return False  # what an earlier round has left
                    is_over = _summed(words, frame, before) != stored
                elif is_of_now and _is_commit(previous) and _summed(words, frame, _stored(previous[16:24])) == stored:
                    return True
                previous, before = frame if is_of_now else b"", stored
    return False


def _is_commit(frame: bytes) -> bool:
    return frame[4:8] > bytes(4)


def _stored(checksum: bytes) -> _Checksum:
    first, second = struct.unpack(">2I", checksum)
    return first, second


def _summed(words: struct.Struct, frame: bytes, before: _Checksum) -> _Checksum:
    return _sum(words.unpack(frame[:8] + frame[_FRAME_HEADER:]), before)


def _is_sound(header: bytes, order: int) -> bool:
    return _sum(struct.unpack(f"{'<>'[order]}6I", header[:24]), (0, 0)) == _stored(header[24:32])


def _sum(numbers: tuple[int, ...], before: _Checksum) -> _Checksum:
    first, second = before
    pairs = iter(numbers)
    for even, odd in zip(pairs, pairs, strict=True):
        first = first + even + second & 0xFFFFFFFF
        second = second + odd + first & 0xFFFFFFFF
    return first, second
