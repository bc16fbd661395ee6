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
from byre.store.forensics_needles import LONGEST, SHORTEST, NeedleSet, samples_of

MOST_NEEDLES = 1000
_AAD = b"byre wipe needles v1"
_NONCE_BYTES = 24


def choose_needles(contents: Iterable[bytes]) -> NeedleSet:
    """Samples of `contents`, spread evenly over them, at most 1,000.

    A reservoir of every k-th sample: when it is full, every second one goes and k doubles.
    """
    kept: list[bytes] = []
    stride, seen = 1, 0
    for value in contents:
        for piece in samples_of(value):
            if seen % stride == 0:
                kept.append(piece)
            seen += 1
            if len(kept) > MOST_NEEDLES:
                kept, stride = kept[::2], stride * 2
    return NeedleSet(kept)


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
