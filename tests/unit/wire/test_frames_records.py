"""Bounds of the record frames that protect the relay or a client."""

from __future__ import annotations

import pytest

from byre.errors import InternalBug
from byre.wire.frames import (
    Claim,
    DirectoryGet,
    DirectoryPut,
    Frame,
    KeyPackagePut,
    RendezvousGet,
    RendezvousPut,
    encode_frame,
)

ID, KEY = bytes(16), bytes(32)


@pytest.mark.parametrize(
    "frame",
    [
        KeyPackagePut(ID, ID, (b"p",) * 17, None, False),
        KeyPackagePut(ID, ID, (b"",), None, False),
        DirectoryPut(ID, 3, b"r", None),
        DirectoryPut(ID, 1, b"r", bytes(513)),
        DirectoryGet(ID, 0, b"h", 0, None),
        DirectoryGet(ID, 1, bytes(257), 0, None),
        Claim(ID, ID, 2**63, ID, bytes(48), KEY, bytes(64), b""),
        RendezvousPut(ID, ID, 0, b"b"),
        RendezvousPut(ID, ID, 6, b"b"),
        RendezvousGet(ID, ID, 1, 30_001),
    ],
)
def test_out_of_bounds_is_refused(frame: Frame) -> None:
    with pytest.raises(InternalBug):
        encode_frame(frame)
