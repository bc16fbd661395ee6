"""Ed25519 signatures (RFC 8032) by libsodium.

libsodium refuses small-order keys and non-canonical scalars, so that a signature verifies under one reading only.
What must never happen here: a False that a caller forgets to look at. `verify` returns nothing or raises.
"""

from __future__ import annotations

from nacl import bindings
from nacl.exceptions import BadSignatureError

from byre.crypto.random import Random
from byre.crypto.secret import Secret, material
from byre.errors import PeerError, UsageError

SEED_LENGTH = 32
PUBLIC_LENGTH = 32
SIGNATURE_LENGTH = 64


class SigningKey:
    """An Ed25519 private key, made from its 32-byte seed."""

    __slots__ = ("_expanded", "public")

    public: bytes

    def __init__(self, seed: Secret | bytes) -> None:
        """Raise UsageError unless `seed` has 32 bytes."""
        if len(seed) != SEED_LENGTH:
            raise UsageError("an Ed25519 seed has 32 bytes")
        self.public, self._expanded = bindings.crypto_sign_seed_keypair(material(seed))

    @classmethod
    def generate(cls, random: Random) -> SigningKey:
        """Make a new key from 32 random bytes."""
        return cls(random(SEED_LENGTH))

    @property
    def seed(self) -> Secret:
        """The 32-byte seed, for the store."""
        return Secret(self._expanded[:SEED_LENGTH])

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        signed: bytes = bindings.crypto_sign(message, self._expanded)
        return signed[:SIGNATURE_LENGTH]

    def __repr__(self) -> str:
        return "<SigningKey>"


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Verify `signature` (64 bytes) of `message` under `public` (32 bytes).

    Raises:
        PeerError: code bad_signature; the message was not signed by that key, or key or signature are malformed.
    """
    if len(public) != PUBLIC_LENGTH or len(signature) != SIGNATURE_LENGTH:
        raise PeerError("a key or signature has the wrong length", code="bad_signature")
    try:
        bindings.crypto_sign_open(signature + message, public)
    except BadSignatureError:
        raise PeerError("a signature does not verify", code="bad_signature") from None
