"""A mailbox: where a device's envelopes wait, the key that opens them, and the proof that they may be fetched.

    to attach    signature over "rly1-auth"  ‖ opaque relay_id<V> ‖ opaque origin<V> ‖ nonce[32] ‖ mailbox_id[16]
    to register  signature over "rly1-mbnew" ‖ the same
    stored       u16 version=1 ‖ mailbox_id[16] ‖ auth_seed[32] ‖ box_private[32]

`nonce` is the one of the relay's HELLO, `origin` the URL that was dialled: a signature is good for one socket of one
relay. The authentication key is fresh per mailbox, so that a relay cannot tie two mailboxes together. Envelopes are
libsodium sealed boxes to the mailbox key: the sender is nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from byre.crypto import sealed_box
from byre.crypto.agreement import X25519
from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.crypto.signature import SigningKey
from byre.identity import domains
from byre.wire import ids
from byre.wire.envelope import Envelope, decode_envelope
from byre.wire.fields import need_blob, need_bytes
from byre.wire.ids import MailboxId
from byre.wire.tls import Reader, Writer
from byre.wire.versions import STRUCTURE_VERSION, expect_version

NONCE_SIZE: Final = 32
LARGEST_RELAY_ID: Final = 64


@dataclass(frozen=True, slots=True)
class MailboxKeys:
    """What the owner of a mailbox holds."""

    mailbox_id: MailboxId
    auth: SigningKey
    box_private: Secret
    box_public: bytes

    @classmethod
    def generate(cls, random: Random) -> MailboxKeys:
        """Make a new mailbox with keys of its own."""
        mailbox_id = MailboxId(random(ids.MAILBOX_ID_SIZE))
        auth = SigningKey.generate(random)
        private, public = sealed_box.generate_box_keys(random)
        return cls(mailbox_id, auth, private, public)

    @property
    def auth_public(self) -> bytes:
        """The public key that the relay knows this mailbox by, 32 bytes."""
        return self.auth.public

    def to_bytes(self) -> bytes:
        """Return all of it for the store; secret."""
        writer = Writer().u16(STRUCTURE_VERSION).fixed(self.mailbox_id).fixed(self.auth.seed.reveal())
        return writer.fixed(self.box_private.reveal()).done()

    @classmethod
    def from_bytes(cls, data: bytes) -> MailboxKeys:
        """Return what `to_bytes` gave.

        Raises:
            PeerError: code malformed or newer_version.
        """
        reader = Reader(data)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        mailbox_id = MailboxId(reader.fixed(ids.MAILBOX_ID_SIZE))
        seed, private = Secret(reader.fixed(32)), Secret(reader.fixed(32))
        reader.end()
        return cls(mailbox_id, SigningKey(seed), private, X25519.public_of(private))

    def sign_auth(self, *, relay_id: bytes, origin: str, nonce: bytes) -> bytes:
        """Return the signature that attaches this mailbox to the socket of `nonce`."""
        return domains.sign(self.auth, domains.RELAY_AUTH, _challenge(relay_id, origin, nonce, self.mailbox_id))

    def sign_mbnew(self, *, relay_id: bytes, origin: str, nonce: bytes) -> bytes:
        """Return the signature that registers this mailbox on the socket of `nonce`."""
        return domains.sign(self.auth, domains.RELAY_NEW_MAILBOX, _challenge(relay_id, origin, nonce, self.mailbox_id))

    def open(self, sealed: bytes) -> Envelope:
        """Return the envelope in a sealed box to this mailbox; raises as `open_envelope`."""
        return decode_envelope(sealed_box.open_sealed(self.box_private, sealed, public=self.box_public))


def verify_auth(
    auth_public: bytes, *, relay_id: bytes, origin: str, nonce: bytes, mailbox_id: MailboxId, signature: bytes
) -> None:
    """Verify a signature of `sign_auth`, or raise PeerError(code="bad_signature")."""
    domains.verify(auth_public, domains.RELAY_AUTH, _challenge(relay_id, origin, nonce, mailbox_id), signature)


def verify_mbnew(
    auth_public: bytes, *, relay_id: bytes, origin: str, nonce: bytes, mailbox_id: MailboxId, signature: bytes
) -> None:
    """Verify a signature of `sign_mbnew`, or raise PeerError(code="bad_signature")."""
    domains.verify(auth_public, domains.RELAY_NEW_MAILBOX, _challenge(relay_id, origin, nonce, mailbox_id), signature)


def seal_envelope(mailbox_key: bytes, envelope_type: int, body: bytes) -> bytes:
    """Return a sealed box for the mailbox whose public key is `mailbox_key`, exactly one bucket long.

    Raises:
        UsageError: code bad_field; the body is larger than the largest envelope.
        PeerError: code invalid_key.
    """
    return sealed_box.seal(mailbox_key, Envelope(envelope_type, body).encode())


def open_envelope(box_private: Secret, sealed: bytes) -> Envelope:
    """Return the envelope in a sealed box.

    Raises:
        PeerError: code bad_ciphertext, malformed or newer_version.
    """
    return decode_envelope(sealed_box.open_sealed(box_private, sealed))


def _challenge(relay_id: bytes, origin: str, nonce: bytes, mailbox_id: MailboxId) -> bytes:
    need_blob(relay_id, LARGEST_RELAY_ID, "a relay id")
    need_bytes(nonce, NONCE_SIZE, "a challenge")
    need_bytes(mailbox_id, ids.MAILBOX_ID_SIZE, "a mailbox id")
    return Writer().opaque_v(relay_id).opaque_v(origin.encode()).fixed(nonce).fixed(mailbox_id).done()
