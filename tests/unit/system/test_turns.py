"""Threads of one process take turns often enough for a window."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

APP = Path(__file__).parents[3] / "app"
PROBE = "import sys; from byre.system.turns import shorten; shorten(); print(sys.getswitchinterval())"


def test_turns_are_short() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE], env={"PYTHONPATH": str(APP)}, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) <= 0.001
