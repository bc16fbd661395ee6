"""Pointers to blobs: bytes that never change, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.errors import PeerError, UsageError
from byre.wire.blob_pointer import (
    LARGEST_MESSAGE,
    MESSAGE_IN_BLOB,
    TREE_IN_BLOB,
    BlobPointer,
    decode_blob_pointer,
    is_blob_pointer,
)

POINTER = BlobPointer(MESSAGE_IN_BLOB, b"i" * 16, b"c" * 32, b"k" * 32, b"h" * 48, 70_000)
GOLDEN = (
    "f0b30101" + "69" * 16 + "63" * 32 + "6b" * 32 + "68" * 48 + "0000000000011170" + "00"
)  # a change needs a version


def test_the_bytes_are_golden() -> None:
    assert POINTER.encode().hex() == GOLDEN
    assert decode_blob_pointer(bytes.fromhex(GOLDEN)) == POINTER


def test_a_tree_comes_with_its_welcome() -> None:
    pointer = replace(POINTER, kind=TREE_IN_BLOB, message=b"welcome" * 1000)
    assert decode_blob_pointer(pointer.encode()) == pointer


def test_a_pointer_is_told_from_a_message() -> None:
    assert is_blob_pointer(POINTER.encode())
    assert not is_blob_pointer(b"\x00\x01\x00\x02")
    assert not is_blob_pointer(b"")


@pytest.mark.parametrize("data", [b"", b"\x00\x01", POINTER.encode()[:-1], POINTER.encode() + b"\x00"])
def test_broken_pointers_are_malformed(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        decode_blob_pointer(data)
    assert caught.value.code == "malformed"


def test_a_newer_version_is_told() -> None:
    data = POINTER.encode()
    with pytest.raises(PeerError) as caught:
        decode_blob_pointer(data[:2] + b"\x02" + data[3:])
    assert caught.value.code == "newer_version"


@pytest.mark.parametrize(
    "change", [{"key": b"k"}, {"digest": b""}, {"size_bytes": -1}, {"message": bytes(LARGEST_MESSAGE + 1)}]
)
def test_wrong_fields_are_the_callers_fault(change: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        replace(POINTER, **change)  # type: ignore[arg-type]


def test_a_pointer_prints_no_key() -> None:
    assert "kkk" not in repr(POINTER)
    assert "ccc" not in repr(POINTER)
