"""Credentials (RFC 9420 section 5.3): an assertion of identity that MLS itself never judges (Rule 15).

Ours is `basic` and its identity bytes are the device certificate's business (`byre.identity`). X.509 parses, so
that foreign messages can be read, and is refused in a leaf.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from byre.mls.profile import BASIC_CREDENTIAL, X509_CREDENTIAL
from byre.mls.rules import Rule, violation
from byre.wire.tls import Reader, opaque


@dataclass(frozen=True, slots=True)
class Credential:
    """A basic credential with opaque identity bytes, or an X.509 one whose chain stays encoded."""

    identity: bytes = field(repr=False)
    credential_type: int = BASIC_CREDENTIAL

    def encode(self) -> bytes:
        """Return the wire form."""
        return self.credential_type.to_bytes(2) + opaque(self.identity)

    @classmethod
    def read(cls, reader: Reader) -> Credential:
        """Read one; an unknown type carries no length, cannot be skipped and is refused: unsupported_credential."""
        credential_type = reader.u16()
        if credential_type not in (BASIC_CREDENTIAL, X509_CREDENTIAL):
            raise violation(Rule.LEAF_NODE, "a credential has an unknown type", code="unsupported_credential")
        identity = reader.opaque_v()
        if credential_type == X509_CREDENTIAL:
            chain = Reader(identity)
            while not chain.at_end:
                chain.opaque_v()
        return cls(identity, credential_type)
