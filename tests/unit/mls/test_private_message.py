"""PrivateMessages: sealing by hand and opening again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.errors import PeerError
from byre.mls.cipher_suite import suite_by_id
from byre.mls.framing import ContentType
from byre.mls.private_message import (
    MLS_HEADER,
    PrivateMessage,
    SenderData,
    check_padding,
    guarded_nonce,
    own_message,
    ratchet_kind,
    seal_message,
)
from byre.mls.secret_tree import APPLICATION, HANDSHAKE, sender_data_key_nonce
from byre.wire.tls import Reader, opaque

SUITE = suite_by_id(1)
KEY = (bytes(16), bytes(12))
GUARD = b"\x01\x02\x03\x04"


def sealed(plaintext: bytes = b"plaintext") -> PrivateMessage:
    message = seal_message(
        SUITE,
        group_id_and_epoch=opaque(b"group") + (7).to_bytes(8),
        content_type=ContentType.APPLICATION,
        authenticated_data=b"aad",
        plaintext=plaintext,
        sender_data_secret=bytes(32),
        leaf_index=3,
        generation=9,
        key=KEY,
        reuse_guard=GUARD,
    )
    assert message[:4] == MLS_HEADER == b"\x00\x01\x00\x02"
    assert PrivateMessage.read(Reader(message[4:])) == PrivateMessage.decode(message)
    return PrivateMessage.decode(message)


def test_what_was_sealed_opens() -> None:
    message = sealed()
    assert (message.group_id, message.epoch, message.content_type) == (b"group", 7, ContentType.APPLICATION)
    assert message.authenticated_data == b"aad"
    assert message.open_sender_data(SUITE, bytes(32)) == SenderData(3, 9, GUARD)
    assert message.open_content(SUITE, KEY, GUARD) == b"plaintext"


def test_rule_14_nothing_stands_behind_a_message() -> None:
    message = sealed()
    encoded = MLS_HEADER + message.head + opaque(message.encrypted_sender_data) + opaque(message.ciphertext)
    assert PrivateMessage.decode(encoded) == message
    for wrong in (encoded + b"\x00", encoded[:-1], MLS_HEADER):
        with pytest.raises(PeerError) as caught:
            PrivateMessage.decode(wrong)
        assert caught.value.code == "malformed"


def test_nothing_opens_with_another_key_or_guard() -> None:
    message = sealed()
    with pytest.raises(PeerError):
        message.open_sender_data(SUITE, bytes(31) + b"x")
    with pytest.raises(PeerError):
        message.open_content(SUITE, (bytes(15) + b"x", bytes(12)), GUARD)
    with pytest.raises(PeerError):
        message.open_content(SUITE, KEY, bytes(4))


def test_rule_18_the_sender_data_are_bound_to_the_ciphertext() -> None:
    one, two = sealed(b"plaintext"), sealed(b"otherwise")
    swapped = replace(one, encrypted_sender_data=two.encrypted_sender_data)
    with pytest.raises(PeerError):
        swapped.open_sender_data(SUITE, bytes(32))


def test_rule_14_sender_data_have_one_length() -> None:
    message = sealed()
    key, nonce = sender_data_key_nonce(SUITE, bytes(32), message.ciphertext)
    aad = opaque(message.group_id) + message.epoch.to_bytes(8) + b"\x01"
    longer = replace(message, encrypted_sender_data=SUITE.aead.seal(key, nonce, aad, bytes(13)))
    with pytest.raises(PeerError, match="Rule 14"):
        longer.open_sender_data(SUITE, bytes(32))


def test_rule_14_padding_is_zeros() -> None:
    check_padding(b"")
    check_padding(bytes(100))
    with pytest.raises(PeerError, match="Rule 14"):
        check_padding(bytes(100) + b"\x01")


def test_the_guard_changes_the_first_four_bytes() -> None:
    assert guarded_nonce(b"\xff" * 12, GUARD) == b"\xfe\xfd\xfc\xfb" + b"\xff" * 8


def test_handshakes_and_application_data_have_ratchets_of_their_own() -> None:
    assert ratchet_kind(ContentType.APPLICATION) == APPLICATION
    assert ratchet_kind(ContentType.PROPOSAL) == ratchet_kind(ContentType.COMMIT) == HANDSHAKE


def test_our_own_message_has_a_code() -> None:
    assert own_message().code == "own_message"
