"""PublicMessages: Rule 18's membership tag."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.errors import PeerError
from byre.mls.cipher_suite import suite_by_id
from byre.mls.commit import Commit
from byre.mls.framing import AuthenticatedContent, Body, FramedContent, Sender, SenderType, WireFormat
from byre.mls.proposals import RemoveProposal
from byre.mls.public_message import PublicMessage
from byre.wire.tls import Reader

SUITE = suite_by_id(1)


def message_of(body: Body, sender_type: SenderType = SenderType.MEMBER) -> PublicMessage:
    content = FramedContent.make(b"group", 7, Sender(sender_type), b"", body)
    tag = b"tag" if isinstance(body, Commit) else None
    authenticated = AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, content, b"signature", tag)
    return PublicMessage.protect(SUITE, authenticated, b"context", b"key")


@pytest.mark.parametrize("body", [RemoveProposal(1), Commit((), None)])
@pytest.mark.parametrize("sender_type", list(SenderType))
def test_a_message_reads_back(body: Body, sender_type: SenderType) -> None:
    message = message_of(body, sender_type)
    assert PublicMessage.read(Reader(message.encode())) == message
    assert (message.membership_tag is None) is (sender_type is not SenderType.MEMBER)
    message.check_membership(SUITE, b"context", b"key")


def test_rule_18_a_wrong_membership_tag_is_refused() -> None:
    message = message_of(RemoveProposal(1))
    for bad, context, key in (
        (message, b"other", b"key"),
        (message, b"context", b"other"),
        (replace(message, membership_tag=b""), b"context", b"key"),
    ):
        with pytest.raises(PeerError, match="Rule 18") as caught:
            bad.check_membership(SUITE, context, key)
        assert caught.value.code == "bad_membership_tag"


def test_rule_18_application_data_never_come_unencrypted() -> None:
    with pytest.raises(PeerError, match="Rule 18"):
        message_of(b"text").check_membership(SUITE, b"context", b"key")
