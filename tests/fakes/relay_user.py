"""A device as a relay sees it: a `Network` that writes down what it is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from byre.client.clock import Clock, SystemClock
from byre.client.connection import Network, Progress, RelayClient
from byre.client.connection.route import Route
from byre.client.stretch import Turns
from byre.identity.mailbox import MailboxKeys
from byre.wire.frames import TOKEN_NORMAL
from tests.fakes.relay import seeded
from tests.patience import WAIT_S


async def until(condition: Callable[[], object], what: str = "the condition") -> None:
    """Wait for real sockets and threads to get there; fail when it takes too long."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true in {WAIT_S} s")
        await asyncio.sleep(0.002)


@dataclass
class Told:
    """`NetworkCallbacks` that remember. `take` may be replaced to make taking an envelope fail or wait."""

    envelopes: list[tuple[bytes, bytes]] = field(default_factory=list)
    progress: list[tuple[bytes, Progress]] = field(default_factory=list)
    failures: list[tuple[bytes, str, int]] = field(default_factory=list)
    connections: list[bool] = field(default_factory=list)
    waits: list[tuple[int, str]] = field(default_factory=list)
    stores: list[bytes] = field(default_factory=list)
    counts: list[tuple[int, bool, bool]] = field(default_factory=list)
    refused_mailboxes: list[bytes] = field(default_factory=list)

    async def on_envelopes(self, relay_url: str, mailbox_id: bytes, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
        for mid, body in envelopes:
            await self.take(mid)
            self.envelopes.append((mid, body))

    async def take(self, mid: bytes) -> None:
        """The device's own commit."""

    def on_progress(self, mid: bytes, progress: Progress) -> None:
        self.progress.append((mid, progress))

    def on_failed(self, mid: bytes, code: str, retry_after_ms: int) -> None:
        self.failures.append((mid, code, retry_after_ms))

    def on_connection(self, relay_url: str, is_connected: bool) -> None:
        self.connections.append(is_connected)

    def on_waiting(self, relay_url: str, next_try_ms: int, code: str) -> None:
        self.waits.append((next_try_ms, code))

    def on_store(self, relay_url: str, store_epoch: bytes) -> None:
        self.stores.append(store_epoch)

    def on_mailbox_refused(self, relay_url: str, mailbox_id: bytes) -> None:
        self.refused_mailboxes.append(mailbox_id)

    def on_key_package_count(
        self, relay_url: str, mailbox_id: bytes, one_time: int, has_last_resort: bool, is_last_resort_used: bool
    ) -> None:
        self.counts.append((one_time, has_last_resort, is_last_resort_used))

    def has(self, mid: bytes, progress: Progress) -> bool:
        """Tell whether a send got this far."""
        return (mid, progress) in self.progress

    @property
    def mids(self) -> list[bytes]:
        """The mids of the envelopes, in order of arrival."""
        return [mid for mid, _ in self.envelopes]


class User:
    """A device with one mailbox at one relay."""

    def __init__(
        self,
        url: str,
        seed: int,
        clock: Clock | None = None,
        *,
        told: Told | None = None,
        route: Route | None = None,
    ) -> None:
        self.random = seeded(seed)
        self.told = told or Told()
        self.url = url
        self.clock = clock or SystemClock()
        self.keys = MailboxKeys.generate(self.random)
        self.token = self.random(32)
        self.network = Network(callbacks=self.told, clock=self.clock, random=self.random, turns=Turns(), route=route)

    @property
    def relay(self) -> RelayClient:
        """The client of its relay."""
        return self.network.relay(self.url)

    @property
    def mailbox(self) -> bytes:
        """Its mailbox id."""
        return self.keys.mailbox_id

    async def register(self) -> None:
        """Make the mailbox, attach it, register a token."""
        await self.relay.mailbox_new(self.keys)
        self.attach()
        await self.relay.token_put(self.mailbox, [(self.token, TOKEN_NORMAL)])

    def attach(self) -> None:
        """Receive."""
        self.network.attach(self.url, self.keys)

    def detach(self) -> None:
        """Stop receiving."""
        self.network.detach(self.url, self.mailbox)

    def send(self, to: User, body: bytes = b"sealed", *, ttl_s: int = 0, is_live_only: bool = False) -> bytes:
        """Send one envelope to another user's mailbox; return its mid."""
        mid = self.random(16)
        self.relay.send(mid=mid, mailbox=to.mailbox, token=to.token, ttl_s=ttl_s, body=body, is_live_only=is_live_only)
        return mid


@asynccontextmanager
async def users(
    url: str, count: int, *, clock: Clock | None = None, route: Route | None = None
) -> AsyncIterator[list[User]]:
    """Run `count` registered users for the length of the block."""
    everybody = [User(url, 1000 + number, clock, route=route) for number in range(count)]
    try:
        for user in everybody:
            await user.network.start()
            await user.register()
        yield everybody
    finally:
        for user in everybody:
            await user.network.stop()
