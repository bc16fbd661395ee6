"""Spawn of the process to first paint of the window: `python -m tests.bench.startup [--quick]`.

`byre` is started as a user starts it, offscreen, on a fresh profile; it ends when the window asks for its engine, which
it does after its first paint. Compared in the same run: Python alone, a bare Qt window, and ours with eager imports.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from tests.bench.timing import parse_quick, print_result, summary

_TELL = "import os, sys, time; os.write(1, str(time.monotonic_ns()).encode()); os._exit(0)"

BYRE = f"""
import sys
from byre import bootstrap
async def first_paint_is_over(*_):
    {_TELL}
bootstrap._open_engine = first_paint_is_over
from byre.__main__ import main
main(["--profile", sys.argv[1]])
"""
PYTHON = _TELL
QT_ONLY = f"""
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication([])
class Window(QWidget):
    def paintEvent(self, event):
        {_TELL}
window = Window()
window.show()
app.exec()
"""
EAGER = "import aiohttp, keyring, segno, zxingcpp\n" + BYRE


def once(source: str) -> float:
    """Milliseconds from spawn to the moment the child tells."""
    with tempfile.TemporaryDirectory() as profile:
        start = time.monotonic_ns()
        done = subprocess.run(
            [sys.executable, "-c", source, profile],
            capture_output=True,
            timeout=60,
            check=False,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
        if not done.stdout:
            raise SystemExit(done.stderr.decode())
        return (int(done.stdout) - start) / 1e6


def main() -> None:
    rounds = 5 if parse_quick(__doc__ or "") else 20
    kinds = {"byre": BYRE, "byre_eager_imports": EAGER, "python_alone": PYTHON, "qt_window_alone": QT_ONLY}
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    for source in kinds.values():
        once(source)  # warm the disk cache
    for _ in range(rounds):
        for name, source in kinds.items():  # in turn, so that a busy moment hits all alike
            taken[name].append(once(source))
    print_result("startup", {"goal_ms": 600, "ms": {name: summary(values) for name, values in taken.items()}})


if __name__ == "__main__":
    main()
