"""The authenticated data of a commit."""

from collections.abc import Callable

import pytest

from byre.errors import PeerError, UsageError
from byre.identity.commit_data import LARGEST_LIST, MOST_LISTS, CommitData
from tests.fakes.identities import Person

ALICE = Person("alice")


def test_no_lists_are_no_bytes() -> None:
    assert CommitData().encode() == b""
    assert CommitData.decode(b"") == CommitData()


def test_lists_come_back() -> None:
    data = CommitData(((ALICE.account_id, ALICE.device_list.encoded), (Person("bob").account_id, b"another")))
    assert CommitData.decode(data.encode()) == data


@pytest.mark.parametrize(
    "make",
    [
        lambda: CommitData(((bytes(31), b"x"),)),
        lambda: CommitData(((bytes(32), b""),)),
        lambda: CommitData(((bytes(32), bytes(LARGEST_LIST + 1)),)),
        lambda: CommitData(((bytes(32), b"x"), (bytes(32), b"y"))),
        lambda: CommitData(tuple((n.to_bytes(32), b"x") for n in range(MOST_LISTS + 1))),
    ],
)
def test_data_that_break_their_rule_cannot_be_made(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        make()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\0\2\0", "newer_version"),
        (b"\0\1\0", "malformed"),
        (b"\0\1", "malformed"),
        (b"\0\1\0\0", "malformed"),
        (b"\0\1\x21" + bytes(33), "malformed"),
    ],
)
def test_broken_data_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        CommitData.decode(data)
    assert caught.value.code == code
