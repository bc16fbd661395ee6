"""Version numbers: ours is read, a later one is named, zero is nonsense."""

import pytest

from byre.errors import PeerError
from byre.wire import versions


def test_the_extension_numbers_are_those_of_the_law() -> None:
    assert (versions.LEAF_EXTENSION, versions.ROOM_EXTENSION) == (0xF0B1, 0xF0B2)


def test_the_known_version_passes() -> None:
    versions.expect_version(1, 1)


def test_a_later_version_is_named_as_such() -> None:
    with pytest.raises(PeerError) as caught:
        versions.expect_version(2, 1)
    assert caught.value.code == "newer_version"


def test_version_zero_is_malformed() -> None:
    with pytest.raises(PeerError) as caught:
        versions.expect_version(0, 1)
    assert caught.value.code == "malformed"
