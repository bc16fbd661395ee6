"""A world in one process: a real relay on a loopback port, engines in temporary folders, one clock for all.

    async with World(tmp_path) as world:
        alice = await world.account("alice")
        pc = await world.linked_pc(alice)
        await alice.engine.contacts.add("bob")

Nothing is faked but the clock (real time that can jump), the key store (memory) and the passphrase's cost. With
`hub=RoomHub()` rooms are faked, too, for tests of accounts alone.
"""

from __future__ import annotations

import asyncio
import shutil
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from byre.client.engine import Engine, open_engine
from byre.client.events import Event, LinkCodeShown, LinkReady
from byre.client.views import Created, LinkOffer
from byre.crypto.random import system_random
from byre.crypto.secret import Secret
from byre.relay.listening import Address, Listening
from byre.relay.server import Relay
from byre.relay.settings import Limits
from byre.store import PassphraseCosts
from tests.fakes.clock import JumpingClock
from tests.fakes.kept_port import KeptPort
from tests.fakes.rooms import RoomHub
from tests.patience import WAIT_S

E = TypeVar("E")
T = TypeVar("T")


class MemoryKeyStore:
    """A key store that lives as long as the test."""

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}

    def get(self, name: str) -> Secret | None:
        return Secret(self.entries[name]) if name in self.entries else None

    def put(self, name: str, secret: Secret) -> None:
        self.entries[name] = secret.reveal()

    def delete(self, name: str) -> None:
        self.entries.pop(name, None)


class RelayClock:
    """The world's clock as a relay sees it."""

    def __init__(self, clock: JumpingClock) -> None:
        self._clock = clock

    def wall_ms(self) -> int:
        return self._clock.now_ms()

    def boot_ms(self) -> int:
        return self._clock.now_ms()

    def monotonic_s(self) -> float:
        return self._clock.now_ms() / 1000


@dataclass
class RunningRelay:
    """A relay that listens; `stop` and `start` again keep its data and port. With `tls` it is dialled as `host`."""

    folder: Path
    clock: JumpingClock
    limits: Limits
    port: int = 0
    relay: Relay | None = None
    listening: Listening | None = None
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    is_in_ram: bool = False
    _place: KeptPort | None = None

    @property
    def url(self) -> str:
        return f"{'http' if self.tls is None else 'https'}://{self.host}:{self.port}"

    async def start(self) -> None:
        if not self.port:
            self._place = KeptPort()
            self.port = self._place.number
        self.relay = await Relay.open(
            self.folder,
            origins=(self.url,),
            limits=self.limits,
            clock=RelayClock(self.clock),
            random=system_random,
            is_in_ram=self.is_in_ram,
        )
        self.listening = await Listening.start(self.relay, Address("127.0.0.1", self.port), admin=None, tls=self.tls)

    async def lose_everything(self) -> None:
        """Stop, delete all data, and start as a new relay at the same address."""
        await self.stop()
        shutil.rmtree(self.folder)
        await self.start()

    async def copy(self, folder: Path) -> None:
        """Stop, copy all data, and go on."""
        await self.stop()
        shutil.copytree(self.folder, folder)
        await self.start()

    async def put_back(self, folder: Path) -> None:
        """Stop, and start with the data of a copy."""
        await self.stop()
        shutil.rmtree(self.folder)
        shutil.copytree(folder, self.folder)
        await self.start()

    async def stop(self) -> None:
        if self.relay is None or self.listening is None:
            return
        relay, listening = self.relay, self.listening
        self.relay = self.listening = None
        await relay.drain()
        await _accept_no_more(listening)
        await listening.stop()
        await relay.close()


async def _accept_no_more(listening: Listening) -> None:
    """Let what was accepted arrive before the server closes.

    asyncio's own server leaves a connection open that it accepted in the very turn in which it was closed
    (`Server._attach` fails on it); a relay in earnest runs on uvloop, and its process ends with it.
    """
    assert listening._public is not None
    for listener in listening._public.sockets:
        asyncio.get_running_loop().remove_reader(listener.fileno())
    for _ in range(3):
        await asyncio.sleep(0)


