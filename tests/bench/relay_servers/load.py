"""The load, the same for every server: pairs of one sender and one receiver on the loopback, 300-byte messages, each
acknowledged by its receiver, at most `WINDOW` unanswered per pair. Nothing here knows a protocol.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final

BODY: Final = bytes(range(250)) + bytes(50)
WINDOW: Final = 48
PATIENCE_S: Final = 120.0


class Pair(ABC):
    """A sender and a receiver, connected; drivers call `received`, `acknowledged` and `held`."""

    def __init__(self) -> None:
        self.next_number = 1
        self.load: Load = Load()

    @abstractmethod
    def send(self, number: int) -> None:
        """Send the message with this number (it fits into eight bytes)."""

    @abstractmethod
    async def leave(self) -> None:
        """Take the receiver away, so that messages are held for it."""

    @abstractmethod
    async def come_back(self) -> None:
        """Bring the receiver back; messages may flow before this returns."""

    @abstractmethod
    async def close(self) -> None:
        """End both connections."""

    def received(self, number: int) -> None:
        """The receiver has this message."""
        self.load.received(self, number)

    def acknowledged(self, number: int) -> None:
        """The sender knows that the receiver has it."""
        self.load.acknowledged(self, number)

    def held(self, number: int) -> None:
        """The sender knows that the server keeps it for a receiver who is away."""
        self.load.held(self, number)

    def take_number(self) -> int:
        """Return a number that this pair has never used."""
        self.next_number += 1
        return self.next_number


class Load:
    """What is to be done with the pairs; this one does nothing."""

    def received(self, pair: Pair, number: int) -> None:
        """Take note."""

    def acknowledged(self, pair: Pair, number: int) -> None:
        """Take note."""

    def held(self, pair: Pair, number: int) -> None:
        """Take note."""


class Flood(Load):
    """As many messages as the windows let through, until every pair has sent its share."""

    def __init__(self, pairs: Sequence[Pair], each: int, *, is_held: bool) -> None:
        self._is_held = is_held
        self._left = dict.fromkeys(pairs, each)
        self._open = dict.fromkeys(pairs, each)
        self._done = asyncio.Event()
        for pair in pairs:
            pair.load = self

    async def run(self) -> float:
        """Return after how many seconds the last answer was there."""
        started = time.perf_counter()
        for pair in self._left:
            for _ in range(min(WINDOW, self._left[pair])):
                self._send(pair)
        async with asyncio.timeout(PATIENCE_S):
            await self._done.wait()
        return time.perf_counter() - started

    def acknowledged(self, pair: Pair, number: int) -> None:
        if not self._is_held:
            self._answered(pair)

    def held(self, pair: Pair, number: int) -> None:
        if self._is_held:
            self._answered(pair)

    def _send(self, pair: Pair) -> None:
        self._left[pair] -= 1
        pair.send(pair.take_number())

    def _answered(self, pair: Pair) -> None:
        self._open[pair] -= 1
        if self._left[pair]:
            self._send(pair)
        elif not self._open[pair] and not any(self._open.values()):
            self._done.set()


class Homecoming(Load):
    """Every receiver comes back and takes what was held for it."""

    def __init__(self, pairs: Sequence[Pair], each: int) -> None:
        self._open = dict.fromkeys(pairs, each)
        self._done = asyncio.Event()
        for pair in pairs:
            pair.load = self

    async def run(self) -> float:
        """Return after how many seconds the last message was there."""
        started = time.perf_counter()
        async with asyncio.timeout(PATIENCE_S):
            for pair in self._open:
                await pair.come_back()
            await self._done.wait()
        return time.perf_counter() - started

    def received(self, pair: Pair, number: int) -> None:
        self._open[pair] -= 1
        if not self._open[pair] and not any(self._open.values()):
            self._done.set()


class Stroll(Load):
    """So many messages a second, whatever the answers do; remembers how long each took to its receiver."""

    def __init__(self, pairs: Sequence[Pair], per_s: int, seconds: float) -> None:
        self._pairs = pairs
        self._per_s = per_s
        self._count = round(per_s * seconds)
        self._sent: dict[tuple[Pair, int], float] = {}
        self._done = asyncio.Event()
        self.latencies_ms: list[float] = []
        for pair in pairs:
            pair.load = self

    async def run(self) -> None:
        """Send all, wait for the last."""
        started = time.perf_counter()
        async with asyncio.timeout(PATIENCE_S):
            for index in range(self._count):
                wait_s = started + index / self._per_s - time.perf_counter()
                if wait_s > 0:
                    await asyncio.sleep(wait_s)
                pair = self._pairs[index % len(self._pairs)]
                number = pair.take_number()
                self._sent[pair, number] = time.perf_counter()
                pair.send(number)
            await self._done.wait()

    def received(self, pair: Pair, number: int) -> None:
        sent = self._sent.pop((pair, number), None)
        if sent is not None:
            self.latencies_ms.append((time.perf_counter() - sent) * 1000)
            if len(self.latencies_ms) == self._count:
                self._done.set()
