"""One socket to one relay, opened again and again: dial, HELLO, frames both ways, back-off.

```
 idle ──wanted──▶ dialling ──HELLO in time, version known──▶ open ──closed, drop()──▶ lost ──back-off──▶ dialling
```
The back-off begins anew once a socket has carried something, or has stood for a while: a relay, or a proxy before it,
that lets everybody in and closes at once is dialled as seldom as one that does not answer. `push` never waits. What was
pushed and not sent is forgotten when the socket is lost: queues and requests know what to send again (`opened`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final, Protocol

from byre.client.clock import Clock
from byre.client.connection.backoff import Backoff
from byre.client.connection.dialer import Dialer
from byre.client.connection.websocket import Wire, unreachable
from byre.client.stretch import Stretch, Turns
from byre.errors import EnvironmentFault, PeerError
from byre.wire.frames import (
    WIRE_VERSION,
    Credit,
    Drain,
    Err,
    Frame,
    Hello,
    Ping,
    Pong,
    Ready,
    decode_frame,
    encode_frame,
)

HELLO_S: Final = 15.0
URGENT_S: Final = 1.0
STEADY_S: Final = 10.0
"""A socket that stood for so long was none that is closed at once, also if there was nothing to carry."""


class LinkListener(Protocol):
    """Who uses the link."""

    def is_wanted(self) -> bool:
        """Tell whether the socket should be open now."""

    def opened(self, hello: Hello) -> None:
        """The socket is open."""

    def received(self, frame: Frame) -> None:
        """A frame came. Raises PeerError for one that makes no sense: the socket is dropped."""

    def lost(self) -> None:
        """The socket that was open is gone."""

    def undialled(self, fault: EnvironmentFault) -> None:
        """The relay could not be dialled, or said nothing that makes sense when it was."""

    def waiting(self, next_try_ms: int) -> None:
        """There is no socket; the next try comes at `next_try_ms`, or when somebody wants it."""

    def is_urgent(self) -> bool:
        """Tell whether somebody waits for an answer: then the next try comes within a second."""


class Link:
    """The socket at `url`."""

    def __init__(
        self,
        url: str,
        *,
        dialer: Dialer,
        listener: LinkListener,
        clock: Clock,
        random: Callable[[int], bytes],
        turns: Turns,
    ) -> None:
        self._url = url
        self._dialer = dialer
        self._listener = listener
        self._clock = clock
        self._turns = turns
        self._backoff = Backoff(random)
        self._outgoing: asyncio.Queue[Frame] = asyncio.Queue()
        self._poked = asyncio.Event()
        self._dropped = asyncio.Event()
        self._pause_s: float | None = None
        self._was_useless = False
        self.hello: Hello | None = None
        """The HELLO of the open socket, None while there is none."""

    @property
    def is_open(self) -> bool:
        """Tell whether frames can be pushed."""
        return self.hello is not None

    def push(self, frame: Frame) -> bool:
        """Send a frame soon; False when the socket is not open."""
        if self.hello is None:
            return False
        self._outgoing.put_nowait(frame)
        return True

    def poke(self) -> None:
        """Somebody wants the socket: end the wait for it, also a back-off."""
        self._poked.set()

    def retry_now(self) -> None:
        """End the wait for the next try, and begin the back-off anew."""
        self._backoff.reset()
        self._poked.set()

    def drop(self, *, pause_s: float | None = None) -> None:
        """Close the socket and open it again after a back-off, or after `pause_s`."""
        self._pause_s = pause_s
        self._dropped.set()

    async def run(self) -> None:
        """Keep the socket open while it is wanted, until cancelled."""
        while True:
            self._poked.clear()
            if not self._listener.is_wanted():
                await self._poked.wait()
                continue
            with contextlib.suppress(EnvironmentFault, PeerError, TimeoutError):
                await self._session()
            await self._wait_before_next()

    async def _session(self) -> None:
        self._was_useless = False  # a dial that fails tells those who wait for an answer by itself
        try:
            wire = await self._dialer.dial(self._url)
        except EnvironmentFault as fault:
            self._listener.undialled(fault)
            raise
        self._was_useless = True
        self._dropped.clear()
        self._outgoing = asyncio.Queue()
        helpers: list[asyncio.Task[None]] = []
        try:
            async with asyncio.timeout(HELLO_S):
                hello = await self._next(wire)
            if not isinstance(hello, Hello) or hello.version != WIRE_VERSION:
                raise PeerError("The relay speaks another version of the protocol.", code="newer_version")
            self.hello, opened_at_ms = hello, self._clock.now_ms()
            loop = asyncio.get_running_loop()
            helpers = [loop.create_task(self._write(wire)), loop.create_task(self._close_when_dropped(wire))]
            self._listener.opened(hello)
            await self._read(wire)
        finally:
            was_open, self.hello = self.hello is not None, None
            if was_open:
                self._listener.lost()
                if self._clock.now_ms() - opened_at_ms >= 1000 * STEADY_S:
                    self._proved()
            else:
                self._listener.undialled(unreachable())
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            await wire.close()

    async def _read(self, wire: Wire) -> None:
        stretch = Stretch(self._turns)
        while (frame := await self._next(wire)) is not None:
            if isinstance(frame, Ping):
                self.push(Pong(frame.number))
            elif isinstance(frame, Drain):
                self._pause_s = frame.retry_after_ms / 1000
            elif not isinstance(frame, Pong):
                self._listener.received(frame)
                if not isinstance(frame, Err | Ready | Credit):
                    self._proved()
            await stretch.rest()

    def _proved(self) -> None:
        if self._was_useless:
            self._was_useless = False
            self._backoff.reset()

    async def _close_when_dropped(self, wire: Wire) -> None:
        await self._dropped.wait()
        await wire.close()  # ends the read

    async def _next(self, wire: Wire) -> Frame | None:
        data = await wire.receive()
        return None if data is None else decode_frame(data)

    async def _write(self, wire: Wire) -> None:
        outgoing, stretch = self._outgoing, Stretch(self._turns)
        try:
            while True:
                await wire.send(encode_frame(await outgoing.get()))
                await stretch.rest()
        except EnvironmentFault:
            self._dropped.set()

    async def _wait_before_next(self) -> None:
        pause_s, self._pause_s = self._pause_s, None
        if pause_s is None:
            pause_s = self._backoff.next_s()
        if self._listener.is_urgent() and not self._was_useless:
            pause_s = min(pause_s, URGENT_S)
        self._listener.waiting(self._clock.now_ms() + int(1000 * pause_s))
        # a poke shortens the pause but never to nothing: a request loop must not become a dial loop
        await self._clock_or_poke(min(pause_s, 0.2), is_pokeable=False)
        if pause_s > 0.2:
            await self._clock_or_poke(pause_s - 0.2, is_pokeable=True)

    async def _clock_or_poke(self, seconds: float, *, is_pokeable: bool) -> None:
        if not is_pokeable:
            await self._clock.sleep(seconds)
            return
        loop = asyncio.get_running_loop()
        waits = [loop.create_task(self._clock.sleep(seconds)), loop.create_task(_wait(self._poked))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


async def _wait(event: asyncio.Event) -> None:
    await event.wait()
