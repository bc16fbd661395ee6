"""What both ends must have seen alike."""

import hashlib
import hmac

from byre.identity.linking.transcript import Transcript, link_suite, offer_hash
from byre.wire.link import Offer

T = Transcript.of(b"payload", b"offer", b"answer", b"nonce")


def test_the_transcript_is_the_hash_of_the_law() -> None:
    parts = b"\x07payload\x05offer\x06answer\x05nonce"
    assert T.hash == hashlib.sha384(b"byre link transcript v1" + parts).digest()


def test_every_part_counts_and_none_runs_into_another() -> None:
    others = {
        Transcript.of(b"payloa", b"doffer", b"answer", b"nonce").hash,
        Transcript.of(b"payload", b"offera", b"nswer", b"nonce").hash,
        Transcript.of(b"payload", b"offer", b"answer", b"noncf").hash,
    }
    assert len(others | {T.hash}) == 4


def test_the_code_has_six_digits_zeros_in_front_included() -> None:
    codes = [Transcript(bytes((n, *bytes(47)))).code for n in range(64)]
    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert any(code.startswith("0") for code in codes)


def test_the_confirmation_is_an_hmac_under_the_transcript() -> None:
    assert T.done == hmac.digest(T.hash, b"done", "sha384")


def test_the_grant_signs_transcript_and_body() -> None:
    assert T.grant_structure(b"body") == T.hash + hashlib.sha384(b"body").digest()


def test_the_offers_hash_covers_keys_and_nonce() -> None:
    offer = Offer(b"\1" * 1216, b"\2" * 32, b"\3" * 32, "PC", "Linux")
    assert offer_hash(offer) == hashlib.sha256(b"\1" * 1216 + b"\2" * 32 + b"\3" * 32).digest()


def test_the_grant_is_sealed_post_quantum() -> None:
    assert (link_suite().kem_id, link_suite().kdf, link_suite().aead.hpke_id) == (0x647A, "sha384", 2)


def test_a_transcript_does_not_print() -> None:
    assert T.hash.hex() not in repr(T)
    assert repr(T.hash) not in repr(T)
