"""The golden bytes stand: encoders make them, decoders read them, and no signed byte can change unnoticed."""

from __future__ import annotations

import json

import pytest

from byre.errors import PeerError
from byre.wire.content import decode_content, encode_content
from tests.golden.formats import DECODED, GOLDEN_FILE, OPENED, SIGNED, build, make_once

GOLDEN = {name: bytes.fromhex(text) for name, text in json.loads(GOLDEN_FILE.read_text()).items()}
BUILT = build()
CONTENTS = [name for name in GOLDEN if name.startswith("content_")]


def test_the_golden_file_names_every_format() -> None:
    assert GOLDEN.keys() == BUILT.keys() | OPENED.keys()
    assert make_once().keys() == OPENED.keys()


@pytest.mark.parametrize("name", BUILT)
def test_an_encoder_makes_the_golden_bytes(name: str) -> None:
    assert BUILT[name].hex() == GOLDEN[name].hex()


@pytest.mark.parametrize("name", DECODED)
def test_a_decoder_reads_the_golden_bytes_back(name: str) -> None:
    assert DECODED[name](GOLDEN[name]) == GOLDEN[name]


@pytest.mark.parametrize("name", CONTENTS)
def test_content_reads_back(name: str) -> None:
    content = decode_content(GOLDEN[name])
    assert encode_content(content) == GOLDEN[name]
    kinds = {"content_unknown": "reaction", "content_text_under_another_timer": "text"}
    assert content.kind == kinds.get(name, name.removeprefix("content_"))


@pytest.mark.parametrize("name", OPENED)
def test_a_sealed_golden_sample_opens_to_the_golden_plaintext(name: str) -> None:
    opener, plaintext = OPENED[name]
    assert opener(GOLDEN[name]) == GOLDEN[plaintext]


@pytest.mark.parametrize("name", SIGNED)
def test_any_altered_byte_of_a_signed_format_is_refused(name: str) -> None:
    original = GOLDEN[name]
    for position in range(len(original)):
        altered = bytearray(original)
        altered[position] ^= 0x01
        with pytest.raises(PeerError):
            DECODED[name](bytes(altered))


@pytest.mark.parametrize("name", OPENED)
def test_any_altered_byte_of_a_sealed_format_is_refused(name: str) -> None:
    opener, _ = OPENED[name]
    original = GOLDEN[name]
    for position in range(0, len(original), max(1, len(original) // 64)):
        altered = bytearray(original)
        altered[position] ^= 0x80
        with pytest.raises(PeerError):
            opener(bytes(altered))


@pytest.mark.parametrize("name", DECODED)
def test_every_truncation_and_extension_is_refused(name: str) -> None:
    original = GOLDEN[name]
    for cut in (original[:-1], original[: len(original) // 2], original[:1], original + b"\x00"):
        with pytest.raises(PeerError):
            DECODED[name](cut)
