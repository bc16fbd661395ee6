"""Requests to one relay: sent on the right socket, again after every reconnect, until answered or out of time.

Every request of the protocol may be repeated safely, so that a lost socket is nobody's business but ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from byre.client.clock import Clock
from byre.client.connection.websocket import unreachable
from byre.errors import EnvironmentFault, PeerError
from byre.wire.frames import Err, Frame, Hello

TIMEOUT_S: Final = 20.0
TRANSIENT: Final = frozenset({"busy", "rate", "disk"})
RETRY_MS: Final = 250
UNREACHABLE: Final = "relay_unreachable"
REFUSED_DIALS: Final = 2
"""A relay that cannot be dialled twice is unreachable now: nobody waits for the whole time limit to hear it."""

Answer = TypeVar("Answer", bound=Frame)


class Road(Protocol):
    """The socket that a request goes by."""

    @property
    def hello(self) -> Hello | None: ...
    def push(self, frame: Frame) -> bool: ...
    def poke(self) -> None: ...


@dataclass(slots=True, eq=False)
class _Pending:
    road: Road
    build: Callable[[Hello], Frame]
    is_ready: Callable[[], bool]
    answer: asyncio.Future[Frame]
    is_resting: bool = False
    refused_dials: int = 0


class Requester:
    """The unanswered requests of one relay."""

    def __init__(self, *, clock: Clock, random: Callable[[int], bytes]) -> None:
        self._clock = clock
        self._random = random
        self._pending: dict[bytes, _Pending] = {}
        self._is_stopped = False

    def new_id(self) -> bytes:
        """Return a fresh request id."""
        return self._random(16)

    def has_pending(self, road: Road) -> bool:
        """Tell whether a request waits for this socket."""
        return any(pending.road is road for pending in self._pending.values())

    async def ask(
        self,
        req_id: bytes,
        build: Callable[[Hello], Frame],
        answers: tuple[type[Answer], ...],
        *,
        road: Road,
        is_ready: Callable[[], bool] = lambda: True,
        timeout_s: float = TIMEOUT_S,
    ) -> Answer:
        """Send a request and return its answer.

        Args:
            build: makes the frame for the socket with this HELLO.
            answers: the frame types that answer it.
            is_ready: tells whether the socket is ready for it (its mailbox is attached).

        Raises:
            EnvironmentFault: "relay_unreachable" (no answer in time), "relay_busy" (it kept asking us to wait),
                "relay_certificate" or "proxy_unreachable" (see `dialer`).
            PeerError: "relay_<code>" (refused), "relay_lied" (an answer of another kind).
        """
        if self._is_stopped:
            raise unreachable()
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        pending = self._pending[req_id] = _Pending(road, build, is_ready, answer)
        try:
            self._send(pending)
            road.poke()
            return await self._outcome(pending, answers, timeout_s)
        finally:
            self._pending.pop(req_id, None)

    async def _outcome(self, pending: _Pending, answers: tuple[type[Answer], ...], timeout_s: float) -> Answer:
        loop = asyncio.get_running_loop()
        deadline = loop.create_task(_sleep(self._clock, timeout_s))
        was_refused = False
        try:
            while True:
                waits: list[asyncio.Future[Any]] = [pending.answer, deadline]
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                if not pending.answer.done():
                    if was_refused:
                        raise EnvironmentFault("The relay is too busy.", code="relay_busy")
                    raise unreachable()
                frame = pending.answer.result()
                if isinstance(frame, answers):
                    return frame
                if not isinstance(frame, Err):
                    raise PeerError("The relay's answer is of another kind than asked for.", code="relay_lied")
                if frame.code not in TRANSIENT:
                    raise PeerError(f"The relay refused: {_known(frame.code)}.", code="relay_" + _known(frame.code))
                was_refused = True
                pending.answer = loop.create_future()
                pending.is_resting = True
                pause = loop.create_task(_sleep(self._clock, max(frame.retry_after_ms, RETRY_MS) / 1000))
                try:
                    await asyncio.wait([pause, deadline], return_when=asyncio.FIRST_COMPLETED)
                finally:
                    pause.cancel()
                    await asyncio.gather(pause, return_exceptions=True)
                pending.is_resting = False
                self._send(pending)
        finally:
            deadline.cancel()
            await asyncio.gather(deadline, return_exceptions=True)

    def send_waiting(self, road: Road) -> None:
        """The socket is open or became ready: send what is unanswered."""
        for pending in list(self._pending.values()):
            if pending.road is road and not pending.answer.done() and not pending.is_resting:
                self._send(pending)

    def undialled(self, road: Road, fault: EnvironmentFault) -> None:
        """The socket could not be opened: requests that saw it twice are over, at once where waiting does not help."""
        for pending in self._pending.values():
            if pending.road is road:
                pending.refused_dials += 1
                if pending.refused_dials >= REFUSED_DIALS or fault.code != UNREACHABLE:
                    _give_up(pending, fault)

    def give_up_unready(self, road: Road) -> None:
        """The relay refused a mailbox: requests that wait for it to be attached would wait in vain."""
        for pending in self._pending.values():
            if pending.road is road and not pending.is_ready():
                _give_up(pending, unreachable())

    def answered(self, frame: Frame) -> bool:
        """Give an answer to its request; False when nobody asked."""
        req_id = frame.subject if isinstance(frame, Err) else getattr(frame, "req_id", None)
        pending = self._pending.get(req_id) if req_id is not None else None
        if pending is None:
            return False
        if not pending.answer.done():
            pending.answer.set_result(frame)
        return True

    def stop(self) -> None:
        """End every wait: no answer will come."""
        self._is_stopped = True
        for pending in self._pending.values():
            _give_up(pending, unreachable())

    def _send(self, pending: _Pending) -> None:
        hello = pending.road.hello
        if hello is not None and pending.is_ready():
            pending.refused_dials = 0
            frame = pending.build(hello)
            if not isinstance(frame, Hello):
                pending.road.push(frame)
            elif not pending.answer.done():  # who only asks who the relay is has been told
                pending.answer.set_result(frame)


_CODES: Final = frozenset(
    {
        "auth",
        "token",
        "quota",
        "rate",
        "size",
        "busy",
        "disk",
        "replaced",
        "proto",
        "taken",
        "stale",
        "expired",
        "absent",
    }
)


def _known(code: str) -> str:
    """Return a code of ours: a relay's own words never become one of our error codes."""
    return code if code in _CODES else "refused"


def _give_up(pending: _Pending, fault: EnvironmentFault) -> None:
    if not pending.answer.done():
        pending.answer.set_exception(EnvironmentFault(fault.sentence, code=fault.code))
        pending.answer.exception()  # seen: who asked may be cancelled before it looks


async def _sleep(clock: Clock, seconds: float) -> None:
    await clock.sleep(seconds)
