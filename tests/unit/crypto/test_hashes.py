"""Hashes, HMAC and HKDF against published values."""

from __future__ import annotations

import pytest

from byre.crypto import hashes
from byre.crypto.secret import Secret
from byre.errors import UsageError


def test_sha2_of_abc() -> None:
    assert hashes.sha256(b"abc").hex().startswith("ba7816bf8f01cfea")
    assert hashes.sha384(b"abc").hex().startswith("cb00753f45a35e8b")
    assert hashes.hash_of("sha256", b"abc") == hashes.sha256(b"abc")
    assert hashes.hash_of("sha384", b"abc") == hashes.sha384(b"abc")
    assert hashes.hash_of("sha512", b"abc").hex().startswith("ddaf35a193617aba")


def test_sha3_of_abc() -> None:
    assert hashes.sha3_256(b"abc").hex().startswith("3a985da74fe225b2")
    assert hashes.shake256(b"", 4).hex() == "46b9dd2b"


def test_blake2b_takes_key_and_person() -> None:
    plain = hashes.blake2b(b"abc")
    assert len(plain) == 32
    assert len({plain, hashes.blake2b(b"abc", key=b"k"), hashes.blake2b(b"abc", person=b"p")}) == 3
    assert hashes.blake2b(b"abc", length=64).hex().startswith("ba80a53f981c4d0d")


def test_hmac_of_rfc_4231_case_2() -> None:
    mac = hashes.hmac("sha384", b"Jefe", b"what do ya want for nothing?")
    assert mac.hex().startswith("af45d2e376484031")
    assert hashes.hmac_sha384(Secret(b"Jefe"), b"what do ya want for nothing?") == mac


@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("key_length", [0, 1, 32, 48, 63, 64, 65, 127, 128, 129, 300])
def test_hmacs_of_several_messages_under_one_key_are_those_of_each(name: hashes.HashName, key_length: int) -> None:
    key, messages = bytes(range(256)) * 2, (b"", b"one", bytes(500))
    each = hashes.hmac_each(name, key[:key_length], *messages)
    assert each == [hashes.hmac(name, key[:key_length], message) for message in messages]


def test_hkdf_of_rfc_5869_case_1() -> None:
    prk = hashes.hkdf_extract("sha256", bytes(range(13)), b"\x0b" * 22)
    assert prk.hex().startswith("077709362c2e32df")
    okm = hashes.hkdf_expand("sha256", prk, bytes(range(0xF0, 0xFA)), 42)
    assert okm.hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"


def test_hkdf_of_rfc_5869_case_3_has_no_salt() -> None:
    prk = hashes.hkdf_extract("sha256", b"", b"\x0b" * 22)
    assert hashes.hkdf_expand("sha256", prk, b"", 42).hex().startswith("8da4e775a563c18f")


def test_hkdf_refuses_more_than_255_blocks() -> None:
    assert len(hashes.hkdf_expand("sha256", bytes(32), b"", 255 * 32)) == 255 * 32
    with pytest.raises(UsageError):
        hashes.hkdf_expand("sha256", bytes(32), b"", 255 * 32 + 1)


def test_hkdf_sha384_is_extract_and_expand() -> None:
    prk = hashes.hkdf_extract("sha384", b"salt", b"ikm")
    expected = hashes.hkdf_expand("sha384", prk, b"info", 100)
    assert hashes.hkdf_sha384(Secret(b"ikm"), info=b"info", length=100, salt=b"salt") == expected
