"""HPKE (RFC 9180), base mode, for the KEMs 0x0020 (X25519) and 0x647a (ML-KEM-768 + X25519, hpke-pq).

Sealing once with an empty aad takes `cryptography`'s own HPKE; what that does not offer (one info for many receivers,
other aads, exports, key derivation) and opening are written here on KEM primitives, X25519 by libsodium, which is
twice as fast here. The tests hold both ways against each other and against the same vectors.

    0x647a private key = 32-byte seed;  SHAKE256(seed, 96) = ML-KEM d‖z (64) ‖ X25519 scalar (32)
           public key  = ML-KEM-768 ek (1184) ‖ X25519 (32);   enc = ML-KEM ct (1088) ‖ X25519 (32)
           secret      = SHA3-256(ss_M ‖ ss_X ‖ ct_X ‖ pk_X ‖ "\\.//^\\")       (X-Wing's combiner)

DeriveKeyPair of 0x647a has two definitions in the wild: this is hpke-pq's LabeledDerive, pinned by vector, not
X-Wing's raw SHAKE256.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.hazmat.primitives import hpke as library
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from byre.crypto.aead import AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, Aead
from byre.crypto.agreement import X25519
from byre.crypto.hashes import HASH_LENGTH, HashName, hkdf_expand, hkdf_extract, sha3_256, shake256
from byre.crypto.random import system_random
from byre.crypto.secret import Secret, material
from byre.errors import PeerError, UsageError

DHKEM_X25519 = 0x0020
MLKEM768_X25519 = 0x647A

EXPORT_ONLY = Aead("export only", 0xFFFF, 0, None, 0)  # RFC 9180 section 7.3: a context that never encrypts

_XWING_LABEL = b"\\.//^\\"
_SEED_LENGTH = 32
_MLKEM_PUBLIC_LENGTH = 1184
_MLKEM_CIPHERTEXT_LENGTH = 1088
_KDF_ID: dict[HashName, int] = {"sha256": 0x0001, "sha384": 0x0002, "sha512": 0x0003}
_LIBRARY_KEM = {DHKEM_X25519: library.KEM.X25519, MLKEM768_X25519: library.KEM.MLKEM768_X25519}
_LIBRARY_KDF = {"sha256": library.KDF.HKDF_SHA256, "sha384": library.KDF.HKDF_SHA384, "sha512": library.KDF.HKDF_SHA512}
_LIBRARY_AEAD = {
    0x0001: library.AEAD.AES_128_GCM,
    0x0002: library.AEAD.AES_256_GCM,
    0x0003: library.AEAD.CHACHA20_POLY1305,
}
_MLKEM_VECTOR_LENGTH = 1152  # 768 coefficients of twelve bits, little-endian, each below 3329
_EVERY_SECOND = sum(1 << 24 * place for place in range(_MLKEM_VECTOR_LENGTH * 8 // 24))
_ROOM, _STEP, _CARRY = _EVERY_SECOND * 0xFFF, _EVERY_SECOND * (4096 - 3329), _EVERY_SECOND << 12
_KEY_LENGTHS = {DHKEM_X25519: (32, 32), MLKEM768_X25519: (_MLKEM_PUBLIC_LENGTH + 32, _MLKEM_CIPHERTEXT_LENGTH + 32)}


class ExpandedKey(bytes):
    """A private key of KEM 0x647a that was just derived, with what its seed expands to: opening with it needs no second
    expansion. Whoever stores it stores the seed; the rest goes when the value goes."""

    pair: tuple[MLKEM768PrivateKey, bytes]


@dataclass(frozen=True, slots=True)
class HpkeSuite:
    """A KEM, an HKDF hash and an AEAD; keys are raw bytes."""

    kem_id: int
    kdf: HashName
    aead: Aead

    @property
    def public_length(self) -> int:
        """Bytes of a public key: 32 or 1216."""
        return _KEY_LENGTHS[self.kem_id][0]

    @property
    def enc_length(self) -> int:
        """Bytes of an encapsulated key: 32 or 1120."""
        return _KEY_LENGTHS[self.kem_id][1]

    def is_usable(self, public: bytes) -> bool:
        """Tell whether something can be sealed to a key: its length, and what every implementation refuses besides.

        That is a point of low order (RFC 9180 section 7.1.4), and an ML-KEM key that is not reduced (FIPS 203 section
        7.2). It costs some microseconds and no key object.
        """
        if len(public) != self.public_length or X25519.has_small_order(public[-32:]):
            return False
        return self.kem_id == DHKEM_X25519 or _is_reduced(public[:_MLKEM_VECTOR_LENGTH])

    def derive_key_pair(self, ikm: bytes) -> tuple[bytes, bytes]:
        """Return (private, public) from key material of at least 32 bytes: DeriveKeyPair of the KEM."""
        return derive_key_pair(self.kem_id, ikm)

    def seal(self, public: bytes, info: bytes, aad: bytes, plaintext: bytes) -> tuple[bytes, bytes]:
        """Encrypt once for `public`; return (enc, ciphertext).

        Raises:
            PeerError: code invalid_key.
        """
        if aad:
            enc, context = self.setup_sender(public, info)
            return enc, context.seal(aad, plaintext)
        key = _public_object(self.kem_id, public)
        try:
            sealed = _library_suite(self).encrypt(plaintext, key, info)
        except ValueError:
            raise PeerError("an HPKE public key is invalid", code="invalid_key") from None
        return sealed[: self.enc_length], sealed[self.enc_length :]

    def open(
        self,
        private: Secret | bytes,
        enc: bytes,
        info: bytes,
        aad: bytes,
        ciphertext: bytes,
        *,
        public: bytes | None = None,
    ) -> bytes:
        """Decrypt what `seal` made; `public` is the public key of `private`, where it is at hand.

        Raises:
            PeerError: code bad_ciphertext (not for this key, info and aad) or invalid_key.
        """
        shared = decapsulate(self.kem_id, material(private), enc, public)
        suite_id = self._suite_id()
        key, nonce = self._key_and_nonce(suite_id, shared, self._key_schedule_context(suite_id, info))
        return self.aead.open(key, nonce, aad, ciphertext)

    def setup_sender(self, public: bytes, info: bytes) -> tuple[bytes, HpkeContext]:
        """Return (enc, context) for several messages or for exports."""
        shared, enc = encapsulate(self.kem_id, public)
        return enc, self._schedule(shared, info)

    def setup_receiver(self, private: Secret | bytes, enc: bytes, info: bytes) -> HpkeContext:
        """Return the receiver's context for `enc`, or raise PeerError(code="invalid_key")."""
        return self._schedule(decapsulate(self.kem_id, material(private), enc), info)

    def sealer(self, info: bytes) -> HpkeSealer:
        """Return what seals to any number of public keys under one `info`, which is hashed once and not for each."""
        suite_id = self._suite_id()
        return HpkeSealer(self, suite_id, self._key_schedule_context(suite_id, info))

    def _suite_id(self) -> bytes:
        return b"HPKE" + self.kem_id.to_bytes(2) + _KDF_ID[self.kdf].to_bytes(2) + self.aead.hpke_id.to_bytes(2)

    def _key_schedule_context(self, suite_id: bytes, info: bytes) -> bytes:
        return (
            b"\x00"
            + _labeled_extract(self.kdf, suite_id, b"", b"psk_id_hash", b"")
            + _labeled_extract(self.kdf, suite_id, b"", b"info_hash", info)
        )

    def _schedule(self, shared: bytes, info: bytes) -> HpkeContext:
        suite_id = self._suite_id()
        context = self._key_schedule_context(suite_id, info)
        key, nonce = self._key_and_nonce(suite_id, shared, context)
        secret = _labeled_extract(self.kdf, suite_id, shared, b"secret", b"")
        exporter = _labeled_expand(self.kdf, suite_id, secret, b"exp", context, HASH_LENGTH[self.kdf])
        return HpkeContext(self, suite_id, key, nonce, exporter)

    def _key_and_nonce(self, suite_id: bytes, shared: bytes, context: bytes) -> tuple[bytes, bytes]:
        secret = _labeled_extract(self.kdf, suite_id, shared, b"secret", b"")
        return (
            _labeled_expand(self.kdf, suite_id, secret, b"key", context, self.aead.key_length),
            _labeled_expand(self.kdf, suite_id, secret, b"base_nonce", context, self.aead.nonce_length),
        )


