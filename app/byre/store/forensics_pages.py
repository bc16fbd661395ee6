"""SQLCipher 4 pages, decrypted by ourselves: what an examiner who has the key reads.

```
 database  page n, 4096 bytes: [16 salt, page 1 only] ciphertext … | iv 16 | HMAC-SHA512 64    (AES-256-CBC)
 WAL       header 32 | frame: page number 4, …, 24 in all | page 4096 | frame …               stale frames included
```
The HMAC key is PBKDF2-HMAC-SHA512(K, salt xor 0x3a, 2 rounds, 32 bytes); the HMAC covers ciphertext, iv and the page
number (little endian). SQLite is not asked: it shows live rows only, and what was deleted is what we look for.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from byre.crypto.aes_cbc import aes256_cbc_decrypt
from byre.crypto.secret import Secret

PAGE_BYTES = 4096
WAL_HEADER = 32
FRAME_HEADER = 24
FRAME_BYTES = FRAME_HEADER + PAGE_BYTES
_SALT_BYTES = 16
_RESERVED = 80  # iv and HMAC
_IV_BYTES = 16
_CONTENT = PAGE_BYTES - _RESERVED
_PAGES_AT_ONCE = 64
_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Page:
    """One decrypted page. `data` has 4,016 bytes of content; `raw` is the page as it lies in `file`.

    `is_authentic` is False for zeros, torn frames and another key's pages: their bytes are read nevertheless.
    """

    file: str
    number: int
    frame: int | None
    data: bytes = field(repr=False)
    is_authentic: bool
    raw: bytes = field(repr=False, default=b"")

    @property
    def place(self) -> str:
        """Where it lay, without content."""
        return f"{self.file} page {self.number}" if self.frame is None else f"{self.file} frame {self.frame}"


def wal_of(database: Path) -> Path:
    """Where the WAL of a database lies."""
    return database.with_name(f"{database.name}-wal")


class PagesRead:
    """Which pages were read before: whoever writes a page anew gives it another initialization vector."""

    def __init__(self) -> None:
        self._vectors: dict[int, bytes] = {}

    def is_new(self, number: int, raw: bytes) -> bool:
        """Whether this page was not read before as it is now; it counts as read from here on."""
        vector = raw[_CONTENT : _CONTENT + _IV_BYTES]
        is_known = len(raw) == PAGE_BYTES and self._vectors.get(number) == vector
        self._vectors[number] = vector
        return not is_known


class PageReader:
    """Decrypts the pages of one database file and its WAL."""

    def __init__(self, key: Secret, salt: bytes) -> None:
        self._key = key.reveal()
        self._hmac_key = hashlib.pbkdf2_hmac("sha512", self._key, bytes(byte ^ 0x3A for byte in salt), 2, 32)

    @classmethod
    def of_file(cls, path: Path, key: Secret) -> PageReader:
        """A reader for the database at `path`, whose first 16 bytes are the salt."""
        with path.open("rb") as file:
            return cls(key, file.read(_SALT_BYTES))

    def pages(self, path: Path, before: PagesRead | None = None) -> Iterator[Page]:
        """Every page that is physically in the database file, also those that SQLite counts as free.

        Args:
            before: leave out what was read before and has not been written since.
        """
        with path.open("rb") as file:
            number = 1
            while block := file.read(_PAGES_AT_ONCE * PAGE_BYTES):
                raw = [block[at : at + PAGE_BYTES] for at in range(0, len(block), PAGE_BYTES)]
                found = [(number + at, None, page) for at, page in enumerate(raw)]
                if before is not None:
                    found = [each for each in found if before.is_new(each[0], each[2])]
                yield from self.decrypted(path.name, found)
                number += len(raw)

    def page_at(self, path: Path, number: int) -> bytes:
        """The content of one page by its number; b"" beyond the end."""
        with path.open("rb") as file:
            file.seek((number - 1) * PAGE_BYTES)
            raw = file.read(PAGE_BYTES)
        return self.decrypted("", [(number, None, raw)])[0].data if raw else b""

    def frame_at(self, path: Path, frame: int) -> bytes:
        """The content of one frame of a WAL by its number; b"" beyond the end."""
        with path.open("rb") as file:
            file.seek(WAL_HEADER + (frame - 1) * FRAME_BYTES)
            raw = file.read(FRAME_BYTES)
        number = int.from_bytes(raw[:4], "big")
        return self.decrypted("", [(number, frame, raw[FRAME_HEADER:])])[0].data if raw else b""

    def frames(self, path: Path) -> Iterator[Page]:
        """Every frame that is physically in the WAL, also those that a checkpoint made stale."""
        if not path.is_file():  # what lies there instead is named as an entry of the folder
            return
        try:
            opened = path.open("rb")
        except FileNotFoundError:
            return  # another connection is just being closed, which removes it
        with opened as file:
            file.read(WAL_HEADER)
            frame = 1
            while block := file.read(_PAGES_AT_ONCE * FRAME_BYTES):
                found = [block[at : at + FRAME_BYTES] for at in range(0, len(block), FRAME_BYTES)]
                yield from self.decrypted(
                    path.name,
                    [(int.from_bytes(raw[:4], "big"), frame + at, raw[FRAME_HEADER:]) for at, raw in enumerate(found)],
                )
                frame += len(found)

    def decrypted(self, file: str, raw_pages: Sequence[tuple[int, int | None, bytes]]) -> list[Page]:
        """Several pages, given (number, frame, bytes) of each; the last one may be torn."""
        whole = [raw for _, _, raw in raw_pages if len(raw) == PAGE_BYTES]
        plain = self._decrypted(whole)
        pages = []
        for at, (number, frame, raw) in enumerate(raw_pages):
            if len(raw) < PAGE_BYTES:
                # A torn end. Whole blocks of it still decrypt, given a page's iv: without one there is nothing to read.
                pages.append(Page(file, number, frame, raw, False, raw))
                continue
            start = at * PAGE_BYTES
            data = plain[start : start + _CONTENT]
            if number == 1:
                data = _MAGIC + self._first_of_page_one(raw) + data[2 * _SALT_BYTES :]
            pages.append(Page(file, number, frame, data, self.is_authentic(number, raw), raw))
        return pages

    def _decrypted(self, pages: list[bytes]) -> bytes:
        """All of `pages` in one run of CBC, in which only the first block of each page meets a wrong neighbour."""
        if not pages:
            return b""
        joined = b"".join(pages)
        plain = bytearray(aes256_cbc_decrypt(self._key, bytes(_IV_BYTES), joined))
        for start in range(0, len(joined), PAGE_BYTES):
            iv = start + _CONTENT
            # D(c) xor what stood before c in the run; wanted is D(c) xor the page's iv.
            before = joined[start - _IV_BYTES : start] if start else bytes(_IV_BYTES)
            plain[start : start + _IV_BYTES] = _xor(
                plain[start : start + _IV_BYTES], before, joined[iv : iv + _IV_BYTES]
            )
        return bytes(plain)

    def _first_of_page_one(self, raw: bytes) -> bytes:
        # The salt takes the place of the first block: the chain begins with the second.
        iv = raw[_CONTENT : _CONTENT + _IV_BYTES]
        return aes256_cbc_decrypt(self._key, iv, raw[_SALT_BYTES : 2 * _SALT_BYTES])

    def is_authentic(self, number: int, raw: bytes) -> bool:
        """Whether a whole page, as it lies in the file, carries the HMAC of its bytes and its number."""
        start = _SALT_BYTES if number == 1 else 0
        covered = raw[start : _CONTENT + _IV_BYTES] + struct.pack("<I", number)
        return hmac.compare_digest(hmac.digest(self._hmac_key, covered, "sha512"), raw[_CONTENT + _IV_BYTES :])


def _xor(*blocks: bytes | bytearray) -> bytes:
    value = 0
    for block in blocks:
        value ^= int.from_bytes(block, "big")
    return value.to_bytes(_IV_BYTES, "big")
