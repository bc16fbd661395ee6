"""What the key-encryption key is made of."""

from __future__ import annotations

import hashlib

import pytest

from byre.crypto.secret import Secret
from byre.errors import InternalBug
from byre.store.vault_sources import KeyMode, KeySources, page_salt, salted

OUTER, STRETCHED = b"S" * 32, b"E" * 32


def sources(outer: bytes | None = OUTER, stretched: bytes | None = STRETCHED) -> KeySources:
    return KeySources(None if outer is None else Secret(outer), None if stretched is None else Secret(stretched))


def test_each_mode_has_its_key() -> None:
    """Mode B by the words of the design: BLAKE2b(Argon2id(passphrase), key = S)."""
    both = hashlib.blake2b(STRETCHED, digest_size=32, key=OUTER).digest()
    for made, mode, key in (
        (sources(stretched=None), KeyMode.A, OUTER),
        (sources(), KeyMode.B, both),
        (sources(outer=None), KeyMode.C, STRETCHED),
    ):
        assert made.mode is mode
        assert made.key_encryption_key() == Secret(key)


def test_neither_is_a_bug() -> None:
    with pytest.raises(InternalBug):
        sources(None, None).key_encryption_key()


def test_the_check_names_the_outer_secret_only() -> None:
    assert sources().check() == sources(stretched=None).check() != sources(outer=b"T" * 32).check()
    assert sources(outer=None).check() == bytes(16)
    assert len(sources().check()) == 16


def test_another_outer_secret_keeps_the_passphrase() -> None:
    other = sources().with_outer(Secret(b"T" * 32))
    assert other.mode is KeyMode.B
    assert other.key_encryption_key() != sources().key_encryption_key()
    assert other.stretched == Secret(STRETCHED)


def test_wiped_sources_hold_nothing() -> None:
    for made in (sources(), sources(outer=None), sources(stretched=None)):
        made.wipe()
        assert all(secret is None or len(secret) == 0 for secret in (made.outer, made.stretched))


def test_a_new_database_begins_with_what_its_key_makes() -> None:
    key = Secret(bytes(range(32)))
    assert salted(key).reveal() == key.reveal() + page_salt(key)
    assert len(page_salt(key)) == 16
    assert page_salt(key) != page_salt(Secret(bytes(32)))
    with_salt = Secret(bytes(48))
    assert salted(with_salt).reveal() == bytes(48)
