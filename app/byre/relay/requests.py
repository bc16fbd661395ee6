"""Requests: frames with a `req_id` that are answered one to one, on both kinds of sockets.

Each runs as a task of its own, so that a wait for the disk (or for a rendezvous) does not hold up the socket; a socket
has a bounded number of them and a rate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from byre.errors import EnvironmentFault, PeerError
from byre.relay.clock import Clock
from byre.relay.counters import Counters
from byre.relay.rates import Rate
from byre.relay.refusal import Refusal
from byre.relay.settings import Limits
from byre.relay.socket import RelaySocket, refusal_of
from byre.relay.tasks import Tasks
from byre.wire.frames import Frame

Handler = Callable[[Any], Awaitable[Frame]]


class Requests:
    """The requests of one socket.

    Args:
        handlers: what answers which frame type.
    """

    def __init__(
        self,
        socket: RelaySocket,
        handlers: dict[type[Frame], Handler],
        *,
        limits: Limits,
        counters: Counters,
        clock: Clock,
        tasks: Tasks,
    ) -> None:
        self._socket = socket
        self._handlers = handlers
        self._most = limits.requests_at_once
        self._counters = counters
        self._clock = clock
        self._rate = Rate(limits.requests_burst, limits.requests_per_s, clock.monotonic_s())
        self._tasks = tasks
        self._running: set[asyncio.Task[None]] = set()

    def start(self, frame: Any) -> bool:
        """Begin to answer a frame; False when it is no request of this socket."""
        handler = self._handlers.get(type(frame))
        if handler is None:
            return False
        if len(self._running) >= self._most:
            self._socket.push(Refusal("busy", retry_after_ms=500).frame(frame.req_id))
        elif not self._rate.take(self._clock.monotonic_s()):
            self._counters.count("rate_fail")
            self._socket.push(Refusal("rate", retry_after_ms=self._rate.wait_ms()).frame(frame.req_id))
        else:
            task = self._tasks.spawn(self._answer(handler, frame))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return True

    def stop(self) -> None:
        """The socket is gone: end the waits (what is being written goes on in the database's own thread)."""
        for task in list(self._running):
            task.cancel()

    async def _answer(self, handler: Handler, frame: Any) -> None:
        try:
            answer = await handler(frame)
        except (PeerError, EnvironmentFault) as error:
            answer = refusal_of(error).frame(frame.req_id)
        self._socket.push(answer)
