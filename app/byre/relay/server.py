"""A relay: its parts put together, and its life from open to drained.

```
 open ──▶ serving ──(SIGTERM)──▶ draining: readyz 503, no new sockets, DRAIN to all, all to the store ──▶ closed
```
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from aiohttp import web

from byre.errors import ByreError, EnvironmentFault
from byre.relay.blob_requests import BlobRequests
from byre.relay.clock import Clock
from byre.relay.composition import Parts, open_parts
from byre.relay.disk import DataDirectory
from byre.relay.door import Door
from byre.relay.http_head import upgrade_in
from byre.relay.report import totals
from byre.relay.settings import CLEAN_S, Limits
from byre.relay.sockets import Http, Sockets

log = logging.getLogger(__name__)

PROBE_S: Final = 5.0


class Relay:
    """One relay over one data directory. Build with `open`, end with `close`."""

    def __init__(self, parts: Parts, *, directory: DataDirectory, trusts_proxy: bool) -> None:
        services, store = parts.services, parts.store
        self.services = services
        self._directory = directory
        self._durable = parts.durable
        self._store = store
        self._store_epoch_after_loss = parts.store_epoch_after_loss
        store.healing.on_loss = self._note_loss
        self._probed_s = float("-inf")
        self._noted_writes = 0
        self.sockets = Sockets(services, trusts_proxy=trusts_proxy)
        self._blob_requests = BlobRequests(
            services, address_of=self._address_of, is_draining=lambda: self.sockets.is_draining
        )
        counters = services.counters
        counters.gauge("held_now", "messages held", store.held_now)
        counters.gauge("bodies_now", "commit bodies kept", store.bodies_now)
        counters.gauge("blobs_now", "blobs held", services.blobs.count_now)
        counters.gauge("blob_bytes_now", "bytes of the blobs held", services.blobs.bytes_now)
        counters.gauge("blob_transfers_now", "transfers of blobs under way", self._blob_requests.transfers_now)
        counters.gauge("oldest_age_s", "age of the oldest span of messages held", store.oldest_age_s)
        counters.gauge("sockets_now", "open sockets", lambda: len(self.sockets))
        counters.gauge("clock_jumps", "wall clock jumps that were not believed", lambda: services.expiry.jumps)
        counters.gauge("drain_state", "1 while the relay is going down", lambda: int(self.sockets.is_draining))
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
        is_in_ram: bool = False,
    ) -> Relay:
        """Open (or, in an empty directory, found) a relay.

        Args:
            origins: canonical base URLs by which clients dial it.
            is_in_ram: held messages lie in memory only (durability ram).

        Raises:
            EnvironmentFault: the data directory is in use, damaged or unusable; nothing in it was changed.
        """
        directory = DataDirectory(path, clock)
        try:
            parts = await open_parts(
                directory, origins=origins, limits=limits, clock=clock, random=random, is_in_ram=is_in_ram
            )
        except BaseException:
            directory.unlock()
            raise
        return cls(parts, directory=directory, trusts_proxy=trusts_proxy)

    # --- connections --------------------------------------------------------------------------------------------

    def door(self, http: Http) -> Door:
        """Return what takes a new connection; `http` serves what is no WebSocket."""
        return Door(self.sockets, http)

    def application(self) -> web.Application:
        """Return what serves ordinary requests: /b, /healthz, and WebSockets on connections used before."""
        application = web.Application()
        application.add_routes(self._blob_requests.routes())
        application.on_response_prepare.append(_nameless)
        application.router.add_get("/healthz", _healthz)
        application.router.add_get("/r", _open_late)
        application.router.add_get("/s", _open_late)
        return application

    def _address_of(self, request: web.Request) -> str | None:
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", ()))
        return self.sockets.address_of(request.remote, forwarded)

    # --- life ---------------------------------------------------------------------------------------------------

    async def not_ready(self) -> list[str]:
        """Return why this relay should get no new clients: "drain", "disk", "store", "clock"; nothing when it may."""
        services = self.services
        reasons = ["drain"] if self.sockets.is_draining else []
        if self._directory.free_percent() < services.limits.free_disk_store_percent:
            reasons.append("disk")
        elif self._store.healing.is_needed or not await self._can_store():
            reasons.append("store")
        if services.expiry.is_off():
            reasons.append("clock")
        return reasons

    async def _can_store(self) -> bool:
        """Write something that is synced, at most every few seconds however often it is asked."""
        now_s = self.services.clock.monotonic_s()
        if now_s - self._probed_s >= PROBE_S:
            try:
                await self._durable.set_setting("probed_ms", self.services.expiry.now_ms())
            except ByreError:
                return False
            self._probed_s = now_s
        return True

    async def report(self) -> dict[str, int]:
        """Return how much of what lies here, in totals."""
        counts = await self._durable.read(totals)
        return {**counts, "held_messages": self._store.held_now(), "commit_bodies": self._store.bodies_now()}

    async def expire(self) -> None:
        """Delete everything that is past its end of life."""
        services = self.services
        for mailbox, mid in await self._store.expire():
            lane = services.mailboxes.cached(mailbox)
            if lane is not None:
                services.delivery.forget_expired(lane, mid)
        await services.heads.expire()
        await services.rendezvous.expire()
        await services.blobs.expire()
        services.key_packages.forget_repeats()
        await services.mailboxes.clean()
        await self._note_time()

    def _note_loss(self, bucket: int, saved: frozenset[bytes]) -> None:
        """Something that was held is lost: forget it, and let senders know by a new store epoch, as after a restart."""
        services = self.services
        services.delivery.store_epoch = self._store_epoch_after_loss()
        services.delivery.forget_lost(services.mailboxes.lanes(), bucket, saved)
        self.sockets.renew_senders()

    async def _note_time(self) -> None:
        """Keep the time of now with the data, so that it never goes back over a kill: only when something was written,
        for passing messages on must not touch the disk."""
        counts = self.services.counters.snapshot()
        writes = counts["commits"] + counts["expired"] + counts["checkpoints"]
        if writes != self._noted_writes:
            self._noted_writes = writes
            await self._durable.set_setting("last_seen_ms", self.services.expiry.now_ms())

    async def drain(self) -> None:
        """Stop taking anything new, get live messages onto the disk, tell the clients and close them."""
        if self.sockets.is_draining:
            return
        services = self.services
        self.sockets.announce_drain()
        services.delivery.settle_all(services.mailboxes.lanes())
        try:
            await asyncio.wait_for(self._store.flush(), services.limits.drain_s)
            await self._store.erase_residue()
        except TimeoutError:
            log.warning("the store did not take everything in time")
        except EnvironmentFault:  # a full disk: the next start truncates the logs
            pass
        self.sockets.close_all()

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
            if seconds % CLEAN_S == 0:  # at once, too: this relay may have been away for days
                try:
                    await self.expire()
                except EnvironmentFault as fault:
                    log.error("cleaning failed: %s", fault.code)
            await asyncio.sleep(1)
            self.sockets.beat()
            self.services.delivery.tick()
            seconds += 1


async def _nameless(request: web.Request, response: web.StreamResponse) -> None:
    """Say nothing about the versions of what answers."""
    response.headers["Server"] = "byre"


async def _healthz(request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _open_late(request: web.Request) -> web.StreamResponse:
    """Open a WebSocket on a connection that served ordinary requests before, as pools of connections do."""
    door = request.transport.get_protocol() if request.transport is not None else None
    lines = [b": ".join(pair) for pair in request.raw_headers]
    upgrade = upgrade_in(b"\r\n".join([b"GET %s HTTP/1.1" % request.path.encode(), *lines]))
    if upgrade is None or not isinstance(door, Door):
        raise web.HTTPUpgradeRequired(headers={"Upgrade": "websocket"})
    await door.open_late(upgrade)
    return web.Response()  # nobody is there any more: this only ends the library's own loop
