"""The manifest: which generation of the database counts. Replacing it is the switch of a wipe.

```
 0        8         9            13             29            61
 | magic  | version | generation | profile id   | SHA-256     |
 | 8      | 1       | 4 (big e.) | 16           | of all that |
```
"""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass

from byre.crypto.hashes import sha256
from byre.errors import PeerError

_MAGIC = b"BYREPROF"
_LAYOUT = struct.Struct(">8sBI16s")
_VERSION = 1
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Manifest:
    """`profile_id` (16 random bytes) names this profile's entries in the key store."""

    generation: int
    profile_id: bytes

    def to_bytes(self) -> bytes:
        body = _LAYOUT.pack(_MAGIC, _VERSION, self.generation, self.profile_id)
        return body + sha256(body)

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest:
        """Parse a manifest.

        Raises:
            PeerError: `malformed` (damaged), `unsupported_version` (a newer Byre wrote it).
        """
        if len(data) < 9 or data[:8] != _MAGIC:
            raise PeerError("not a manifest of a profile", code="malformed")
        if data[8] != _VERSION:
            raise PeerError("a newer version of Byre wrote the manifest", code="unsupported_version")
        body, digest = data[: _LAYOUT.size], data[_LAYOUT.size :]
        if len(digest) != _DIGEST_BYTES or not hmac.compare_digest(sha256(body), digest):
            raise PeerError("the manifest of the profile is damaged", code="malformed")
        _, _, generation, profile_id = _LAYOUT.unpack(body)
        if generation < 1:
            raise PeerError("the manifest of the profile names no generation", code="malformed")
        return cls(generation, profile_id)
