"""A relay: its parts put together, its life from open to drained, and its WebSocket addresses /r and /s.

```
 open ──▶ serving ──(SIGTERM)──▶ draining: readyz 503, no new sockets, DRAIN to all, all to the store ──▶ closed
```
"""

from __future__ import annotations

import asyncio
import logging
import socket as sockets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from aiohttp import web

from byre.errors import ByreError, EnvironmentFault
from byre.relay.addresses import Addresses, counted_address
from byre.relay.clock import Clock
from byre.relay.composition import Parts, open_parts
from byre.relay.disk import DataDirectory
from byre.relay.receive_socket import ReceiveSocket
from byre.relay.send_socket import SendSocket
from byre.relay.settings import Limits
from byre.relay.socket import CLOSE_RESTART, RelaySocket
from byre.wire.frames import (
    DURABILITY_DISK,
    MAX_FRAME_BYTES,
    SUBPROTOCOL,
    WIRE_VERSION,
    Drain,
    Hello,
    encode_frame,
)

log = logging.getLogger(__name__)

CLEAN_S: Final = 60
CLOSE_S: Final = 2.0


class Relay:
    """One relay over one data directory. Build with `open`, end with `close`."""

    def __init__(self, parts: Parts, *, directory: DataDirectory, trusts_proxy: bool) -> None:
        services, store = parts.services, parts.store
        self.services = services
        self._directory = directory
        self._durable = parts.durable
        self._store = store
        self._trusts_proxy = trusts_proxy
        self._addresses = Addresses(services.limits, services.clock)
        self._open: set[RelaySocket] = set()
        self._is_draining = False
        counters = services.counters
        counters.gauge("held_now", "messages held", store.held_now)
        counters.gauge("bodies_now", "commit bodies kept", store.bodies_now)
        counters.gauge("sockets_now", "open sockets", lambda: len(self._open))
        counters.gauge("clock_jumps", "wall clock jumps that were not believed", lambda: services.expiry.jumps)
        counters.gauge("drain_state", "1 while the relay is going down", lambda: int(self._is_draining))
        services.tasks.spawn(store.run())
        services.tasks.spawn(self._keep_house())

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        origins: tuple[str, ...],
        limits: Limits,
        clock: Clock,
        random: Callable[[int], bytes],
        trusts_proxy: bool = False,
    ) -> Relay:
        """Open (or, in an empty directory, found) a relay.

        Args:
            origins: canonical base URLs by which clients dial it.

        Raises:
            EnvironmentFault: the data directory is in use, damaged or unusable; nothing in it was changed.
        """
        directory = DataDirectory(path, clock)
        try:
            parts = await open_parts(directory, origins=origins, limits=limits, clock=clock, random=random)
        except BaseException:
            directory.unlock()
            raise
        return cls(parts, directory=directory, trusts_proxy=trusts_proxy)

    # --- sockets ------------------------------------------------------------------------------------------------

    def application(self) -> web.Application:
        """Return what serves /r, /s and /healthz."""
        application = web.Application()
        application.router.add_get("/r", self._receive)
        application.router.add_get("/s", self._send)
        application.router.add_get("/healthz", _healthz)
        return application

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, is_receive=True)

    async def _send(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, is_receive=False)

    async def _serve(self, request: web.Request, *, is_receive: bool) -> web.StreamResponse:
        address = counted_address(self._remote(request), trusts_proxy=self._trusts_proxy)
        if self._is_draining:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"})
        if not self._addresses.enter(address):
            self.services.counters.count("rate_fail")
            raise web.HTTPTooManyRequests(headers={"Retry-After": "10"})
        try:
            # twice the frame: an oversized frame gets its ERR; beyond that the WebSocket itself is closed (1009)
            websocket = web.WebSocketResponse(
                protocols=(SUBPROTOCOL,),
                compress=False,
                max_msg_size=2 * MAX_FRAME_BYTES,
                heartbeat=self.services.limits.ping_s,
                timeout=CLOSE_S,
            )
            try:
                await websocket.prepare(request)
            except ValueError:  # a handshake key that is not even ASCII
                raise web.HTTPBadRequest from None
            _detect_dead_peer(request)
            transport = request.transport
            abort = transport.abort if transport is not None else _nothing
            nonce = self.services.random(32)
            await websocket.send_bytes(encode_frame(self._hello(nonce)))
            socket: RelaySocket
            if is_receive:
                socket = ReceiveSocket(websocket, self.services, abort=abort, nonce=nonce, address=address)
            else:
                socket = SendSocket(websocket, self.services, abort=abort, address=address)
            self._open.add(socket)
            try:
                await socket.serve()
            finally:
                self._open.discard(socket)
            return websocket
        finally:
            self._addresses.leave(address)

    def _remote(self, request: web.Request) -> str | None:
        if self._trusts_proxy:
            forwarded = request.headers.get("X-Forwarded-For", "")
            return forwarded.rpartition(",")[2].strip() or request.remote
        return request.remote

    def _hello(self, nonce: bytes) -> Hello:
        return Hello(
            version=WIRE_VERSION,
            relay_id=self.services.relay_id,
            nonce=nonce,
            time_ms=self.services.expiry.now_ms(),
            store_epoch=self.services.store_epoch,
            durability=DURABILITY_DISK,
            limits=self.services.limits.announced(),
        )

    # --- life ---------------------------------------------------------------------------------------------------

    async def is_ready(self) -> bool:
        """Tell whether this relay can store: a write that is synced, and disk to spare."""
        if self._is_draining or self._directory.free_percent() < self.services.limits.free_disk_store_percent:
            return False
        try:
            await self._durable.set_setting("probed_ms", self.services.expiry.now_ms())
        except ByreError:
            return False
        return True

    async def expire(self) -> None:
        """Delete everything that is past its end of life."""
        services = self.services
        for mailbox, mid in await self._store.expire():
            lane = services.mailboxes.cached(mailbox)
            if lane is not None:
                services.delivery.forget_expired(lane, mid)
        await services.heads.expire()
        await services.rendezvous.expire()
        await services.mailboxes.clean()

    async def drain(self) -> None:
        """Stop taking anything new, get live messages onto the disk, tell the clients and close them."""
        if self._is_draining:
            return
        self._is_draining = True
        services = self.services
        for socket in list(self._open):
            jitter_ms = int.from_bytes(services.random(2)) * services.limits.drain_jitter_ms >> 16
            socket.push(Drain(jitter_ms))
        services.delivery.settle_all(services.mailboxes.lanes())
        try:
            await asyncio.wait_for(self._store.flush(), services.limits.drain_s)
        except TimeoutError:
            log.warning("the store did not take everything in time")
        for socket in list(self._open):
            socket.close_soon(CLOSE_RESTART)

    async def close(self) -> None:
        """Drain, then close the files and unlock the directory."""
        await self.drain()
        try:
            await self._durable.set_setting("last_seen_ms", self.services.expiry.now_ms())
        except EnvironmentFault:  # a full disk must not keep a relay from going down
            pass
        try:
            await asyncio.wait_for(self._store.flush(), self.services.limits.drain_s)
        except TimeoutError:
            log.warning("the store did not take everything in time")
        await self.services.tasks.stop()
        await self._store.close()
        await self._durable.close()
        self._directory.unlock()

    async def _keep_house(self) -> None:
        seconds = 0
        while True:
            await asyncio.sleep(1)
            self.services.delivery.tick()
            seconds += 1
            if seconds % CLEAN_S == 0:
                try:
                    await self.expire()
                except EnvironmentFault as fault:
                    log.error("cleaning failed: %s", fault.code)


def _nothing() -> None:
    """Cut a connection that is already gone."""


async def _healthz(request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


def _detect_dead_peer(request: web.Request) -> None:
    raw = request.transport.get_extra_info("socket") if request.transport is not None else None
    if raw is not None and hasattr(sockets, "TCP_USER_TIMEOUT"):
        try:
            raw.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_USER_TIMEOUT, 30_000)
        except OSError:  # not every transport is TCP
            pass
