"""GroupInfo: signed by one member, carrying the tree."""

from __future__ import annotations

import pytest

from byre.crypto.signature import SigningKey
from byre.errors import PeerError
from byre.mls.cipher_suite import suite_by_id
from byre.mls.extension import Extension, external_pub_extension, ratchet_tree_extension
from byre.mls.group_context import GroupContext
from byre.mls.group_info import GroupInfo
from byre.mls.profile import EXTERNAL_PUB

SUITE = suite_by_id(1)
KEY = SigningKey(bytes(32))
CONTEXT = GroupContext(1, b"group", 7, b"tree", b"transcript", ())


def info_of(*extensions: Extension) -> GroupInfo:
    return GroupInfo.sign(SUITE, KEY, group_context=CONTEXT, extensions=extensions, confirmation_tag=b"tag", signer=2)


def test_an_info_reads_back_and_verifies() -> None:
    info = info_of(ratchet_tree_extension(b"tree"), external_pub_extension(b"public"))
    received = GroupInfo.decode(info.encoded)
    assert received == info
    received.verify(SUITE, KEY.public)
    assert (received.ratchet_tree, received.external_pub) == (b"tree", b"public")


def test_extensions_may_be_missing() -> None:
    assert (info_of().ratchet_tree, info_of().external_pub) == (None, None)


def test_a_broken_external_key_is_malformed() -> None:
    with pytest.raises(PeerError):
        _ = info_of(Extension(EXTERNAL_PUB, b"\x05a")).external_pub


def test_nobody_elses_signature_verifies() -> None:
    with pytest.raises(PeerError) as caught:
        info_of().verify(SUITE, SigningKey(bytes(31) + b"x").public)
    assert caught.value.code == "bad_signature"


@pytest.mark.parametrize("data", [b"", info_of().encoded[:-1], info_of().encoded + b"\x00"])
def test_broken_infos_are_malformed(data: bytes) -> None:
    with pytest.raises(PeerError):
        GroupInfo.decode(data)
