"""Blobs 1, 2, 3 and 5 as they lie at the relay: sealed under the secret that only the QR carries.

    blob = nonce[24] ‖ XChaCha20-Poly1305(key, plaintext, aad)         slot is the blob's number, a uint8
    key  = HKDF-SHA384(secret, info "byre link key v1" ‖ slot, 32);    aad = "byre link v1" ‖ rendezvous[16] ‖ slot

Blob 4 is under HPKE to N's fresh key instead: who photographed the QR has the secret, and must not read the grant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from byre.crypto import aead
from byre.crypto.hashes import hkdf_sha384
from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.identity import domains
from byre.wire.link import LinkPayload
from byre.wire.tls import malformed

OFFER: Final = 1
ANSWER: Final = 2
REVEAL: Final = 3
GRANT: Final = 4
DONE: Final = 5
LARGEST_BLOB: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class BlobKeys:
    """The keys of one offer's blobs."""

    payload: LinkPayload

    def seal(self, slot: int, plaintext: bytes, random: Random) -> bytes:
        """Return the blob for `slot`."""
        nonce = random(aead.XCHACHA_NONCE_LENGTH)
        return nonce + aead.seal(self._key(slot), plaintext, self._aad(slot), nonce)

    def open(self, slot: int, blob: bytes) -> bytes:
        """Return the plaintext of the blob in `slot`.

        Raises:
            PeerError: code bad_ciphertext or malformed; not written by who saw the QR, or for another slot or offer.
        """
        expect_size(blob)
        nonce, sealed = blob[: aead.XCHACHA_NONCE_LENGTH], blob[aead.XCHACHA_NONCE_LENGTH :]
        return aead.open(self._key(slot), sealed, self._aad(slot), nonce)

    def _key(self, slot: int) -> Secret:
        return Secret(hkdf_sha384(self.payload.secret, info=domains.LINK_KEY + bytes((slot,)), length=32))

    def _aad(self, slot: int) -> bytes:
        return domains.LINK_BLOB + self.payload.rendezvous + bytes((slot,))


def expect_size(blob: bytes) -> None:
    """Raise PeerError(code="malformed") if a blob is larger than any that we write."""
    if len(blob) > LARGEST_BLOB:
        raise malformed("a linking blob is too large")
