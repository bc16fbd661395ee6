"""Passphrase to key: Argon2id (RFC 9106) by libsodium.

The passphrase is NFKC-normalised first, so that Hangul typed as Jamo on one system and as syllables on another
gives one key.
"""

from __future__ import annotations

import unicodedata

from nacl import exceptions, pwhash

from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault, UsageError

SALT_LENGTH = 16
DEFAULT_MEMORY_KIB = 256 * 1024
DEFAULT_PASSES = 3
SMALLEST_MEMORY_KIB = 8


def stretch(
    passphrase: str,
    salt16: bytes,
    *,
    memory_kib: int = DEFAULT_MEMORY_KIB,
    passes: int = DEFAULT_PASSES,
) -> Secret:
    """Return a 32-byte key; takes about a second at the default cost: run it on a worker thread.

    Raises:
        UsageError: salt not 16 bytes, or costs outside of what libsodium takes.
        EnvironmentFault: code out_of_memory.
    """
    if len(salt16) != SALT_LENGTH:
        raise UsageError("an Argon2id salt has 16 bytes")
    if memory_kib < SMALLEST_MEMORY_KIB or passes < 1:
        raise UsageError("Argon2id needs at least 8 KiB and one pass")
    password = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    try:
        return Secret(pwhash.argon2id.kdf(32, password, salt16, opslimit=passes, memlimit=memory_kib * 1024))
    except exceptions.RuntimeError:
        raise EnvironmentFault("not enough memory to stretch the passphrase", code="out_of_memory") from None
    except exceptions.ValueError:
        raise UsageError("Argon2id does not take these costs") from None
