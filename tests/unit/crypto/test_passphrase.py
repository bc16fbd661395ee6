"""Argon2id: normalised, salted, priced."""

from __future__ import annotations

import unicodedata

import pytest

from byre.crypto import passphrase
from byre.crypto.passphrase import stretch
from byre.errors import EnvironmentFault, UsageError

SALT = bytes(16)
CHEAP = {"memory_kib": 64, "passes": 1}


def test_composed_and_decomposed_hangul_give_one_key() -> None:
    decomposed = unicodedata.normalize("NFD", "외양간")
    assert decomposed != "외양간"
    assert stretch(decomposed, SALT, **CHEAP) == stretch("외양간", SALT, **CHEAP)


def test_passphrase_salt_and_cost_all_count() -> None:
    keys = {
        stretch("one", SALT, **CHEAP).reveal(),
        stretch("two", SALT, **CHEAP).reveal(),
        stretch("one", b"\x01" * 16, **CHEAP).reveal(),
        stretch("one", SALT, memory_kib=64, passes=2).reveal(),
    }
    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}


def test_a_lone_surrogate_is_a_passphrase_too() -> None:
    assert len(stretch("\ud800", SALT, **CHEAP)) == 32


@pytest.mark.parametrize(
    ("salt", "memory_kib", "passes"), [(b"", 64, 1), (SALT, 7, 1), (SALT, 64, 0), (SALT, 1 << 40, 1)]
)
def test_what_argon2id_cannot_take_is_the_callers_fault(salt: bytes, memory_kib: int, passes: int) -> None:
    with pytest.raises(UsageError):
        stretch("one", salt, memory_kib=memory_kib, passes=passes)


def test_too_little_memory_is_the_machines_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> bytes:
        raise passphrase.exceptions.RuntimeError("key derivation failed")

    monkeypatch.setattr(passphrase.pwhash.argon2id, "kdf", fail)
    with pytest.raises(EnvironmentFault) as caught:
        stretch("one", SALT, **CHEAP)
    assert caught.value.code == "out_of_memory"
