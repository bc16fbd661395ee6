"""The key file: the database key K of one generation, wrapped under the key-encryption key.

```
 magic 8 | version 1 | mode 1 | generation 4 | profile id 16 | memory KiB 4 | passes 4 | salt 16 | nonce 24 | K + tag 48
 └──────────────────────────── header: associated data of the wrap ────────────────────────────┘
```
Mode A: the key-encryption key is the outer secret S in the OS key store. Mode C: Argon2id(passphrase, salt). Mode B
(both) has its byte and no code yet. The outer secret is in no file of ours, and there is no second slot.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import StrEnum

from byre.crypto import aead
from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.errors import PeerError

_MAGIC = b"BYREKEYF"
_VERSION = 1
_HEADER = struct.Struct(">8sBBI16sII16s")
_NONCE_BYTES = 24
_WRAPPED_BYTES = 32 + 16
_MEMORY_KIB = (8, 2 << 20)  # an altered file must not make us allocate or stretch without end
_PASSES = (1, 64)


class KeyMode(StrEnum):
    """Where the key-encryption key comes from."""

    A = "A"  # OS key store
    B = "B"  # OS key store and passphrase (reserved)
    C = "C"  # passphrase


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
    nonce: bytes
    wrapped: bytes = field(repr=False)

    @classmethod
    def wrap(
        cls,
        key: Secret,
        kek: Secret,
        *,
        mode: KeyMode,
        generation: int,
        profile_id: bytes,
        costs: PassphraseCosts,
        salt: bytes,
        random: Random,
    ) -> KeyFile:
        """Seal the database key `key` under `kek`, bound to all other fields."""
        nonce = random(_NONCE_BYTES)
        bare = cls(mode, generation, profile_id, costs, salt, nonce, b"")
        wrapped = aead.seal(kek, key.reveal(), bare.header(), nonce)
        return cls(mode, generation, profile_id, costs, salt, nonce, wrapped)

    def unwrap(self, kek: Secret) -> Secret:
        """The database key.

        Raises:
            PeerError: `bad_ciphertext`: another key-encryption key, or an altered file.
        """
        return Secret(aead.open(kek, self.wrapped, self.header(), self.nonce))

    def header(self) -> bytes:
        """All fields before the nonce."""
        return _HEADER.pack(
            _MAGIC,
            _VERSION,
            ord(self.mode.value),
            self.generation,
            self.profile_id,
            self.costs.memory_kib,
            self.costs.passes,
            self.salt,
        )

    def to_bytes(self) -> bytes:
        return self.header() + self.nonce + self.wrapped

    @classmethod
    def from_bytes(cls, data: bytes) -> KeyFile:
        """Parse a key file.

        Raises:
            PeerError: `malformed`, `unsupported_version`.
        """
        if len(data) < 9 or data[:8] != _MAGIC:
            raise PeerError("not a key file", code="malformed")
        if data[8] != _VERSION:
            raise PeerError("a newer version of Byre wrote the key file", code="unsupported_version")
        if len(data) != _HEADER.size + _NONCE_BYTES + _WRAPPED_BYTES:
            raise PeerError("the key file has a wrong length", code="malformed")
        _, _, mode, generation, profile_id, memory_kib, passes, salt = _HEADER.unpack(data[: _HEADER.size])
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
            nonce=data[_HEADER.size : _HEADER.size + _NONCE_BYTES],
            wrapped=data[_HEADER.size + _NONCE_BYTES :],
        )
