"""The delivery of a relay on paper: a store and sockets that do what the test says, when it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from byre.crypto.hashes import sha256
from byre.errors import ByreError, EnvironmentFault
from byre.relay.admission import Admission
from byre.relay.clock import ExpiryClock
from byre.relay.counters import Counters
from byre.relay.delivery import Delivery
from byre.relay.lane import Lane
from byre.relay.settings import Limits
from byre.relay.tasks import Tasks
from byre.wire.frames import (
    TOKEN_INTRO,
    TOKEN_NORMAL,
    TOKEN_SLOW,
    Acked,
    Frame,
    Msg,
    Relayed,
    Send,
    Stored,
)
from tests.fakes.relay import RelayClock
from tests.fakes.relay_user import until

MAILBOX, TOKEN, EPOCH = bytes(16), bytes(32), b"e" * 16
BUCKET = 6


@dataclass
class Put:
    mid: bytes
    seq: int
    body: bytes
    on_stored: Callable[[int], None]
    on_failed: Callable[[ByreError], None]


class PaperStore:
    """A store that commits when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[Put] = []
        self.rows: dict[bytes, bytes] = {}
        self.erased: list[bytes] = []
        self.pending_bytes = 0

    def put(
        self,
        *,
        mailbox: bytes,
        mid: bytes,
        seq: int,
        expires_at: int,
        body: bytes,
        on_stored: Callable[[int], None],
        on_failed: Callable[[ByreError], None],
    ) -> None:
        self.waiting.append(Put(mid, seq, body, on_stored, on_failed))

    def erase(self, bucket: int, mailbox: bytes, mid: bytes) -> None:
        self.erased.append(mid)
        self.rows.pop(mid, None)

    async def bodies(self, bucket: int, mailbox: bytes, mids: list[bytes]) -> dict[bytes, bytes]:
        return {mid: self.rows[mid] for mid in mids if mid in self.rows}

    def commit(self) -> None:
        waiting, self.waiting = self.waiting, []
        for put in waiting:
            self.rows[put.mid] = put.body
            put.on_stored(BUCKET)

    def fail(self) -> None:
        waiting, self.waiting = self.waiting, []
        for put in waiting:
            put.on_failed(EnvironmentFault("the disk is full", code="disk_full"))


@dataclass(eq=False)
class PaperSocket:
    """Either kind of socket, on paper."""

    frames: list[Frame] = field(default_factory=list)
    window_frames: int = 64
    window_bytes: int = 512 * 1024
    unsettled_frames: int = 0
    unsettled_bytes: int = 0
    lanes: dict[bytes, Lane] = field(default_factory=dict)
    closed: int | None = None
    released: list[bytes] = field(default_factory=list)

    def release(self, mid: bytes) -> None:
        self.released.append(mid)

    def push(self, frame: Frame) -> None:
        self.frames.append(frame)

    def relayed(self, mid: bytes) -> None:
        self.push(Relayed(mid))

    def acked(self, mid: bytes) -> None:
        self.push(Acked(mid))

    def stored(self, mid: bytes, store_epoch: bytes) -> None:
        self.push(Stored(mid, store_epoch))

    def deliver(self, mailbox: bytes, seq: int, mid: bytes, body: bytes) -> None:
        self.push(Msg(mailbox, seq, mid, body))

    def close_soon(self, code: int) -> None:
        self.closed = code

    @property
    def mids(self) -> list[bytes]:
        return [frame.mid for frame in self.frames if isinstance(frame, Msg)]

    def take(self) -> list[Frame]:
        frames, self.frames = self.frames, []
        return frames


class Desk:
    """A delivery with everything around it on paper."""

    def __init__(self, **limits: int) -> None:
        self.limits = replace(Limits(), **limits)
        self.clock = RelayClock()
        self.expiry = ExpiryClock(self.clock)
        self.counters = Counters()
        self.store = PaperStore()
        self.tasks = Tasks()
        self.free_percent = 50.0
        self.lane = Lane(
            MAILBOX,
            bytes(32),
            {
                sha256(TOKEN): (TOKEN_NORMAL, None),
                sha256(b"s" * 32): (TOKEN_SLOW, None),
                sha256(b"i" * 32): (TOKEN_INTRO, None),
            },
        )
        self.delivery = Delivery(
            lane_of=self._lane_of,
            admission=Admission(
                store=self.store,  # type: ignore[arg-type]
                limits=self.limits,
                counters=self.counters,
                clock=self.clock,
                free_disk_percent=lambda: self.free_percent,
            ),
            store=self.store,  # type: ignore[arg-type]
            store_epoch=EPOCH,
            limits=self.limits,
            counters=self.counters,
            clock=self.clock,
            expiry=self.expiry,
            tasks=self.tasks,
        )
        self.sender = PaperSocket()

    async def _lane_of(self, mailbox: bytes) -> Lane | None:
        return self.lane if mailbox == MAILBOX else None

    async def send(self, number: int, *, token: bytes = TOKEN, flags: int = 0, body: bytes = b"body") -> bytes:
        mid = number.to_bytes(16)
        await self.delivery.send(Send(mid, MAILBOX, token, 0, flags, body), self.sender)
        return mid

    def attach(self, socket: PaperSocket | None = None) -> PaperSocket:
        socket = socket or PaperSocket()
        self.delivery.attach(self.lane, socket)
        return socket

    def count(self, name: str) -> int:
        return self.counters.snapshot()[name]

    async def settle(self) -> None:
        """Let read-ahead tasks run."""
        await until(lambda: not self.lane.is_reading)
