"""The relay beside other servers: `python -m tests.bench.relay [--quick] [--only NAME…] [--rounds N]`, one JSON object.

Each server is a process of its own and is driven from this one over the loopback: 20 senders to 20 receivers, 300-byte
messages, each acknowledged by its receiver. Rounds of all servers alternate, so that a busy moment of the machine hits
all alike; figures are medians of rounds. A server that is not installed is skipped and says why.

live          messages per CPU-second of the server (all its processes), as fast as windows of 48 per pair allow
latency_ms    from send to the receiver, at 500 messages a second
held          messages a second that are kept for receivers who are away, and drained when they are back (wall clock)
limits        what our relay ran with: rates per token and socket and the room of a mailbox are raised, for a flood is
              what they refuse; the code that checks them runs for every message
idle_kib      memory per connection that nobody writes to, authenticated, at 1,000 and 5,000 (ours also with TLS)
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import uvloop

from tests.bench.relay_servers.byre import Byre
from tests.bench.relay_servers.link import Link
from tests.bench.relay_servers.load import Flood, Homecoming, Pair, Stroll
from tests.bench.relay_servers.mosquitto import Mosquitto
from tests.bench.relay_servers.nats import Nats
from tests.bench.relay_servers.process import ServerFault, ServerProcess
from tests.bench.relay_servers.xmpp_servers import Ejabberd, Prosody
from tests.bench.timing import percentile

PAIRS: Final = 20
PER_S: Final = 500
GOALS: Final = {
    "live_per_cpu_s": 20_000,
    "latency_p99_ms": 10.0,
    "idle_kib": 20.0,
    "stored_per_s": 10_000,
    "times_ejabberd": 2.0,
    "times_prosody": 4.0,
}
SLOW: Final = frozenset({"ejabberd", "prosody"})
"""Peers that get a quarter of the messages, so that a run ends the same day; rates do not depend on it."""


class Server(Protocol):
    """A server under test."""

    name: str
    held_in: str
    process: ServerProcess | None

    def version(self) -> str: ...
    def limits(self) -> dict[str, Any]: ...
    async def start(self, folder: Path) -> None: ...
    async def pair(self) -> Pair: ...
    async def idle(self) -> Link: ...


SERVERS: Final[dict[str, Callable[[], Any]]] = {kind.name: kind for kind in (Byre, Mosquitto, Nats, Ejabberd, Prosody)}


class Running:
    """A started server with its pairs and what was measured of it."""

    def __init__(self, server: Server, pairs: list[Pair]) -> None:
        self.server = server
        self.pairs = pairs
        self.figures: dict[str, list[float]] = {}

    def note(self, name: str, value: float) -> None:
        """Keep one round's figure."""
        self.figures.setdefault(name, []).append(value)

    def cpu_s(self) -> float:
        """Return the CPU seconds of the server so far."""
        assert self.server.process is not None
        return self.server.process.cpu_s()

    def share(self, messages: int) -> int:
        """Return how many messages a round sends here."""
        return messages // 4 if self.server.name in SLOW else messages

    async def live(self, messages: int) -> None:
        """One round of live messages."""
        each = self.share(messages) // PAIRS
        before = self.cpu_s()
        seconds = await Flood(self.pairs, each, is_held=False).run()
        self.note("live_per_cpu_s", each * PAIRS / max(0.01, self.cpu_s() - before))
        self.note("live_per_s", each * PAIRS / seconds)

    async def stroll(self, seconds: float) -> None:
        """One round at a fixed rate."""
        load = Stroll(self.pairs, PER_S, seconds)
        await load.run()
        self.note("latency_p50_ms", percentile(load.latencies_ms, 50))
        self.note("latency_p99_ms", percentile(load.latencies_ms, 99))

    async def hold(self, messages: int) -> None:
        """One round of messages for receivers who are away, and of their return."""
        each = self.share(messages) // PAIRS
        for pair in self.pairs:
            await pair.leave()
        before = self.cpu_s()
        seconds = await Flood(self.pairs, each, is_held=True).run()
        self.note("stored_per_s", each * PAIRS / seconds)
        self.note("stored_per_cpu_s", each * PAIRS / max(0.01, self.cpu_s() - before))
        before = self.cpu_s()
        seconds = await Homecoming(self.pairs, each).run()
        self.note("drained_per_s", each * PAIRS / seconds)
        self.note("drained_per_cpu_s", each * PAIRS / max(0.01, self.cpu_s() - before))
        await asyncio.sleep(1.0)  # the last acknowledgements


