"""MLS operations: `python -m tests.bench.mls [--quick] [--node MODULES]` prints one JSON object.

Message and group operations at n = 2, 10, 100, 1000 (not 1000 with --quick), our suites 1, 3 and hybrid, beside mls-rs
through Python (suite 1) in the same run. The contenders take turns, round by round, so that a busy machine slows all
alike; a ratio is the median of the ratios of single rounds. `ms` is wall time, `cpu_ms` what the process spent; a goal
is judged by the latter, which other processes on the machine disturb least (both engines compute on one thread: on an
idle machine the two agree). What the operations are stands in `mls_contenders`.

--node names a folder whose node_modules holds ts-mls and @signalapp/libsignal-client (`npm ci` in tests/interop/ts_mls,
`npm install @signalapp/libsignal-client`): they are then measured by `mls_node.mjs`, in their own process.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "app"))

from byre.mls.profile import HYBRID, X25519_AES128, X25519_CHACHA
from tests.bench.mls_contenders import Contender, Cycle, MlsRs, Ours
from tests.bench.timing import print_result

ROUNDS = {2: 40, 10: 20, 100: 7, 1000: 3}
QUICK_ROUNDS = {2: 10, 10: 5, 100: 2}
PEER = "mls_rs_suite_1"
MESSAGE_GOAL, GROUP_GOAL, HYBRID_GOAL = 0.6, 1.0, 1.6
WHY_HYBRID = "OpenSSL expands an ML-KEM seed for every node of the path, and once more to open our secret of it"
MESSAGE_OPERATIONS = ("encrypt", "decrypt")
GROUP_OPERATIONS = ("create_add", "join", "remove", "process_commit", "steady_remove", "steady_process")
NODE_SCRIPT = Path(__file__).with_name("mls_node.mjs")


def run(contenders: Sequence[Contender], size: int, rounds: int) -> dict[str, list[Cycle]]:
    """Let all contenders live through `rounds` cycles, taking turns; the first round warms up and is not counted."""
    for each in contenders:
        each.prepare(size)
    cycles: dict[str, list[Cycle]] = {each.name: [] for each in contenders}
    for number in range(rounds + 1):
        for each in contenders:
            cycle = each.cycle(size)
            if number or rounds == 1:
                cycles[each.name].append(cycle)
    return cycles


def medians(cycles: Sequence[Cycle]) -> dict[str, dict[str, float]]:
    """Return the medians of every operation in milliseconds, of wall and processor time."""
    operations = dict.fromkeys(name for cycle in cycles for name in cycle.times)
    result = {}
    for operation in operations:
        spent = [each for cycle in cycles for each in cycle.times.get(operation, ())]
        result[operation] = {
            "ms": round(statistics.median(wall for wall, _ in spent) * 1000, 4),
            "cpu_ms": round(statistics.median(processor for _, processor in spent) * 1000, 4),
        }
    return result


def ratios(ours: Sequence[Cycle], peers: Sequence[Cycle]) -> dict[str, dict[str, float]]:
    """Return, per operation that both know, the median over the rounds of our time by the peer's."""
    result = {}
    for operation in ours[0].times:
        if operation not in peers[0].times:
            continue
        pairs = [(_middle(a, operation), _middle(b, operation)) for a, b in zip(ours, peers, strict=True)]
        result[operation] = {
            "wall": round(statistics.median(a[0] / b[0] for a, b in pairs), 2),
            "cpu": round(statistics.median(a[1] / max(b[1], 1e-9) for a, b in pairs), 2),
        }
    return result


def _middle(cycle: Cycle, operation: str) -> tuple[float, float]:
    spent = cycle.times[operation]
    return statistics.median(wall for wall, _ in spent), statistics.median(processor for _, processor in spent)


def goals(ratio: dict[str, dict[str, dict[str, dict[str, float]]]]) -> list[dict[str, Any]]:
    """Judge every goal; what is not reached says by how much."""
    judged = []
    for size, by_name in ratio.items():
        for name, operations in by_name.items():
            group_goal = HYBRID_GOAL if name == "ours_hybrid" else GROUP_GOAL
            limits = dict.fromkeys(MESSAGE_OPERATIONS, MESSAGE_GOAL) | dict.fromkeys(GROUP_OPERATIONS, group_goal)
            for operation, limit in limits.items():
                if operation not in operations:
                    continue
                wall, cpu = operations[operation]["wall"], operations[operation]["cpu"]
                entry: dict[str, Any] = {
                    "n": int(size),
                    "who": name,
                    "operation": operation,
                    "at_most": limit,
                    "ratio": cpu,
                    "ratio_by_the_clock": wall,
                    "reached": cpu <= limit,
                }
                if cpu > limit:
                    entry["why"] = WHY_HYBRID if name == "ours_hybrid" else "slower"
                judged.append(entry)
    return judged


def node_peers(modules: Path, *, quick: bool) -> dict[str, Any]:
    """Run the node script, or say why not."""
    node = shutil.which("node")
    if node is None:
        return {"skipped": "no node on this machine"}
    environment = {**os.environ, "BYRE_NODE_MODULES": str(modules)}
    sizes = ["2", "10"] if quick else ["2", "10", "100"]
    done = subprocess.run(
        [node, str(NODE_SCRIPT), *sizes], env=environment, capture_output=True, text=True, timeout=900
    )
    if done.returncode:
        return {"skipped": done.stderr.strip().splitlines()[-1:]}
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="few rounds and no group of a thousand")
    parser.add_argument("--node", type=Path, help="a folder with node_modules: ts-mls, @signalapp/libsignal-client")
    arguments = parser.parse_args()
    ours = [Ours("ours_suite_1", X25519_AES128), Ours("ours_suite_3", X25519_CHACHA), Ours("ours_hybrid", HYBRID)]
    contenders: list[Contender] = [*ours]
    peers: list[dict[str, str]] = []
    try:
        contenders.append(MlsRs())
        peers.append({"name": "agentvault-mls-rs-uniffi", "version": metadata.version("agentvault-mls-rs-uniffi")})
    except ImportError:
        pass
    result: dict[str, Any] = {"peers": peers, "median": {}, "bytes": {}, "ratio_to_" + PEER: {}}
    ratio = result["ratio_to_" + PEER]
    for size, rounds in (QUICK_ROUNDS if arguments.quick else ROUNDS).items():
        print(f"n = {size} …", file=sys.stderr)
        cycles = run(contenders, size, rounds)
        result["median"][str(size)] = {name: medians(each) for name, each in cycles.items()}
        result["bytes"][str(size)] = {name: each[-1].sizes for name, each in cycles.items()}
        for each in ours:
            result["bytes"][str(size)][each.name]["welcome_of_one_without_tree"] = each.split_welcome_bytes(size)
        if PEER in cycles:
            ratio[str(size)] = {each.name: ratios(cycles[each.name], cycles[PEER]) for each in ours}
    result["goals"] = goals(ratio)
    result["not_reached"] = [each for each in result["goals"] if not each["reached"]]
    result["node"] = node_peers(arguments.node, quick=arguments.quick) if arguments.node else {"skipped": "no --node"}
    peers += [{"name": each["name"], "version": each["version"]} for each in result["node"].get("peers", ())]
    print_result("mls", result)


if __name__ == "__main__":
    main()
