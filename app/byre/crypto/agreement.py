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

_PRIME = 2**255 - 19
_SMALL_ORDER = frozenset(
    number.to_bytes(KEY_LENGTH, "little")
    for number in (
        *(0, 1, _PRIME - 1, _PRIME, _PRIME + 1),
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    )
)
"""The points with which every exchange gives zeros (RFC 7748 section 6.1); the highest bit of a key does not count."""


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
    def has_small_order(public: bytes) -> bool:
        """Tell whether 32 bytes are a point with which no exchange succeeds, without one."""
        return public[:-1] + (public[-1] & 0x7F).to_bytes(1) in _SMALL_ORDER

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