@dataclass(frozen=True, slots=True)
class HpkeSealer:
    """Single-shot sealing with an empty aad to many receivers under one info (RFC 9180 section 6.1).

    A Welcome's info is the whole encrypted GroupInfo: hashing it per joiner would cost the square of the room.
    """

    suite: HpkeSuite
    suite_id: bytes = field(repr=False)
    context: bytes = field(repr=False)

    def seal(self, public: bytes, plaintext: bytes) -> tuple[bytes, bytes]:
        """Encrypt once for `public`; return (enc, ciphertext), as `HpkeSuite.seal`.

        Raises:
            PeerError: code invalid_key.
        """
        shared, enc = encapsulate(self.suite.kem_id, public)
        key, nonce = self.suite._key_and_nonce(self.suite_id, shared, self.context)
        return enc, self.suite.aead.seal(key, nonce, b"", plaintext)


@dataclass(frozen=True, slots=True, repr=False)
class HpkeContext:
    """One direction of an HPKE conversation (RFC 9180 section 5.2); the sequence number is the caller's."""

    suite: HpkeSuite
    suite_id: bytes
    key: bytes
    base_nonce: bytes
    exporter_secret: bytes

    def seal(self, aad: bytes, plaintext: bytes, sequence: int = 0) -> bytes:
        """Encrypt message number `sequence`; a number is used once."""
        return self.suite.aead.seal(self.key, self._nonce(sequence), aad, plaintext)

    def open(self, aad: bytes, ciphertext: bytes, sequence: int = 0) -> bytes:
        """Decrypt message number `sequence`, or raise PeerError(code="bad_ciphertext")."""
        return self.suite.aead.open(self.key, self._nonce(sequence), aad, ciphertext)

    def export(self, exporter_context: bytes, length: int) -> bytes:
        """Return `length` bytes of the exporter (RFC 9180 section 5.3)."""
        return _labeled_expand(self.suite.kdf, self.suite_id, self.exporter_secret, b"sec", exporter_context, length)

    def _nonce(self, sequence: int) -> bytes:
        length = len(self.base_nonce)
        return (int.from_bytes(self.base_nonce) ^ sequence).to_bytes(length)


