"""A copy of an outer secret: whoever it is sealed for opens it, and nobody else."""

from __future__ import annotations

import pytest

from byre.crypto.secret import Secret
from byre.errors import PeerError
from byre.identity import recovery
from byre.identity.key_copy import SEALED_SIZE, KeyCopy, open_key_copy
from tests.fakes.identities import SeededRandom

CODE = recovery.new_recovery_code(SeededRandom("code"))
OTHER = recovery.new_recovery_code(SeededRandom("another"))
COPY = KeyCopy(bytes(range(16)), 7, Secret(b"s" * 32))


def refused(private: Secret, sealed: bytes) -> str:
    with pytest.raises(PeerError) as caught:
        open_key_copy(private, sealed)
    return caught.value.code


def test_a_copy_comes_back_for_who_has_the_code() -> None:
    private, public = recovery.copy_key_pair(CODE.lower())
    sealed = COPY.seal(public)
    assert len(sealed) == SEALED_SIZE
    assert open_key_copy(private, sealed) == COPY


def test_another_code_and_a_changed_copy_open_nothing() -> None:
    private, public = recovery.copy_key_pair(CODE)
    sealed = COPY.seal(public)
    assert refused(recovery.copy_key_pair(OTHER)[0], sealed) == "bad_ciphertext"
    assert refused(private, sealed[:-1] + bytes((sealed[-1] ^ 1,))) == "bad_ciphertext"
    assert refused(private, sealed + b"\0") == "malformed"


def test_two_boxes_of_one_copy_differ_and_neither_prints_the_secret() -> None:
    _, public = recovery.copy_key_pair(CODE)
    assert COPY.seal(public) != COPY.seal(public)
    assert "ssss" not in repr(COPY)


def test_a_copy_of_a_later_version_is_not_guessed_at() -> None:
    later = b"\0\2" + COPY.encode()[2:]
    with pytest.raises(PeerError) as caught:
        KeyCopy.decode(later)
    assert caught.value.code == "newer_version"


def test_a_low_order_key_is_no_holder() -> None:
    with pytest.raises(PeerError) as caught:
        COPY.seal(bytes(32))
    assert caught.value.code == "invalid_key"
