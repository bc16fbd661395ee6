"""Secrets neither print nor leak sideways."""

from __future__ import annotations

import copy
import pickle

import pytest

from byre.crypto.secret import Secret, material, same
from byre.errors import UsageError


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r:>20}".format, lambda secret: f"{secret:>10}"])
def test_a_secret_prints_as_its_kind_only(show: object) -> None:
    assert callable(show)
    assert "hush" not in show(Secret(b"hush"))
    assert "Secret" in show(Secret(b"hush"))


def test_reveal_gives_the_bytes_and_len_their_number() -> None:
    secret = Secret(bytearray(b"hush"))
    assert secret.reveal() == b"hush"
    assert len(secret) == 4


def test_secrets_compare_by_content() -> None:
    assert Secret(b"one") == Secret(b"one")
    assert Secret(b"one") != Secret(b"two")
    assert Secret(b"one") != b"one"


def test_a_secret_is_no_dictionary_key() -> None:
    with pytest.raises(TypeError):
        hash(Secret(b"one"))


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_cannot_be_pickled_or_copied(leak: object) -> None:
    assert callable(leak)
    with pytest.raises(UsageError):
        leak(Secret(b"one"))


def test_wipe_empties_the_secret_and_not_the_callers_copy() -> None:
    mine = bytearray(b"one")
    secret = Secret(mine)
    secret.wipe()
    assert secret.reveal() == b""
    assert mine == b"one"


def test_material_takes_both_kinds_of_key() -> None:
    assert material(Secret(b"key")) == material(b"key") == b"key"


def test_same_compares_tags() -> None:
    assert same(b"tag", b"tag")
    assert not same(b"tag", b"tug")
    assert not same(b"tag", b"ta")