def suite_of(kem_id: int, kdf: HashName, aead_id: int) -> HpkeSuite:
    """Return the suite of these ids, or raise UsageError for one that we do not have."""
    aead = {each.hpke_id: each for each in (AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, EXPORT_ONLY)}.get(aead_id)
    if kem_id not in _LIBRARY_KEM or kdf not in _KDF_ID or aead is None:
        raise UsageError("unknown HPKE suite")
    return HpkeSuite(kem_id, kdf, aead)


def derive_key_pair(kem_id: int, ikm: bytes) -> tuple[bytes, bytes]:
    """Return (private, public) of the KEM from key material.

    Source: RFC 9180 section 7.1.3 for X25519, hpke-pq LabeledDerive for 0x647a.
    """
    suite_id = b"KEM" + kem_id.to_bytes(2)
    if kem_id == DHKEM_X25519:
        prk = _labeled_extract("sha256", suite_id, b"", b"dkp_prk", ikm)
        private = _labeled_expand("sha256", suite_id, prk, b"sk", b"", 32)
    else:
        label = b"DeriveKeyPair"
        private = ExpandedKey(
            shake256(ikm + b"HPKE-v1" + suite_id + len(label).to_bytes(2) + label + (32).to_bytes(2), 32)
        )
        private.pair = _expand_seed(private)
    return private, public_of(kem_id, private)


def public_of(kem_id: int, private: bytes) -> bytes:
    """Return the public key of a 32-byte private key (or seed)."""
    if kem_id == DHKEM_X25519:
        return X25519.public_of(private)
    mlkem, scalar = _expand_seed(private)
    return mlkem.public_key().public_bytes_raw() + X25519.public_of(scalar)


