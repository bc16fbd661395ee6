"""Capabilities (RFC 9420 section 7.2): what a client says it understands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from byre.crypto.random import Random
from byre.mls.extension import encode_u16_list, read_u16_list
from byre.mls.profile import (
    BASIC_CREDENTIAL,
    DEFAULT_EXTENSIONS,
    DEFAULT_PROPOSALS,
    GREASE,
    HYBRID,
    PROFILE_EXTENSIONS,
    PROTOCOL_VERSION,
    X25519_AES128,
    X25519_CHACHA,
)
from byre.wire.tls import Reader

_LONGEST_REMEMBERED = 256
"""Bytes; longer ones are not kept: who sends a leaf must not decide how much memory it costs us for ever."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Five lists of 16-bit numbers; unknown numbers (GREASE) are kept and ignored."""

    versions: tuple[int, ...] = (PROTOCOL_VERSION,)
    cipher_suites: tuple[int, ...] = (HYBRID, X25519_AES128, X25519_CHACHA)
    extensions: tuple[int, ...] = PROFILE_EXTENSIONS
    proposals: tuple[int, ...] = ()
    credentials: tuple[int, ...] = (BASIC_CREDENTIAL,)

    def encode(self) -> bytes:
        """Return the wire form."""
        lists = (self.versions, self.cipher_suites, self.extensions, self.proposals, self.credentials)
        return b"".join(encode_u16_list(values) for values in lists)

    @classmethod
    def read(cls, reader: Reader) -> Capabilities:
        """Read the five lists."""
        start = reader.position
        for _ in range(5):
            reader.opaque_v()
        encoded = reader.since(start)
        return _of_many(encoded) if len(encoded) <= _LONGEST_REMEMBERED else _decode(encoded)

    def with_grease(self, random: Random) -> Capabilities:
        """Return what goes out: a GREASE value first or last in four lists, so that no peer learns to rely on ours.

        One value for all four (section 13.5): the leaves of a room then say thirty things at most, and not one each.
        Lists that hold a GREASE value already are left as they are.
        """
        drawn = random(1)[0]
        value = GREASE[(drawn >> 1) % len(GREASE)]

        def greased(values: tuple[int, ...]) -> tuple[int, ...]:
            if not set(GREASE).isdisjoint(values):
                return values
            return (value, *values) if drawn & 1 else (*values, value)

        return replace(
            self,
            cipher_suites=greased(self.cipher_suites),
            extensions=greased(self.extensions),
            proposals=greased(self.proposals),
            credentials=greased(self.credentials),
        )

    def has_extension(self, extension_type: int) -> bool:
        """Whether an extension type is supported; the RFC's own always are."""
        return extension_type in DEFAULT_EXTENSIONS or extension_type in self.extensions

    def has_proposal(self, proposal_type: int) -> bool:
        """Whether a proposal type is supported; the RFC's own always are."""
        return proposal_type in DEFAULT_PROPOSALS or proposal_type in self.proposals


ROOM_CAPABILITIES = Capabilities(cipher_suites=(HYBRID,))
"""What the leaves of our rooms say: who adds us by a weaker suite knew better."""


def _decode(encoded: bytes) -> Capabilities:
    reader = Reader(encoded)
    return Capabilities(*(read_u16_list(reader) for _ in range(5)))


@lru_cache(maxsize=64)  # nearly all leaves of a room say the same, and a large tree is read leaf by leaf
def _of_many(encoded: bytes) -> Capabilities:
    return _decode(encoded)
