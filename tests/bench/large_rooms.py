"""Large rooms and the loop: `python -m tests.bench.large_rooms [--quick] [--devices N] [--runs N]`: one JSON object.

Three engines, each in a process of its own as three windows are, and a relay; all other devices of the room are a crowd
that never speaks. While a room of N (1,000; with --quick 100) is founded, joined, talked in and changed, a heartbeat on
each engine's loop tells how long a window would have stood still (`large_room_member`): the worst beat and the longest
callback of each step, of whichever engine was worse. The goal is 16 ms, one frame, for all of them, in every step of
every run.

`late_ms` is by the clock: on a quiet machine that is what a person sees. It also holds the time that other processes
had the processor (six share the machine here, and `load` says what else there was); `held_ms` leaves that out, so that
it says on any machine what the engine itself costs its loop: by its own work (`own_ms`) and by waiting for the
interpreter while other threads of it work. Where many others want the processors those threads are sent away in the
middle of their turn, and `held_ms` counts what they used before and after as well. The control is a loop in a sixth
process that has nothing to do at all: `idle_late_ms` is how late its beats came in the same step, which no program
could have helped.
`spent_ms` is the wall time of a step.

With --runs the story is told as often: the numbers of `steps` are then the median of the runs, `runs` has the worst of
each, and `worst` and `reached` go by the worst of all.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "app"))

from byre.demo.process import RelayProcess
from tests.bench.timing import load, print_result

GOAL_MS = 16.0
JUDGED = ("late", "held", "own", "longest")
NAMES = ("anna", "ben", "carl")
IDLE = "--idle"
LONGEST_LINE = 1 << 20


class MemberProcess:
    """One `large_room_member`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._numbers = itertools.count()
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._reader = asyncio.ensure_future(self._read())

    @classmethod
    async def start(cls, folder: Path | str, log: Path) -> MemberProcess:
        """Start it with an empty profile, or with none at all."""
        with log.open("ab") as errors:
            return cls(
                await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "tests.bench.large_room_member", str(folder)),
                    cwd=Path(__file__).parents[2],
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=errors,
                    limit=LONGEST_LINE,
                )
            )

    async def do(self, name: str, **parameters: Any) -> Any:
        """Ask for something and return its result."""
        assert self._process.stdin is not None
        number = next(self._numbers)
        self._answers[number] = answer = asyncio.get_running_loop().create_future()
        self._process.stdin.write(json.dumps([number, name, parameters]).encode() + b"\n")
        return await answer

    async def stop(self) -> None:
        """End it in an orderly way."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reader

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            number, result, error = json.loads(line)
            if error is None:
                self._answers.pop(number).set_result(result)
            else:
                self._answers.pop(number).set_exception(RuntimeError(error))
        for answer in self._answers.values():
            answer.set_exception(EOFError("a member has ended"))


async def measure(devices: int) -> dict[str, Any]:
    """Run the story; return the steps."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        relay = await RelayProcess.start(folder / "relay", logs=folder)
        members = [await MemberProcess.start(folder / each, folder / f"{each}.log") for each in NAMES]
        idle = await MemberProcess.start(IDLE, folder / "idle.log")
        try:
            return await _story(relay.url, members, idle, devices)
        finally:
            for each in (*members, idle):
                await each.stop()
            await relay.stop()


async def _story(relay: str, members: list[MemberProcess], idle: MemberProcess, devices: int) -> dict[str, Any]:
    anna, ben, carl = members
    for name, member in zip(NAMES, members, strict=True):
        await member.do("account", handle=name, relay=relay)
    for name, member in itertools.product(NAMES, members):
        if name != NAMES[members.index(member)]:
            await member.do("befriend", handle=name)
    room = await anna.do("found", handle="ben")
    await ben.do("follow", room=room, count=2)
    await asyncio.gather(
        anna.do("gather", count=devices - 3, relay=relay),
        *(each.do("gather", count=0, relay=relay) for each in (ben, carl)),
    )
    steps: dict[str, Any] = {}

    async def during(step: str, *work: Awaitable[Any]) -> None:
        await asyncio.gather(*(each.do("beat") for each in (*members, idle)))
        start = time.perf_counter()
        await asyncio.gather(*work)
        spent_ms = (time.perf_counter() - start) * 1000
        *beats, beside = await asyncio.gather(*(each.do("beat") for each in (*members, idle)))
        worst = {name: max(each[name] for each in beats) for name in beats[0] if name != "beats"}
        steps[step] = {
            "spent_ms": round(spent_ms, 1),
            **worst,
            "idle_late_ms": beside["late_ms"],
            "idle_late_p99_ms": beside["late_p99_ms"],
            "beats": sum(each["beats"] for each in beats),
            "load": load(),
        }

    await during("idle", asyncio.sleep(2.0))
    await during("add_all", anna.do("add_crowd", room=room))
    await during("follow_add_all", ben.do("follow", room=room, count=devices - 1))
    await during("fan_out", asyncio.sleep(5.0))
    await during("message", ben.do("say", room=room, text="good day"), anna.do("hear", text="good day"))
    await during("newcomer", anna.do("add", room=room, handle="carl"), carl.do("follow", room=room, count=devices))
    await during("remove", anna.do("remove_one", room=room), carl.do("follow", room=room, count=devices - 1))
    await during("restart", ben.do("restart"))
    await during("after_restart", anna.do("say", room=room, text="again"), ben.do("hear", text="again"))
    return steps


def middle(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the steps with the median of the runs for each number."""
    return {
        step: {name: round(statistics.median(run[step][name] for run in runs), 2) for name in numbers}
        for step, numbers in runs[0].items()
    }


def worst_of(steps: dict[str, Any]) -> dict[str, float]:
    """Return the worst of all steps."""
    return {f"{name}_ms": max(step[f"{name}_ms"] for step in steps.values()) for name in (*JUDGED, "idle_late")}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a room of a hundred")
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=1)
    arguments = parser.parse_args()
    devices = 100 if arguments.quick else arguments.devices
    runs = [asyncio.run(measure(devices)) for _ in range(arguments.runs)]
    steps = middle(runs)
    worst = [worst_of(run) for run in runs]
    result = {
        "devices": devices,
        "goal_ms": GOAL_MS,
        "worst": {name: max(each[name] for each in worst) for name in worst[0]},
        "runs": worst,
        "steps": steps,
        "reached": {
            name: {judged: all(run[name][f"{judged}_ms"] <= GOAL_MS for run in runs) for judged in JUDGED}
            for name in steps
        },
    }
    print_result("large_rooms", result)


if __name__ == "__main__":
    main()
