"""Framed content: what is signed, and how it reads back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.crypto.signature import SigningKey
from byre.errors import PeerError
from byre.mls.cipher_suite import suite_by_id
from byre.mls.commit import Commit
from byre.mls.framing import (
    AuthenticatedContent,
    Body,
    ContentType,
    FramedContent,
    Sender,
    SenderType,
    WireFormat,
    sign_content,
    to_be_signed,
)
from byre.mls.proposals import RemoveProposal
from byre.wire.tls import Reader

SUITE = suite_by_id(1)
KEY = SigningKey(bytes(32))
MEMBER = Sender(SenderType.MEMBER, 3)


def content_of(body: Body, sender: Sender = MEMBER) -> FramedContent:
    return FramedContent.make(b"group", 7, sender, b"aad", body)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"text", ContentType.APPLICATION),
        (RemoveProposal(1), ContentType.PROPOSAL),
        (Commit((), None), ContentType.COMMIT),
    ],
)
def test_content_reads_back(body: Body, kind: ContentType) -> None:
    content = content_of(body)
    assert content.content_type is kind
    assert FramedContent.read(Reader(content.encoded)) == content
    tag = b"tag" if kind is ContentType.COMMIT else None
    authenticated = AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, content, b"signature", tag)
    assert AuthenticatedContent.decode(authenticated.encode()) == authenticated
    assert len(authenticated.reference(SUITE)) == 32


@pytest.mark.parametrize(
    "sender",
    [
        MEMBER,
        Sender(SenderType.EXTERNAL, 1),
        Sender(SenderType.NEW_MEMBER_PROPOSAL),
        Sender(SenderType.NEW_MEMBER_COMMIT),
    ],
)
def test_every_sender_reads_back(sender: Sender) -> None:
    assert Sender.read(Reader(sender.encode())) == sender


def test_signatures_are_bound_to_context_and_wire_format() -> None:
    content = content_of(b"text")
    signature = sign_content(SUITE, KEY, WireFormat.PRIVATE_MESSAGE, content, b"context")
    authenticated = AuthenticatedContent(WireFormat.PRIVATE_MESSAGE, content, signature)
    authenticated.verify(SUITE, KEY.public, b"context")
    for bad, context in (
        (authenticated, b"other"),
        (replace(authenticated, wire_format=WireFormat.PUBLIC_MESSAGE), b"context"),
        (replace(authenticated, content=content_of(b"other")), b"context"),
    ):
        with pytest.raises(PeerError):
            bad.verify(SUITE, KEY.public, context)


def test_the_context_counts_for_members_and_external_committers_only() -> None:
    for sender, bound in (
        (MEMBER, True),
        (Sender(SenderType.NEW_MEMBER_COMMIT), True),
        (Sender(SenderType.EXTERNAL), False),
        (Sender(SenderType.NEW_MEMBER_PROPOSAL), False),
    ):
        signed = to_be_signed(WireFormat.PUBLIC_MESSAGE, content_of(b"", sender), b"context")
        assert signed.endswith(b"context") is bound


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x03",
        b"\x00\x01\x00" + bytes(8) + b"\x09",
        b"\x00\x01\x00" + bytes(8) + b"\x01\x00\x00\x00\x00\x00\x09",
        b"\x00\x01\x00" + bytes(8) + b"\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00",
    ],
)
def test_broken_content_is_malformed(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        AuthenticatedContent.decode(data)
    assert caught.value.code == "malformed"


@pytest.mark.parametrize("wire_format", [0, 3, 4, 5, 6])
def test_authenticated_content_travels_in_two_formats_only(wire_format: int) -> None:
    content = AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, content_of(RemoveProposal(1)), b"signature")
    assert AuthenticatedContent.decode(content.encode()) == content
    with pytest.raises(PeerError) as caught:
        AuthenticatedContent.decode(wire_format.to_bytes(2) + content.encode()[2:])
    assert caught.value.code == "malformed"
