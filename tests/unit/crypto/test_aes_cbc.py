"""AES-256-CBC against NIST SP 800-38A, F.2.6."""

from __future__ import annotations

import pytest

from byre.crypto.aes_cbc import aes256_cbc_decrypt
from byre.crypto.secret import Secret
from byre.errors import UsageError

KEY = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
IV = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
CIPHERTEXT = bytes.fromhex("f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d")
PLAINTEXT = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")


def test_the_nist_vector_decrypts() -> None:
    assert aes256_cbc_decrypt(KEY, IV, CIPHERTEXT) == PLAINTEXT
    assert aes256_cbc_decrypt(Secret(KEY), IV, CIPHERTEXT) == PLAINTEXT


@pytest.mark.parametrize(
    ("key", "iv", "ciphertext"), [(KEY[:16], IV, CIPHERTEXT), (KEY, IV[:8], CIPHERTEXT), (KEY, IV, CIPHERTEXT[:31])]
)
def test_wrong_lengths_are_refused(key: bytes, iv: bytes, ciphertext: bytes) -> None:
    with pytest.raises(UsageError):
        aes256_cbc_decrypt(key, iv, ciphertext)
