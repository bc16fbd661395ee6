"""The recovery code, and the file that gives the account's key back to who has the code.

    code   130 random bits as 26 characters of Crockford's base32, 2 more as checksum, in 7 groups of 4:
           XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXCC    CC = first 10 bits of SHA-256("byre recovery code v1" ‖ 26 characters)
    key    HKDF-SHA384(the 26 characters, info "byre recovery key v1", 32)
    fetch  HKDF-SHA384(the 26 characters, info "byre recovery fetch v1", 32): the directory knows its SHA-256
    file   u16 version=1 ‖ account_id[32] ‖ nonce[24] ‖ XChaCha20-Poly1305(key, seed[32], aad =
           "byre recovery file v1" ‖ version ‖ account_id)                                   106 bytes (limit 512)

    copy   X25519 private key HKDF-SHA384(the 26 characters, info "byre recovery copy v1", 32): what the phone seals its
           outer secret for (`key_copy`)
    with a copy: u16 version=2 ‖ opaque file<V> ‖ opaque sealed_copy<V>

130 bits need no key stretching. The file restores the account only: rooms come
back by a linked device or an invitation.
"""

from __future__ import annotations

from typing import Final

from byre.crypto import aead
from byre.crypto.agreement import X25519
from byre.crypto.hashes import hkdf_sha384, sha256
from byre.crypto.random import Random
from byre.crypto.secret import Secret, same
from byre.errors import PeerError
from byre.identity import domains
from byre.identity.account import AccountKey
from byre.wire import ids
from byre.wire.tls import Reader, Writer
from byre.wire.versions import STRUCTURE_VERSION, expect_version

LARGEST_FILE: Final = 512
FETCH_KEY_SIZE: Final = 32

_WITH_COPY: Final = 2
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "\t": None, "\n": None})
_CODE_BITS: Final = 130
_CODE_LENGTH: Final = 26
_LARGEST_TYPED: Final = 256


def new_recovery_code(random: Random) -> str:
    """Return a new code as it is shown: seven groups of four characters."""
    number = int.from_bytes(random(17)) >> 6
    body = "".join(_ALPHABET[number >> shift & 31] for shift in range(_CODE_BITS - 5, -1, -5))
    return _grouped(body + _checksum(body))


def normalise_code(text: str) -> str:
    """Return a typed code as it was shown; case, spaces, hyphens and O/0, I/L/1 do not matter.

    Raises:
        PeerError: code wrong_recovery_code; length, characters or checksum are wrong.
    """
    code = text.upper().translate(_READ_AS) if len(text) <= _LARGEST_TYPED else ""
    body, check = code[:_CODE_LENGTH], code[_CODE_LENGTH:]
    if len(body) != _CODE_LENGTH or not set(code) <= set(_ALPHABET) or check != _checksum(body):
        raise _wrong()
    return _grouped(code)


def fetch_key(code: str) -> bytes:
    """Return the 32 bytes that the directory wants to hear before it serves the recovery file."""
    return hkdf_sha384(_material(code), info=domains.RECOVERY_FETCH, length=FETCH_KEY_SIZE)


def seal_recovery_file(code: str, account_key: AccountKey, random: Random) -> bytes:
    """Return the file that `open_recovery_file` opens with the same code."""
    nonce = random(aead.XCHACHA_NONCE_LENGTH)
    header = Writer().u16(STRUCTURE_VERSION).fixed(account_key.account_id).done()
    sealed = aead.seal(_file_key(code), account_key.seed.reveal(), domains.RECOVERY_FILE + header, nonce)
    return header + nonce + sealed


def open_recovery_file(code: str, data: bytes) -> AccountKey:
    """Return the account's key from its recovery file.

    Raises:
        PeerError: code wrong_recovery_code (not this file's code, or the file was changed), malformed or
            newer_version.
    """
    reader = Reader(data)
    expect_version(reader.u16(), STRUCTURE_VERSION)
    account_id = reader.fixed(ids.ACCOUNT_ID_SIZE)
    header = reader.since(0)
    nonce = reader.fixed(aead.XCHACHA_NONCE_LENGTH)
    sealed = reader.fixed(32 + aead.TAG_LENGTH)
    reader.end()
    try:
        seed = Secret(aead.open(_file_key(code), sealed, domains.RECOVERY_FILE + header, nonce))
    except PeerError as error:
        raise (_wrong() if error.code == "bad_ciphertext" else error) from None
    key = AccountKey(seed)
    if not same(key.account_id, account_id):
        raise _wrong()
    return key


def copy_key_pair(code: str) -> tuple[Secret, bytes]:
    """Return the (private, public) X25519 pair for the phone's key copy; the phone keeps the public half."""
    private = Secret(hkdf_sha384(_material(code), info=domains.RECOVERY_COPY, length=32))
    return private, X25519.public_of(private)


def with_copy(file: bytes, sealed_copy: bytes) -> bytes:
    """Return the recovery file with a key copy beside it."""
    return Writer().u16(_WITH_COPY).opaque_v(file).opaque_v(sealed_copy).done()


def split_copy(data: bytes) -> tuple[bytes, bytes]:
    """Return the recovery file proper, and the sealed key copy beside it (empty if there is none).

    Raises:
        PeerError: code malformed.
    """
    reader = Reader(data)
    if reader.u16() != _WITH_COPY:
        return data, b""
    file, sealed_copy = reader.opaque_v(), reader.opaque_v()
    reader.end()
    return file, sealed_copy


def _file_key(code: str) -> Secret:
    return Secret(hkdf_sha384(_material(code), info=domains.RECOVERY_KEY, length=32))


def _material(code: str) -> Secret:
    return Secret(normalise_code(code).replace("-", "")[:_CODE_LENGTH].encode())


def _checksum(body: str) -> str:
    number = int.from_bytes(sha256(domains.RECOVERY_CODE + body.encode())[:2]) >> 6
    return _ALPHABET[number >> 5] + _ALPHABET[number & 31]


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _wrong() -> PeerError:
    return PeerError("this is not the account's recovery code", code="wrong_recovery_code")
