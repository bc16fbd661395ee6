"""The suites: labels, lengths, and that Rule 3's key derivation is the suite's."""

from __future__ import annotations

import pytest

from byre.crypto.hpke import MLKEM768_X25519, derive_key_pair
from byre.crypto.signature import SigningKey
from byre.errors import PeerError
from byre.mls.cipher_suite import SUITES, CipherSuite, suite_by_id
from byre.mls.profile import HYBRID


@pytest.fixture(params=SUITES, ids=lambda suite: hex(suite.suite_id))
def suite(request: pytest.FixtureRequest) -> CipherSuite:
    suite: CipherSuite = request.param
    return suite


def test_every_length_is_the_hashs(suite: CipherSuite) -> None:
    secret = bytes(suite.hash_length)
    for value in (
        suite.hash(b""),
        suite.mac(secret, b""),
        suite.extract(secret, b""),
        suite.derive_secret(secret, "x"),
    ):
        assert len(value) == suite.hash_length


def test_labels_separate(suite: CipherSuite) -> None:
    secret = bytes(suite.hash_length)
    assert suite.derive_secret(secret, "one") != suite.derive_secret(secret, "two")
    assert suite.ref_hash("one", b"") != suite.ref_hash("two", b"")


def test_the_shortcuts_are_expand_with_label(suite: CipherSuite) -> None:
    secret, length = bytes(range(suite.hash_length)), suite.hash_length
    assert suite.derive_secret(secret, "x") == suite.expand_with_label(secret, "x", b"", length)
    assert suite.derive_tree_secret(secret, "x", 7, 12) == suite.expand_with_label(secret, "x", b"\0\0\0\7", 12)
    key_length, nonce_length = suite.aead.key_length, suite.aead.nonce_length
    for context in (b"", bytes(suite.hash_length), bytes(70)):
        key = suite.expand_with_label(secret, "key", context, key_length)
        assert suite.expand_key_nonce(secret, context) == (
            key,
            suite.expand_with_label(secret, "nonce", context, nonce_length),
        )
    assert suite.ratchet_step(secret, 258) == (
        suite.derive_tree_secret(secret, "key", 258, key_length),
        suite.derive_tree_secret(secret, "nonce", 258, nonce_length),
        suite.derive_tree_secret(secret, "secret", 258, length),
    )


def test_long_outputs_take_more_blocks(suite: CipherSuite) -> None:
    secret = bytes(suite.hash_length)
    assert len(suite.expand_with_label(secret, "x", b"", 200)) == 200


def test_signatures_carry_their_label(suite: CipherSuite) -> None:
    key = SigningKey(bytes(32))
    signature = suite.sign_with_label(key, "one", b"content")
    suite.verify_with_label(key.public, "one", b"content", signature)
    with pytest.raises(PeerError):
        suite.verify_with_label(key.public, "two", b"content", signature)


def test_encryption_is_bound_to_label_and_context(suite: CipherSuite) -> None:
    private, public = suite.derive_key_pair(bytes(suite.hash_length))
    sealed = suite.encrypt_with_label(public, "label", b"context", b"text")
    assert suite.decrypt_with_label(private, "label", b"context", *sealed) == b"text"
    with pytest.raises(PeerError):
        suite.decrypt_with_label(private, "label", b"other", *sealed)
    of_many = suite.labeled_sealer("label", b"context").seal(public, b"text")
    assert suite.decrypt_with_label(private, "label", b"context", *of_many) == b"text"
    with pytest.raises(PeerError):
        suite.decrypt_with_label(private, "other", b"context", *of_many)


def test_rule_3_the_hybrids_keys_are_hpke_pqs() -> None:
    ikm = bytes(48)
    assert suite_by_id(HYBRID).derive_key_pair(ikm) == derive_key_pair(MLKEM768_X25519, ikm)


def test_an_unknown_suite_is_the_peers_fault() -> None:
    with pytest.raises(PeerError) as caught:
        suite_by_id(2)
    assert caught.value.code == "unsupported_suite"
