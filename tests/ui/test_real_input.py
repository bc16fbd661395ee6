"""Hangul through a real input method, where one is installed: the exact text, once, and an empty composer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ui.real_input import is_installed

ROOT = Path(__file__).resolve().parents[2]
ACTS = {
    "enter", "enter twice", "space", "click", "arrow", "new line", "backspace", "room switch", "after the switch",
    "escape",
}  # fmt: skip


@pytest.mark.skipif(not is_installed(), reason="no ibus-hangul with Xvfb and xdotool here")
def test_hangul_of_a_real_input_method_is_sent_exactly_and_once() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.real_input"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'app'}{os.pathsep}{ROOT}"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert set(told) == ACTS
    for name, act in told.items():
        if "sent" in act:
            assert act["sent"] == [act["expected"]], name
            assert act["left"] == ["", ""], name
        else:
            assert act["left"] == [act["expected"], ""], name
