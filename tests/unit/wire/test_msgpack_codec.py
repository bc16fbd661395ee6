"""Our msgpack: plain values both ways, everything exotic refused."""

import msgpack
import pytest

from byre.errors import PeerError, UsageError
from byre.wire.msgpack_codec import LARGEST_DEPTH, pack, pack_list, unpack


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [None, True, -1, 2**64 - 1, 1.5, "소", b"\0", [1, [2]], {"a": {"b": [b"c"]}}, {}, []])
def test_a_plain_value_comes_back(value: object) -> None:
    assert unpack(pack(value)) == value


def test_a_tuple_becomes_an_array() -> None:
    assert unpack(pack((1, 2))) == [1, 2]


@pytest.mark.parametrize("value", [object(), 2**64, {1, 2}])
def test_what_msgpack_cannot_carry_is_the_callers_fault(value: object) -> None:
    with pytest.raises(UsageError):
        pack(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x01\x01",
        b"\xa1\xff",
        b"\x81\x01\x02",
        b"\x81\xc4\x01a\x02",
        b"\x82\xa1a\x01\xa1a\x02",
        msgpack.packb(msgpack.ExtType(5, b"x")),
        msgpack.packb(msgpack.Timestamp(1, 2)),
        msgpack.packb([{"t": msgpack.Timestamp(1, 2)}]),
        msgpack.packb(nested(LARGEST_DEPTH + 1)),
        b"\x91" * 2000 + b"\x01",
        b"\xdd\xff\xff\xff\xff",
    ],
)
def test_exotic_bytes_are_malformed(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        unpack(data)
    assert caught.value.code == "malformed"


def test_the_deepest_allowed_value_comes_back() -> None:
    assert unpack(pack(nested(LARGEST_DEPTH))) == nested(LARGEST_DEPTH)


def test_too_many_bytes_are_malformed() -> None:
    with pytest.raises(PeerError):
        unpack(pack("x" * 100), max_bytes=50)


@pytest.mark.parametrize("count", [0, 1, 15, 16, 65_535, 65_536])
def test_a_list_packed_value_by_value_is_the_same_bytes(count: int) -> None:
    values = [[number, b"bytes", "text"] for number in range(count)]
    assert pack_list(values) == pack(values)
