"""Hashes, HMAC and HKDF (RFC 2104, RFC 5869), by hash name.

`hmac.digest` with a name takes OpenSSL's one-shot path, three times faster than an HMAC object. Where one key has
several messages, as on the message path of MLS, `hmac_each` pads it once and hashes by itself: half the price again.
Output lengths are checked by the callers' formats, not here.
"""

from __future__ import annotations

import hashlib
import hmac as _hmac
from typing import Literal

from byre.crypto.secret import Secret, material
from byre.errors import UsageError

HashName = Literal["sha256", "sha384", "sha512"]
_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
HASH_LENGTH: dict[HashName, int] = {"sha256": 32, "sha384": 48, "sha512": 64}
_BLOCK_LENGTH: dict[HashName, int] = {"sha256": 64, "sha384": 128, "sha512": 128}
_INNER_PAD = bytes(each ^ 0x36 for each in range(256))
_OUTER_PAD = bytes(each ^ 0x5C for each in range(256))


def sha256(data: bytes) -> bytes:
    """Return SHA-256 of `data` (32 bytes)."""
    return hashlib.sha256(data).digest()


def sha384(data: bytes) -> bytes:
    """Return SHA-384 of `data` (48 bytes)."""
    return hashlib.sha384(data).digest()


def sha3_256(data: bytes) -> bytes:
    """Return SHA3-256 of `data` (32 bytes)."""
    return hashlib.sha3_256(data).digest()


def shake256(data: bytes, length: int) -> bytes:
    """Return `length` bytes of SHAKE256 of `data`."""
    return hashlib.shake_256(data).digest(length)


def hash_of(name: HashName, data: bytes) -> bytes:
    """Return the hash called `name` of `data`."""
    return _HASHES[name](data).digest()


def blake2b(data: bytes, *, length: int = 32, key: bytes = b"", person: bytes = b"") -> bytes:
    """Return BLAKE2b of `data`: `length` <= 64, `key` <= 64 and `person` <= 16 bytes."""
    return hashlib.blake2b(data, digest_size=length, key=key, person=person).digest()


def hmac(name: HashName, key: bytes, data: bytes) -> bytes:
    """Return HMAC of `data` under `key` with the hash called `name`."""
    return _hmac.digest(key, data, name)


def hmac_each(name: HashName, key: bytes, *messages: bytes) -> list[bytes]:
    """Return HMAC of each of `messages` under `key` with the hash called `name` (RFC 2104 section 2)."""
    new, block = _HASHES[name], _BLOCK_LENGTH[name]
    padded = (key if len(key) <= block else new(key).digest()).ljust(block, b"\0")
    inner, outer = new(padded.translate(_INNER_PAD)), new(padded.translate(_OUTER_PAD))
    macs = []
    for message in messages:
        within, around = inner.copy(), outer.copy()
        within.update(message)
        around.update(within.digest())
        macs.append(around.digest())
    return macs


def hmac_sha384(key: Secret | bytes, data: bytes) -> bytes:
    """Return HMAC-SHA384 of `data` under `key` (48 bytes)."""
    return _hmac.digest(material(key), data, "sha384")


def hkdf_extract(name: HashName, salt: bytes, ikm: bytes) -> bytes:
    """Return HKDF-Extract(salt, ikm); an empty salt means a string of zeros (RFC 5869 section 2.2)."""
    return _hmac.digest(salt or bytes(HASH_LENGTH[name]), ikm, name)


def hkdf_expand(name: HashName, prk: bytes, info: bytes, length: int) -> bytes:
    """Return `length` bytes of HKDF-Expand(prk, info); at most 255 blocks (RFC 5869 section 2.3)."""
    block = _hmac.digest(prk, info + b"\x01", name)
    if length <= len(block):
        return block[:length]
    if length > 255 * len(block):
        raise UsageError("HKDF cannot expand to more than 255 blocks")
    blocks = [block]
    for counter in range(2, -(-length // len(block)) + 1):
        blocks.append(_hmac.digest(prk, blocks[-1] + info + bytes((counter,)), name))
    return b"".join(blocks)[:length]


def hkdf_sha384(ikm: Secret | bytes, *, info: bytes, length: int, salt: bytes = b"") -> bytes:
    """Return `length` bytes of HKDF-SHA384, extract and expand (RFC 5869)."""
    return hkdf_expand("sha384", hkdf_extract("sha384", salt, material(ikm)), info, length)
