"""The key file: the database key K of one generation, wrapped under the key-encryption key.

```
 magic 8 | version 1 | mode 1 | generation 4 | profile id 16 | memory KiB 4 | passes 4 | salt 16 | check 16
 └──────────────────────────── header: associated data of the wrap ──────────────────────────────────────┘
 nonce 24 | K + tag 48
```
`vault_sources` says what the key-encryption key is made of, and what `check` is for. The outer secret is in no file of
ours, and there is no second slot.
"""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass, field, replace

from byre.crypto import aead
from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.errors import PeerError
from byre.store.vault_sources import CHECK_BYTES, KeyMode, KeySources

MAGIC = b"BYREKEYF"
_VERSION = 1
_HEADER = struct.Struct(f">8sBBI16sII16s{CHECK_BYTES}s")
_NONCE_BYTES = 24
_WRAPPED_BYTES = 32 + 16
_MEMORY_KIB = (8, 2 << 20)  # an altered file must not make us allocate or stretch without end
_PASSES = (1, 64)


@dataclass(frozen=True, slots=True)
class PassphraseCosts:
    """Argon2id costs; kept in the key file, so that they can be raised later."""

    memory_kib: int = 256 * 1024
    passes: int = 3


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A parsed key file; `unwrap` yields the database key. In mode A salt and costs mean nothing."""

    mode: KeyMode
    generation: int
    profile_id: bytes
    costs: PassphraseCosts
    salt: bytes
    check: bytes
    nonce: bytes
    wrapped: bytes = field(repr=False)

    @classmethod
    def wrap(
        cls,
        key: Secret,
        sources: KeySources,
        *,
        generation: int,
        profile_id: bytes,
        costs: PassphraseCosts,
        salt: bytes,
        random: Random,
    ) -> KeyFile:
        """Seal the database key `key` under what `sources` yield, bound to all other fields."""
        nonce = random(_NONCE_BYTES)
        bare = cls(sources.mode, generation, profile_id, costs, salt, sources.check(), nonce, b"")
        wrapped = aead.seal(sources.key_encryption_key(), key.reveal(), bare.header(), nonce)
        return replace(bare, wrapped=wrapped)

    def unwrap(self, sources: KeySources) -> Secret:
        """The database key.

        Raises:
            PeerError: `bad_ciphertext`: other sources, or an altered file.
        """
        return Secret(aead.open(sources.key_encryption_key(), self.wrapped, self.header(), self.nonce))

    def knows(self, outer: Secret) -> bool:
        """Whether `outer` is the outer secret that this file was made with."""
        return hmac.compare_digest(KeySources(outer, None).check(), self.check)

    def header(self) -> bytes:
        """All fields before the nonce."""
        return _HEADER.pack(
            MAGIC,
            _VERSION,
            ord(self.mode.value),
            self.generation,
            self.profile_id,
            self.costs.memory_kib,
            self.costs.passes,
            self.salt,
            self.check,
        )

    def to_bytes(self) -> bytes:
        return self.header() + self.nonce + self.wrapped

    @classmethod
    def from_bytes(cls, data: bytes) -> KeyFile:
        """Parse a key file.

        Raises:
            PeerError: `malformed`, `unsupported_version`.
        """
        if len(data) < 9 or data[:8] != MAGIC:
            raise PeerError("not a key file", code="malformed")
        if data[8] != _VERSION:
            raise PeerError("a newer version of Byre wrote the key file", code="unsupported_version")
        if len(data) != _HEADER.size + _NONCE_BYTES + _WRAPPED_BYTES:
            raise PeerError("the key file has a wrong length", code="malformed")
        _, _, mode, generation, profile_id, memory_kib, passes, salt, check = _HEADER.unpack(data[: _HEADER.size])
        if mode not in b"ABC" or generation < 1:
            raise PeerError("the key file names no known mode or generation", code="malformed")
        if not (_MEMORY_KIB[0] <= memory_kib <= _MEMORY_KIB[1] and _PASSES[0] <= passes <= _PASSES[1]):
            raise PeerError("the key file names costs out of range", code="malformed")
        return cls(
            mode=KeyMode(chr(mode)),
            generation=generation,
            profile_id=profile_id,
            costs=PassphraseCosts(memory_kib, passes),
            salt=salt,
            check=check,
            nonce=data[_HEADER.size : _HEADER.size + _NONCE_BYTES],
            wrapped=data[_HEADER.size + _NONCE_BYTES :],
        )


__all__ = ["KeyFile", "KeyMode", "PassphraseCosts"]
