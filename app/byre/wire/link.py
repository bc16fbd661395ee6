"""The bytes of the linking handshake: the QR's payload and the plaintexts of its five blobs.

    byre://link#<base64url, no padding, of:>
    payload  u8 version=1 ‖ opaque relay_url<V> ‖ rendezvous[16] ‖ secret[32] ‖ offer_hash[32] ‖ u64 expires_ms

    1 N->R Offer    hpke_public[1216] ‖ device_key[32] ‖ nonce_hash[32] ‖ opaque device_name<V> ‖ opaque platform<V>
    2 P->R Answer   account_public[32] ‖ opaque handle<V> ‖ opaque host<V> ‖ nonce[32]
    3 N->R Reveal   nonce[32]
    4 P->R Grant    opaque body<V> ‖ signature[64]                                   (inside HPKE, not under the secret)
           body     u16 version=1 ‖ opaque certificate<V> ‖ opaque device_list<V> ‖ opaque binding<V>
                    ‖ opaque display_name<V> ‖ opaque relay_url<V>
    5 N->R Done     mac[48] ‖ opaque key_package<V>

Law: design, Linking. What is sealed, hashed and signed how is `identity/linking`'s. The secret never reaches a relay.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Final

from byre.errors import PeerError
from byre.wire import ids
from byre.wire.fields import blaming_the_peer, need_blob, need_bytes, need_name, need_time_ms, utf8
from byre.wire.ids import RendezvousId
from byre.wire.relay_url import parse_relay_url
from byre.wire.tls import Reader, Writer, malformed
from byre.wire.versions import LINK_VERSION, STRUCTURE_VERSION, expect_version

HPKE_PUBLIC_SIZE: Final = 1216
KEY_SIZE: Final = 32
SECRET_SIZE: Final = 32
NONCE_SIZE: Final = 32
HASH_SIZE: Final = 32
MAC_SIZE: Final = 48
SIGNATURE_SIZE: Final = 64
LARGEST_URI: Final = 1024
LARGEST_STRUCTURE: Final = 16 * 1024

LINK_URI: Final = "byre://link#"
KEY_URI: Final = "byre://key#"
"""What begins the URI of a PC that wants to be linked, and of one that has lost its key (`linking/key_return`)."""


@dataclass(frozen=True, slots=True)
class LinkPayload:
    """What the QR says: where to meet, under which secret, whom to expect, and until when."""

    relay_url: str
    rendezvous: RendezvousId
    secret: bytes = field(repr=False)
    offer_hash: bytes
    expires_ms: int

    def __post_init__(self) -> None:
        need_name(self.relay_url, "a relay URL")
        need_bytes(self.rendezvous, ids.RENDEZVOUS_ID_SIZE, "a rendezvous id")
        need_bytes(self.secret, SECRET_SIZE, "a link secret")
        need_bytes(self.offer_hash, HASH_SIZE, "an offer hash")
        need_time_ms(self.expires_ms, "an expiry")

    def encode(self) -> bytes:
        """Return the payload's bytes, which the transcript covers."""
        writer = Writer().u8(LINK_VERSION).opaque_v(self.relay_url.encode()).fixed(self.rendezvous)
        return writer.fixed(self.secret).fixed(self.offer_hash).u64(self.expires_ms).done()

    def to_uri(self, prefix: str = LINK_URI) -> str:
        """Return the text of the QR."""
        return prefix + base64.urlsafe_b64encode(self.encode()).decode().rstrip("=")


def decode_link_payload(data: bytes) -> LinkPayload:
    """Return the payload of a QR.

    Raises:
        PeerError: code malformed, newer_version or bad_relay_url.
    """
    reader = Reader(data)
    expect_version(reader.u8(), LINK_VERSION)
    relay_url = utf8(reader.opaque_v())
    if parse_relay_url(relay_url) != relay_url:
        raise malformed("a relay URL is not in its canonical spelling")
    rendezvous = RendezvousId(reader.fixed(ids.RENDEZVOUS_ID_SIZE))
    secret, offer_hash = reader.fixed(SECRET_SIZE), reader.fixed(HASH_SIZE)
    expires_ms = reader.u64()
    reader.end()
    with blaming_the_peer():
        return LinkPayload(relay_url, rendezvous, secret, offer_hash, expires_ms)


def parse_link_uri(text: str, prefix: str = LINK_URI) -> LinkPayload:
    """Return the payload of a link URI as it was scanned or pasted; space around it is ignored.

    Raises:
        PeerError: code bad_link_uri, or newer_version.
    """
    text = text.strip()
    encoded = text[len(prefix) :]
    if len(text) > LARGEST_URI or not text.startswith(prefix) or not encoded.isascii():
        raise _bad_uri()
    try:
        data = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        payload = decode_link_payload(data)
    except binascii.Error:
        raise _bad_uri() from None
    except PeerError as error:
        if error.code == "newer_version":
            raise
        raise _bad_uri() from None
    if payload.to_uri(prefix) != text:
        raise _bad_uri()
    return payload


def _bad_uri() -> PeerError:
    return PeerError("this is no link of a PC that wants to be linked", code="bad_link_uri")


