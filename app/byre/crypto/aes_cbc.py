"""AES-256-CBC decryption without padding: what SQLCipher encrypts its pages with.

For the scanner that proves a wipe; nothing of ours is encrypted this way. It authenticates nothing: the caller checks
the page's HMAC.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from byre.crypto.secret import Secret, material
from byre.errors import UsageError

BLOCK_BYTES = 16


def aes256_cbc_decrypt(key: Secret | bytes, iv: bytes, ciphertext: bytes) -> bytes:
    """Decrypt whole blocks; the result is as long as `ciphertext`.

    Raises:
        UsageError: key not 32 bytes, iv not 16, or ciphertext not a multiple of 16.
    """
    raw = material(key)
    if len(raw) != 32 or len(iv) != BLOCK_BYTES or len(ciphertext) % BLOCK_BYTES:
        raise UsageError("AES-256-CBC takes a 32-byte key, a 16-byte iv and whole blocks")
    decryptor = Cipher(algorithms.AES(raw), modes.CBC(iv)).decryptor()
    return decryptor.update(ciphertext) + decryptor.finalize()
