"""What a caller hears of an exception."""

from __future__ import annotations

import errno

import pytest

from byre.errors import ByreError, EnvironmentFault, InternalBug, PeerError, told


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (PeerError("no", code="bad_link"), PeerError, "bad_link"),
        (OSError(errno.EMFILE, "too many of 안녕"), EnvironmentFault, "io_error"),
        (OSError(errno.ENOSPC, "안녕"), EnvironmentFault, "disk_full"),
        (ConnectionResetError("안녕"), EnvironmentFault, "io_error"),
        (TimeoutError("안녕"), InternalBug, "internal"),
        (ValueError("안녕"), InternalBug, "internal"),
    ],
)
def test_a_caller_hears_who_is_to_blame_and_no_words_of_the_exception(
    error: Exception, kind: type[ByreError], code: str
) -> None:
    heard = told(error)
    assert isinstance(heard, kind)
    assert heard.code == code
    assert "안녕" not in heard.sentence
