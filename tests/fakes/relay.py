"""A real relay inside the test's process: real sockets on loopback, real files, a clock to move."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from byre.relay.listening import Address, Listening
from byre.relay.server import Relay
from byre.relay.settings import Limits
from tests.fakes.kept_port import KeptPort

TEST_LIMITS = replace(
    Limits(),
    erase_delay_ms=20,
    refusal_delay_ms=5,
    drain_jitter_ms=0,
    free_disk_new_percent=0,
    free_disk_store_percent=0,
)
"""The defaults with short waits, and indifferent to how full the machine's disk is."""


class RelayClock:
    """The relay's clock: runs with the machine's, jumps when told."""

    def __init__(self) -> None:
        self._offset_ms = 0
        self._wall_error_ms = 0

    def wall_ms(self) -> int:
        """Return the wall time, wrong by what `break_wall` said."""
        return time.time_ns() // 1_000_000 + self._offset_ms + self._wall_error_ms

    def boot_ms(self) -> int:
        """Return the time since boot, jumps included."""
        return time.monotonic_ns() // 1_000_000 + self._offset_ms

    def monotonic_s(self) -> float:
        """Return growing seconds, jumps included."""
        return time.monotonic() + self._offset_ms / 1000

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._offset_ms += round(seconds * 1000)

    def break_wall(self, seconds: float) -> None:
        """Set the wall clock wrong, as a bad time server would."""
        self._wall_error_ms += round(seconds * 1000)


def seeded(seed: int) -> Callable[[int], bytes]:
    """Return a reproducible source of bytes."""
    return random.Random(seed).randbytes


@dataclass(slots=True)
class RunningRelay:
    """A relay that listens. `url` stays over `restart`."""

    url: str
    path: Path
    port: int
    limits: Limits
    clock: RelayClock
    trusts_proxy: bool
    is_in_ram: bool
    relay: Relay
    listening: Listening
    origin: str = ""

    @property
    def counters(self) -> dict[str, int]:
        """Return what the relay counted."""
        return self.relay.services.counters.snapshot()

    async def stop(self) -> None:
        """Shut it down in order."""
        await self.relay.drain()
        await self.listening.stop()
        await self.relay.close()

    async def restart(self) -> None:
        """Shut it down and start it again on the same data and address."""
        await self.stop()
        await self.start_again()

    async def start_again(self) -> None:
        """Start it after `stop`."""
        self.relay, self.listening = await _start(
            self.path, self.port, self.limits, self.clock, self.trusts_proxy, self.is_in_ram, self.origin
        )


_seeds = itertools.count(1)


@asynccontextmanager
async def running_relay(
    path: Path,
    *,
    limits: Limits = TEST_LIMITS,
    trusts_proxy: bool = False,
    is_in_ram: bool = False,
    origin: str = "",
) -> AsyncIterator[RunningRelay]:
    """Run a relay on a free loopback port for the length of the block.

    Args:
        origin: how clients dial it, when that is not its own address.
    """
    clock = RelayClock()
    place = KeptPort()  # also while it is stopped
    port = place.number
    relay, listening = await _start(path, port, limits, clock, trusts_proxy, is_in_ram, origin)
    url = f"http://127.0.0.1:{port}"
    running = RunningRelay(url, path, port, limits, clock, trusts_proxy, is_in_ram, relay, listening, origin)
    try:
        yield running
    finally:
        await running.stop()


async def _start(
    path: Path, port: int, limits: Limits, clock: RelayClock, trusts_proxy: bool, is_in_ram: bool, origin: str
) -> tuple[Relay, Listening]:
    relay = await Relay.open(
        path,
        origins=(origin or f"http://127.0.0.1:{port}",),
        limits=limits,
        clock=clock,
        random=seeded(next(_seeds)),
        trusts_proxy=trusts_proxy,
        is_in_ram=is_in_ram,
    )
    return relay, await Listening.start(relay, Address("127.0.0.1", port), admin=None, tls=None)
