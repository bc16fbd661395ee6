"""Leaf extension 0xF0B1."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from byre.errors import PeerError, UsageError
from byre.identity.leaf import MOST_KINDS, DeliveryAddress, LeafInfo
from byre.wire.content_bodies import CONTENT_KINDS
from tests.fakes.identities import Person

INFO = Person("alice").primary.info()


def test_a_leaf_says_how_to_reach_its_device() -> None:
    assert LeafInfo.decode(INFO.encode()) == INFO
    assert INFO.content_kinds == CONTENT_KINDS


def test_kinds_of_a_newer_version_are_read() -> None:
    newer = replace(INFO, content_kinds=("poll", "text"), highest_policy_version=3)
    assert LeafInfo.decode(newer.encode()) == newer


@pytest.mark.parametrize(
    "make",
    [
        lambda: replace(INFO, highest_policy_version=0),
        lambda: replace(INFO, content_kinds=("b", "a")),
        lambda: replace(INFO, content_kinds=("a", "a")),
        lambda: replace(INFO, content_kinds=("a\n",)),
        lambda: replace(INFO, content_kinds=("x" * 65,)),
        lambda: replace(INFO, content_kinds=tuple(f"{n:03}" for n in range(MOST_KINDS + 1))),
        lambda: replace(INFO.address, token=bytes(31)),
        lambda: replace(INFO.address, mailbox_key=bytes(31)),
        lambda: replace(INFO.address, mailbox_id=bytes(15)),
    ],
)
def test_a_leaf_that_breaks_its_rule_cannot_be_made(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        make()


def spelled(url: str) -> bytes:
    address = INFO.address
    return LeafInfo(DeliveryAddress(url, address.mailbox_id, address.mailbox_key, address.token)).encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\0\2", "newer_version"),
        (spelled("https://Relay.example"), "malformed"),
        (spelled("gopher://relay"), "bad_relay_url"),
        (INFO.encode() + b"\0", "malformed"),
        (INFO.encode().replace(b"\x04back", b"\x04\xff\xff\xff\xff"), "malformed"),
    ],
)
def test_a_broken_extension_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        LeafInfo.decode(data)
    assert caught.value.code == code


def test_the_token_does_not_print() -> None:
    assert repr(INFO.address.token) not in repr(INFO)
