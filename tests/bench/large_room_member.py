"""One member of `tests.bench.large_rooms`, in a process of its own: an engine on its loop, and a heartbeat beside it.

Told what to do by JSON lines on stdin, `[number, name, parameters]`; answers `[number, result, error]` on stdout. With
`--idle` in place of a profile there is a loop and its heartbeat, and no engine. `beat`
begins a new count and returns the one that ends, each by its worst:

    late_ms     how late a task came that is due every two milliseconds: how long a window would have stood still
    held_ms     the same without what other processes took: the time for which the loop's thread was ready to run and
                had no processor is left out, and so is that for which whoever held the interpreter had none: no beat
                counts for more than the processor time of all threads of this process meanwhile
    own_ms      the processor time of the loop's own thread between two beats: what all callbacks of those rounds cost
                together, without any wait for the interpreter
    longest_ms  the longest single callback of the loop, in processor time of its thread
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "app"))

from byre.client.engine import Engine, open_engine
from byre.client.events import Event, MessageReceived
from byre.client.rooms.intents import AddDevices, RemoveAccount
from byre.client.views import RoomId
from byre.store import PassphraseCosts
from byre.system.collector import settle
from byre.system.turns import shorten
from tests.bench.timing import percentile
from tests.fakes.crowd import crowd
from tests.fakes.world import MemoryKeyStore

BEAT_S = 0.002
PATIENCE_S = 600.0


class Heartbeat:
    """A task that is due every `BEAT_S`, and an eye on every callback of its loop."""

    def __init__(self) -> None:
        self._late_ms: list[float] = []
        self._held_ms = self._own_ms = self._longest_ms = 0.0
        self._watch_callbacks()
        self._task = asyncio.ensure_future(self._run())

    def take(self) -> dict[str, float]:
        """Return what was seen since the last call."""
        late = self._late_ms or [0.0]
        seen = {
            "late_p50_ms": percentile(late, 50),
            "late_p99_ms": percentile(late, 99),
            "late_ms": round(max(late), 2),
            "held_ms": round(self._held_ms, 2),
            "own_ms": round(self._own_ms, 2),
            "longest_ms": round(self._longest_ms, 2),
            "beats": len(late),
        }
        self._late_ms, self._held_ms, self._own_ms, self._longest_ms = [], 0.0, 0.0, 0.0
        return seen

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        waits = os.open(f"/proc/self/task/{threading.get_native_id()}/schedstat", os.O_RDONLY)
        while True:
            due, queued_ns = loop.time() + BEAT_S, _queued_ns(waits)
            used_ns, own_ns = time.process_time_ns(), time.thread_time_ns()
            await asyncio.sleep(BEAT_S)
            late_ms = (loop.time() - due) * 1000
            self._late_ms.append(late_ms)
            unqueued_ms = late_ms - (_queued_ns(waits) - queued_ns) / 1e6
            self._held_ms = max(self._held_ms, min(unqueued_ms, (time.process_time_ns() - used_ns) / 1e6))
            self._own_ms = max(self._own_ms, (time.thread_time_ns() - own_ns) / 1e6)

    def _watch_callbacks(self) -> None:
        inner: Callable[[Any], None] = asyncio.Handle._run  # type: ignore[attr-defined]
        own = threading.get_ident()

        def watched(handle: Any) -> None:
            before = time.thread_time_ns()
            inner(handle)
            if threading.get_ident() == own:
                self._longest_ms = max(self._longest_ms, (time.thread_time_ns() - before) / 1e6)

        asyncio.Handle._run = watched  # type: ignore[attr-defined]


def _queued_ns(descriptor: int) -> int:
    """How long the thread has waited for a processor so far."""
    return int(os.pread(descriptor, 64, 0).split()[1])


class Member:
    """What can be asked of one member, by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key_store = MemoryKeyStore()
        self._heart = Heartbeat()
        self._packages: Any = ()
        self._texts: set[str] = set()
        self._changed = asyncio.Event()
        self.engine: Engine

    async def open(self) -> None:
        """Open the profile and connect."""
        self.engine = await open_engine(
            self._folder,
            key_store=self._key_store,
            passphrase_costs=PassphraseCosts(memory_kib=64, passes=1),
            key_package_stock=4,
            device_name="pc",
        )
        self.engine.events.subscribe(self._heard)
        await self.engine.start()

    async def account(self, handle: str, relay: str) -> None:
        await self.engine.account.create(handle=handle, name=handle.title(), relay=relay)

    async def befriend(self, handle: str) -> None:
        await self.engine.contacts.add(handle)

    async def found(self, handle: str) -> str:
        return await self.engine.rooms.create([handle], title="town")

    async def gather(self, count: int, relay: str) -> None:
        """Make the key packages of a crowd, and let what stands be left to itself, as `bootstrap` does."""
        self._packages = crowd(count, relay_url=relay, now_s=time.time_ns() // 10**9)
        settle()

    async def add_crowd(self, room: str) -> None:
        await self._commits().bring_about(bytes.fromhex(room), AddDevices(self._packages))

    async def remove_one(self, room: str) -> None:
        await self._commits().bring_about(bytes.fromhex(room), RemoveAccount(self._packages[0].account_id))

    async def add(self, room: str, handle: str) -> None:
        await self.engine.rooms.add(RoomId(room), [handle])

    async def follow(self, room: str, count: int) -> None:
        """Return when the room has `count` devices here."""

        async def does() -> bool:
            session = self.engine._profile._session
            live = None if session is None else await session.rooms._commits._steps._groups.current(bytes.fromhex(room))  # type: ignore[attr-defined]
            return live is not None and len(live.facts.leaves) == count

        await self._until(does)

    async def say(self, room: str, text: str) -> None:
        await self.engine.messages.send(RoomId(room), text)

    async def hear(self, text: str) -> None:
        """Return when a text has come."""

        async def does() -> bool:
            return text in self._texts

        await self._until(does)

    async def restart(self) -> None:
        """Close the profile and open it again, with the room in it."""
        await self.engine.stop()
        await self.open()

    async def beat(self) -> dict[str, float]:
        return self._heart.take()

    def _commits(self) -> Any:
        return self.engine._profile.session.rooms._commits  # type: ignore[attr-defined]

    def _heard(self, event: Event) -> None:
        if isinstance(event, MessageReceived):
            self._texts.add(event.message.text)
        self._changed.set()

    async def _until(self, holds: Callable[[], Any]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not await holds():
                self._changed.clear()
                await self._changed.wait()


async def serve(folder: Path | None) -> None:
    """Do what stdin says until it ends; with no folder there is a heartbeat alone."""
    shorten()
    loop, lines = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    member = Member(folder or Path())
    if folder is not None:
        await member.open()
    under_way: set[asyncio.Task[None]] = set()

    async def carry_out(number: int, name: str, parameters: dict[str, Any]) -> None:
        result, error = None, None
        try:
            result = await getattr(member, name)(**parameters)
        except Exception as failure:  # whoever asked must not wait for ever
            error = f"{name}: {failure!r}"
        sys.stdout.write(json.dumps([number, result, error]) + "\n")
        sys.stdout.flush()

    try:
        while line := await lines.readline():
            task = asyncio.create_task(carry_out(*json.loads(line)))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
    finally:
        if folder is not None:
            await member.engine.stop()


if __name__ == "__main__":
    asyncio.run(serve(None if sys.argv[1] == "--idle" else Path(sys.argv[1])))