async def measure(names: Sequence[str], *, rounds: int, is_quick: bool) -> dict[str, Any]:
    """Run everything."""
    skipped: dict[str, str] = {}
    report: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as place:
        running: dict[str, Running] = {}
        try:
            for name in names:
                try:
                    running[name] = await started(name, Path(place))
                except ServerFault as fault:
                    skipped[name] = str(fault)
            messages, seconds = (8_000, 2.0) if is_quick else (40_000, 6.0)
            for one in running.values():
                await Flood(one.pairs, one.share(4000) // PAIRS, is_held=False).run()  # warm
            for _ in range(rounds):
                for one in running.values():
                    await one.live(messages)
                for one in running.values():
                    await one.stroll(seconds)
                for one in running.values():
                    await one.hold(messages // 4)
        finally:
            for one in running.values():
                assert one.server.process is not None
                await one.server.process.stop()
    for name, one in running.items():
        report[name] = {
            "version": one.server.version(),
            "limits": one.server.limits(),
            "held_in": one.server.held_in,
            **{figure: round(statistics.median(values), 2) for figure, values in one.figures.items()},
        }
    counts = (200, 500) if is_quick else (1000, 5000)
    for name in report:
        report[name]["idle_kib"] = await idle(lambda _, made=SERVERS[name]: made(), counts)
    if "byre" in report:
        report["byre"]["idle_kib_tls"] = await idle(with_tls, counts)
    return {
        "benchmark": "relay",
        "machine": {"python": platform.python_version(), "cpus": os.cpu_count(), "load": os.getloadavg()[0]},
        "load": {"pairs": PAIRS, "body_bytes": 300, "window": 48, "paced_per_s": PER_S, "rounds": rounds},
        "servers": report,
        "skipped": skipped,
        **judged(report),
    }


async def started(name: str, place: Path) -> Running:
    """Start a server and open its pairs.

    Raises:
        ServerFault: it is not installed or does not start.
    """
    server: Server = SERVERS[name]()
    server.version()
    folder = place / name
    folder.mkdir()
    await server.start(folder)
    return Running(server, [await server.pair() for _ in range(PAIRS)])


async def idle(make: Callable[[Path], Any], counts: Sequence[int]) -> dict[str, float]:
    """Return KiB per idle connection at these counts, over a server without any."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        server = make(Path(place))
        if server is None:
            return found
        await server.start(Path(place))
        try:
            links: list[Link] = [await server.idle() for _ in range(20)]  # what is made with the first ones is no cost
            before = server.process.memory_kib()
            for count in counts:
                while len(links) < count + 20:
                    links.append(await server.idle())
                await asyncio.sleep(2.0)
                found[str(count)] = round((server.process.memory_kib() - before) / count, 2)
        finally:
            await server.process.stop()
    return found


def with_tls(folder: Path) -> Byre | None:
    """Return our relay with TLS in process and a throw-away certificate."""
    chain, key = folder / "chain.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(chain)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return Byre((chain, key))


def judged(report: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return ratios to the peers, and which goals are reached (None: not measured)."""
    ours = report.get("byre")
    if ours is None:
        return {"ratios": {}, "goals": {}}
    ratios = {
        name: {
            figure: round(ours[figure] / peer[figure], 2)
            for figure in ("live_per_cpu_s", "live_per_s", "stored_per_s", "drained_per_s")
            if peer.get(figure)
        }
        for name, peer in report.items()
        if name != "byre"
    }
    reached: dict[str, tuple[float | None, bool | None]] = {}
    for goal, wanted in GOALS.items():
        if goal.startswith("times_"):
            value = ratios.get(goal.removeprefix("times_"), {}).get("live_per_cpu_s")
        elif goal == "idle_kib":
            value = max(ours["idle_kib"].values(), default=None)
        else:
            value = ours.get(goal)
        is_reached = None if value is None else (value <= wanted if goal.endswith(("_ms", "_kib")) else value >= wanted)
        reached[goal] = (value, is_reached)
    return {
        "ratios": ratios,
        "goals": {
            goal: {"goal": GOALS[goal], "measured": value, "reached": is_reached}
            for goal, (value, is_reached) in reached.items()
        },
    }


def main() -> None:
    """Read the options and print the figures."""
    parser = argparse.ArgumentParser(description="The relay beside other servers, on the loopback.")
    parser.add_argument("--quick", action="store_true", help="fewer messages and connections; figures are coarse")
    parser.add_argument("--rounds", type=int, default=0, metavar="N", help="rounds (5, quick: 2)")
    parser.add_argument("--only", nargs="+", choices=sorted(SERVERS), default=list(SERVERS), help="these servers")
    options = parser.parse_args()
    rounds = options.rounds or (2 if options.quick else 5)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(measure(options.only, rounds=rounds, is_quick=options.quick))
    json.dump(figures, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
