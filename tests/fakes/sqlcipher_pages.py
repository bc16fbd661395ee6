"""An examiner's page reader: decrypts every page and every WAL frame of a SQLCipher 4 database, given its key.

Independent of SQLite: AES-256-CBC and HMAC-SHA512 per page, so that stale frames, free pages and slack are seen too.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE, RESERVED = 4096, 80


def plain_pages(path: Path, key: bytes) -> Iterator[bytes]:
    """Give every readable page of the database file and of its WAL, stale frames included."""
    data = path.read_bytes()
    salt = data[:16]
    hmac_key = hashlib.pbkdf2_hmac("sha512", key, bytes(byte ^ 0x3A for byte in salt), 2, 32)
    for number in range(len(data) // PAGE):
        page = _page(data[number * PAGE : (number + 1) * PAGE], number + 1, key, hmac_key)
        if page is not None:
            yield page
    wal = path.with_name(path.name + "-wal")
    frames = wal.read_bytes() if wal.exists() else b""
    for start in range(32, len(frames) - PAGE, 24 + PAGE):
        number = struct.unpack(">I", frames[start : start + 4])[0]
        page = _page(frames[start + 24 : start + 24 + PAGE], number, key, hmac_key)
        if page is not None:
            yield page


def _page(raw: bytes, number: int, key: bytes, hmac_key: bytes) -> bytes | None:
    start = 16 if number == 1 else 0
    body, tail = raw[start : PAGE - RESERVED], raw[PAGE - RESERVED :]
    expected = hmac.new(hmac_key, body + tail[:16] + struct.pack("<I", number), hashlib.sha512).digest()
    if not hmac.compare_digest(expected, tail[16:80]):
        return None
    decryptor = Cipher(algorithms.AES(key), modes.CBC(tail[:16])).decryptor()
    return decryptor.update(body) + decryptor.finalize()
