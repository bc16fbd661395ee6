"""The account's key and its self-certifying id."""

import hashlib

from byre.identity.account import AccountKey, account_id_of
from tests.fakes.identities import SeededRandom


def test_the_id_is_the_hash_of_the_key() -> None:
    key = AccountKey.generate(SeededRandom("a"))
    assert key.account_id == hashlib.sha256(b"byre account v1" + key.public).digest() == account_id_of(key.public)


def test_a_key_comes_back_from_its_seed() -> None:
    key = AccountKey.generate(SeededRandom("a"))
    again = AccountKey(key.seed)
    assert (again.public, again.sign(b"d", b"x")) == (key.public, key.sign(b"d", b"x"))


def test_a_key_does_not_print() -> None:
    assert repr(AccountKey(bytes(32))) == "<AccountKey>"
