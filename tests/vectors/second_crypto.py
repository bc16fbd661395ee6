"""The cryptography of suites 1 and 3 a second time, from the RFC's text and from other libraries than the engine's.

Written to be compared with `byre.mls` and `byre.crypto`, from which nothing is imported: HKDF, signatures, HPKE and
AEADs are those of `cryptography` at its highest level. Slow, plain, and for vectors only.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes, hpke, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

NH = 32
NONCE = 12
RAW = serialization.Encoding.Raw
KEM_SUITE = b"KEM\x00\x20"


@dataclass(frozen=True)
class SecondSuite:
    """Suite 1 or 3."""

    suite_id: int

    @property
    def key_length(self) -> int:
        return 16 if self.suite_id == 1 else 32

    def aead(self, key: bytes) -> Any:
        return AESGCM(key) if self.suite_id == 1 else ChaCha20Poly1305(key)

    @property
    def hpke(self) -> hpke.Suite:
        aead = hpke.AEAD.AES_128_GCM if self.suite_id == 1 else hpke.AEAD.CHACHA20_POLY1305
        return hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, aead)


def number(value: int, size: int) -> bytes:
    """Return a uint of `size` bytes."""
    return value.to_bytes(size, "big")


def vector(data: bytes) -> bytes:
    """Return `data` behind its length (section 2.1.2)."""
    length = len(data)
    for prefix, size in ((0, 1), (1, 2), (2, 4)):
        if length < 1 << (8 * size - 2):
            return number(prefix << (8 * size - 2) | length, size) + data
    raise ValueError("too long")


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def expand_with_label(secret: bytes, label: str, context: bytes, length: int) -> bytes:
    info = number(length, 2) + vector(b"MLS 1.0 " + label.encode()) + vector(context)
    return HKDFExpand(hashes.SHA256(), length, info).derive(secret)


def derive_secret(secret: bytes, label: str) -> bytes:
    return expand_with_label(secret, label, b"", NH)


def derive_tree_secret(secret: bytes, label: str, generation: int, length: int) -> bytes:
    return expand_with_label(secret, label, number(generation, 4), length)


def labelled(label: str, content: bytes) -> bytes:
    """Return what SignWithLabel signs and EncryptWithLabel takes as its info."""
    return vector(b"MLS 1.0 " + label.encode()) + vector(content)


def sign(seed: bytes, label: str, content: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).sign(labelled(label, content))


def signature_public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def encrypt(suite: SecondSuite, public: bytes, label: str, context: bytes, plaintext: bytes) -> bytes:
    """Return an encoded HPKECiphertext of EncryptWithLabel."""
    sealed = suite.hpke.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), labelled(label, context))
    return vector(sealed[:32]) + vector(sealed[32:])


def key_pair(secret: bytes) -> tuple[bytes, bytes]:
    """Return (private, public) of DeriveKeyPair for DHKEM(X25519) (RFC 9180, section 7.1.3)."""
    prk = mac(bytes(NH), b"HPKE-v1" + KEM_SUITE + b"dkp_prk" + secret)
    info = number(32, 2) + b"HPKE-v1" + KEM_SUITE + b"sk"
    private = HKDFExpand(hashes.SHA256(), 32, info).derive(prk)
    return private, X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
