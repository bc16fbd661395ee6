"""Authenticated encryption: XChaCha20-Poly1305 for our own formats, the three AEADs of the MLS suites.

XChaCha20-Poly1305 (libsodium) takes 24-byte random nonces, so that our own formats need no counter. The others
(OpenSSL through `cryptography`, twice as fast here as libsodium's) take 12-byte nonces that MLS and HPKE derive.
`Open` failures never say which part was wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from nacl import bindings
from nacl.exceptions import CryptoError

from byre.crypto.secret import Secret, material
from byre.errors import PeerError

XCHACHA_KEY_LENGTH = 32
XCHACHA_NONCE_LENGTH = 24
TAG_LENGTH = 16


def seal(key: Secret | bytes, plaintext: bytes, aad: bytes, nonce24: bytes) -> bytes:
    """Return ciphertext ‖ 16-byte tag of XChaCha20-Poly1305; a nonce is used once per key."""
    return bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, aad, nonce24, material(key))


def open(key: Secret | bytes, ciphertext: bytes, aad: bytes, nonce24: bytes) -> bytes:
    """Return the plaintext of `seal`.

    Raises:
        PeerError: code bad_ciphertext; key, nonce, aad or ciphertext are not those of the sealing.
    """
    if len(ciphertext) < TAG_LENGTH or len(nonce24) != XCHACHA_NONCE_LENGTH:
        raise PeerError("a ciphertext is too short", code="bad_ciphertext")
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(ciphertext, aad, nonce24, material(key))
    except CryptoError:
        raise PeerError("a ciphertext does not open", code="bad_ciphertext") from None


@dataclass(frozen=True, slots=True)
class Aead:
    """One AEAD of RFC 5116 with 12-byte nonces."""

    name: str
    hpke_id: int
    key_length: int
    cipher: Any
    nonce_length: int = 12

    def seal(self, key: bytes, nonce: bytes, aad: bytes, plaintext: bytes) -> bytes:
        """Return ciphertext ‖ 16-byte tag."""
        sealed: bytes = self.cipher(key).encrypt(nonce, plaintext, aad)
        return sealed

    def open(self, key: bytes, nonce: bytes, aad: bytes, ciphertext: bytes) -> bytes:
        """Return the plaintext, or raise PeerError(code="bad_ciphertext")."""
        try:
            plaintext: bytes = self.cipher(key).decrypt(nonce, ciphertext, aad)
        except InvalidTag:
            raise PeerError("a ciphertext does not open", code="bad_ciphertext") from None
        return plaintext


AES_128_GCM = Aead("AES-128-GCM", 0x0001, 16, AESGCM)
AES_256_GCM = Aead("AES-256-GCM", 0x0002, 32, AESGCM)
CHACHA20_POLY1305 = Aead("ChaCha20-Poly1305", 0x0003, 32, ChaCha20Poly1305)
