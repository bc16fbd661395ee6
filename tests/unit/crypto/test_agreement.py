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


def test_points_of_low_order_are_told_without_an_exchange() -> None:
    prime = 2**255 - 19
    order_eight = (
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    )
    found = 0
    for number in (*range(20), *order_eight, order_eight[0] + 1, *range(prime - 3, 2**255)):
        for top in (0, 1 << 255):
            public = (number | top).to_bytes(32, "little")
            try:
                X25519.exchange(bytes(range(32)), public)
            except PeerError:
                assert X25519.has_small_order(public)
                found += 1
            else:
                assert not X25519.has_small_order(public)
    assert found == 14


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_private_key_of_another_length_never_reaches_the_library(length: int) -> None:
    with pytest.raises(UsageError):
        X25519.public_of(bytes(length))
    with pytest.raises(UsageError):
        X25519.exchange(bytes(length), bytes(range(32)))
