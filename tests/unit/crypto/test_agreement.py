"""X25519: both sides agree, points of low order are refused."""

from __future__ import annotations

import pytest

from byre.crypto.agreement import X25519
from byre.crypto.random import system_random
from byre.errors import PeerError, UsageError


def test_both_sides_agree() -> None:
    alice, alice_public = X25519.generate(system_random)
    bob, bob_public = X25519.generate(system_random)
    assert X25519.exchange(alice, bob_public) == X25519.exchange(bob.reveal(), alice_public)
    assert X25519.public_of(alice) == alice_public


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31), b"", bytes(31), bytes(33)])
def test_a_malformed_key_or_one_of_low_order_is_refused(public: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        X25519.exchange(bytes(range(32)), public)
    assert caught.value.code == "invalid_key"


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_private_key_of_another_length_never_reaches_the_library(length: int) -> None:
    with pytest.raises(UsageError):
        X25519.public_of(bytes(length))
    with pytest.raises(UsageError):
        X25519.exchange(bytes(length), bytes(range(32)))
