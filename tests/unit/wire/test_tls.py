"""The TLS presentation language: one encoding per value, and nothing else reads."""

from __future__ import annotations

import pytest

from byre.errors import PeerError, UsageError
from byre.wire.tls import LARGEST_LENGTH, Reader, Writer, malformed, opaque, varint


@pytest.mark.parametrize(
    ("length", "header"),
    [
        (0, "00"),
        (63, "3f"),
        (64, "4040"),
        (16383, "7fff"),
        (16384, "80004000"),
        (LARGEST_LENGTH, "bfffffff"),
    ],
)
def test_lengths_have_one_form(length: int, header: str) -> None:
    assert varint(length).hex() == header
    assert Reader(bytes.fromhex(header)).length() == length


@pytest.mark.parametrize("header", ["4000", "403f", "80000000", "80003fff", "c0", "ff", "", "40", "800040"])
def test_longer_forms_and_broken_ones_are_refused(header: str) -> None:
    with pytest.raises(PeerError) as caught:
        Reader(bytes.fromhex(header)).length()
    assert caught.value.code == "malformed"


def test_a_vector_beyond_30_bits_is_our_own_mistake() -> None:
    with pytest.raises(UsageError):
        varint(LARGEST_LENGTH + 1)


def test_everything_reads_back() -> None:
    written = (
        Writer()
        .u8(1)
        .u16(2)
        .u32(3)
        .u64(4)
        .fixed(b"ab")
        .opaque_v(b"c" * 70)
        .vector([b"\x00\x05", b"\x00\x06"])
        .optional(None)
        .optional(b"\x07")
        .fixed(b"rest")
        .done()
    )
    reader = Reader(written)
    assert [reader.u8(), reader.u16(), reader.u32(), reader.u64()] == [1, 2, 3, 4]
    assert reader.since(1) == written[1:15]
    assert reader.fixed(2) == b"ab"
    assert reader.opaque_v() == b"c" * 70
    assert reader.vector(Reader.u16) == [5, 6]
    assert reader.optional(Reader.u8) is None
    assert reader.optional(Reader.u8) == 7
    assert not reader.at_end
    assert reader.rest() == b"rest"
    assert reader.at_end
    reader.end()


@pytest.mark.parametrize("read", [Reader.u8, Reader.u16, Reader.u32, Reader.u64, Reader.opaque_v])
def test_the_end_is_the_end(read: object) -> None:
    assert callable(read)
    with pytest.raises(PeerError):
        read(Reader(b""))


def test_trailing_bytes_are_refused() -> None:
    with pytest.raises(PeerError):
        Reader(b"x").end()


def test_a_presence_octet_is_0_or_1() -> None:
    with pytest.raises(PeerError):
        Reader(b"\x02\x00").optional(Reader.u8)


@pytest.mark.parametrize("data", [b"\x03\x00\x01\x00", b"\x04\x00\x01\x00"])
def test_an_item_does_not_reach_beyond_its_vector(data: bytes) -> None:
    with pytest.raises(PeerError):
        Reader(data).vector(Reader.u16)


def test_the_reader_goes_on_behind_a_vector() -> None:
    reader = Reader(b"\x02\x00\x01\x09")
    assert reader.vector(Reader.u16) == [1]
    assert reader.u8() == 9


def test_opaque_is_length_and_bytes() -> None:
    assert opaque(b"ab") == b"\x02ab"
    assert opaque(bytes(64)) == b"\x40\x40" + bytes(64)


def test_malformed_is_a_peer_error() -> None:
    assert malformed("a sentence").code == "malformed"
