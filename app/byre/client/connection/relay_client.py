"""One relay as the engine uses it: queued sends, requests with a time limit, mailboxes that stay attached."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from byre.client.clock import Clock
from byre.client.connection.callbacks import NetworkCallbacks
from byre.client.connection.dialer import Dialer
from byre.client.connection.head_requests import HeadRequests
from byre.client.connection.link import Link
from byre.client.connection.receiving import MailboxCredentials, Receiving
from byre.client.connection.record_requests import RecordRequests
from byre.client.connection.requester import TIMEOUT_S, Requester
from byre.client.connection.send_queue import SendQueue
from byre.client.stretch import Turns
from byre.errors import EnvironmentFault
from byre.wire.frames import (
    DURABILITY_DISK,
    FLAG_LIVE_ONLY,
    Acked,
    Credit,
    Detach,
    Done,
    Err,
    Frame,
    Hello,
    KeyPackageCount,
    Msg,
    Ready,
    Relayed,
    RendezvousFound,
    RendezvousGet,
    RendezvousPut,
    Send,
    Stored,
)

TICK_S: Final = 1.0
REPLACED_PAUSE_S: Final = 60.0
LONGEST_WAIT_MS: Final = 25_000


class RelayClient(HeadRequests, RecordRequests):
    """One relay. Requests raise `EnvironmentFault` ("relay_unreachable": two dials refused, or no answer in 20 s;
    "relay_busy"), `PeerError` with "relay_" + the relay's code when it refuses (relay_taken, relay_token, relay_auth,
    relay_quota, relay_stale, relay_expired, relay_absent, ...) and "relay_lied" when it does not keep to the protocol.
    Every request may be repeated safely.
    """

    def __init__(
        self,
        url: str,
        *,
        dialer: Dialer,
        callbacks: NetworkCallbacks,
        clock: Clock,
        random: Callable[[int], bytes],
        turns: Turns,
    ) -> None:
        self._url = url
        self._callbacks = callbacks
        self._clock = clock
        self._requester = Requester(clock=clock, random=random)
        self._anonymous = Link(
            url + "/s", dialer=dialer, listener=_SendSide(self), clock=clock, random=random, turns=turns
        )
        self._owned = Link(
            url + "/r", dialer=dialer, listener=_ReceiveSide(self), clock=clock, random=random, turns=turns
        )
        self._queue = SendQueue(
            push=self._anonymous.push,
            on_progress=callbacks.on_progress,
            on_failed=callbacks.on_failed,
            clock=clock,
            random=random,
        )
        self._receiving = Receiving(
            url, push=self._owned.push, on_envelopes=self._on_envelopes, on_stuck=self._owned.drop
        )
        self._relay_id: bytes | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._has_sends = asyncio.Event()
        self._was_connected = False
        self._fault_code = ""
        self._store: tuple[bytes, bool] | None = None

    # --- sends --------------------------------------------------------------------------------------------------

    def send(
        self, *, mid: bytes, mailbox: bytes, token: bytes, ttl_s: int, body: bytes, is_live_only: bool = False
    ) -> None:
        """Queue one envelope; retried with the same mid until final, in order per mailbox.

        Args:
            is_live_only: typing and presence: tried once, never stored, dropped if nobody is there.
        """
        self._queue.add(Send(mid, mailbox, token, ttl_s, FLAG_LIVE_ONLY if is_live_only else 0, body))
        self._has_sends.set()
        self._anonymous.poke()

    def cancel(self, mid: bytes) -> None:
        """Forget a queued send."""
        self._queue.cancel(mid)

    # --- requests -----------------------------------------------------------------------------------------------

    async def relay_id(self) -> bytes:
        """Return the relay's 32-byte id, as signatures of heads and claims cover it; waits for the first HELLO.

        Raises:
            EnvironmentFault: "relay_unreachable".
        """
        if self._relay_id is None:
            hello = await self._requester.ask(
                self._requester.new_id(), lambda hello: hello, (Hello,), road=self._anonymous
            )
            self._relay_id = hello.relay_id
        return self._relay_id

    async def rendezvous_put(self, rendezvous: bytes, slot: int, blob: bytes) -> None:
        """Write a slot of a linking rendezvous, once; PeerError "relay_taken", "relay_expired"."""
        req_id = self._requester.new_id()
        frame = RendezvousPut(req_id, rendezvous, slot, blob)
        await self._requester.ask(req_id, lambda hello: frame, (Done,), road=self._anonymous)

    async def rendezvous_get(self, rendezvous: bytes, slot: int, *, wait_s: float = 0) -> bytes | None:
        """Read a slot, waiting up to `wait_s` (at most 25 s) for it; None while it is empty."""
        req_id = self._requester.new_id()
        wait_ms = max(0, min(LONGEST_WAIT_MS, int(wait_s * 1000)))
        frame = RendezvousGet(req_id, rendezvous, slot, wait_ms)
        found = await self._requester.ask(
            req_id,
            lambda hello: frame,
            (RendezvousFound,),
            road=self._anonymous,
            timeout_s=TIMEOUT_S + wait_ms / 1000,
        )
        return found.blob

    # --- life ---------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The base URL in its canonical spelling."""
        return self._url

    @property
    def is_connected(self) -> bool:
        """Tell whether sends go out and every attached mailbox receives."""
        is_receiving = not self._receiving.has_mailboxes or (self._owned.is_open and self._receiving.is_ready)
        return self._anonymous.is_open and is_receiving

    def start(self) -> None:
        """Begin to connect."""
        if not self._tasks:
            work = (self._anonymous.run(), self._owned.run(), self._receiving.run(), self._tick())
            self._tasks = [asyncio.get_running_loop().create_task(each) for each in work]

    async def stop(self) -> None:
        """Close the sockets; requests under way end as unreachable."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._requester.stop()

    def attach(self, credentials: MailboxCredentials) -> None:
        """Receive for this mailbox from now on."""
        self._receiving.add(credentials, self._owned.hello)
        self._owned.poke()
        self.tell_connection()

    def detach(self, mailbox: bytes) -> None:
        """Stop receiving for this mailbox."""
        if self._receiving.is_attached(mailbox):
            self._owned.push(Detach(mailbox))
        self._receiving.remove(mailbox)
        self.tell_connection()

    @property
    def store(self) -> tuple[bytes, bool] | None:
        """The relay's store epoch, and whether what it stores is on its disk; None before the first HELLO."""
        return self._store

    def reconnect(self, *, is_anew: bool = False) -> None:
        """Try now what waits for its next try; `is_anew`: drop open sockets, too, the route has changed."""
        for link in (self._anonymous, self._owned):
            if is_anew and link.is_open:
                link.drop(pause_s=0.0)
            link.retry_now()

    def _tell_waiting(self, next_try_ms: int) -> None:
        """Tell the engine when the next try to connect comes."""
        if not self.is_connected:
            self._callbacks.on_waiting(self._url, next_try_ms, self._fault_code)

    def _note_fault(self, fault: EnvironmentFault | None) -> None:
        """Remember why the relay cannot be dialled."""
        self._fault_code = "" if fault is None else fault.code

    def tell_connection(self) -> None:
        """Tell the engine when the connection changed."""
        if self.is_connected is not self._was_connected:
            self._was_connected = self.is_connected
            self._callbacks.on_connection(self._url, self._was_connected)

    async def _on_envelopes(self, mailbox: bytes, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
        await self._callbacks.on_envelopes(self._url, mailbox, envelopes)

    async def _tick(self) -> None:
        while True:
            await self._has_sends.wait()
            await self._clock.sleep(TICK_S)
            self._queue.tick()
            if not len(self._queue):
                self._has_sends.clear()


class _SendSide:
    """What the send socket's link tells its relay client."""

    def __init__(self, client: RelayClient) -> None:
        self._client = client

    def is_wanted(self) -> bool:
        return True

    def opened(self, hello: Hello) -> None:
        client = self._client
        client._relay_id = hello.relay_id
        client._note_fault(None)
        client._store = (hello.store_epoch, hello.durability == DURABILITY_DISK)
        client._callbacks.on_store(client._url, hello.store_epoch)
        client._queue.opened(hello)
        client._requester.send_waiting(client._anonymous)
        client.tell_connection()

    def received(self, frame: Frame) -> None:
        client = self._client
        if isinstance(frame, Relayed | Acked | Stored):
            client._queue.answered(frame)
        elif isinstance(frame, Credit):
            client._queue.resize(frame.frames, frame.size_bytes)
        elif not (isinstance(frame, Err) and client._queue.refused(frame)):
            client._requester.answered(frame)

    def lost(self) -> None:
        self._client._queue.lost()
        self._client.tell_connection()

    def undialled(self, fault: EnvironmentFault) -> None:
        self._client._note_fault(fault)
        self._client._requester.undialled(self._client._anonymous, fault)

    def waiting(self, next_try_ms: int) -> None:
        self._client._tell_waiting(next_try_ms)

    def is_urgent(self) -> bool:
        return self._client._requester.has_pending(self._client._anonymous)


class _ReceiveSide:
    """What the receive socket's link tells its relay client."""

    def __init__(self, client: RelayClient) -> None:
        self._client = client

    def is_wanted(self) -> bool:
        client = self._client
        return client._receiving.has_mailboxes or client._requester.has_pending(client._owned)

    def opened(self, hello: Hello) -> None:
        self._client._receiving.opened(hello)
        self._client._requester.send_waiting(self._client._owned)

    def received(self, frame: Frame) -> None:
        client = self._client
        if isinstance(frame, Msg):
            client._receiving.received(frame)
        elif isinstance(frame, Ready):
            client._receiving.attached(frame.mailbox)
            client._requester.send_waiting(client._owned)
            client.tell_connection()
        elif isinstance(frame, KeyPackageCount):
            client._callbacks.on_key_package_count(
                client._url, frame.mailbox, frame.one_time, frame.has_last_resort, frame.is_last_resort_used
            )
        elif isinstance(frame, Err) and frame.code == "replaced":
            # another socket has the mailbox now: ours of before, or a second engine; do not fight for it
            client._owned.drop(pause_s=REPLACED_PAUSE_S)
        elif isinstance(frame, Err) and frame.code == "auth" and client._receiving.refused(frame.subject):
            client.tell_connection()
            client._requester.give_up_unready(client._owned)
            client._callbacks.on_mailbox_refused(client._url, frame.subject or b"")
        else:
            client._requester.answered(frame)

    def lost(self) -> None:
        self._client._receiving.lost()
        self._client.tell_connection()

    def undialled(self, fault: EnvironmentFault) -> None:
        self._client._note_fault(fault)
        self._client._requester.undialled(self._client._owned, fault)

    def waiting(self, next_try_ms: int) -> None:
        self._client._tell_waiting(next_try_ms)

    def is_urgent(self) -> bool:
        return self._client._requester.has_pending(self._client._owned)
