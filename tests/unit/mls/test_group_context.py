"""The group's context."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls.extension import Extension
from byre.mls.group_context import GroupContext

CONTEXT = GroupContext(1, b"group", 7, b"tree", b"transcript", (Extension(0xF0B2, b"room"),))


def test_a_context_reads_back() -> None:
    assert GroupContext.decode(CONTEXT.encoded) == CONTEXT


def test_another_version_is_refused() -> None:
    with pytest.raises(PeerError) as caught:
        GroupContext.decode(b"\x00\x02" + CONTEXT.encoded[2:])
    assert caught.value.code == "unsupported_version"


@pytest.mark.parametrize("data", [b"", CONTEXT.encoded[:-1], CONTEXT.encoded + b"\x00"])
def test_broken_contexts_are_malformed(data: bytes) -> None:
    with pytest.raises(PeerError):
        GroupContext.decode(data)
