"""Where the key-encryption key comes from: an outer secret, a passphrase, or both.

```
 A   S                                         S: the outer secret, in the OS key store
 B   BLAKE2b(Argon2id(passphrase), key = S)
 C   Argon2id(passphrase)
```
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from byre.crypto.hashes import blake2b
from byre.crypto.secret import Secret
from byre.db import DatabaseKey
from byre.errors import InternalBug

CHECK_BYTES = 16
_KEY_BYTES = 32
_NO_CHECK = bytes(CHECK_BYTES)
_CHECK = b"byre S check"
_SNAPSHOT = b"byre snapshot v1"
_PAGE_SALT = b"byre page salt 1"
_PAGE_SALT_BYTES = 16


class KeyMode(StrEnum):
    """Where the key-encryption key comes from."""

    A = "A"  # OS key store
    B = "B"  # OS key store and passphrase
    C = "C"  # passphrase


@dataclass(frozen=True, slots=True)
class KeySources:
    """The 32-byte outer secret and the 32-byte stretched passphrase, as far as the mode has them."""

    outer: Secret | None
    stretched: Secret | None

    @property
    def mode(self) -> KeyMode:
        if self.outer is None:
            return KeyMode.C
        return KeyMode.A if self.stretched is None else KeyMode.B

    def key_encryption_key(self) -> Secret:
        """The key (32 bytes) under which the database key is wrapped."""
        if self.outer is None:
            if self.stretched is None:
                raise InternalBug("a profile has neither outer secret nor passphrase", code="no_key_source")
            return Secret(self.stretched.reveal())
        if self.stretched is None:
            return Secret(self.outer.reveal())
        return Secret(blake2b(self.stretched.reveal(), key=self.outer.reveal()))

    def check(self) -> bytes:
        """Sixteen bytes by which a key file knows its outer secret again, so that a changed key store is told from a
        wrong passphrase. S has 256 random bits: its hash gives nothing away. Zeros in mode C."""
        if self.outer is None:
            return _NO_CHECK
        return blake2b(self.outer.reveal(), length=CHECK_BYTES, person=_CHECK)

    def with_outer(self, outer: Secret | None) -> KeySources:
        """The same passphrase with another outer secret: what the next generation gets, without asking anybody."""
        return KeySources(outer, self.stretched)

    def wipe(self) -> None:
        """Forget both."""
        for secret in (self.outer, self.stretched):
            if secret is not None:
                secret.wipe()


def snapshot_key(database_key: Secret) -> Secret:
    """The key (32 bytes) of a generation's snapshot: whoever has not the database key has neither."""
    return Secret(blake2b(database_key.reveal(), person=_SNAPSHOT))


def page_salt(database_key: Secret) -> bytes:
    """The 16 bytes that a new database begins with, and that the key of its pages' HMACs comes from.

    They are no secret. Made from the key, they are not lost with the first page: the others can still be told.
    """
    return blake2b(database_key.reveal(), length=_PAGE_SALT_BYTES, person=_PAGE_SALT)


def salted(database_key: DatabaseKey) -> Secret:
    """The key with its salt (48 bytes), as SQLCipher takes it for a new file; one that has its salt stays as it is."""
    raw = Secret(database_key.reveal())
    return raw if len(raw.reveal()) != _KEY_BYTES else Secret(raw.reveal() + page_salt(raw))
