"""A relay and its devices under random kills: `python -m tests.soak.relay [--seconds 600] [--seed N] [--devices 4]`.

Everything is a process of its own: the relay, and devices that send to each other, come and go. A seeded dice kills one
after the other with SIGKILL at random instants (the relay sometimes with SIGTERM) and starts it again. At the end all
come back and finish; then the devices' logs are held against each other: what was confirmed is there (I1), nothing is
shown twice (I2), each sender's messages were seen in order (I3), no body is left in the relay's files (I4). Prints one
JSON object; the exit code is 1 when an invariant is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from tests.fakes.killed_relay import KilledRelay
from tests.fakes.relay_examiner import readable
from tests.fakes.relay_user import User
from tests.soak.client import Log, body_of, run_device, seed_of

FINISH_S: Final = 180.0


class Soak:
    """One run."""

    def __init__(self, folder: Path, *, seed: int, devices: int) -> None:
        self._folder = folder
        self._seed = seed
        self._count = devices
        self._dice = random.Random(seed)
        self._relay = KilledRelay(folder / "relay", preload=("tests.soak.client",))
        self._context = multiprocessing.get_context("forkserver")
        self._stop = folder / "stop"  # a file: whoever is killed while he looks at it holds no lock
        self._devices: list[Any] = [None] * devices
        self.kills = {"relay": 0, "relay told to end": 0, "device": 0}

    async def run(self, seconds: float) -> dict[str, Any]:
        """Run for so long, finish, and return the figures."""
        started = time.monotonic()
        await self._relay.start()
        try:
            await self._register()
            for number in range(self._count):
                self._start_device(number)
            while time.monotonic() - started < seconds or not self._has_begun():
                await asyncio.sleep(self._dice.random() * 0.6)
                await self._kill_somebody()
            self._stop.touch()
            finish_s = await self._finish()
        finally:
            for process in self._devices:
                if process is not None and process.exitcode is None:
                    process.kill()
        complaints = self._complaints()
        complaints += await self._residue()
        self._relay.signal(signal.SIGTERM)
        code = await self._relay.ended()
        if code != 0:
            complaints.append(f"the relay ended with {code}")
        logs = self._logs()
        return {
            "soak": "relay",
            "seed": self._seed,
            "seconds": round(time.monotonic() - started, 1),
            "devices": self._count,
            "kills": self.kills,
            "sent": sum(len(log.sent) for log in logs),
            "confirmed": sum(len(log.confirmed) for log in logs),
            "received": sum(len(log.received) for log in logs),
            "finish_s": round(finish_s, 1),
            "broken": complaints[:20],
        }

    def _has_begun(self) -> bool:
        """Tell whether every device has sent and a few were killed: on a busy machine a start takes its time."""
        return sum(self.kills.values()) > 3 and all(log.sent for log in self._logs())

    async def _register(self) -> None:
        for number in range(self._count):
            user = User(self._relay.url, seed_of(self._seed, number))
            await user.network.start()
            await user.register()
            await user.network.stop()

    def _start_device(self, number: int) -> None:
        process = self._context.Process(
            target=run_device,
            args=(
                str(self._folder),
                self._relay.url,
                self._seed,
                number,
                self._count,
                self._dice.randrange(2**32),
                str(self._stop),
            ),
            daemon=True,
        )
        process.start()
        self._devices[number] = process

    async def _kill_somebody(self) -> None:
        if self._dice.random() < 0.3:
            is_told = self._dice.random() < 0.2
            self._relay.signal(signal.SIGTERM if is_told else signal.SIGKILL)
            await self._relay.ended()
            self.kills["relay told to end" if is_told else "relay"] += 1
            await asyncio.sleep(self._dice.random() * 0.3)
            await self._relay.start()
        else:
            number = self._dice.randrange(self._count)
            process = self._devices[number]
            os.kill(process.pid, signal.SIGKILL)
            while process.exitcode is None:  # noqa: ASYNC110  # a process tells nobody
                await asyncio.sleep(0.005)
            process.close()
            self.kills["device"] += 1
            await asyncio.sleep(self._dice.random() * 0.3)
            self._start_device(number)

    async def _finish(self) -> float:
        started = time.monotonic()
        while time.monotonic() - started < FINISH_S:
            logs = self._logs()
            if all(mid in logs[to].received for log in logs for mid, to in log.sent.items()) and all(
                log.sent.keys() <= log.confirmed for log in logs
            ):
                break
            await asyncio.sleep(0.3)
        return time.monotonic() - started

    def _logs(self) -> list[Log]:
        return [Log(self._folder / f"device-{number}.log") for number in range(self._count)]

    def _complaints(self) -> list[str]:
        logs = self._logs()
        found: list[str] = []
        for number, log in enumerate(logs):
            lines = (self._folder / f"device-{number}.log").read_bytes().splitlines()
            shown = [line for line in lines if line.startswith(b"R ")]
            if len(shown) != len(set(shown)):
                found.append(f"I2 device {number} shows a message twice")
            places = {mid: index for index, mid in enumerate(log.received)}
            for sender, theirs in enumerate(logs):
                mids = [mid for mid, to in theirs.sent.items() if to == number]
                lost = [mid.hex() for mid in mids if mid not in places]
                kind = (
                    "I1 confirmed and lost" if any(bytes.fromhex(mid) in theirs.confirmed for mid in lost) else "late"
                )
                found += [f"{kind}: {sender} to {number}: {mid}" for mid in lost]
                order = [places[mid] for mid in mids if mid in places]
                if order != sorted(order):
                    found.append(f"I3 device {number} saw messages of {sender} out of order")
            known = {mid for theirs in logs for mid, to in theirs.sent.items() if to == number}
            found += [f"I2 device {number} got what nobody sent to it" for mid in log.received if mid not in known]
        return found

    async def _residue(self) -> list[str]:
        bodies = [body_of(mid) for log in self._logs() for mid in log.sent]
        left: list[bytes] = []
        for _ in range(20):  # the last acknowledgements and their erasing checkpoint
            left = readable(self._folder / "relay", bodies)
            if not left:
                break
            await asyncio.sleep(0.25)
        return [f"I4 a body can be read: {body[:24].hex()}" for body in left]


def main() -> int:
    """Read the options, run, print."""
    parser = argparse.ArgumentParser(description="A relay and its devices under random kills.")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--devices", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        soak = Soak(Path(place), seed=options.seed, devices=options.devices)
        figures = asyncio.run(soak.run(options.seconds))
    json.dump(figures, sys.stdout, indent=1)
    sys.stdout.write("\n")
    return 1 if figures["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
