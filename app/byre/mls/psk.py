"""Pre-shared keys (RFC 9420 section 8.4): external and resumption PSKs, mixed into an epoch.

Our rooms use none (v1 refuses PSK proposals); the engine computes them for vectors and foreign groups when its
caller supplies a `PskLookup`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from byre.errors import PeerError
from byre.mls.cipher_suite import CipherSuite
from byre.wire.tls import Reader, Writer, malformed


class PskType(IntEnum):
    """psktype."""

    EXTERNAL = 1
    RESUMPTION = 2


class ResumptionUsage(IntEnum):
    """ResumptionPSKUsage."""

    APPLICATION = 1
    REINIT = 2
    BRANCH = 3


@dataclass(frozen=True, slots=True)
class PreSharedKeyId:
    """PreSharedKeyID; `identifier` is psk_id, or the group id of a resumption PSK."""

    psk_type: PskType
    identifier: bytes
    nonce: bytes = field(repr=False)
    usage: ResumptionUsage | None = None
    epoch: int = 0

    def encode(self) -> bytes:
        """Return the wire form."""
        writer = Writer().u8(self.psk_type)
        if self.usage is None:
            writer.opaque_v(self.identifier)
        else:
            writer.u8(self.usage).opaque_v(self.identifier).u64(self.epoch)
        return writer.opaque_v(self.nonce).done()

    @classmethod
    def read(cls, reader: Reader) -> PreSharedKeyId:
        """Read one."""
        kind = reader.u8()
        if kind == PskType.EXTERNAL:
            return cls(PskType.EXTERNAL, reader.opaque_v(), reader.opaque_v())
        if kind != PskType.RESUMPTION:
            raise malformed("a PSK has an unknown type")
        usage = reader.u8()
        if usage not in (ResumptionUsage.APPLICATION, ResumptionUsage.REINIT, ResumptionUsage.BRANCH):
            raise malformed("a resumption PSK has an unknown usage")
        group_id, epoch = reader.opaque_v(), reader.u64()
        return cls(PskType.RESUMPTION, group_id, reader.opaque_v(), ResumptionUsage(usage), epoch)


PskLookup = Callable[[PreSharedKeyId], bytes]
"""Returns a PSK's secret, or raises PeerError(code="unknown_psk")."""


def no_psks(psk_id: PreSharedKeyId) -> bytes:
    """Refuse every PSK: what our rooms use."""
    raise PeerError("pre-shared keys are not used here", code="unknown_psk")


def psk_secret(suite: CipherSuite, psks: Sequence[tuple[PreSharedKeyId, bytes]]) -> bytes:
    """Return psk_secret of (id, secret) pairs in their order; zeros when there are none."""
    secret = bytes(suite.hash_length)
    for index, (psk_id, psk) in enumerate(psks):
        label = Writer().fixed(psk_id.encode()).u16(index).u16(len(psks)).done()
        extracted = suite.extract(bytes(suite.hash_length), psk)
        secret = suite.extract(suite.expand_with_label(extracted, "derived psk", label, suite.hash_length), secret)
    return secret
