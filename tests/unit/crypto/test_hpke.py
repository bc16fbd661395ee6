"""HPKE beyond its vectors: refusals, and our context against the library's single shot."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives import hpke as library
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from byre.crypto import hpke
from byre.crypto.hashes import shake256
from byre.crypto.hpke import DHKEM_X25519, MLKEM768_X25519, HpkeSuite, suite_of
from byre.errors import PeerError, UsageError

SUITES = [suite_of(DHKEM_X25519, "sha256", 1), suite_of(MLKEM768_X25519, "sha384", 2)]
IKM = bytes(range(48))


@pytest.fixture(params=SUITES, ids=["x25519", "hybrid"])
def suite(request: pytest.FixtureRequest) -> HpkeSuite:
    suite: HpkeSuite = request.param
    return suite


def opened_by_the_library(suite: HpkeSuite, private: bytes, sealed: bytes, info: bytes) -> bytes:
    key: Any
    if suite.kem_id == DHKEM_X25519:
        key = X25519PrivateKey.from_private_bytes(private)
    else:
        expanded = shake256(private, 96)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        key = library.MLKEM768X25519PrivateKey(mlkem, X25519PrivateKey.from_private_bytes(expanded[64:]))
    return hpke._library_suite(suite).decrypt(sealed, key, info)


def test_lengths(suite: HpkeSuite) -> None:
    private, public = suite.derive_key_pair(IKM)
    enc, sealed = suite.seal(public, b"info", b"", b"text")
    assert (len(private), len(public), len(enc)) == (32, suite.public_length, suite.enc_length)
    assert len(sealed) == 4 + 16


@pytest.mark.parametrize("aad", [b"", b"aad"])
def test_seal_and_open(suite: HpkeSuite, aad: bytes) -> None:
    private, public = suite.derive_key_pair(IKM)
    enc, sealed = suite.seal(public, b"info", aad, b"text")
    assert suite.open(private, enc, b"info", aad, sealed) == b"text"
    other, _ = suite.derive_key_pair(IKM[::-1])
    for key, info, extra, bytes_ in (
        (other, b"info", aad, sealed),
        (private, b"else", aad, sealed),
        (private, b"info", aad + b"x", sealed),
        (private, b"info", aad, sealed[:-1]),
    ):
        with pytest.raises(PeerError) as caught:
            suite.open(key, enc, info, extra, bytes_)
        assert caught.value.code == "bad_ciphertext"


def test_our_context_opens_what_the_library_sealed(suite: HpkeSuite) -> None:
    private, public = suite.derive_key_pair(IKM)
    enc, sealed = suite.seal(public, b"info", b"", b"text")
    assert suite.setup_receiver(private, enc, b"info").open(b"", sealed) == b"text"


def test_the_library_opens_what_our_context_sealed(suite: HpkeSuite) -> None:
    private, public = suite.derive_key_pair(IKM)
    enc, context = suite.setup_sender(public, b"info")
    assert suite.open(private, enc, b"info", b"", context.seal(b"", b"text")) == b"text"
    assert opened_by_the_library(suite, private, enc + context.seal(b"", b"text"), b"info") == b"text"
    assert (
        opened_by_the_library(suite, private, b"".join(suite.sealer(b"info").seal(public, b"text")), b"info") == b"text"
    )
    received = suite.setup_receiver(private, enc, b"info")
    assert received.export(b"context", 80) == context.export(b"context", 80)
    assert received.open(b"a", context.seal(b"a", b"second", 1), 1) == b"second"


def test_a_sealer_seals_to_many_under_one_info(suite: HpkeSuite) -> None:
    sealer = suite.sealer(b"info")
    for number in range(2):
        private, public = suite.derive_key_pair(IKM + bytes((number,)))
        enc, sealed = sealer.seal(public, b"text")
        assert suite.open(private, enc, b"info", b"", sealed) == b"text"
        with pytest.raises(PeerError):
            suite.open(private, enc, b"else", b"", sealed)
    assert sealer.seal(public, b"text")[0] != enc
    for bad in (b"", public[:-1], public[:-32] + bytes(32)):
        with pytest.raises(PeerError) as caught:
            sealer.seal(bad, b"text")
        assert caught.value.code == "invalid_key"


def test_contexts_do_not_print_their_keys(suite: HpkeSuite) -> None:
    _, context = suite.setup_sender(suite.derive_key_pair(IKM)[1], b"")
    assert context.key.hex() not in repr(context)
    assert repr(context.key) not in repr(context)


def test_malformed_public_keys_are_refused(suite: HpkeSuite) -> None:
    public = suite.derive_key_pair(IKM)[1]
    for bad in (b"", public[:-1], public[:-32] + bytes(32)):
        for aad in (b"", b"aad"):
            with pytest.raises(PeerError) as caught:
                suite.seal(bad, b"", aad, b"")
            assert caught.value.code == "invalid_key"


def test_an_ml_kem_key_that_is_not_reduced_is_refused() -> None:
    suite = SUITES[1]
    public = suite.derive_key_pair(IKM)[1]
    with pytest.raises(PeerError) as caught:
        suite.seal(b"\xff" * 1184 + public[1184:], b"", b"", b"")
    assert caught.value.code == "invalid_key"


def test_malformed_encapsulated_keys_are_refused(suite: HpkeSuite) -> None:
    private, public = suite.derive_key_pair(IKM)
    enc, sealed = suite.seal(public, b"", b"", b"text")
    for bad in (b"", enc[:-1], enc[:-32] + bytes(32)):
        for aad in (b"", b"aad"):
            with pytest.raises(PeerError):
                suite.open(private, bad, b"", aad, sealed)


@pytest.mark.parametrize(("kem", "aead_id"), [(0x0010, 1), (DHKEM_X25519, 9)])
def test_unknown_suites_are_the_callers_fault(kem: int, aead_id: int) -> None:
    with pytest.raises(UsageError):
        suite_of(kem, "sha256", aead_id)


def test_export_only_context_exports() -> None:
    suite = suite_of(DHKEM_X25519, "sha256", hpke.EXPORT_ONLY.hpke_id)
    _, context = suite.setup_sender(suite.derive_key_pair(IKM)[1], b"")
    assert len(context.export(b"", 32)) == 32


@pytest.mark.parametrize("length", [31, 33])
def test_a_private_key_of_another_length_is_our_own_mistake(suite: HpkeSuite, length: int) -> None:
    with pytest.raises(UsageError):
        hpke.public_of(suite.kem_id, bytes(length))


def test_a_derived_key_opens_like_its_bytes_and_with_or_without_its_public_half(suite: HpkeSuite) -> None:
    private, public = suite.derive_key_pair(IKM)
    stored = bytes(private)
    assert type(stored) is bytes
    enc, sealed = suite.seal(public, b"info", b"", b"text")
    for key in (private, stored):
        for known in (None, public):
            assert suite.open(key, enc, b"info", b"", sealed, public=known) == b"text"
    other = suite.derive_key_pair(IKM[::-1])[1]
    with pytest.raises(PeerError):
        suite.open(private, enc, b"info", b"", sealed, public=other)


def test_a_key_is_usable_when_something_can_be_sealed_to_it(suite: HpkeSuite) -> None:
    _, public = suite.derive_key_pair(IKM)
    assert suite.is_usable(public)
    keys = [b"", public[:-1], public + b"\x00", public[:-32] + bytes(32), public[:-32] + b"\x01" + bytes(30) + b"\x80"]
    if suite.kem_id == MLKEM768_X25519:
        number = int.from_bytes(public[:1152], "little")
        for place in (0, 1, 2, 383, 384, 766, 767):
            for value in (0, 3328, 3329, 4095):
                spoilt = number & ~(0xFFF << 12 * place) | value << 12 * place
                keys.append(spoilt.to_bytes(1152, "little") + public[1152:])
    for key in keys:
        try:
            suite.seal(key, b"", b"", b"text")
        except PeerError:
            assert not suite.is_usable(key)
        else:
            assert suite.is_usable(key)
