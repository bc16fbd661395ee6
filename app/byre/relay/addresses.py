"""Limits per network address: open sockets and handshakes. Addresses live in memory only while a socket is open or a
rate recovers; they are never logged or stored. An IPv6 client counts by its /64.
"""

from __future__ import annotations

import ipaddress
from collections import Counter

from byre.relay.clock import Clock
from byre.relay.rates import Rates
from byre.relay.settings import Limits


def counted_address(remote: str | None, *, trusts_proxy: bool) -> str | None:
    """Return the address that limits count by; None for one that they skip (loopback without a trusted proxy)."""
    try:
        address = ipaddress.ip_address((remote or "").partition("%")[0])
    except ValueError:
        return None
    if address.is_loopback and not trusts_proxy:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


class Addresses:
    """Who has how many sockets."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._most = limits.sockets_per_address
        self._handshakes = Rates(limits.handshake_burst, limits.handshakes_per_s, clock.monotonic_s)
        self._open: Counter[str] = Counter()

    def enter(self, address: str | None) -> bool:
        """Count a new socket; False when it may not be opened."""
        if address is None:
            return True
        if self._open[address] >= self._most or self._handshakes.take(address):
            return False
        self._open[address] += 1
        return True

    def leave(self, address: str | None) -> None:
        """Count a socket that is closed."""
        if address is not None:
            self._open[address] -= 1
            if self._open[address] <= 0:
                del self._open[address]
