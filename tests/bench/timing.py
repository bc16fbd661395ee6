"""What every benchmark prints beside its figures: the machine, and percentiles by nearest rank."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
from collections.abc import Sequence
from typing import Any


def parse_quick(description: str) -> bool:
    """Read the one option that benchmarks share: `--quick`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="fewer rounds; figures are coarse")
    return bool(parser.parse_args().quick)


def percentile(values: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile, rounded to 0.01."""
    ordered = sorted(values)
    return round(ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)], 2)


def summary(values: Sequence[float]) -> dict[str, float]:
    """Count, median, 99th percentile and extremes."""
    return {
        "n": len(values),
        "p50": percentile(values, 50),
        "p99": percentile(values, 99),
        "min": round(min(values), 2),
        "max": round(max(values), 2),
    }


def load() -> float:
    """The load average of the last minute: what else kept the machine busy."""
    return round(os.getloadavg()[0], 2)


def print_result(name: str, figures: dict[str, Any]) -> None:
    """Print the benchmark's one JSON object."""
    machine = {"python": platform.python_version(), "cpus": os.cpu_count(), "load": load()}
    json.dump({"benchmark": name, "machine": machine, **figures}, sys.stdout, ensure_ascii=False)
    sys.stdout.write("\n")
