"""An independent examiner who has the database key: decrypts SQLCipher 4 files, knows nothing of the scanner.

Main file and WAL, live and stale. It keeps the whole decrypted image in memory: for small databases only.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE, TAIL = 4096, 80


class Examiner:
    """Everything that can be read in one database, given its key."""

    def __init__(self, path: Path, key: bytes) -> None:
        raw = path.read_bytes()
        self._key = key
        self._mac_key = hashlib.pbkdf2_hmac("sha512", key, bytes(b ^ 0x3A for b in raw[:16]), 2, 32)
        self.pages = [self._open(raw[at : at + PAGE], at // PAGE + 1) for at in range(0, len(raw), PAGE)]
        wal = path.with_name(path.name + "-wal")
        self.frames = []
        if wal.exists():
            data = wal.read_bytes()
            for at in range(32, len(data), 24 + PAGE):
                number = struct.unpack(">I", data[at : at + 4])[0]
                self.frames.append(self._open(data[at + 24 : at + 24 + PAGE], number))

    def image(self) -> bytes:
        """All decrypted pages and frames, one after the other."""
        return b"\n".join(plain for plain, _ in (*self.pages, *self.frames))

    def count(self, needles: list[bytes]) -> int:
        """How many of the needles can still be read somewhere."""
        image = self.image()
        return sum(needle in image for needle in needles)

    def all_authentic(self) -> bool:
        return all(good for _, good in self.pages)

    def _open(self, raw: bytes, number: int) -> tuple[bytes, bool]:
        raw = raw.ljust(PAGE, b"\0")
        body = raw[16:] if number == 1 else raw
        ciphertext, iv, tag = body[:-TAIL], body[-TAIL : -TAIL + 16], body[-64:]
        expected = hmac.new(self._mac_key, ciphertext + iv + struct.pack("<I", number), hashlib.sha512).digest()
        decryptor = Cipher(algorithms.AES(self._key), modes.CBC(iv)).decryptor()
        return decryptor.update(ciphertext) + decryptor.finalize(), hmac.compare_digest(expected, tag)
