"""The manifest's bytes."""

from __future__ import annotations

import pytest

from byre.crypto.hashes import sha256
from byre.errors import PeerError
from byre.store.vault_manifest import Manifest

MANIFEST = Manifest(3, b"p" * 16)


def test_golden_bytes() -> None:
    body = b"BYREPROF" + b"\x01" + b"\x00\x00\x00\x03" + b"p" * 16
    assert MANIFEST.to_bytes() == body + sha256(body)
    assert Manifest.from_bytes(MANIFEST.to_bytes()) == MANIFEST


@pytest.mark.parametrize("at", range(61))
def test_every_flipped_byte_is_noticed(at: int) -> None:
    raw = bytearray(MANIFEST.to_bytes())
    raw[at] ^= 1
    with pytest.raises(PeerError):
        Manifest.from_bytes(bytes(raw))


@pytest.mark.parametrize("length", [0, 8, 9, 29, 60])
def test_a_cut_manifest_is_malformed(length: int) -> None:
    with pytest.raises(PeerError) as caught:
        Manifest.from_bytes(MANIFEST.to_bytes()[:length])
    assert caught.value.code == "malformed"


def test_a_newer_version_says_so() -> None:
    raw = bytearray(MANIFEST.to_bytes())
    raw[8] = 2
    with pytest.raises(PeerError) as caught:
        Manifest.from_bytes(bytes(raw))
    assert caught.value.code == "unsupported_version"


def test_generation_zero_is_malformed_and_trailing_bytes_too() -> None:
    for raw in (Manifest(0, b"p" * 16).to_bytes(), MANIFEST.to_bytes() + b"x"):
        with pytest.raises(PeerError) as caught:
            Manifest.from_bytes(raw)
        assert caught.value.code == "malformed"
