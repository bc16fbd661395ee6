"""Addresses: counted by network, skipped on loopback, forgotten when closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.relay.addresses import Addresses, counted_address
from byre.relay.settings import Limits
from tests.fakes.relay import RelayClock


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("127.0.0.1", None),
        ("::1", None),
        ("", None),
        (None, None),
        ("not an address", None),
    ],
)
def test_what_limits_count_by(remote: str | None, expected: str | None) -> None:
    assert counted_address(remote, trusts_proxy=False) == expected


def test_behind_a_proxy_loopback_counts_too() -> None:
    assert counted_address("127.0.0.1", trusts_proxy=True) == "127.0.0.1"


def test_sockets_are_limited_and_given_back() -> None:
    addresses = Addresses(replace(Limits(), sockets_per_address=2, handshake_burst=10), RelayClock())
    assert addresses.enter("a")
    assert addresses.enter("a")
    assert not addresses.enter("a")
    assert addresses.enter("b")
    addresses.leave("a")
    assert addresses.enter("a")
    assert all(addresses.enter(None) for _ in range(100))
    addresses.leave(None)


def test_handshakes_have_a_rate() -> None:
    clock = RelayClock()
    addresses = Addresses(replace(Limits(), handshake_burst=1, handshakes_per_s=1), clock)
    assert addresses.enter("a")
    assert not addresses.enter("a")
    clock.advance(2)
    assert addresses.enter("a")