@dataclass
class Client:
    """An engine and everything that it has told."""

    engine: Engine
    folder: Path
    options: dict[str, Any]
    events: list[Event] = field(default_factory=list)
    bugs: list[tuple[str, BaseException]] = field(default_factory=list)
    created: Created | None = None
    is_running: bool = True
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def record(self, event: Event) -> None:
        self.events.append(event)
        self._arrived.set()

    async def wait(
        self,
        kind: type[E],
        where: Callable[[E], bool] = lambda _: True,
        *,
        since: int = 0,
        timeout_s: float = WAIT_S,
    ) -> E:
        """Return the first event of a kind (from number `since` on) that `where` accepts; waits for it."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    for event in self.events[since:]:
                        if isinstance(event, kind) and where(event):
                            return event
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            told = [type(event).__name__ for event in self.events]
            raise AssertionError(f"no {kind.__name__} came; there were {told}") from None


class World:
    """Relay and engines; everything is stopped at the end, and a background task that failed fails the test."""

    def __init__(
        self,
        folder: Path,
        *,
        hub: RoomHub | None = None,
        limits: Limits | None = None,
        stock: int = 4,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.folder = folder
        self.clock = JumpingClock()
        self.relay = RunningRelay(folder / "relay", self.clock, limits or Limits(), 0, host=host, tls=tls)
        self.hub = hub
        self.stock = stock
        self.clients: list[Client] = []
        self._more_relays: list[RunningRelay] = []
        self._beside: list[asyncio.Task[Any]] = []

    async def __aenter__(self) -> World:
        await self.relay.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self.clients:
            await self.stop(client)
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        for relay in (self.relay, *self._more_relays):
            await relay.stop()
        bugs = [bug for client in self.clients for bug in client.bugs]
        if bugs and error is None:
            raise AssertionError(f"background task {bugs[0][0]} failed") from bugs[0][1]

    async def client(self, name: str, **options: Any) -> Client:
        """Return a started engine with a profile folder of its own."""
        options = {"key_store": MemoryKeyStore(), "device_name": name, **options}
        client = await self._open(self.folder / name, options)
        self.clients.append(client)
        return client

    async def stop(self, client: Client) -> None:
        """Stop a client's engine in order."""
        if client.is_running:
            client.is_running = False
            await client.engine.stop()

    async def restart(self, client: Client) -> Client:
        """Stop a client's engine and open its profile anew; the old `Client` is not to be used any more."""
        await self.stop(client)
        fresh = await self._open(client.folder, client.options)
        self.clients[self.clients.index(client)] = fresh
        fresh.created, fresh.bugs = client.created, client.bugs
        return fresh

    async def account(self, handle: str, relay: str = "", **options: Any) -> Client:
        """Return a client with a new account as its primary, at the first relay unless another is named."""
        client = await self.client(handle, **options)
        client.created = await client.engine.account.create(
            handle=handle, name=handle.title(), relay=relay or self.relay.url
        )
        return client

    async def another_relay(self) -> RunningRelay:
        """Start a further relay."""
        relay = RunningRelay(self.folder / f"relay-{len(self._more_relays) + 2}", self.clock, self.relay.limits)
        await relay.start()
        self._more_relays.append(relay)
        return relay

    async def linked_pc(self, phone: Client, name: str = "", **options: Any) -> Client:
        """Return a client that `phone` has linked, through the whole handshake."""
        handle = phone.engine.account.status().handle
        pc = await self.client(name or f"{handle}-pc-{len(self.clients)}", **options)
        await self.link(phone, pc)
        return pc

    async def link(self, phone: Client, pc: Client) -> None:
        """Link `pc`, whose profile is new, to the account of `phone`."""
        handle = phone.engine.account.status().handle
        ready = await self.link_until_ready(phone, pc)
        assert ready.handle == handle
        await pc.engine.linking.finish(True)

    async def offer(self, pc: Client) -> LinkOffer:
        """Let a PC offer itself at the relay."""
        return await pc.engine.linking.offer(relay=self.relay.url, device_name=pc.folder.name)

    async def link_until_ready(self, phone: Client, pc: Client) -> LinkReady:
        """Go through the handshake up to the question that the PC asks its user."""
        since = len(pc.events)
        offer = await self.offer(pc)
        await phone.engine.linking.accept(offer.uri)
        code = await pc.wait(LinkCodeShown, since=since)
        await phone.engine.linking.confirm(code.code)
        return await pc.wait(LinkReady, since=since)

    def beside(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` beside the test; what nobody awaits is cancelled at the end."""
        task = asyncio.ensure_future(work)
        self._beside.append(task)
        return task

    async def until(self, check: Callable[[], Any], *, step_s: float = 0.0, timeout_s: float = WAIT_S) -> Any:
        """Return the first true value of `check` (which may be a coroutine function).

        With `step_s` the clock jumps so far every quarter of a second: requests under way have time to end.
        """
        looks = 0
        async with asyncio.timeout(timeout_s):
            while True:
                value = check()
                if asyncio.iscoroutine(value):
                    value = await value
                if value:
                    return value
                looks += 1
                if step_s and looks % 25 == 0:
                    self.clock.advance(step_s)
                await asyncio.sleep(0.01)

    async def opened(self, client: Client) -> Engine:
        """Open the profile of a client that has stopped, without starting it; the caller stops what comes."""
        return (await self._open(client.folder, client.options, is_started=False)).engine

    async def _open(self, folder: Path, options: dict[str, Any], *, is_started: bool = True) -> Client:
        bugs: list[tuple[str, BaseException]] = []
        if self.hub is not None:
            options = {"make_rooms": self.hub.make, "certify": _no_wipes, **options}
        engine = await open_engine(
            folder,
            clock=self.clock,
            passphrase_costs=PassphraseCosts(memory_kib=64, passes=1),
            key_package_stock=self.stock,
            on_bug=lambda name, error: bugs.append((name, error)),
            **options,
        )
        client = Client(engine, folder, options, bugs=bugs)
        engine.events.subscribe(client.record)
        if is_started:
            await engine.start()
        return client


def _no_wipes(*_: Any) -> Any:
    raise AssertionError("nothing is wiped here")
