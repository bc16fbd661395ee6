"""The door: every accepted connection, until it is clear what it wants.

```
 accepted ─▶ head complete within head_deadline_s and head_bytes? ─┬─ no ──▶ cut
                                                                   ├─ GET /r, /s with Upgrade ─▶ a WebSocket of ours
                                                                   └─ anything else ─▶ HTTP library, byte for byte
```
The library has no deadline for a request that never ends and spends a task on each connection; the door spends a few
hundred bytes. A connection that served ordinary requests may still become a WebSocket (`open_late`): the library reads
that request, so that bytes of a body are never taken for one.
"""

from __future__ import annotations

import asyncio
from typing import Final, cast

from byre.relay.http_head import END, Upgrade, refusing, switching, upgrade_in
from byre.relay.receive_socket import ReceiveSocket
from byre.relay.send_socket import SendSocket
from byre.relay.socket import RelaySocket
from byre.relay.sockets import Http, Sockets
from byre.relay.websocket import data_header
from byre.wire.frames import SUBPROTOCOL, Err, encode_frame

PATHS: Final = frozenset({"/r", "/s"})


class Door(asyncio.Protocol):
    """One connection; `http` takes over what is no WebSocket."""

    __slots__ = (
        "_address",
        "_deadline_s",
        "_head",
        "_http",
        "_is_counted",
        "_is_gone",
        "_is_in",
        "_sockets",
        "_transport",
    )

    def __init__(self, sockets: Sockets, http: Http) -> None:
        self._sockets = sockets
        self._http: Http | asyncio.Protocol = http
        self._head = b""
        self._address: str | None = None
        self._is_counted = False
        self._is_in = False
        self._is_gone: asyncio.Event | None = None
        self._deadline_s = 0.0
        self._transport: asyncio.Transport | None = None

    # --- while nothing is known ---------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection; it has some seconds to say what it wants."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        if not self._sockets.enter():
            self._transport.abort()
            return
        self._is_in = True
        services = self._sockets.services
        self._deadline_s = services.clock.monotonic_s() + services.limits.head_deadline_s
        self._sockets.note_unproven(self)

    def data_received(self, data: bytes) -> None:
        """Gather the head; later, hand on to HTTP."""
        if isinstance(self._http, asyncio.Protocol):
            self._http.data_received(data)
            return
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        searched = max(0, len(self._head) - len(END) + 1)
        self._head += data
        at = self._head.find(END, searched)
        if at < 0:
            if len(self._head) > self._sockets.services.limits.head_bytes:
                self._refuse("431 Request Header Fields Too Large")
            return
        self._sockets.note_proven(self)
        upgrade = upgrade_in(self._head[:at])
        if upgrade is None:
            self._open_http(transport, self._http)
        else:
            self._open_socket(transport, upgrade, self._head[at + len(END) :])

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def beat(self, now_s: float) -> None:
        """Cut a connection that does not say in time what it wants."""
        if now_s >= self._deadline_s:
            self._sockets.note_proven(self)
            self._sockets.services.counters.count("unproven_cut")
            self.abort()

    def eof_received(self) -> bool | None:
        """The client has said everything."""
        return self._http.eof_received() if isinstance(self._http, asyncio.Protocol) else False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._sockets.note_proven(self)
        if isinstance(self._http, asyncio.Protocol):
            self._http.connection_lost(exc)
        self._leave()

    # --- HTTP ---------------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """Hand on to HTTP."""
        if isinstance(self._http, asyncio.Protocol):
            self._http.pause_writing()

    def resume_writing(self) -> None:
        """Hand on to HTTP."""
        if isinstance(self._http, asyncio.Protocol):
            self._http.resume_writing()

    def _open_http(self, transport: asyncio.Transport, make: Http) -> None:
        # a proxy's connection carries many clients: there the requests are counted, not the connection
        if not self._sockets.trusts_proxy and not self._count(transport, ""):
            self._sockets.services.counters.count("rate_fail")
            self._refuse("429 Too Many Requests", retry_after_s=10)
            return
        head, self._head = self._head, b""
        self._http = make()
        self._http.connection_made(transport)
        self._http.data_received(head)

    # --- WebSockets ---------------------------------------------------------------------------------------------

    async def open_late(self, upgrade: Upgrade) -> None:
        """Open a WebSocket after ordinary requests on this connection; return when it is gone."""
        if self._transport is None:
            return
        self._is_gone = asyncio.Event()
        self._open_socket(self._transport, upgrade, b"")
        await self._is_gone.wait()

    def _open_socket(self, transport: asyncio.Transport, upgrade: Upgrade, rest: bytes) -> None:
        sockets = self._sockets
        services = sockets.services
        if upgrade.path not in PATHS:
            self._refuse("404 Not Found")
        elif upgrade.fault:
            self._refuse("400 Bad Request")
        elif upgrade.subprotocols and SUBPROTOCOL not in upgrade.subprotocols:
            self._refuse("400 Bad Request", encode_frame(Err("proto", 0, None)))
        elif sockets.is_draining:
            self._refuse("503 Service Unavailable", retry_after_s=5)
        elif not self._count(transport, upgrade.forwarded_for):
            services.counters.count("rate_fail")
            self._refuse("429 Too Many Requests", retry_after_s=10)
        else:
            nonce = services.random(32)
            socket = self._socket(transport, upgrade.path, nonce)
            sockets.add(socket)
            transport.set_protocol(socket)
            hello = sockets.hello(nonce)
            chosen = SUBPROTOCOL if upgrade.subprotocols else ""
            transport.write(switching(upgrade.accept, chosen) + data_header(len(hello)) + hello)
            self._head = b""
            self._transport = None
            if rest:
                socket.data_received(rest)

    def _socket(self, transport: asyncio.Transport, path: str, nonce: bytes) -> RelaySocket:
        sockets = self._sockets
        if path == "/s":
            return SendSocket(transport, sockets.services, on_lost=self._lost, address=self._address)
        socket = ReceiveSocket(
            transport,
            sockets.services,
            on_lost=self._lost,
            on_proven=sockets.note_proven,
            nonce=nonce,
            address=self._address,
        )
        sockets.note_unproven(socket)
        return socket

    def _count(self, transport: asyncio.Transport, forwarded_for: str) -> bool:
        if self._is_counted:
            return True
        peer = transport.get_extra_info("peername")
        remote = str(peer[0]) if isinstance(peer, tuple) and peer else None
        self._address = self._sockets.address_of(remote, forwarded_for)
        self._is_counted = self._sockets.addresses.enter(self._address)
        return self._is_counted

    def _lost(self, socket: RelaySocket) -> None:
        self._sockets.note_proven(socket)
        self._sockets.discard(socket)
        if isinstance(self._http, asyncio.Protocol):
            self._http.connection_lost(None)
        self._leave()

    def _leave(self) -> None:
        if self._is_counted:
            self._is_counted = False
            self._sockets.addresses.leave(self._address)
        if self._is_in:
            self._is_in = False
            self._sockets.leave()
        if self._is_gone is not None:
            self._is_gone.set()

    def _refuse(self, status: str, body: bytes = b"", *, retry_after_s: int = 0) -> None:
        self._sockets.note_proven(self)
        self._head = b""
        if self._transport is not None:
            self._transport.write(refusing(status, body, retry_after_s=retry_after_s))
            self._transport.close()
