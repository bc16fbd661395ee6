"""X25519 key agreement (RFC 7748) by libsodium.

A peer who sends a point of low order forces an all-zero shared secret: refused as an invalid key, since every
use above derives keys from the secret alone.
"""

from __future__ import annotations

from nacl import bindings
from nacl.exceptions import RuntimeError as SodiumRefusal

from byre.crypto.random import Random
from byre.crypto.secret import Secret, material
from byre.errors import PeerError, UsageError

KEY_LENGTH = 32


class X25519:
    """The X25519 function; stateless."""

    @staticmethod
    def generate(random: Random) -> tuple[Secret, bytes]:
        """Return a new (private, public) pair, 32 bytes each."""
        private = random(KEY_LENGTH)
        return Secret(private), bindings.crypto_scalarmult_base(private)

    @staticmethod
    def public_of(private: Secret | bytes) -> bytes:
        """Return the public key of a 32-byte private key; raise UsageError for one of another length."""
        return bindings.crypto_scalarmult_base(_scalar(private))

    @staticmethod
    def exchange(private: Secret | bytes, public: bytes) -> Secret:
        """Return the 32-byte shared secret.

        Raises:
            PeerError: code invalid_key; wrong length or a point of low order (all-zero secret).
            UsageError: the private key has another length.
        """
        if len(public) != KEY_LENGTH:
            raise PeerError("an X25519 public key has 32 bytes", code="invalid_key")
        try:
            return Secret(bindings.crypto_scalarmult(_scalar(private), public))
        except SodiumRefusal:
            raise PeerError("an X25519 public key has low order", code="invalid_key") from None


def _scalar(private: Secret | bytes) -> bytes:
    scalar = material(private)
    if len(scalar) != KEY_LENGTH:  # the binding hands the pointer on and looks at no length
        raise UsageError("an X25519 private key has 32 bytes")
    return scalar
