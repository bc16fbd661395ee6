"""Sealed boxes: anonymous encryption to a mailbox key."""

from __future__ import annotations

import pytest

from byre.crypto.random import system_random
from byre.crypto.sealed_box import OVERHEAD, generate_box_keys, open_sealed, seal
from byre.errors import PeerError


def test_only_the_key_opens_the_box() -> None:
    private, public = generate_box_keys(system_random)
    stranger, other = generate_box_keys(system_random)
    box = seal(public, b"text")
    assert len(box) == 4 + OVERHEAD
    assert open_sealed(private, box) == open_sealed(private, box, public=public) == b"text"
    for key, bytes_ in ((stranger, box), (private, box[:-1]), (private, b""), (private, bytes(OVERHEAD))):
        with pytest.raises(PeerError) as caught:
            open_sealed(key, bytes_)
        assert caught.value.code == "bad_ciphertext"
    with pytest.raises(PeerError):
        open_sealed(private, box, public=other)


def test_two_boxes_of_one_text_differ() -> None:
    _, public = generate_box_keys(system_random)
    assert seal(public, b"text") != seal(public, b"text")


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(32)])
def test_a_malformed_key_or_one_of_low_order_is_refused(public: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        seal(public, b"text")
    assert caught.value.code == "invalid_key"
