"""The pages of a damaged database that hold: as a reader would see them now, without asking SQLite, which may refuse.

```
 store.<g>.db     page n  ──HMAC──▶ holds           a page of the WAL's last whole transaction counts in place of it
 store.<g>.db-wal frame … commit │ frame … (never ended: not read)
```
Only what authenticates is read: a page that somebody changed is as lost as one that the disk lost. The salt that the
HMAC key comes from is the first thing in the file; where it is lost, the one that our databases are made with is tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType

from byre.crypto.secret import Secret
from byre.store.forensics_layout import free_pages
from byre.store.forensics_pages import FRAME_BYTES, FRAME_HEADER, PAGE_BYTES, WAL_HEADER, PageReader, wal_of
from byre.store.log_check import check_log
from byre.store.vault_files import file_faults
from byre.store.vault_sources import page_salt

_AT_ONCE = 64
_TRIED = 256


class SoundPages:
    """The pages of one file that authenticate, by number. A context manager; reads only."""

    def __init__(self, path: Path, key: Secret) -> None:
        self._path = path
        self._reader = _reader_of(path, key)
        with file_faults(), ExitStack() as opened:
            self._file = opened.enter_context(path.open("rb"))
            self._in_log, committed = self._log()
            pages = path.stat().st_size // PAGE_BYTES
            first = self.content(1)
            self._open = opened.pop_all()
        said = int.from_bytes(first[28:32], "big") if first is not None else 0
        self.count = committed or max(pages, said)
        """How many pages there are, or were before the file was cut off."""

    def __enter__(self) -> SoundPages:
        return self

    def __exit__(self, *of_error: object) -> None:
        self._open.close()

    def content(self, number: int) -> bytes | None:
        """The content of one page; None where it is lost."""
        return next(self.contents([number]))[1]

    def contents(self, numbers: Sequence[int]) -> Iterator[tuple[int, bytes | None]]:
        """(number, content) of several pages, many of which are decrypted at once."""
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            raw = [self._raw(number) for number in some]
            sound = [
                (number, None, page)
                for number, page in zip(some, raw, strict=True)
                if len(page) == PAGE_BYTES and self._reader.is_authentic(number, page)
            ]
            plain = {page.number: page.data for page in self._reader.decrypted("", sound)}
            yield from ((number, plain.get(number)) for number in some)

    @property
    def in_log(self) -> Mapping[int, bytes]:
        """The pages that the log holds anew, as they lie there, by number."""
        return MappingProxyType(self._in_log)

    def free(self) -> frozenset[int]:
        """The pages on the free list, as far as it can be read."""
        return free_pages(lambda number: self.content(number) or b"")

    def _raw(self, number: int) -> bytes:
        with file_faults():
            if number in self._in_log:
                return self._in_log[number]
            if number < 1:
                return b""
            self._file.seek((number - 1) * PAGE_BYTES)
            return self._file.read(PAGE_BYTES)

    def _log(self) -> tuple[dict[int, bytes], int]:
        """The newest committed frame of each page in the WAL, and how many pages there are since; 0 without one."""
        newest: dict[int, bytes] = {}
        pending: dict[int, bytes] = {}
        committed = 0
        log = wal_of(self._path)
        if not log.is_file():
            return newest, committed
        check = check_log(self._path)
        for number, size, raw in _frames(log, check.frames):
            if self._reader.is_authentic(number, raw):
                pending[number] = raw
            elif not check.ends_too_soon:
                break  # where a reader stops as well; else it goes on behind a frame that is lost
            if size:
                newest.update(pending)
                pending.clear()
                committed = size
        return newest, committed


def _frames(log: Path, count: int) -> Iterator[tuple[int, int, bytes]]:
    """(page, size after commit, page's bytes) of the first frames of a WAL."""
    with log.open("rb") as file:
        file.seek(WAL_HEADER)
        for _ in range(count):
            frame = file.read(FRAME_BYTES)
            yield int.from_bytes(frame[:4], "big"), int.from_bytes(frame[4:8], "big"), frame[FRAME_HEADER:]


def _reader_of(path: Path, key: Secret) -> PageReader:
    """The reader under whose salt pages authenticate."""
    with file_faults(), path.open("rb") as file:
        raw = file.read(_TRIED * PAGE_BYTES)
    readers = [PageReader(key, raw[:16]), PageReader(key, page_salt(key))]
    for reader in readers:
        for at in range(0, len(raw) - PAGE_BYTES + 1, PAGE_BYTES):
            if reader.is_authentic(at // PAGE_BYTES + 1, raw[at : at + PAGE_BYTES]):
                return reader
    return readers[0]
