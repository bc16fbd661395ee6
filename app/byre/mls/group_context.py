"""GroupContext (RFC 9420 section 8.1): what all members of an epoch agree on, bound into every secret and signature."""

from __future__ import annotations

from dataclasses import dataclass, field

from byre.mls.extension import Extension, encode_extensions, read_extensions
from byre.mls.profile import PROTOCOL_VERSION
from byre.mls.rules import Rule, violation
from byre.wire.tls import Reader, Writer


@dataclass(frozen=True, slots=True)
class GroupContext:
    """A group's context; `encoded` is its wire form, made once per epoch."""

    suite_id: int
    group_id: bytes
    epoch: int
    tree_hash: bytes = field(repr=False)
    confirmed_transcript_hash: bytes = field(repr=False)
    extensions: tuple[Extension, ...]
    encoded: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        writer = Writer().u16(PROTOCOL_VERSION).u16(self.suite_id).opaque_v(self.group_id).u64(self.epoch)
        writer.opaque_v(self.tree_hash).opaque_v(self.confirmed_transcript_hash)
        object.__setattr__(self, "encoded", writer.fixed(encode_extensions(self.extensions)).done())

    @classmethod
    def read(cls, reader: Reader) -> GroupContext:
        """Read one; another protocol version is refused."""
        if reader.u16() != PROTOCOL_VERSION:
            raise violation(Rule.CODEC, "a group is of another protocol version", code="unsupported_version")
        return cls(
            suite_id=reader.u16(),
            group_id=reader.opaque_v(),
            epoch=reader.u64(),
            tree_hash=reader.opaque_v(),
            confirmed_transcript_hash=reader.opaque_v(),
            extensions=read_extensions(reader),
        )

    @classmethod
    def decode(cls, data: bytes) -> GroupContext:
        """Parse exactly one GroupContext, or raise PeerError."""
        reader = Reader(data)
        context = cls.read(reader)
        reader.end()
        return context
