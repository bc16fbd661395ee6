"""Buckets: five sizes, zeros only."""

import pytest

from byre.errors import PeerError, UsageError
from byre.wire import padding


@pytest.mark.parametrize(
    ("size", "bucket"), [(0, 512), (512, 512), (513, 1024), (1025, 4096), (4097, 16384), (16385, 65536), (65536, 65536)]
)
def test_a_size_takes_the_smallest_bucket(size: int, bucket: int) -> None:
    assert padding.bucket_for(size) == bucket


def test_what_fits_no_bucket_is_too_large() -> None:
    with pytest.raises(UsageError) as caught:
        padding.bucket_for(65537)
    assert caught.value.code == "too_large"


def test_content_padding_and_overhead_fill_a_bucket() -> None:
    assert padding.pad(b"abc", overhead=48) == b"abc" + bytes(512 - 48 - 3)


def test_other_sizes_than_buckets_are_malformed() -> None:
    padding.expect_bucket(1024)
    with pytest.raises(PeerError):
        padding.expect_bucket(1000)


def test_padding_is_zero() -> None:
    padding.expect_zeros(bytes(9))
    with pytest.raises(PeerError):
        padding.expect_zeros(b"\0\0\1")
