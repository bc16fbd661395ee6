"""Whether the WAL of a database that is not open ends before what was committed in it.

```
 header ✓ │ frame ✓ commit │ frame ✗ · frame commit │ frame …    damage: SQLite ends at ✗ and says nothing
 header ✓ │ frame ✓ commit │ frame ✗ · frame commit              a commit that a crash cut off: nobody was told of it
 header ✗ │ frame   commit │ frame ✓ commit                      damage, unless all of it is in the database already
```
Under `synchronous=FULL` a commit is on the disk before anything of the next one is written, and the header before any
frame. So where a whole frame follows a commit that SQLite will not come to, no crash has cut it off: acknowledged
messages would go without a word, and ratchets that were used would be used again. Of the last commit alone nobody can
tell, but by its salts, which no checksum covers. A header is written anew when everything is in the database: a crash
may tear it then. Salts and checksums: sqlite.org/fileformat2.html, section 4.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from byre.store.forensics_pages import FRAME_BYTES, FRAME_HEADER, PAGE_BYTES, WAL_HEADER, wal_of
from byre.store.vault_files import file_faults

_MAGIC = 0x377F0682
"""The lowest bit tells the order of bytes in which checksums are computed: that of the machine which wrote."""
_WORDS = {0: struct.Struct(f"<{(8 + PAGE_BYTES) // 4:d}I"), 1: struct.Struct(f">{(8 + PAGE_BYTES) // 4:d}I")}
_HERE = int(sys.byteorder == "big")

_Checksum = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LogCheck:
    """What lies in a WAL: whether SQLite would pass over commits, and how many frames are of its present round."""

    ends_too_soon: bool
    frames: int


def ends_too_soon(database: Path) -> bool:
    """Whether SQLite would pass over commits in the WAL of this database. Blocking; reads only.

    Raises:
        EnvironmentFault: `io_error`.
    """
    return check_log(database).ends_too_soon


def check_log(database: Path) -> LogCheck:
    """Look at the WAL of a database. Blocking; reads only.

    Raises:
        EnvironmentFault: `io_error`.
    """
    log = wal_of(database)
    with file_faults():
        if not log.exists() or log.stat().st_size <= WAL_HEADER:
            return LogCheck(False, 0)
        with log.open("rb") as file:
            header = file.read(WAL_HEADER)
            if _is_sound(header):
                return _behind(header, file)
            return _without_header(database, file)


def _behind(header: bytes, file: BinaryIO) -> LogCheck:
    """What a reader that trusts the header comes to, and what is behind that."""
    words, salts, before = _WORDS[header[3] & 1], header[16:24], _stored(header[24:32])
    is_over = too_soon = False
    count, previous = 0, b""
    for place, frame in enumerate(_frames(file), 1):
        is_of_now = frame[8:16] == salts
        if not is_over and _follows(words, frame, before):
            too_soon = too_soon or not is_of_now  # nothing but its salts was changed
            is_of_now = True
        else:
            is_over = True
            too_soon = too_soon or (is_of_now and _is_commit(previous) and _follows(words, frame, before))
        if is_of_now:
            count = place
        previous, before = frame if is_of_now else b"", _stored(frame[16:24])
    return LogCheck(too_soon, count)


def _without_header(database: Path, file: BinaryIO) -> LogCheck:
    """What the frames say by themselves: whether their commits are in the database."""
    newest, pending = dict[int, bytes](), dict[int, bytes]()
    salts, before, count = b"", (0, 0), 0
    for place, frame in enumerate(_frames(file), 1):
        if place > 1 and not (frame[8:16] == salts and _follows(_WORDS[_HERE], frame, before)):
            break
        pending[int.from_bytes(frame[:4], "big")] = frame[FRAME_HEADER:]
        if _is_commit(frame):
            newest.update(pending)
            pending.clear()
            count = place
        salts, before = frame[8:16], _stored(frame[16:24])
    with database.open("rb") as pages:
        return LogCheck(any(_page(pages, number) != content for number, content in newest.items()), count)


def _frames(file: BinaryIO) -> Iterator[bytes]:
    while len(frame := file.read(FRAME_BYTES)) == FRAME_BYTES:
        yield frame


def _page(file: BinaryIO, number: int) -> bytes:
    file.seek(max(0, number - 1) * PAGE_BYTES)
    return file.read(PAGE_BYTES)


def _is_commit(frame: bytes) -> bool:
    return frame[4:8] > bytes(4)


def _stored(checksum: bytes) -> _Checksum:
    first, second = struct.unpack(">2I", checksum)
    return first, second


def _follows(words: struct.Struct, frame: bytes, before: _Checksum) -> bool:
    """Whether the checksum of a frame goes on from the one before it."""
    return _sum(words.unpack(frame[:8] + frame[FRAME_HEADER:]), before) == _stored(frame[16:24])


def _is_sound(header: bytes) -> bool:
    magic, _, page_bytes = struct.unpack(">3I", header[:12])
    if magic ^ _MAGIC not in _WORDS or page_bytes != PAGE_BYTES:
        return False
    return _sum(struct.unpack(f"{'<>'[magic & 1]}6I", header[:24]), (0, 0)) == _stored(header[24:32])


def _sum(numbers: tuple[int, ...], before: _Checksum) -> _Checksum:
    first, second = before
    pairs = iter(numbers)
    for even, odd in zip(pairs, pairs, strict=True):
        first = first + even + second & 0xFFFFFFFF
        second = second + odd + first & 0xFFFFFFFF
    return first, second
