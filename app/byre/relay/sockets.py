"""All open connections of a relay: how many there may be, who has to show what they are, one heartbeat for all of them.

```
 accepted ─▶ door (no head yet) ─┬─▶ /r receive socket ─ AUTH ─▶ open       "unproven" until then: the oldest makes
                                 ├─▶ /s send socket ─────────────▶ open      room when there are too many
                                 └─▶ HTTP (blobs, health)
```
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from byre.relay.addresses import Addresses, counted_address
from byre.relay.send_socket import SendSocket
from byre.relay.services import Services
from byre.relay.socket import CLOSE_RESTART, CLOSE_S, RelaySocket
from byre.wire.frames import WIRE_VERSION, Drain, Hello, encode_frame

LEAVE_S: Final = CLOSE_S + 0.5


class Unproven(Protocol):
    """A connection that has not shown yet what it is."""

    def abort(self) -> None:
        """Cut it."""

    def beat(self, now_s: float) -> None:
        """Cut it if its time is up."""


class Sockets:
    """The connections of one relay.

    Args:
        trusts_proxy: clients are counted by X-Forwarded-For, loopback included.
    """

    def __init__(self, services: Services, *, trusts_proxy: bool) -> None:
        self.services = services
        self.trusts_proxy = trusts_proxy
        self.addresses = Addresses(services.limits, services.clock)
        self.is_draining = False
        self._open: set[RelaySocket] = set()
        self._unproven: dict[Unproven, None] = {}
        self._connections = 0
        self._all_gone = asyncio.Event()
        self._all_gone.set()

    def __len__(self) -> int:
        return len(self._open)

    # --- connections --------------------------------------------------------------------------------------------

    def enter(self) -> bool:
        """Count a connection that was accepted; False when there are too many."""
        if self._connections >= self.services.limits.sockets:
            self.services.counters.count("rate_fail")
            return False
        self._connections += 1
        return True

    def leave(self) -> None:
        """Count a connection that is gone."""
        self._connections -= 1

    def connections_now(self) -> int:
        """Return how many connections are open."""
        return self._connections

    def waiting_now(self) -> int:
        """Return how many connections have not shown what they are."""
        return len(self._unproven)

    def note_unproven(self, connection: Unproven) -> None:
        """A connection has to show what it is; when too many have to, the one that waits longest is cut."""
        self._unproven[connection] = None
        if len(self._unproven) > self.services.limits.unproven_sockets:
            oldest = next(iter(self._unproven))
            del self._unproven[oldest]
            self.services.counters.count("unproven_cut")
            oldest.abort()

    def note_proven(self, connection: Unproven) -> None:
        """It showed what it is, or is gone."""
        self._unproven.pop(connection, None)

    def add(self, socket: RelaySocket) -> None:
        """A WebSocket was opened."""
        self._open.add(socket)
        self._all_gone.clear()

    def discard(self, socket: RelaySocket) -> None:
        """A WebSocket is gone."""
        self._open.discard(socket)
        if not self._open:
            self._all_gone.set()

    def hello(self, nonce: bytes) -> bytes:
        """Return the first frame of a socket."""
        services = self.services
        return encode_frame(
            Hello(
                version=WIRE_VERSION,
                relay_id=services.relay_id,
                nonce=nonce,
                time_ms=services.expiry.now_ms(),
                store_epoch=services.delivery.store_epoch,
                durability=services.durability,
                limits=services.limits.announced(),
            )
        )

    def address_of(self, remote: str | None, forwarded_for: str) -> str | None:
        """Return the address by which a client is counted, None for one that limits skip."""
        if self.trusts_proxy:
            remote = forwarded_for.rpartition(",")[2].strip() or remote
        return counted_address(remote, trusts_proxy=self.trusts_proxy)

    # --- life ---------------------------------------------------------------------------------------------------

    def beat(self) -> None:
        """Once a second: deadlines and heartbeats of all connections."""
        now_s = self.services.clock.monotonic_s()
        for waiting in list(self._unproven):
            waiting.beat(now_s)
        for socket in list(self._open):
            socket.beat(now_s)

    def announce_drain(self) -> None:
        """Take no new sockets; tell every open one when to come back."""
        self.is_draining = True
        for socket in list(self._open):
            self._tell_drain(socket)

    def renew_senders(self) -> None:
        """Let every sender come again, soon and not all at once: HELLO has news for them."""
        for socket in list(self._open):
            if isinstance(socket, SendSocket):
                self._tell_drain(socket)
                socket.close_soon(CLOSE_RESTART)

    def _tell_drain(self, socket: RelaySocket) -> None:
        services = self.services
        socket.push(Drain(int.from_bytes(services.random(2)) * services.limits.drain_jitter_ms >> 16))

    def close_all(self) -> None:
        """Close every socket once what is queued for it is written."""
        for socket in list(self._open):
            socket.close_soon(CLOSE_RESTART)

    async def gone(self) -> None:
        """Return when every connection is gone; who does not go by himself is cut off."""
        try:
            async with asyncio.timeout(LEAVE_S):
                await self._all_gone.wait()
        except TimeoutError:
            for socket in list(self._open):
                socket.abort()
            await self._all_gone.wait()
        for connection in list(self._unproven):
            connection.abort()


Http = Callable[[], asyncio.Protocol]
"""Makes what serves one connection of ordinary HTTP requests."""
