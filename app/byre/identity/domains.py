"""Domain strings, and signing under them: what was signed for one purpose is worthless for every other.

    signed bytes = domain string (ASCII, no length) ‖ structure in the TLS presentation language

No domain string is the beginning of another (a test proves it), so that no structure can pass for one of another
domain. Signatures are Ed25519: not post-quantum; what is meant by "post-quantum" in Byre is confidentiality.
"""

from __future__ import annotations

from typing import Final

from byre.crypto import signature as ed25519
from byre.crypto.hashes import sha384
from byre.crypto.signature import SigningKey

ACCOUNT: Final = b"byre account v1"
CERTIFICATE: Final = b"byre device certificate v1"
DEVICE_LIST: Final = b"byre device list v1"
BINDING: Final = b"byre handle binding v1"
ACCOUNT_RECORD: Final = b"byre account record v1"
DEVICE_RECORD: Final = b"byre device record v1"
SAFETY_NUMBER: Final = b"byre safety number v1"
RECOVERY_CODE: Final = b"byre recovery code v1"
RECOVERY_KEY: Final = b"byre recovery key v1"
RECOVERY_FETCH: Final = b"byre recovery fetch v1"
RECOVERY_FILE: Final = b"byre recovery file v1"
RECOVERY_COPY: Final = b"byre recovery copy v1"
LINK_BLOB: Final = b"byre link v1"
LINK_KEY: Final = b"byre link key v1"
LINK_TRANSCRIPT: Final = b"byre link transcript v1"
LINK_CODE: Final = b"byre link code v1"
LINK_GRANT: Final = b"byre link grant v1"
KEY_RETURN: Final = b"byre key return v1"
RELAY_AUTH: Final = b"rly1-auth"
RELAY_NEW_MAILBOX: Final = b"rly1-mbnew"
HEAD_CREATE: Final = b"byre head create v1"
CLAIM: Final = b"byre claim v1"
GET_COMMIT: Final = b"byre get commit v1"
REJOIN: Final = b"byre rejoin v1"
REMOVED: Final = b"byre removed v1"
WIPE_CERTIFICATE: Final = b"byre wipe certificate v1"


def sign(key: SigningKey, domain: bytes, structure: bytes) -> bytes:
    """Return `key`'s 64-byte signature of `structure` under `domain`."""
    return key.sign(domain + structure)


def verify(public: bytes, domain: bytes, structure: bytes, signature: bytes) -> None:
    """Verify a signature of `structure` under `domain`.

    Raises:
        PeerError: code bad_signature; that key did not say this for this purpose.
    """
    ed25519.verify(public, domain + structure, signature)


def hash_of(domain: bytes, structure: bytes) -> bytes:
    """Return SHA-384 of `structure` under `domain`: what a signed structure is referred to by."""
    return sha384(domain + structure)
