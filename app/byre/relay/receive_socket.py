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
from collections.abc import Callable, Coroutine
from typing import Final

from byre.errors import EnvironmentFault, PeerError
from byre.identity.mailbox import verify_auth, verify_mbnew
from byre.relay.lane import Lane
from byre.relay.rates import Rate
from byre.relay.refusal import Refusal, refusal_of
from byre.relay.requests import Handler, Requests
from byre.relay.services import Services
from byre.relay.socket import RelaySocket
from byre.relay.websocket import data_header
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
    Ping,
    Pong,
    TokenDelete,
    TokenPut,
)
from byre.wire.frames_quick import message
from byre.wire.ids import MailboxId

CLOSE_UNAUTHENTICATED = 4401


class ReceiveSocket(RelaySocket):
    """One socket of a device.

    Args:
        on_proven: called once it has authenticated.
        nonce: what its HELLO said.
        address: the client's, for the limit on new mailboxes; never stored or logged.
    """

    __slots__ = (
        "_address",
        "_auth_by_s",
        "_early_bytes",
        "_nonce",
        "_on_proven",
        "_proofs",
        "_requests",
        "lanes",
        "unsettled_bytes",
        "unsettled_frames",
        "window_bytes",
        "window_frames",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        services: Services,
        *,
        on_lost: Callable[[RelaySocket], None],
        on_proven: Callable[[RelaySocket], None],
        nonce: bytes,
        address: str | None,
    ) -> None:
        super().__init__(transport, services, on_lost=on_lost)
        self._on_proven = on_proven
        self._nonce = nonce
        self._address = address
        self._is_proven = False
        self._auth_by_s = services.clock.monotonic_s() + services.limits.auth_deadline_s
        self._early_bytes = 0
        self._proofs = Rate(self._limits.requests_burst, self._limits.requests_per_s, services.clock.monotonic_s())
        self._requests: Requests | None = None
        self.window_frames = services.limits.window_frames
        self.window_bytes = services.limits.window_bytes
        self.unsettled_frames = 0
        self.unsettled_bytes = 0
        self.lanes: dict[bytes, Lane] = {}

    def beat(self, now_s: float) -> None:
        """Also: authentication does not wait for ever."""
        if not self._is_proven and self._close_code is None and now_s >= self._auth_by_s:
            self._fail_auth(None)
            self.close_soon(CLOSE_UNAUTHENTICATED)
        super().beat(now_s)

    def accepts(self, data: bytes) -> bool:
        """Count what comes before authentication, and close when it is too much."""
        self._early_bytes += len(data)
        if self._early_bytes > self._limits.auth_bytes:
            self._fail_auth(None)
            self.close_soon(CLOSE_UNAUTHENTICATED)
            return False
        return True

    def handle(self, frame: Frame) -> Coroutine[None, None, None] | None:
        """Act on one frame."""
        kind = type(frame)
        if kind is Ack:
            lane = self.lanes.get(frame.mailbox)  # type: ignore[attr-defined]
            if lane is not None:
                self.services.delivery.acknowledge(lane, self, frame.mids)  # type: ignore[attr-defined]
            elif not self._is_proven:
                self.push(Refusal("auth").frame(None))
        elif isinstance(frame, Auth):
            return self._authenticate(frame)
        elif isinstance(frame, MailboxNew):
            return self._new_mailbox(frame)
        elif isinstance(frame, Ping | Pong):
            self.take_ping(frame)
        elif not self._is_proven:
            self.push(Refusal("auth").frame(getattr(frame, "req_id", None)))
        elif isinstance(frame, Credit):
            self.window_frames = max(1, min(frame.frames, self._limits.credit_frames))
            self.window_bytes = max(1, min(frame.size_bytes, self._limits.window_bytes))
            self.services.delivery.pump_all(self)
        elif isinstance(frame, Detach):
            lane = self.lanes.get(frame.mailbox)
            if lane is not None:
                self.services.delivery.detach(lane, self)
        else:
            self._request(frame)
        return None

    def deliver(self, mailbox: bytes, seq: int, mid: bytes, body: bytes) -> None:
        """Queue a message."""
        data = message(mailbox, seq, mid, body)
        self._queue(data_header(len(data)) + data)

    def closed(self) -> None:
        """Give the mailboxes up: what is unsettled goes to the store."""
        if self._requests is not None:
            self._requests.stop()
        for lane in list(self.lanes.values()):
            self.services.delivery.detach(lane, self)

    def _request(self, frame: Frame) -> None:
        handler = _HANDLERS.get(type(frame))
        if handler is None:
            self.misplaced()
            return
        if self._requests is None:
            self._requests = Requests(self, self.services)
        self._requests.start(handler, frame)

    async def _authenticate(self, frame: Auth) -> None:
        arrived_s = self._loop.time()
        for mailbox, public, signature in frame.entries:
            if self._is_too_fast(mailbox):
                continue
            # the same work whatever is wrong: a signature is always checked, also for a mailbox that is not there
            is_signed = self._is_signed(verify_auth, mailbox, public, signature)
            try:
                lane = await self.services.mailboxes.lane(mailbox)
            except EnvironmentFault as fault:
                self.push(refusal_of(fault).frame(mailbox))
                continue
            if lane is None or lane.auth_public != public or not is_signed:
                self._counters.count("auth_fail")
                at_s = arrived_s + self._limits.refusal_delay_ms / 1000
                self._loop.call_at(at_s, self.push, Refusal("auth").frame(mailbox))
            elif len(self.lanes) >= self._limits.mailboxes_per_socket and mailbox not in self.lanes:
                self.push(Refusal("quota").frame(mailbox))
            elif self._close_code is None:
                self._let_in()
                self.services.delivery.attach(lane, self)
                try:
                    self.push(await self.services.key_packages.count(mailbox))
                except EnvironmentFault:  # the count comes again with the next attach
                    continue

    async def _new_mailbox(self, frame: MailboxNew) -> None:
        services = self.services
        if self._is_too_fast(frame.req_id):
            return
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
        except (Refusal, EnvironmentFault) as error:
            self.push(refusal_of(error).frame(frame.req_id))
            return
        self._let_in()
        self.push(Done(frame.req_id))

    def _is_too_fast(self, subject: bytes) -> bool:
        """Count one signature to be checked: the dearest thing that a client can ask for."""
        if self._proofs.take(self.services.clock.monotonic_s()):
            return False
        self._counters.count("rate_fail")
        self.push(Refusal("rate", retry_after_ms=self._proofs.wait_ms()).frame(subject))
        return True

    def _is_signed(self, verify: Callable[..., None], mailbox: bytes, public: bytes, signature: bytes) -> bool:
        for origin in self.services.origins:
            try:
                verify(
                    public,
                    relay_id=self.services.relay_id,
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
        if not self._is_proven:
            self._is_proven = True
            self._on_proven(self)

    def _fail_auth(self, subject: bytes | None) -> None:
        self._counters.count("auth_fail")
        self.push(Refusal("auth").frame(subject))

    def _own(self, mailbox: bytes) -> Lane:
        lane = self.lanes.get(mailbox)
        if lane is None:
            raise Refusal("auth")
        return lane

    async def _put_tokens(self, frame: TokenPut) -> Frame:
        await self.services.mailboxes.put_tokens(self._own(frame.mailbox), frame.tokens)
        return Done(frame.req_id)

    async def _delete_tokens(self, frame: TokenDelete) -> Frame:
        await self.services.mailboxes.delete_tokens(self._own(frame.mailbox), frame.hashes, after_s=frame.after_s)
        return Done(frame.req_id)

    async def _put_packages(self, frame: KeyPackagePut) -> Frame:
        self._own(frame.mailbox)
        count = await self.services.key_packages.put(
            frame.mailbox, frame.one_time, frame.last_resort, is_fresh_start=frame.is_fresh_start
        )
        self.push(count)
        return Done(frame.req_id)

    async def _put_record(self, frame: DirectoryPut) -> Frame:
        if frame.kind == RECORD_DEVICE:
            await self.services.directory.put_device(set(self.lanes), frame.record)
        else:
            self.services.count_record(self._address)
            await self.services.directory.put_account(frame.record, frame.recovery_file)
        return Done(frame.req_id)

    async def _delete_mailbox(self, frame: MailboxDelete) -> Frame:
        lane = self._own(frame.mailbox)
        self.services.delivery.detach(lane, self)
        await self.services.mailboxes.delete(frame.mailbox)
        await self.services.mailboxes.forget(frame.mailbox)
        return Done(frame.req_id)


_HANDLERS: Final[dict[type[Frame], Handler]] = {
    TokenPut: ReceiveSocket._put_tokens,
    TokenDelete: ReceiveSocket._delete_tokens,
    KeyPackagePut: ReceiveSocket._put_packages,
    DirectoryPut: ReceiveSocket._put_record,
    MailboxDelete: ReceiveSocket._delete_mailbox,
}
