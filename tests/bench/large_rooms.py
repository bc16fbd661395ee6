"""Large rooms and the loop: `python -m tests.bench.large_rooms [--quick] [--devices N]` prints one JSON object.

Three engines on one loop, a relay in its own process; all other devices are a crowd that never speaks. A heartbeat on
that loop is due every two milliseconds: how late it comes while a room of N (1,000; with --quick 100) is founded,
joined, talked in and changed is how long a window would have stood still. The goal is 16 ms, one frame. `late_ms` holds
all that kept it: the loop's own work, worker threads that hold the interpreter, other processes on the machine (idle
shows them). `busy_ms` is what the loop's own thread computed between two beats. The loop here bears what three windows'
loops do, so that both are upper bounds; `spent_ms` is the wall time of a step.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "app"))

from byre.client.rooms.intents import AddDevices, RemoveAccount
from byre.demo.process import RelayProcess
from byre.system.collector import settle
from tests.bench.timing import percentile, print_result
from tests.fakes.crowd import crowd
from tests.fakes.world import World
from tests.protocol.room_steps import acquainted, joined, texts

BEAT_S = 0.002
GOAL_MS = 16.0
PATIENCE_S = 600.0


class RelayBeside:
    """A relay in its own process, in the place of the world's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: RelayProcess | None = None

    @property
    def url(self) -> str:
        """Its base URL."""
        assert self._process is not None
        return self._process.url

    async def start(self) -> None:
        """Start it."""
        self._process = await RelayProcess.start(self._folder, logs=self._folder.parent)

    async def stop(self) -> None:
        """Stop it."""
        assert self._process is not None
        await self._process.stop()


class Heartbeat:
    """A task that is due every `BEAT_S`: how late it came, and what its thread computed since the last one."""

    def __init__(self) -> None:
        self._late_ms: list[float] = []
        self._busy_ms: list[float] = []
        self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, computed = loop.time() + BEAT_S, time.thread_time()
            await asyncio.sleep(BEAT_S)
            self._late_ms.append((loop.time() - due) * 1000)
            self._busy_ms.append((time.thread_time() - computed) * 1000)

    async def during(self, work: Awaitable[Any]) -> dict[str, Any]:
        """Await `work`; return how long it took and what the beats say of it."""
        self._late_ms.clear()
        self._busy_ms.clear()
        start = time.perf_counter()
        await work
        spent_ms = (time.perf_counter() - start) * 1000
        late, busy = self._late_ms or [0.0], self._busy_ms or [0.0]
        return {
            "spent_ms": round(spent_ms, 1),
            "late_ms": _figures(late),
            "busy_ms": _figures(busy),
            "beats": len(late),
            "reached": {"late": max(late) <= GOAL_MS, "busy": max(busy) <= GOAL_MS},
        }

    def stop(self) -> None:
        """End the task."""
        self._task.cancel()


def _figures(values: list[float]) -> dict[str, float]:
    return {"p50": percentile(values, 50), "p99": percentile(values, 99), "max": round(max(values), 2)}


async def measure(devices: int) -> dict[str, Any]:
    """Run the story; return the steps."""
    with tempfile.TemporaryDirectory() as folder:
        beside = World(Path(folder))
        beside.relay = RelayBeside(Path(folder) / "relay")  # type: ignore[assignment]
        async with beside as world:
            anna, ben, carl = await acquainted(world, "anna", "ben", "carl")
            room = await anna.engine.rooms.create(["ben"], title="town")
            await joined((ben,), room)
            packages = crowd(devices - 3, relay_url=world.relay.url, now_s=world.clock.now_ms() // 1000)
            commits = anna.engine._profile.session.rooms._commits  # type: ignore[attr-defined]
            group_id = bytes.fromhex(room)

            async def shows(client: Any, text: str) -> None:
                async def does() -> bool:
                    return text in await texts(client, room)

                await world.until(does, timeout_s=PATIENCE_S)

            async def says(sender: Any, receiver: Any, text: str) -> None:
                await sender.engine.messages.send(room, text)
                await shows(receiver, text)

            async def follows(client: Any, count: int) -> None:
                groups = client.engine._profile.session.rooms._commits._groups

                async def does() -> bool:
                    live = await groups.current(group_id)
                    return live is not None and len(live.facts.leaves) == count

                await world.until(does, timeout_s=PATIENCE_S)

            async def restarts() -> None:
                fresh = await world.restart(ben)
                await says(anna, fresh, "after a start")

            async def change(work: Callable[[], Awaitable[Any]], client: Any, count: int) -> None:
                await work()
                await follows(client, count)

            settle()  # as `bootstrap` does when an engine stands
            heart = Heartbeat()
            steps = {"idle": await heart.during(asyncio.sleep(1.0))}
            add = AddDevices(packages)
            steps["add_all"] = await heart.during(commits.bring_about(group_id, add))
            steps["follow_add_all"] = await heart.during(follows(ben, devices - 1))
            steps["fan_out"] = await heart.during(asyncio.sleep(5.0))
            steps["message"] = await heart.during(says(ben, anna, "good day"))
            steps["newcomer"] = await heart.during(change(lambda: ben.engine.rooms.add(room, ["carl"]), carl, devices))
            gone = packages[0].account_id
            steps["remove"] = await heart.during(
                change(lambda: commits.bring_about(group_id, RemoveAccount(gone)), carl, devices - 1)
            )
            steps["restart"] = await heart.during(restarts())
            heart.stop()
            return steps


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a room of a hundred")
    parser.add_argument("--devices", type=int, default=1000)
    arguments = parser.parse_args()
    devices = 100 if arguments.quick else arguments.devices
    steps = asyncio.run(measure(devices))
    goals = {name: step["reached"] for name, step in steps.items()}
    print_result("large_rooms", {"devices": devices, "goal_late_ms": GOAL_MS, "steps": steps, "reached": goals})


if __name__ == "__main__":
    main()
