"""Domain strings keep purposes apart."""

import itertools

import pytest

from byre.crypto.signature import SigningKey
from byre.errors import PeerError
from byre.identity import domains

ALL = [value for name, value in vars(domains).items() if name.isupper() and isinstance(value, bytes)]


def test_no_domain_string_begins_another() -> None:
    assert len(ALL) == 26
    for one, other in itertools.permutations(ALL, 2):
        assert not other.startswith(one)


def test_a_signature_holds_under_its_own_domain_only() -> None:
    key = SigningKey(bytes(32))
    signature = domains.sign(key, domains.CLAIM, b"structure")
    domains.verify(key.public, domains.CLAIM, b"structure", signature)
    with pytest.raises(PeerError) as caught:
        domains.verify(key.public, domains.REJOIN, b"structure", signature)
    assert caught.value.code == "bad_signature"


def test_a_hash_belongs_to_its_domain() -> None:
    assert len(domains.hash_of(domains.CERTIFICATE, b"x")) == 48
    assert domains.hash_of(domains.CERTIFICATE, b"x") != domains.hash_of(domains.DEVICE_LIST, b"x")
