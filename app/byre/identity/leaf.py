"""MLS leaf extension 0xF0B1: how to reach a device, and what it understands.

    u16 version=1 ‖ opaque relay_url<V> ‖ mailbox_id[16] ‖ mailbox_key[32] ‖ delivery_token[32]
    ‖ u16 highest_policy_version ‖ (opaque kind<V>)<V>

The MLS leaf's own signature covers it. Each KeyPackage carries its own delivery token, registered at the relay before
the leaf leaves the device. Kinds ascend, so that one set has one encoding.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from byre.wire import ids
from byre.wire.content_bodies import CONTENT_KINDS
from byre.wire.fields import bad_field, blaming_the_peer, need_bytes, need_name, need_uint, utf8
from byre.wire.ids import DeliveryToken, MailboxId
from byre.wire.relay_url import parse_relay_url
from byre.wire.tls import Reader, Writer, malformed, opaque
from byre.wire.versions import POLICY_VERSION, STRUCTURE_VERSION, expect_version

MAILBOX_KEY_SIZE: Final = 32
MOST_KINDS: Final = 64
LARGEST_KIND: Final = 64


@dataclass(frozen=True, slots=True)
class DeliveryAddress:
    """Where envelopes for a device go: relay, mailbox, the key to seal to, and the right to send."""

    relay_url: str
    mailbox_id: MailboxId
    mailbox_key: bytes
    token: DeliveryToken = field(repr=False)

    def __post_init__(self) -> None:
        need_name(self.relay_url, "a relay URL")
        need_bytes(self.mailbox_id, ids.MAILBOX_ID_SIZE, "a mailbox id")
        need_bytes(self.mailbox_key, MAILBOX_KEY_SIZE, "a mailbox key")
        need_bytes(self.token, ids.DELIVERY_TOKEN_SIZE, "a delivery token")


@dataclass(frozen=True, slots=True)
class LeafInfo:
    """The data of extension 0xF0B1."""

    address: DeliveryAddress
    highest_policy_version: int = POLICY_VERSION
    content_kinds: tuple[str, ...] = CONTENT_KINDS

    def __post_init__(self) -> None:
        if need_uint(self.highest_policy_version, 16, "a policy version") == 0:
            raise bad_field("a policy version is zero")
        if len(self.content_kinds) > MOST_KINDS:
            raise bad_field("a leaf names too many content kinds")
        for kind in self.content_kinds:
            need_name(kind, "a content kind", largest_bytes=LARGEST_KIND)
        if list(self.content_kinds) != sorted(set(self.content_kinds)):
            raise bad_field("content kinds of a leaf ascend")

    def encode(self) -> bytes:
        """Return the extension's data."""
        address = self.address
        writer = Writer().u16(STRUCTURE_VERSION).opaque_v(address.relay_url.encode()).fixed(address.mailbox_id)
        writer.fixed(address.mailbox_key).fixed(address.token).u16(self.highest_policy_version)
        return writer.vector([opaque(kind.encode()) for kind in self.content_kinds]).done()

    @classmethod
    def decode(cls, data: bytes) -> LeafInfo:
        """Return the extension of a leaf.

        Raises:
            PeerError: code malformed, newer_version or bad_relay_url.
        """
        reader = Reader(data)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        relay_url = utf8(reader.opaque_v())
        if parse_relay_url(relay_url) != relay_url:
            raise malformed("a relay URL is not in its canonical spelling")
        mailbox_id = MailboxId(reader.fixed(ids.MAILBOX_ID_SIZE))
        mailbox_key = reader.fixed(MAILBOX_KEY_SIZE)
        token = DeliveryToken(reader.fixed(ids.DELIVERY_TOKEN_SIZE))
        policy_version = reader.u16()
        kinds = tuple(utf8(kind) for kind in reader.vector(Reader.opaque_v))
        reader.end()
        with blaming_the_peer():
            return cls(DeliveryAddress(relay_url, mailbox_id, mailbox_key, token), policy_version, kinds)
