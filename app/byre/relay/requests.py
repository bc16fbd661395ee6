"""Requests: frames with a `req_id` that are answered one to one, on both kinds of sockets.

Each runs as a task of its own, so that a wait for the disk (or for a rendezvous) does not hold up the socket; a socket
has a bounded number of them and a rate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from byre.errors import EnvironmentFault, PeerError
from byre.relay.rates import Rate
from byre.relay.refusal import Refusal, refusal_of
from byre.relay.services import Services
from byre.relay.socket import RelaySocket
from byre.wire.frames import Frame

Handler = Callable[[Any, Any], Awaitable[Frame]]
"""Called with the socket and the frame."""


class Requests:
    """The requests of one socket.

    Most sockets never ask for anything: this is made with the first request.
    """

    __slots__ = ("_rate", "_running", "_services", "_socket")

    def __init__(self, socket: RelaySocket, services: Services) -> None:
        self._socket = socket
        self._services = services
        limits = services.limits
        self._rate = Rate(limits.requests_burst, limits.requests_per_s, services.clock.monotonic_s())
        self._running: set[asyncio.Task[None]] = set()

    def start(self, handler: Handler, frame: Any) -> None:
        """Begin to answer a frame."""
        services = self._services
        if len(self._running) >= services.limits.requests_at_once:
            self._socket.push(Refusal("busy", retry_after_ms=500).frame(frame.req_id))
        elif not self._rate.take(services.clock.monotonic_s()):
            services.counters.count("rate_fail")
            self._socket.push(Refusal("rate", retry_after_ms=self._rate.wait_ms()).frame(frame.req_id))
        else:
            task = services.tasks.spawn(self._answer(handler, frame))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def stop(self) -> None:
        """The socket is gone: end the waits (what is being written goes on in the database's own thread)."""
        for task in list(self._running):
            task.cancel()

    async def _answer(self, handler: Handler, frame: Any) -> None:
        try:
            answer = await handler(self._socket, frame)
        except (PeerError, EnvironmentFault) as error:
            answer = refusal_of(error).frame(frame.req_id)
        self._socket.push(answer)
