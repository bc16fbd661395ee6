"""PrivateMessage (RFC 9420 section 6.3): encrypted content, and encrypted data about who sent it.

    MLSMessage header ‖ group_id ‖ epoch ‖ content_type ‖ authenticated_data ‖ encrypted_sender_data ‖ ciphertext
    ciphertext  = AEAD(key and nonce of the sender's ratchet, nonce XOR reuse_guard; body ‖ auth data ‖ zeros)
    sender data = AEAD(key and nonce from a sample of the ciphertext; leaf_index ‖ generation ‖ reuse_guard)

This is the message path: it knows no tree, and its bytes are put together by hand, since a message costs some
seventy microseconds in all. The generation is not signed (Rule 2): who re-seals a member's message is caught by the
content's own counter, above MLS. Padding is zeros only (Rule 14).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from byre.errors import PeerError
from byre.mls.cipher_suite import CipherSuite
from byre.mls.framing import ContentType, read_content_type
from byre.mls.profile import PROTOCOL_VERSION
from byre.mls.rules import Rule, violation
from byre.mls.secret_tree import APPLICATION, HANDSHAKE, MessageKey, sender_data_key_nonce
from byre.wire.tls import Reader, opaque

MLS_HEADER = PROTOCOL_VERSION.to_bytes(2) + b"\x00\x02"
_SENDER_DATA_LENGTH = 12
REUSE_GUARD_LENGTH = 4


@dataclass(frozen=True, slots=True)
class SenderData:
    """Who sealed a message with which generation; authenticated by the group's key, not by the sender (Rule 2)."""

    leaf_index: int
    generation: int
    reuse_guard: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PrivateMessage:
    """A parsed PrivateMessage.

    `start` and `head` are its received bytes up to the content type and up to the authenticated data: what sender data
    and content are bound to (SenderDataAAD, PrivateContentAAD).
    """

    group_id: bytes
    epoch: int
    content_type: ContentType
    authenticated_data: bytes = field(repr=False)
    encrypted_sender_data: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)
    start: bytes = field(repr=False)
    head: bytes = field(repr=False)

    @classmethod
    def read(cls, reader: Reader) -> PrivateMessage:
        """Read one, without the MLSMessage header."""
        first = reader.position
        group_id, epoch, kind = reader.opaque_v(), reader.u64(), read_content_type(reader)
        start = reader.since(first)
        authenticated_data = reader.opaque_v()
        head = reader.since(first)
        return cls(group_id, epoch, kind, authenticated_data, reader.opaque_v(), reader.opaque_v(), start, head)

    @classmethod
    def decode(cls, data: bytes) -> PrivateMessage:
        """Parse an MLSMessage that begins with `MLS_HEADER`, or raise PeerError(code="malformed")."""
        reader = Reader(data)
        reader.fixed(len(MLS_HEADER))
        message = cls.read(reader)
        reader.end()
        return message

    def open_sender_data(self, suite: CipherSuite, sender_data_secret: bytes) -> SenderData:
        """Decrypt the sender data (Rule 18).

        Raises:
            PeerError: codes bad_ciphertext, malformed.
        """
        key, nonce = sender_data_key_nonce(suite, sender_data_secret, self.ciphertext)
        data = suite.aead.open(key, nonce, self.start, self.encrypted_sender_data)
        if len(data) != _SENDER_DATA_LENGTH:
            raise violation(Rule.CODEC, "sender data have the wrong length", code="malformed")
        return SenderData(int.from_bytes(data[:4]), int.from_bytes(data[4:8]), data[8:])

    def open_content(self, suite: CipherSuite, key: MessageKey, reuse_guard: bytes) -> bytes:
        """Decrypt body ‖ auth data ‖ padding, or raise PeerError(code="bad_ciphertext")."""
        return suite.aead.open(key[0], guarded_nonce(key[1], reuse_guard), self.head, self.ciphertext)


def ratchet_kind(content_type: ContentType) -> int:
    """Return which of a sender's two ratchets carries a content type."""
    return APPLICATION if content_type is ContentType.APPLICATION else HANDSHAKE


def guarded_nonce(nonce: bytes, reuse_guard: bytes) -> bytes:
    """Return the nonce with its first four bytes XORed by the reuse guard (section 6.3.1)."""
    first = int.from_bytes(nonce[:REUSE_GUARD_LENGTH]) ^ int.from_bytes(reuse_guard)
    return first.to_bytes(REUSE_GUARD_LENGTH) + nonce[REUSE_GUARD_LENGTH:]


def seal_message(
    suite: CipherSuite,
    *,
    group_id_and_epoch: bytes,
    content_type: ContentType,
    authenticated_data: bytes,
    plaintext: bytes,
    sender_data_secret: bytes,
    leaf_index: int,
    generation: int,
    key: MessageKey,
    reuse_guard: bytes,
) -> bytes:
    """Return the MLSMessage that seals body ‖ auth data (‖ padding); `reuse_guard` is 4 fresh random bytes."""
    kind = content_type.to_bytes(1)
    start = group_id_and_epoch + kind
    head = start + opaque(authenticated_data)
    ciphertext = suite.aead.seal(key[0], guarded_nonce(key[1], reuse_guard), head, plaintext)
    data_key, data_nonce = sender_data_key_nonce(suite, sender_data_secret, ciphertext)
    sender_data = leaf_index.to_bytes(4) + generation.to_bytes(4) + reuse_guard
    sealed = suite.aead.seal(data_key, data_nonce, start, sender_data)
    return MLS_HEADER + head + opaque(sealed) + opaque(ciphertext)


def check_padding(padding: bytes) -> None:
    """Refuse padding that is not zeros (Rule 14)."""
    if padding.count(0) != len(padding):
        raise violation(Rule.CODEC, "padding is not zero", code="malformed")


def own_message() -> PeerError:
    """Return the refusal of a message that we sent ourselves and that came back."""
    return PeerError("this message is our own", code="own_message")