@dataclass(frozen=True, slots=True)
class Offer:
    """Blob 1: the new device shows its keys and commits to its nonce."""

    hpke_public: bytes = field(repr=False)
    device_key: bytes
    nonce_hash: bytes
    device_name: str
    platform: str

    def __post_init__(self) -> None:
        need_bytes(self.hpke_public, HPKE_PUBLIC_SIZE, "an HPKE key")
        need_bytes(self.device_key, KEY_SIZE, "a device key")
        need_bytes(self.nonce_hash, HASH_SIZE, "a nonce's hash")
        need_name(self.device_name, "a device name")
        need_name(self.platform, "a platform")

    def encode(self) -> bytes:
        """Return the plaintext of blob 1."""
        writer = Writer().fixed(self.hpke_public).fixed(self.device_key).fixed(self.nonce_hash)
        return writer.opaque_v(self.device_name.encode()).opaque_v(self.platform.encode()).done()


def decode_offer(data: bytes) -> Offer:
    """Return blob 1, or raise PeerError(code="malformed")."""
    reader = Reader(data)
    hpke_public, device_key = reader.fixed(HPKE_PUBLIC_SIZE), reader.fixed(KEY_SIZE)
    nonce_hash = reader.fixed(HASH_SIZE)
    device_name, platform = utf8(reader.opaque_v()), utf8(reader.opaque_v())
    reader.end()
    with blaming_the_peer():
        return Offer(hpke_public, device_key, nonce_hash, device_name, platform)


@dataclass(frozen=True, slots=True)
class Answer:
    """Blob 2: the phone says which account the new device would join."""

    account_public: bytes
    handle: str
    host: str
    nonce: bytes

    def __post_init__(self) -> None:
        need_bytes(self.account_public, KEY_SIZE, "an account key")
        need_name(self.handle, "a handle")
        need_name(self.host, "a host")
        need_bytes(self.nonce, NONCE_SIZE, "a nonce")

    def encode(self) -> bytes:
        """Return the plaintext of blob 2."""
        writer = Writer().fixed(self.account_public).opaque_v(self.handle.encode())
        return writer.opaque_v(self.host.encode()).fixed(self.nonce).done()


def decode_answer(data: bytes) -> Answer:
    """Return blob 2, or raise PeerError(code="malformed")."""
    reader = Reader(data)
    account_public = reader.fixed(KEY_SIZE)
    handle, host = utf8(reader.opaque_v()), utf8(reader.opaque_v())
    nonce = reader.fixed(NONCE_SIZE)
    reader.end()
    with blaming_the_peer():
        return Answer(account_public, handle, host, nonce)


@dataclass(frozen=True, slots=True)
class Grant:
    """What blob 4 admits the new device with; the structures inside are encoded and not yet verified."""

    certificate: bytes
    device_list: bytes
    binding: bytes
    display_name: str
    relay_url: str

    def __post_init__(self) -> None:
        for structure in (self.certificate, self.device_list, self.binding):
            need_blob(structure, LARGEST_STRUCTURE, "a signed structure", smallest=1)
        need_name(self.display_name, "a display name")
        need_name(self.relay_url, "a relay URL")

    def encode(self) -> bytes:
        """Return the body that the account signs."""
        writer = Writer().u16(STRUCTURE_VERSION).opaque_v(self.certificate).opaque_v(self.device_list)
        writer.opaque_v(self.binding).opaque_v(self.display_name.encode()).opaque_v(self.relay_url.encode())
        return writer.done()


def decode_grant(data: bytes) -> Grant:
    """Return the body of blob 4, or raise PeerError: code malformed, newer_version or bad_relay_url."""
    reader = Reader(data)
    expect_version(reader.u16(), STRUCTURE_VERSION)
    certificate, device_list, binding = reader.opaque_v(), reader.opaque_v(), reader.opaque_v()
    display_name, relay_url = utf8(reader.opaque_v()), utf8(reader.opaque_v())
    reader.end()
    if parse_relay_url(relay_url) != relay_url:
        raise malformed("a relay URL is not in its canonical spelling")
    with blaming_the_peer():
        return Grant(certificate, device_list, binding, display_name, relay_url)


@dataclass(frozen=True, slots=True)
class SignedGrant:
    """The plaintext inside blob 4: a grant's bytes and the account's signature."""

    body: bytes = field(repr=False)
    signature: bytes

    def encode(self) -> bytes:
        """Return the plaintext that HPKE seals."""
        return Writer().opaque_v(self.body).fixed(self.signature).done()


def decode_signed_grant(data: bytes) -> SignedGrant:
    """Return the opened blob 4, or raise PeerError(code="malformed")."""
    reader = Reader(data)
    body, signature = reader.opaque_v(), reader.fixed(SIGNATURE_SIZE)
    reader.end()
    return SignedGrant(body, signature)


@dataclass(frozen=True, slots=True)
class Done:
    """Blob 5: the new device confirms the transcript and hands over its KeyPackage for the device room."""

    mac: bytes
    key_package: bytes = field(repr=False)

    def __post_init__(self) -> None:
        need_bytes(self.mac, MAC_SIZE, "a confirmation")
        need_blob(self.key_package, LARGEST_STRUCTURE, "a KeyPackage", smallest=1)

    def encode(self) -> bytes:
        """Return the plaintext of blob 5."""
        return Writer().fixed(self.mac).opaque_v(self.key_package).done()


def decode_done(data: bytes) -> Done:
    """Return blob 5, or raise PeerError(code="malformed")."""
    reader = Reader(data)
    mac, key_package = reader.fixed(MAC_SIZE), reader.opaque_v()
    reader.end()
    with blaming_the_peer():
        return Done(mac, key_package)
