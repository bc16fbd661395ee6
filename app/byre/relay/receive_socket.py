"""The receive socket /r: a device proves that mailboxes are its own and is given what waits for them.

```
 HELLO(nonce) ─▶   ◀─ AUTH / MBNEW signed over relay id, dialled origin, nonce, mailbox
 READY, MSG… ─▶    ◀─ ACK, CREDIT, TOKPUT, TOKDEL, KPPUT, DIRPUT (device record), MBDEL, DETACH
```
Nothing but AUTH and MBNEW is looked at before one of them succeeded, and that must happen soon. An unknown mailbox, a
wrong key and a wrong signature are the same refusal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from byre.errors import PeerError
from byre.identity.mailbox import verify_auth, verify_mbnew
from byre.relay.lane import Lane
from byre.relay.refusal import Refusal
from byre.relay.requests import Requests
from byre.relay.services import Services
from byre.relay.socket import RelaySocket
from byre.wire.frames import (
    RECORD_DEVICE,
    Ack,
    Auth,
    Credit,
    Detach,
    DirectoryPut,
    Done,
    Frame,
    KeyPackagePut,
    MailboxDelete,
    MailboxNew,
    TokenDelete,
    TokenPut,
)
from byre.wire.ids import MailboxId

CLOSE_UNAUTHENTICATED = 4401


class ReceiveSocket(RelaySocket):
    """One socket of a device.

    Args:
        nonce: what its HELLO said.
        address: the client's, for the limit on new mailboxes; never stored or logged.
    """

    def __init__(
        self,
        websocket: web.WebSocketResponse,
        services: Services,
        *,
        abort: Callable[[], None],
        nonce: bytes,
        address: str | None,
    ) -> None:
        super().__init__(websocket, abort=abort, limits=services.limits, counters=services.counters)
        self._services = services
        self._nonce = nonce
        self._address = address
        self._is_authenticated = False
        self._early_bytes = 0
        self.window_frames = services.limits.window_frames
        self.window_bytes = services.limits.window_bytes
        self.unsettled_frames = 0
        self.unsettled_bytes = 0
        self.lanes: dict[bytes, Lane] = {}
        self._deadline = asyncio.get_running_loop().call_later(services.limits.auth_deadline_s, self._too_late)
        self._requests = Requests(
            self,
            {
                TokenPut: self._put_tokens,
                TokenDelete: self._delete_tokens,
                KeyPackagePut: self._put_packages,
                DirectoryPut: self._put_record,
                MailboxDelete: self._delete_mailbox,
            },
            limits=services.limits,
            counters=services.counters,
            clock=services.clock,
            tasks=services.tasks,
        )

    def accepts(self, data: bytes) -> bool:
        """Count what comes before authentication, and close when it is too much."""
        if not self._is_authenticated:
            self._early_bytes += len(data)
            if self._early_bytes > self._limits.auth_bytes:
                self._fail_auth(None)
                self.close_soon(CLOSE_UNAUTHENTICATED)
                return False
        return True

    async def handle(self, frame: Frame) -> None:
        """Act on one frame."""
        if isinstance(frame, Auth):
            await self._authenticate(frame)
        elif isinstance(frame, MailboxNew):
            await self._new_mailbox(frame)
        elif not self._is_authenticated:
            self.push(Refusal("auth").frame(getattr(frame, "req_id", None)))
        elif isinstance(frame, Ack):
            lane = self.lanes.get(frame.mailbox)
            if lane is not None:
                self._services.delivery.acknowledge(lane, self, frame.mids)
        elif isinstance(frame, Credit):
            self.window_frames = max(1, min(frame.frames, self._limits.window_frames))
            self.window_bytes = max(1, min(frame.size_bytes, self._limits.window_bytes))
            self._services.delivery.pump_all(self)
        elif isinstance(frame, Detach):
            lane = self.lanes.get(frame.mailbox)
            if lane is not None:
                self._services.delivery.detach(lane, self)
        elif not self._requests.start(frame):
            self.misplaced()

    def closed(self) -> None:
        """Give the mailboxes up: what is unsettled goes to the store."""
        self._deadline.cancel()
        self._requests.stop()
        for lane in list(self.lanes.values()):
            self._services.delivery.detach(lane, self)

    async def _authenticate(self, frame: Auth) -> None:
        for mailbox, public, signature in frame.entries:
            lane = await self._services.mailboxes.lane(mailbox)
            if (
                lane is None
                or lane.auth_public != public
                or not self._is_signed(verify_auth, mailbox, public, signature)
            ):
                self._fail_auth(mailbox)
            elif len(self.lanes) >= self._limits.mailboxes_per_socket and mailbox not in self.lanes:
                self.push(Refusal("quota").frame(mailbox))
            elif self._close_code is None:
                self._let_in()
                self._services.delivery.attach(lane, self)
                self.push(await self._services.key_packages.count(mailbox))

    async def _new_mailbox(self, frame: MailboxNew) -> None:
        services = self._services
        try:
            if not self._is_signed(verify_mbnew, frame.mailbox, frame.auth_public, frame.signature):
                self._fail_auth(frame.req_id)
                return
            if not services.has_disk_for_mailboxes():
                raise Refusal("disk", retry_after_ms=60_000)
            if await services.mailboxes.lane(frame.mailbox) is None and self._address is not None:
                wait_ms = services.new_mailboxes.take(self._address)
                if wait_ms:
                    raise Refusal("rate", retry_after_ms=wait_ms)
            await services.mailboxes.create(frame.mailbox, frame.auth_public)
        except Refusal as refusal:
            self.push(refusal.frame(frame.req_id))
            return
        self._let_in()
        self.push(Done(frame.req_id))

    def _is_signed(self, verify: Callable[..., None], mailbox: bytes, public: bytes, signature: bytes) -> bool:
        for origin in self._services.origins:
            try:
                verify(
                    public,
                    relay_id=self._services.relay_id,
                    origin=origin,
                    nonce=self._nonce,
                    mailbox_id=MailboxId(mailbox),
                    signature=signature,
                )
            except PeerError:
                continue
            return True
        return False

    def _let_in(self) -> None:
        self._is_authenticated = True
        self._deadline.cancel()

    def _fail_auth(self, subject: bytes | None) -> None:
        self._counters.count("auth_fail")
        self.push(Refusal("auth").frame(subject))

    def _too_late(self) -> None:
        self._fail_auth(None)
        self.close_soon(CLOSE_UNAUTHENTICATED)

    def _own(self, mailbox: bytes) -> Lane:
        lane = self.lanes.get(mailbox)
        if lane is None:
            raise Refusal("auth")
        return lane

    async def _put_tokens(self, frame: TokenPut) -> Frame:
        await self._services.mailboxes.put_tokens(self._own(frame.mailbox), frame.tokens)
        return Done(frame.req_id)

    async def _delete_tokens(self, frame: TokenDelete) -> Frame:
        await self._services.mailboxes.delete_tokens(self._own(frame.mailbox), frame.hashes, after_s=frame.after_s)
        return Done(frame.req_id)

    async def _put_packages(self, frame: KeyPackagePut) -> Frame:
        self._own(frame.mailbox)
        count = await self._services.key_packages.put(
            frame.mailbox, frame.one_time, frame.last_resort, is_fresh_start=frame.is_fresh_start
        )
        self.push(count)
        return Done(frame.req_id)

    async def _put_record(self, frame: DirectoryPut) -> Frame:
        if frame.kind == RECORD_DEVICE:
            await self._services.directory.put_device(set(self.lanes), frame.record)
        else:
            await self._services.directory.put_account(frame.record, frame.recovery_file)
        return Done(frame.req_id)

    async def _delete_mailbox(self, frame: MailboxDelete) -> Frame:
        lane = self._own(frame.mailbox)
        self._services.delivery.detach(lane, self)
        await self._services.mailboxes.delete(frame.mailbox)
        await self._services.mailboxes.forget(frame.mailbox)
        return Done(frame.req_id)
