"""Ed25519: RFC 8032's first case, and what does not verify."""

from __future__ import annotations

import pytest

from byre.crypto.random import system_random
from byre.crypto.secret import Secret
from byre.crypto.signature import SigningKey, verify
from byre.errors import PeerError, UsageError

SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def test_rfc_8032_case_1() -> None:
    key = SigningKey(Secret(SEED))
    assert key.public == PUBLIC
    assert key.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a")
    assert key.seed == Secret(SEED)
    verify(PUBLIC, b"", key.sign(b""))


def test_a_key_does_not_print() -> None:
    assert repr(SigningKey(SEED)) == "<SigningKey>"


def test_generated_keys_differ() -> None:
    assert SigningKey.generate(system_random).public != SigningKey.generate(system_random).public


def test_a_seed_has_32_bytes() -> None:
    with pytest.raises(UsageError):
        SigningKey(bytes(31))


@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [
        (PUBLIC, b"other", None),
        (bytes(32), b"text", None),
        (PUBLIC[:31], b"text", None),
        (PUBLIC, b"text", b""),
        (PUBLIC, b"text", bytes(64)),
        (PUBLIC, b"text", b"\xff" * 64),
    ],
)
def test_what_was_not_signed_does_not_verify(public: bytes, message: bytes, signature: bytes | None) -> None:
    signature = SigningKey(SEED).sign(b"text") if signature is None else signature
    with pytest.raises(PeerError) as caught:
        verify(public, message, signature)
    assert caught.value.code == "bad_signature"
