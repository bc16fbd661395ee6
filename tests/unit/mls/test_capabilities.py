"""Capabilities: lists of numbers, GREASE included."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls.capabilities import Capabilities, _of_many
from byre.mls.profile import GREASE, LEAF_PROFILE, REQUIRED_CAPABILITIES
from byre.wire.tls import Reader


def test_rule_12_grease_is_kept() -> None:
    capabilities = Capabilities((1, 0x0A0A), (0x1A1A,), (0x2A2A,), (0x3A3A,), (1, 0x4A4A))
    assert Capabilities.read(Reader(capabilities.encode())) == capabilities


def test_what_goes_out_is_greased_once_in_four_lists() -> None:
    assert [hex(value) for value in (GREASE[0], GREASE[1], GREASE[-1])] == ["0xa0a", "0x1a1a", "0xeaea"]
    plain = Capabilities(cipher_suites=(1,), extensions=(), proposals=(0xF000,))
    seen = {plain.with_grease(lambda length, drawn=drawn: bytes([drawn])[:length]) for drawn in range(256)}
    assert len(seen) == 2 * len(GREASE)
    for greased in seen:
        lists = (greased.cipher_suites, greased.extensions, greased.proposals, greased.credentials)
        added = {value for values in lists for value in values if value in GREASE}
        assert len(added) == 1
        assert all(values[0] in GREASE or values[-1] in GREASE for values in lists)
        (value,) = added
        assert [tuple(each for each in values if each != value) for values in lists] == [(1,), (), (0xF000,), (1,)]
        assert greased.versions == plain.versions
        assert greased.with_grease(lambda length: b"\x07"[:length]) == greased


def test_what_the_rfc_defines_is_always_supported() -> None:
    nothing = Capabilities(extensions=(), proposals=())
    assert nothing.has_extension(REQUIRED_CAPABILITIES)
    assert nothing.has_proposal(3)
    assert not nothing.has_extension(LEAF_PROFILE)
    assert not nothing.has_proposal(8)
    assert Capabilities(proposals=(8,)).has_proposal(8)
    assert Capabilities().has_extension(LEAF_PROFILE)


def test_a_list_of_odd_length_is_malformed() -> None:
    with pytest.raises(PeerError):
        Capabilities.read(Reader(b"\x01\x00\x00\x00\x00\x00"))


def test_long_lists_read_the_same_and_are_not_remembered() -> None:
    long = Capabilities(extensions=tuple(range(0x100, 0x180)))
    before = _of_many.cache_info().currsize
    assert Capabilities.read(Reader(long.encode())) == long
    assert _of_many.cache_info().currsize == before
    short = Capabilities(extensions=(0x7001,))
    assert [Capabilities.read(Reader(short.encode())) for _ in range(2)] == [short, short]


def test_the_rfcs_own_types_need_not_be_listed_and_no_others() -> None:
    plain = Capabilities(extensions=())
    assert [each for each in range(9) if plain.has_extension(each)] == [1, 2, 3, 4, 5]
    assert [each for each in range(11) if plain.has_proposal(each)] == [1, 2, 3, 4, 5, 6, 7]
