"""The send socket /s: nobody says who they are. Messages by delivery token, packages by introduction token, room heads
by claim key, the directory, rendezvous.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from byre.errors import EnvironmentFault, PeerError
from byre.relay.rates import Rate
from byre.relay.refusal import Refusal
from byre.relay.requests import Requests
from byre.relay.services import Services
from byre.relay.socket import RelaySocket, refusal_of
from byre.wire.frames import (
    RECORD_ACCOUNT,
    Claim,
    DirectoryGet,
    DirectoryPut,
    Done,
    Frame,
    GetCommit,
    HeadCreate,
    KeyPackageGiven,
    KeyPackageTake,
    RendezvousFound,
    RendezvousGet,
    RendezvousPut,
    Send,
)


class SendSocket(RelaySocket):
    """One anonymous socket.

    Args:
        address: the client's, for the limit on new records; never stored or logged.
    """

    def __init__(
        self, websocket: web.WebSocketResponse, services: Services, *, abort: Callable[[], None], address: str | None
    ) -> None:
        super().__init__(websocket, abort=abort, limits=services.limits, counters=services.counters)
        self._services = services
        self._address = address
        self._rate = Rate(services.limits.socket_burst, services.limits.socket_per_s, services.clock.monotonic_s())
        heads = services.heads
        self._requests = Requests(
            self,
            {
                KeyPackageTake: self._take_package,
                DirectoryPut: self._put_record,
                DirectoryGet: services.directory.get,
                HeadCreate: self._create_head,
                Claim: heads.claim,
                GetCommit: heads.get,
                RendezvousPut: self._put_blob,
                RendezvousGet: self._get_blob,
            },
            limits=services.limits,
            counters=services.counters,
            clock=services.clock,
            tasks=services.tasks,
        )

    async def handle(self, frame: Frame) -> None:
        """Act on one frame."""
        if isinstance(frame, Send):
            await self._send(frame)
        elif not self._requests.start(frame):
            self.misplaced()

    def closed(self) -> None:
        """End the waits."""
        self._requests.stop()

    async def _send(self, frame: Send) -> None:
        now_s = self._services.clock.monotonic_s()
        if not self._rate.take(now_s):
            self._counters.count("rate_fail")
            self.push(Refusal("rate", retry_after_ms=self._rate.wait_ms()).frame(frame.mid))
            return
        arrived_s = asyncio.get_running_loop().time()
        try:
            await self._services.delivery.send(frame, self)
        except (PeerError, EnvironmentFault) as error:
            refusal = refusal_of(error)
            if refusal.code == "token":
                self._refuse_later(refusal, frame.mid, arrived_s)
            else:
                self.push(refusal.frame(frame.mid))

    def _refuse_later(self, refusal: Refusal, subject: bytes, arrived_s: float) -> None:
        # at the same time after its arrival whether the mailbox, the token or both are unknown, cached or not
        at_s = arrived_s + self._services.limits.refusal_delay_ms / 1000
        asyncio.get_running_loop().call_at(at_s, self.push, refusal.frame(subject))

    def _count_record(self) -> None:
        """Count what lies on the disk for long and needs no authorisation, per network address."""
        wait_ms = self._services.new_records.take(self._address) if self._address is not None else 0
        if wait_ms:
            self._counters.count("rate_fail")
            raise Refusal("rate", retry_after_ms=wait_ms)

    async def _take_package(self, frame: KeyPackageTake) -> Frame:
        services = self._services
        loop = asyncio.get_running_loop()
        arrived_s = loop.time()
        try:
            lane = await services.mailboxes.lane(frame.mailbox)
            given = await services.key_packages.take(lane, frame.token, frame.req_id)
        except Refusal as refusal:
            if refusal.code == "token":
                await asyncio.sleep(max(0.0, arrived_s + services.limits.refusal_delay_ms / 1000 - loop.time()))
            raise
        if given.count is not None and lane is not None and lane.socket is not None:
            lane.socket.push(given.count)
        return KeyPackageGiven(frame.req_id, given.package, given.is_last_resort)

    async def _put_record(self, frame: DirectoryPut) -> Frame:
        if frame.kind != RECORD_ACCOUNT:
            raise Refusal("auth")
        self._count_record()
        await self._services.directory.put_account(frame.record, frame.recovery_file)
        return Done(frame.req_id)

    async def _create_head(self, frame: HeadCreate) -> Frame:
        self._count_record()
        await self._services.heads.create(frame)
        return Done(frame.req_id)

    async def _put_blob(self, frame: RendezvousPut) -> Frame:
        if frame.slot == 1:
            self._count_record()
        await self._services.rendezvous.put(frame.rendezvous, frame.slot, frame.blob)
        return Done(frame.req_id)

    async def _get_blob(self, frame: RendezvousGet) -> Frame:
        blob = await self._services.rendezvous.get(frame.rendezvous, frame.slot, frame.wait_ms / 1000)
        return RendezvousFound(frame.req_id, blob)