def encapsulate(kem_id: int, public: bytes) -> tuple[bytes, bytes]:
    """Return (shared secret, enc) for `public`; the ephemeral keys come from the system's generator.

    Raises:
        PeerError: code invalid_key.
    """
    _check_length(kem_id, public)
    if kem_id == DHKEM_X25519:
        ephemeral, enc_x = X25519.generate(system_random)
        return _dhkem_secret(X25519.exchange(ephemeral, public).reveal(), enc_x, public), enc_x
    x_public = public[_MLKEM_PUBLIC_LENGTH:]
    ss_m, ct_m = _mlkem_public(public).encapsulate()
    ephemeral, enc_x = X25519.generate(system_random)
    ss_x = X25519.exchange(ephemeral, x_public).reveal()
    return sha3_256(ss_m + ss_x + enc_x + x_public + _XWING_LABEL), ct_m + enc_x


def decapsulate(kem_id: int, private: bytes, enc: bytes, public: bytes | None = None) -> bytes:
    """Return the shared secret of `enc`, or raise PeerError(code="invalid_key")."""
    if len(enc) != _KEY_LENGTHS[kem_id][1]:
        raise PeerError("an HPKE encapsulated key has the wrong length", code="invalid_key")
    if kem_id == DHKEM_X25519:
        return _dhkem_secret(X25519.exchange(private, enc).reveal(), enc, public or X25519.public_of(private))
    mlkem, scalar = _expand_seed(private)
    ct_m, ct_x = enc[:_MLKEM_CIPHERTEXT_LENGTH], enc[_MLKEM_CIPHERTEXT_LENGTH:]
    ss_x = X25519.exchange(scalar, ct_x).reveal()
    x_public = X25519.public_of(scalar) if public is None else public[_MLKEM_PUBLIC_LENGTH:]
    return sha3_256(mlkem.decapsulate(ct_m) + ss_x + ct_x + x_public + _XWING_LABEL)


def _dhkem_secret(dh: bytes, enc: bytes, public: bytes) -> bytes:
    suite_id = b"KEM" + DHKEM_X25519.to_bytes(2)
    prk = _labeled_extract("sha256", suite_id, b"", b"eae_prk", dh)
    return _labeled_expand("sha256", suite_id, prk, b"shared_secret", enc + public, 32)


def _expand_seed(seed: bytes) -> tuple[MLKEM768PrivateKey, bytes]:
    if isinstance(seed, ExpandedKey) and hasattr(seed, "pair"):
        return seed.pair
    if len(seed) != _SEED_LENGTH:
        raise UsageError("a private key of KEM 0x647a is a seed of 32 bytes")
    expanded = shake256(seed, 96)
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), expanded[64:]


def _public_object(kem_id: int, public: bytes) -> X25519PublicKey | library.MLKEM768X25519PublicKey:
    _check_length(kem_id, public)
    if kem_id == DHKEM_X25519:
        return X25519PublicKey.from_public_bytes(public)
    x_public = X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_LENGTH:])
    return library.MLKEM768X25519PublicKey(_mlkem_public(public), x_public)


def _check_length(kem_id: int, public: bytes) -> None:
    if len(public) != _KEY_LENGTHS[kem_id][0]:
        raise PeerError("an HPKE public key has the wrong length", code="invalid_key")


def _is_reduced(vector: bytes) -> bool:
    """Whether all coefficients are below 3329: half of them at a time, each with twelve bits of room above it."""
    number = int.from_bytes(vector, "little")
    return not ((number & _ROOM) + _STEP & _CARRY or (number >> 12 & _ROOM) + _STEP & _CARRY)


def _mlkem_public(public: bytes) -> MLKEM768PublicKey:
    try:
        return MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_LENGTH])
    except ValueError:
        raise PeerError("an ML-KEM public key is not reduced", code="invalid_key") from None


@lru_cache(maxsize=16)  # the library's suite objects are immutable; making one costs as much as an AEAD
def _library_suite(suite: HpkeSuite) -> library.Suite:
    return library.Suite(_LIBRARY_KEM[suite.kem_id], _LIBRARY_KDF[suite.kdf], _LIBRARY_AEAD[suite.aead.hpke_id])


def _labeled_extract(name: HashName, suite_id: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hkdf_extract(name, salt, b"HPKE-v1" + suite_id + label + ikm)


def _labeled_expand(name: HashName, suite_id: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return hkdf_expand(name, prk, length.to_bytes(2) + b"HPKE-v1" + suite_id + label + info, length)
