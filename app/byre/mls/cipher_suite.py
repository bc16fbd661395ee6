"""The cipher suites (RFC 9420 section 5.1): one hash, one AEAD, one HPKE, Ed25519.

    0x0001  X25519 / HKDF-SHA256 / AES-128-GCM / Ed25519              vectors and interop only
    0x0003  X25519 / HKDF-SHA256 / ChaCha20-Poly1305 / Ed25519        vectors and interop only
    0xF0A2  ML-KEM-768 + X25519 / HKDF-SHA384 / AES-256-GCM / Ed25519  our rooms

Labels are the RFC's; "MLS 1.0 " is prefixed here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hmac import digest as hmac_digest

from byre.crypto.aead import AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, Aead
from byre.crypto.hashes import HASH_LENGTH, HashName, hash_of, hkdf_expand, hmac_each
from byre.crypto.hpke import DHKEM_X25519, MLKEM768_X25519, HpkeSealer, HpkeSuite
from byre.crypto.signature import SigningKey, verify
from byre.errors import PeerError
from byre.mls.profile import HYBRID, X25519_AES128, X25519_CHACHA
from byre.wire.tls import opaque, varint


@dataclass(frozen=True, slots=True)
class CipherSuite:
    """The functions of one suite; stateless. Secrets are `hash_length` bytes unless said."""

    suite_id: int
    hash_name: HashName
    hash_length: int
    aead: Aead
    hpke: HpkeSuite

    def hash(self, data: bytes) -> bytes:
        """Return the suite's hash of `data`."""
        return hash_of(self.hash_name, data)

    def mac(self, key: bytes, data: bytes) -> bytes:
        """Return HMAC of `data`: confirmation and membership tags."""
        return hmac_digest(key, data, self.hash_name)

    def extract(self, salt: bytes, ikm: bytes) -> bytes:
        """Return KDF.Extract(salt, ikm)."""
        return hmac_digest(salt, ikm, self.hash_name)

    def expand_with_label(self, secret: bytes, label: str, context: bytes, length: int) -> bytes:
        """Return ExpandWithLabel (section 8)."""
        info = _kdf_label(label, length) + opaque(context)
        if length <= self.hash_length:
            return hmac_digest(secret, info + b"\x01", self.hash_name)[:length]
        return hkdf_expand(self.hash_name, secret, info, length)

    def expand_key_nonce(self, secret: bytes, context: bytes) -> tuple[bytes, bytes]:
        """Return ExpandWithLabel for the labels "key" and "nonce": an AEAD's pair."""
        tail, name = opaque(context) + b"\x01", self.hash_name
        key_length, nonce_length = self.aead.key_length, self.aead.nonce_length
        key, nonce = hmac_each(
            name, secret, _kdf_label("key", key_length) + tail, _kdf_label("nonce", nonce_length) + tail
        )
        return key[:key_length], nonce[:nonce_length]

    def derive_secret(self, secret: bytes, label: str) -> bytes:
        """Return DeriveSecret (section 8)."""
        return hmac_digest(secret, _kdf_label(label, self.hash_length) + b"\x00\x01", self.hash_name)

    def derive_tree_secret(self, secret: bytes, label: str, generation: int, length: int) -> bytes:
        """Return DeriveTreeSecret (section 9)."""
        return self.expand_with_label(secret, label, generation.to_bytes(4), length)

    def ratchet_step(self, secret: bytes, generation: int) -> tuple[bytes, bytes, bytes]:
        """Return (key, nonce, next secret) of a sender ratchet: three DeriveTreeSecret at the price of little more."""
        context = b"\x04" + generation.to_bytes(4) + b"\x01"
        name, key_length, nonce_length = self.hash_name, self.aead.key_length, self.aead.nonce_length
        key, nonce, following = hmac_each(
            name,
            secret,
            _kdf_label("key", key_length) + context,
            _kdf_label("nonce", nonce_length) + context,
            _kdf_label("secret", self.hash_length) + context,
        )
        return key[:key_length], nonce[:nonce_length], following

    def ref_hash(self, label: str, value: bytes) -> bytes:
        """Return RefHash(label, value) (section 5.2)."""
        return self.hash(opaque(label.encode()) + opaque(value))

    def sign_with_label(self, key: SigningKey, label: str, content: bytes) -> bytes:
        """Return SignWithLabel (section 5.1.2)."""
        return key.sign(_sign_label(label) + varint(len(content)) + content)

    def verify_with_label(self, public: bytes, label: str, content: bytes, signature: bytes) -> None:
        """VerifyWithLabel (section 5.1.2), or raise PeerError(code="bad_signature")."""
        verify(public, _sign_label(label) + varint(len(content)) + content, signature)

    def encrypt_with_label(self, public: bytes, label: str, context: bytes, plaintext: bytes) -> tuple[bytes, bytes]:
        """Return (kem_output, ciphertext) of EncryptWithLabel (section 5.1.3).

        Raises:
            PeerError: code invalid_key.
        """
        return self.hpke.seal(public, _sign_label(label) + opaque(context), b"", plaintext)

    def labeled_sealer(self, label: str, context: bytes) -> HpkeSealer:
        """Return EncryptWithLabel for many receivers of one label and context: `.seal(public, plaintext)`."""
        return self.hpke.sealer(_sign_label(label) + opaque(context))

    def decrypt_with_label(
        self,
        private: bytes,
        label: str,
        context: bytes,
        kem_output: bytes,
        ciphertext: bytes,
        public: bytes | None = None,
    ) -> bytes:
        """Return the plaintext, or raise PeerError (bad_ciphertext, invalid_key); `public` where it is at hand."""
        info = _sign_label(label) + opaque(context)
        return self.hpke.open(private, kem_output, info, b"", ciphertext, public=public)

    def derive_key_pair(self, secret: bytes) -> tuple[bytes, bytes]:
        """Return (private, public) of the suite's KEM (Rule 3: pinned by vector)."""
        return self.hpke.derive_key_pair(secret)


@lru_cache(maxsize=256)  # a few dozen constant prefixes of labels, no secret among them
def _kdf_label(label: str, length: int) -> bytes:
    return length.to_bytes(2) + opaque(b"MLS 1.0 " + label.encode())


@lru_cache(maxsize=64)
def _sign_label(label: str) -> bytes:
    return opaque(b"MLS 1.0 " + label.encode())


def _suite(suite_id: int, hash_name: HashName, aead: Aead, kem_id: int) -> CipherSuite:
    return CipherSuite(suite_id, hash_name, HASH_LENGTH[hash_name], aead, HpkeSuite(kem_id, hash_name, aead))


SUITES = (
    _suite(X25519_AES128, "sha256", AES_128_GCM, DHKEM_X25519),
    _suite(X25519_CHACHA, "sha256", CHACHA20_POLY1305, DHKEM_X25519),
    _suite(HYBRID, "sha384", AES_256_GCM, MLKEM768_X25519),
)


def suite_by_id(suite_id: int) -> CipherSuite:
    """Return the suite with this id, or raise PeerError(code="unsupported_suite")."""
    for suite in SUITES:
        if suite.suite_id == suite_id:
            return suite
    raise PeerError("this cipher suite is not ours", code="unsupported_suite")
