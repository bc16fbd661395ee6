"""One rule per field, blamed on the caller or on the peer."""

from collections.abc import Callable

import pytest

from byre.errors import PeerError, UsageError
from byre.wire import fields


def test_good_values_come_back_unchanged() -> None:
    assert fields.need_bytes(b"12", 2, "it") == b"12"
    assert fields.need_blob(b"12", 2, "it") == b"12"
    assert fields.need_group_id(b"g") == b"g"
    assert fields.need_uint(255, 8, "it") == 255
    assert fields.need_time_ms(0, "it") == 0
    assert fields.need_flag(False, "it") is False
    assert fields.need_text("소\n", "it", largest_bytes=4) == "소\n"
    assert fields.need_name("소", "it") == "소"
    assert fields.utf8("소".encode()) == "소"


@pytest.mark.parametrize(
    "check",
    [
        lambda: fields.need_bytes(b"1", 2, "it"),
        lambda: fields.need_bytes(bytearray(2), 2, "it"),
        lambda: fields.need_blob(b"123", 2, "it"),
        lambda: fields.need_blob(b"", 2, "it", smallest=1),
        lambda: fields.need_blob("12", 2, "it"),
        lambda: fields.need_group_id(b""),
        lambda: fields.need_group_id(bytes(65)),
        lambda: fields.need_uint(256, 8, "it"),
        lambda: fields.need_uint(-1, 8, "it"),
        lambda: fields.need_uint(True, 8, "it"),
        lambda: fields.need_time_ms(2**53, "it"),
        lambda: fields.need_time_ms(-1, "it"),
        lambda: fields.need_time_ms(1.0, "it"),
        lambda: fields.need_flag(1, "it"),
        lambda: fields.need_text(b"x", "it", largest_bytes=9),
        lambda: fields.need_text("소", "it", largest_bytes=2),
        lambda: fields.need_text("\ud800", "it", largest_bytes=9),
        lambda: fields.need_name("a\nb", "it"),
        lambda: fields.need_name("a\u2028b", "it"),
        lambda: fields.need_name("a\x00b", "it"),
    ],
)
def test_a_bad_value_is_the_callers_fault(check: Callable[[], object]) -> None:
    with pytest.raises(UsageError) as caught:
        check()
    assert caught.value.code == "bad_field"


def test_inside_a_decoder_the_peer_is_to_blame() -> None:
    with pytest.raises(PeerError) as caught, fields.blaming_the_peer():
        fields.need_flag(1, "it")
    assert caught.value.code == "malformed"


def test_bytes_that_are_no_utf8_are_malformed() -> None:
    with pytest.raises(PeerError):
        fields.utf8(b"\xff")
