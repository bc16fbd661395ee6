"""Bounds of the delivery frames that protect the relay or a client."""

from __future__ import annotations

import pytest

from byre.errors import InternalBug
from byre.wire.frames import Ack, Auth, Err, Send, TokenPut, encode_frame

ID, TOKEN = bytes(16), bytes(32)


@pytest.mark.parametrize(
    "frame",
    [
        Send(ID, ID, TOKEN, 0, 4, b""),
        Send(ID, ID, TOKEN, 2**32, 0, b""),
        Send(ID, ID, TOKEN, 0, 0, bytes(66 * 1024 + 1)),
        Ack(ID, ()),
        Ack(ID, (ID,) * 1025),
        Auth(()),
        Auth(((ID, TOKEN, bytes(64)),) * 33),
        TokenPut(ID, ID, ((TOKEN, 3),)),
        Err("x" * 17, 0, None),
    ],
)
def test_out_of_bounds_is_refused(frame: Send) -> None:
    with pytest.raises(InternalBug):
        encode_frame(frame)
