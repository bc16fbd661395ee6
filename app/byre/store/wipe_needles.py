"""The needles of a wipe: chosen before anything is deleted, sealed in the journal, destroyed with it.

They are sealed so that the scan of the decrypted database does not find the journal itself. That hides nothing from
who has the database key: the needle key lies beside them until the last transaction of the wipe.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from byre.crypto import aead
from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.errors import PeerError
from byre.store.forensics_needles import (
    LONG,
    LONGEST,
    MOST_SHORT,
    SHORTEST,
    VERY_LONG,
    NeedleSet,
    rarest,
    samples_of,
)

MOST_NEEDLES = 4000
_AAD = b"byre wipe needles v1"
_NONCE_BYTES = 24


def choose_needles(contents: Iterable[bytes]) -> NeedleSet:
    """Samples of `contents`, spread evenly over them: at most 4,000, and the 300 rarest of the short ones.

    The longer a needle, the cheaper it is to look for. Where there are thousands of long ones, the others are left out.
    """
    very_long, long, short = _Reservoir(), _Reservoir(), _Reservoir()
    for value in contents:
        for piece in samples_of(value):
            (very_long if len(piece) >= VERY_LONG else long if len(piece) >= LONG else short).add(piece)
    if len(very_long.kept) >= MOST_NEEDLES // 4:
        return NeedleSet(very_long.kept)
    return NeedleSet([*very_long.kept, *long.kept, *rarest(short.kept, MOST_SHORT)])


class _Reservoir:
    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self._stride, self._seen = 1, 0

    def add(self, piece: bytes) -> None:
        if self._seen % self._stride == 0:
            self.kept.append(piece)
        self._seen += 1
        if len(self.kept) > MOST_NEEDLES:
            self.kept, self._stride = self.kept[::2], self._stride * 2


def seal_needles(needles: NeedleSet, key: Secret, random: Random) -> bytes:
    """Nonce and ciphertext of the needles' list."""
    packed = b"".join(struct.pack(">B", len(needle)) + needle for needle in needles.needles)
    nonce = random(_NONCE_BYTES)
    return nonce + aead.seal(key, packed, _AAD, nonce)


def open_needles(sealed: bytes, key: Secret) -> NeedleSet:
    """The needles again.

    Raises:
        PeerError: `bad_ciphertext`, `malformed`: the journal is damaged.
    """
    return decode_needles(aead.open(key, sealed[_NONCE_BYTES:], _AAD, sealed[:_NONCE_BYTES]))


def decode_needles(packed: bytes) -> NeedleSet:
    """Parse the list of needles.

    Raises:
        PeerError: `malformed`.
    """
    found, at = [], 0
    while at < len(packed):
        length = packed[at]
        needle = packed[at + 1 : at + 1 + length]
        if not SHORTEST <= length <= LONGEST or len(needle) != length:
            raise PeerError("the list of needles is damaged", code="malformed")
        found.append(needle)
        at += 1 + length
    return NeedleSet(found)
