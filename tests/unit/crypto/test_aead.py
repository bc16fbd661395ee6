"""Sealing and opening, and every way not to open."""

from __future__ import annotations

import pytest

from byre.crypto import aead
from byre.crypto.aead import AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, Aead
from byre.crypto.secret import Secret
from byre.errors import PeerError

KEY, NONCE = bytes(range(32)), bytes(range(24))


def test_xchacha_seals_and_opens() -> None:
    sealed = aead.seal(Secret(KEY), b"text", b"aad", NONCE)
    assert len(sealed) == 4 + aead.TAG_LENGTH
    assert aead.open(KEY, sealed, b"aad", NONCE) == b"text"


@pytest.mark.parametrize(
    ("key", "aad", "nonce", "change"),
    [
        (bytes(32), b"aad", NONCE, 0),
        (KEY, b"bad", NONCE, 0),
        (KEY, b"aad", bytes(24), 0),
        (KEY, b"aad", bytes(23), 0),
        (KEY, b"aad", NONCE, 1),
    ],
)
def test_xchacha_opens_for_nobody_else(key: bytes, aad: bytes, nonce: bytes, change: int) -> None:
    sealed = bytearray(aead.seal(KEY, b"text", b"aad", NONCE))
    sealed[0] ^= change
    with pytest.raises(PeerError) as caught:
        aead.open(key, bytes(sealed), aad, nonce)
    assert caught.value.code == "bad_ciphertext"


def test_xchacha_refuses_what_is_shorter_than_a_tag() -> None:
    with pytest.raises(PeerError):
        aead.open(KEY, bytes(15), b"", NONCE)


@pytest.mark.parametrize("cipher", [AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305], ids=lambda cipher: cipher.name)
def test_the_suites_ciphers_seal_and_open(cipher: Aead) -> None:
    key, nonce = KEY[: cipher.key_length], NONCE[: cipher.nonce_length]
    sealed = cipher.seal(key, nonce, b"aad", b"text")
    assert cipher.open(key, nonce, b"aad", sealed) == b"text"
    for bad in (sealed[:-1], b"", sealed[::-1]):
        with pytest.raises(PeerError) as caught:
            cipher.open(key, nonce, b"aad", bad)
        assert caught.value.code == "bad_ciphertext"
