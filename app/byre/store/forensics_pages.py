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
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from byre.crypto.aes_cbc import aes256_cbc_decrypt
from byre.crypto.secret import Secret

PAGE_BYTES = 4096
_SALT_BYTES = 16
_RESERVED = 80  # iv and HMAC
_IV_BYTES = 16
_WAL_HEADER = 32
_FRAME_HEADER = 24
_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Page:
    """One decrypted page. `data` has 4,016 bytes of content; `place` says where it lay, without content.

    `is_authentic` is False for zeros, torn frames and another key's pages: their bytes are read nevertheless.
    """

    place: str
    number: int
    frame: int | None
    data: bytes = field(repr=False)
    is_authentic: bool


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

    def pages(self, path: Path) -> Iterator[Page]:
        """Every page that is physically in the database file, also those that SQLite counts as free."""
        with path.open("rb") as file:
            number = 0
            while raw := file.read(PAGE_BYTES):
                number += 1
                yield self._page(raw, number, f"{path.name} page {number}", None)

    def page_at(self, path: Path, number: int) -> bytes:
        """The content of one page by its number; b"" beyond the end."""
        with path.open("rb") as file:
            file.seek((number - 1) * PAGE_BYTES)
            raw = file.read(PAGE_BYTES)
        return self._page(raw, number, "", None).data if raw else b""

    def frames(self, path: Path) -> Iterator[Page]:
        """Every frame that is physically in the WAL, also those that a checkpoint made stale."""
        if not path.exists():
            return
        with path.open("rb") as file:
            file.read(_WAL_HEADER)
            frame = 0
            while raw := file.read(_FRAME_HEADER + PAGE_BYTES):
                frame += 1
                number = int.from_bytes(raw[:4], "big")
                yield self._page(raw[_FRAME_HEADER:], number, f"{path.name} frame {frame}", frame)

    def _page(self, raw: bytes, number: int, place: str, frame: int | None) -> Page:
        start = _SALT_BYTES if number == 1 else 0
        if len(raw) < PAGE_BYTES:
            # A torn end. Whole blocks of it still decrypt, given a page's iv: without one there is nothing to read.
            return Page(place, number, frame, raw, False)
        ciphertext, iv = raw[start : PAGE_BYTES - _RESERVED], raw[PAGE_BYTES - _RESERVED :][:_IV_BYTES]
        tag = raw[PAGE_BYTES - _RESERVED + _IV_BYTES :]
        expected = hmac.digest(self._hmac_key, ciphertext + iv + struct.pack("<I", number), "sha512")
        plain = aes256_cbc_decrypt(self._key, iv, ciphertext)
        if start:
            plain = _MAGIC + plain
        return Page(place, number, frame, plain, hmac.compare_digest(expected, tag))
