"""Extensions (RFC 9420 section 13): a type and opaque bytes, in a vector without duplicates.

Unknown types, GREASE values among them (section 13.5), parse and are kept byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from byre.mls.profile import EXTERNAL_PUB, RATCHET_TREE, REQUIRED_CAPABILITIES
from byre.mls.rules import Rule, violation
from byre.wire.tls import Reader, Writer, malformed, opaque


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension; `data` is what stands inside extension_data."""

    extension_type: int
    data: bytes = field(repr=False)

    def encode(self) -> bytes:
        """Return the wire form: u16 type and opaque<V> data."""
        return self.extension_type.to_bytes(2) + opaque(self.data)


@dataclass(frozen=True, slots=True)
class RequiredCapabilities:
    """The required_capabilities extension (section 11.1): what every member must support."""

    extensions: tuple[int, ...] = ()
    proposals: tuple[int, ...] = ()
    credentials: tuple[int, ...] = ()

    def encode(self) -> bytes:
        """Return the extension_data."""
        return b"".join(encode_u16_list(each) for each in (self.extensions, self.proposals, self.credentials))

    @classmethod
    def decode(cls, data: bytes) -> RequiredCapabilities:
        """Parse extension_data, or raise PeerError(code="malformed")."""
        reader = Reader(data)
        value = cls(read_u16_list(reader), read_u16_list(reader), read_u16_list(reader))
        reader.end()
        return value


def encode_u16_list(values: Sequence[int]) -> bytes:
    """Return a uint16<V>."""
    return opaque(b"".join(value.to_bytes(2) for value in values))


def read_u16_list(reader: Reader) -> tuple[int, ...]:
    """Read a uint16<V>."""
    data = reader.opaque_v()
    if len(data) & 1:
        raise malformed("a list of 16-bit numbers has an odd length")
    return tuple(int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2))


def encode_extensions(extensions: Sequence[Extension]) -> bytes:
    """Return an Extension<V>."""
    return opaque(b"".join(extension.encode() for extension in extensions))


def read_extensions(reader: Reader) -> tuple[Extension, ...]:
    """Read an Extension<V>; two of one type are refused (section 13.4)."""
    extensions = tuple(reader.vector(_read_extension))
    if len({extension.extension_type for extension in extensions}) != len(extensions):
        raise violation(Rule.LEAF_NODE, "two extensions have one type", code="malformed")
    return extensions


def decode_extensions(data: bytes) -> tuple[Extension, ...]:
    """Parse an Extension<V>, or raise PeerError(code="malformed")."""
    reader = Reader(data)
    extensions = read_extensions(reader)
    reader.end()
    return extensions


def find_extension(extensions: Sequence[Extension], extension_type: int) -> bytes | None:
    """Return the data of the extension of that type, or None."""
    for extension in extensions:
        if extension.extension_type == extension_type:
            return extension.data
    return None


def required_capabilities(extensions: Sequence[Extension]) -> RequiredCapabilities:
    """Return what a group's extensions require of its members; nothing when they are silent."""
    data = find_extension(extensions, REQUIRED_CAPABILITIES)
    return RequiredCapabilities() if data is None else RequiredCapabilities.decode(data)


def ratchet_tree_extension(tree: bytes) -> Extension:
    """Return the ratchet_tree extension of a GroupInfo (section 12.4.3.3)."""
    return Extension(RATCHET_TREE, tree)


def external_pub_extension(public: bytes) -> Extension:
    """Return the external_pub extension of a GroupInfo (section 12.4.3.2)."""
    return Extension(EXTERNAL_PUB, Writer().opaque_v(public).done())


def _read_extension(reader: Reader) -> Extension:
    return Extension(reader.u16(), reader.opaque_v())
