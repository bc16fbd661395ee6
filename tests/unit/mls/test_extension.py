"""Extensions: unknown ones are kept, doubled ones are refused."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls.extension import (
    Extension,
    RequiredCapabilities,
    decode_extensions,
    encode_extensions,
    external_pub_extension,
    find_extension,
    ratchet_tree_extension,
    required_capabilities,
)
from byre.mls.profile import EXTERNAL_PUB, RATCHET_TREE, REQUIRED_CAPABILITIES


def test_unknown_and_grease_extensions_are_kept() -> None:
    extensions = (Extension(0x0A0A, b"grease"), Extension(0xF0B1, b""))
    assert decode_extensions(encode_extensions(extensions)) == extensions
    assert find_extension(extensions, 0x0A0A) == b"grease"
    assert find_extension(extensions, 1) is None


def test_rule_12_two_extensions_of_one_type_are_refused() -> None:
    with pytest.raises(PeerError, match="Rule 12"):
        decode_extensions(encode_extensions([Extension(9, b"a"), Extension(9, b"b")]))


def test_trailing_bytes_are_refused() -> None:
    with pytest.raises(PeerError):
        decode_extensions(b"\x00\x00")


def test_required_capabilities_read_back() -> None:
    required = RequiredCapabilities((1, 2), (3,), ())
    extensions = [Extension(REQUIRED_CAPABILITIES, required.encode())]
    assert required_capabilities(extensions) == required
    assert required_capabilities([]) == RequiredCapabilities()


@pytest.mark.parametrize("data", [b"", b"\x01\x00\x00\x00", b"\x00\x00\x00\x00"])
def test_malformed_required_capabilities_are_refused(data: bytes) -> None:
    with pytest.raises(PeerError):
        RequiredCapabilities.decode(data)


def test_extensions_of_a_group_info() -> None:
    assert ratchet_tree_extension(b"\x00") == Extension(RATCHET_TREE, b"\x00")
    assert external_pub_extension(b"key") == Extension(EXTERNAL_PUB, b"\x03key")
