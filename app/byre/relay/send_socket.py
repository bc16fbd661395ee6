"""The send socket /s: nobody says who they are. Messages by delivery token, packages by introduction token, room heads
by claim key, the directory, rendezvous.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final

from byre.errors import EnvironmentFault
from byre.relay.lane import Lane
from byre.relay.rates import PAUSE_S, Rate
from byre.relay.refusal import Refusal, refusal_of
from byre.relay.requests import Handler, Requests
from byre.relay.services import Services
from byre.relay.socket import RelaySocket
from byre.relay.websocket import data_header
from byre.wire.frames import (
    MAX_BODY_BYTES,
    RECORD_ACCOUNT,
    Claim,
    DirectoryGet,
    DirectoryPut,
    Done,
    Err,
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
from byre.wire.frames_quick import ACKED, RELAYED, stored

_RELAYED: Final = data_header(len(RELAYED) + 16) + RELAYED
_STORED: Final = data_header(len(stored(bytes(16), bytes(16))))
_ACKED: Final = data_header(len(ACKED) + 16) + ACKED


class SendSocket(RelaySocket):
    """One anonymous socket.

    Args:
        address: the client's, for the limit on new records; never stored or logged.
    """

    __slots__ = ("_address", "_moment", "_rate", "_requests", "_unanswered", "_unanswered_bytes")

    def __init__(
        self,
        transport: asyncio.Transport,
        services: Services,
        *,
        on_lost: Callable[[RelaySocket], None],
        address: str | None,
    ) -> None:
        super().__init__(transport, services, on_lost=on_lost)
        self._address = address
        self._moment: tuple[float, int] | None = None
        """Monotonic and expiry time of what is being read: the clocks are asked once for many messages."""
        limits = services.limits
        self._rate = Rate(limits.socket_burst, limits.socket_per_s, services.clock.monotonic_s(), PAUSE_S)
        self._requests: Requests | None = None
        self._unanswered: dict[bytes, int] = {}
        self._unanswered_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Take what the client sent."""
        self._moment = self._now()
        super().data_received(data)
        self._moment = None

    def handle(self, frame: Frame) -> Coroutine[None, None, None] | None:
        """Act on one frame."""
        if type(frame) is Send:
            return self._take_send(frame)
        handler = _HANDLERS.get(type(frame))
        if handler is None:
            self.take_ping(frame)
            return None
        if self._requests is None:
            self._requests = Requests(self, self.services)
        self._requests.start(handler, frame)
        return None

    def push(self, frame: Frame) -> None:
        """Queue a frame; note which message has its first answer."""
        if isinstance(frame, Err) and frame.subject is not None:
            self.release(frame.subject)
        super().push(frame)

    def relayed(self, mid: bytes) -> None:
        """Tell that a message was given to its recipient."""
        self.release(mid)
        self._queue(_RELAYED + mid)

    def acked(self, mid: bytes) -> None:
        """Tell that a message's recipient has it."""
        self.release(mid)
        self._queue(_ACKED + mid)

    def stored(self, mid: bytes, store_epoch: bytes) -> None:
        """Tell that a message is on the disk."""
        self.release(mid)
        self._queue(_STORED + stored(mid, store_epoch))

    def release(self, mid: bytes) -> None:
        """A message has its first answer, or another socket is told of it from now on."""
        size_bytes = self._unanswered.pop(mid, 0)
        if size_bytes:
            self._unanswered_bytes -= size_bytes

    def closed(self) -> None:
        """End the waits."""
        if self._requests is not None:
            self._requests.stop()

    def _take_send(self, frame: Send) -> Coroutine[None, None, None] | None:
        services = self.services
        moment = self._moment or self._now()
        if not self._rate.take(moment[0]):
            self._counters.count("rate_fail")
            self.push(Refusal("rate", retry_after_ms=self._rate.wait_ms()).frame(frame.mid))
            return None
        size_bytes = len(frame.body)
        if frame.mid not in self._unanswered:
            if (
                len(self._unanswered) >= 2 * self._limits.window_frames
                or self._unanswered_bytes + size_bytes > 2 * self._limits.window_bytes
            ):  # twice what HELLO grants: a client's view of its window lags behind ours
                self.push(Refusal("busy", retry_after_ms=1000).frame(frame.mid))
                return None
            self._unanswered[frame.mid] = size_bytes
            self._unanswered_bytes += size_bytes
        lane = services.mailboxes.cached(frame.mailbox)
        if lane is None:
            return self._send_uncached(frame)
        self._send(lane, frame, moment)
        return None

    async def _send_uncached(self, frame: Send) -> None:
        arrived_s = self._loop.time()
        try:
            lane = await self.services.mailboxes.lane(frame.mailbox)
        except EnvironmentFault as fault:
            self.push(refusal_of(fault).frame(frame.mid))
            return
        self._send(lane, frame, self._now(), arrived_s)

    def _now(self) -> tuple[float, int]:
        return self.services.clock.monotonic_s(), self.services.expiry.now_ms()

    def _send(self, lane: Lane | None, frame: Send, moment: tuple[float, int], arrived_s: float | None = None) -> None:
        try:
            self.services.delivery.take(lane, frame, self, moment)
        except Refusal as refusal:
            if refusal.code == "token":
                self._refuse_later(refusal, frame.mid, arrived_s)
            else:
                self.push(refusal.frame(frame.mid))

    def _refuse_later(self, refusal: Refusal, subject: bytes, arrived_s: float | None) -> None:
        # at the same time after its arrival whether the mailbox, the token or both are unknown, cached or not
        at_s = (arrived_s or self._loop.time()) + self._limits.refusal_delay_ms / 1000
        self._loop.call_at(at_s, self.push, refusal.frame(subject))

    def _check_disk(self) -> None:
        """Refuse what would lie on a nearly full disk for long."""
        if not self.services.has_disk_for_mailboxes():
            self._counters.count("disk_fail")
            raise Refusal("disk", retry_after_ms=60_000)

    async def _take_package(self, frame: KeyPackageTake) -> Frame:
        services = self.services
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
        self.services.count_record(self._address)
        await self.services.directory.put_account(frame.record, frame.recovery_file)
        return Done(frame.req_id)

    async def _create_head(self, frame: HeadCreate) -> Frame:
        self._check_disk()
        self.services.count_record(self._address)
        await self.services.heads.create(frame)
        return Done(frame.req_id)

    async def _claim(self, frame: Claim) -> Frame:
        if len(frame.body) > MAX_BODY_BYTES:
            raise Refusal("size")
        self.services.count_commit(self._address, len(frame.body))
        return await self.services.heads.claim(frame)

    async def _put_blob(self, frame: RendezvousPut) -> Frame:
        if frame.slot == 1:
            self._check_disk()
            self.services.count_record(self._address)
        await self.services.rendezvous.put(frame.rendezvous, frame.slot, frame.blob)
        return Done(frame.req_id)

    async def _get_blob(self, frame: RendezvousGet) -> Frame:
        blob = await self.services.rendezvous.get(frame.rendezvous, frame.slot, frame.wait_ms / 1000)
        return RendezvousFound(frame.req_id, blob)


_HANDLERS: Final[dict[type[Frame], Handler]] = {
    KeyPackageTake: SendSocket._take_package,
    DirectoryPut: SendSocket._put_record,
    DirectoryGet: lambda socket, frame: socket.services.directory.get(frame),
    HeadCreate: SendSocket._create_head,
    Claim: SendSocket._claim,
    GetCommit: lambda socket, frame: socket.services.heads.get(frame),
    RendezvousPut: SendSocket._put_blob,
    RendezvousGet: SendSocket._get_blob,
}
