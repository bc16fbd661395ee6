"""The same command again, without what it was handed from outside, in a process that knows nothing of the former."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from byre.system.relaunch import STATE, command_line, environment, taken_state

APP = Path(__file__).parents[3] / "app"
PROBE = """
import json, os, sys
from byre.system.relaunch import relaunch, taken_state
left = taken_state()
if left:
    print(json.dumps([left, os.getpid(), sys.argv[1:], os.environ.get("BYRE_WINDOW")]))
else:
    print(os.getpid())
    relaunch("10,20,300,400", without="byre://link#secret")
"""


def test_the_process_begins_anew_with_its_arguments_and_the_state(tmp_path: Path) -> None:
    program = tmp_path / "probe.py"
    program.write_text(PROBE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-X", "utf8", str(program), "phone", "byre://link#secret", "--profile", "방"],
        env={"PYTHONPATH": str(APP), "PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    first, second = done.stdout.splitlines()
    assert json.loads(second) == ["10,20,300,400", int(first), ["phone", "--profile", "방"], None]


def test_a_frozen_program_gets_its_own_arguments_only() -> None:
    words = command_line(["byre", "x"], ["byre", "phone", "byre://show"], is_frozen=True, without="byre://show")
    assert words == [sys.executable, "phone"]
    assert command_line(["python3", "-m", "byre"], ["…/__main__.py"], is_frozen=False, without=None) == [
        sys.executable,
        "-m",
        "byre",
    ]


def test_the_state_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STATE, "1,2,3,4")
    assert (taken_state(), taken_state()) == ("1,2,3,4", "")
    assert environment({"HOME": "/h"}, "s") == {"HOME": "/h", STATE: "s", "PYINSTALLER_RESET_ENVIRONMENT": "1"}
