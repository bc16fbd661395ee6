"""libsodium's sealed box: encryption to an X25519 key by nobody in particular.

Every envelope to a mailbox is one. The sender is anonymous and the ephemeral key is thrown away at once; it is
not post-quantum (what travels inside is: see `mls`). Overhead 48 bytes: ephemeral key ‖ tag.
"""

from __future__ import annotations

from nacl import bindings
from nacl.exceptions import CryptoError
from nacl.exceptions import RuntimeError as SodiumRefusal

from byre.crypto.agreement import KEY_LENGTH, X25519
from byre.crypto.random import Random
from byre.crypto.secret import Secret, material
from byre.errors import PeerError

OVERHEAD = 48


def generate_box_keys(random: Random) -> tuple[Secret, bytes]:
    """Return a new (private, public) X25519 pair."""
    return X25519.generate(random)


def seal(public: bytes, plaintext: bytes) -> bytes:
    """Return the sealed box of `plaintext` for `public` (32 bytes): 48 bytes longer.

    The ephemeral key comes from libsodium's own generator: the box would be wrong with a reused one.

    Raises:
        PeerError: code invalid_key; the public key is malformed or of low order.
    """
    if len(public) != KEY_LENGTH:
        raise PeerError("an X25519 public key has 32 bytes", code="invalid_key")
    try:
        return bindings.crypto_box_seal(plaintext, public)
    except (CryptoError, SodiumRefusal):
        raise PeerError("an X25519 public key has low order", code="invalid_key") from None


def open_sealed(private: Secret | bytes, ciphertext: bytes, *, public: bytes = b"") -> bytes:
    """Return the plaintext of a sealed box.

    Args:
        public: the key that belongs to `private`; reckoned when it is not given, which is a third of the work.

    Raises:
        PeerError: code bad_ciphertext; not sealed for this key, or changed on the way.
    """
    if len(ciphertext) < OVERHEAD:
        raise PeerError("a sealed box is too short", code="bad_ciphertext")
    key = material(private)
    try:
        return bindings.crypto_box_seal_open(ciphertext, public or bindings.crypto_scalarmult_base(key), key)
    except (CryptoError, SodiumRefusal):
        raise PeerError("a sealed box does not open", code="bad_ciphertext") from None
