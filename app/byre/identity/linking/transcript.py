"""What both ends must have seen alike, the six digits that a person compares, and what is bound to them.

    offer_hash = SHA-256(hpke_public ‖ device_key ‖ nonce_hash)              in the QR: binds N before anything is sent
    T     = SHA-384("byre link transcript v1" ‖ opaque QR payload<V> ‖ opaque blob 1<V> ‖ opaque blob 2<V> ‖ opaque
            nonceN<V>)                                               the blobs' plaintexts, the payload decoded
    code  = first 8 bytes of HKDF-SHA384(T, info "byre link code v1") mod 1,000,000, six digits
    grant = IK signature over "byre link grant v1" ‖ T ‖ SHA-384(body), inside HPKE(0x647a, info = T)
    done  = HMAC-SHA384(key T, "done")

Nobody can grind for a code: P's nonce is fixed before nonceN is revealed, and nonceN's hash stands in the QR.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from byre.crypto.hashes import hkdf_sha384, hmac_sha384, sha256, sha384
from byre.crypto.hpke import MLKEM768_X25519, HpkeSuite, suite_of
from byre.identity import domains
from byre.wire.link import Offer
from byre.wire.tls import Writer

CODE_DIGITS: Final = 6
_AES_256_GCM: Final = 0x0002


def link_suite() -> HpkeSuite:
    """Return the HPKE suite of blob 4: 0x647a (ML-KEM-768 + X25519), HKDF-SHA384, AES-256-GCM."""
    return suite_of(MLKEM768_X25519, "sha384", _AES_256_GCM)


def offer_hash(offer: Offer) -> bytes:
    """Return what the QR says of the offer's keys and nonce."""
    return sha256(offer.hpke_public + offer.device_key + offer.nonce_hash)


@dataclass(frozen=True, slots=True, repr=False)
class Transcript:
    """The hash T of a handshake and what follows from it."""

    hash: bytes

    @classmethod
    def of(cls, payload: bytes, offer: bytes, answer: bytes, nonce: bytes) -> Transcript:
        """Hash the QR's payload, the plaintexts of blobs 1 and 2, and N's nonce."""
        structure = Writer().opaque_v(payload).opaque_v(offer).opaque_v(answer).opaque_v(nonce).done()
        return cls(sha384(domains.LINK_TRANSCRIPT + structure))

    @property
    def code(self) -> str:
        """The six digits that N shows and P's user types."""
        number = int.from_bytes(hkdf_sha384(self.hash, info=domains.LINK_CODE, length=8))
        return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}}"

    @property
    def done(self) -> bytes:
        """N's confirmation in blob 5, 48 bytes."""
        return hmac_sha384(self.hash, b"done")

    def grant_structure(self, body: bytes) -> bytes:
        """Return what the account signs, under `domains.LINK_GRANT`."""
        return self.hash + sha384(body)
