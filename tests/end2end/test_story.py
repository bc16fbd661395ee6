"""The demo as a user starts it: one command, real processes, a window, one JSON object; every step must hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.disk import on_disk


@pytest.mark.slow
@pytest.mark.xdist_group("kill")
@pytest.mark.timeout(300)
def test_the_demo_holds_every_step(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "byre", "demo", "--headless", "--json", "--messages", "30"]
    with on_disk(tmp_path) as folder:  # what the relay writes is counted, but not what Python keeps of its modules
        env = {"QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [*command, "--screenshot-dir", str(tmp_path / "shots")],
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
            env={**os.environ, **env},
        )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["ok"]
    assert [step["name"] for step in result["steps"] if not step["ok"]] == []
    assert result["latency_ms"]["messages"] == 30
    assert result["relay"]["disk_write_bytes_live"] == 0
    assert result["wipe"]["remnants"] == []
    for path in result["screenshots"]:
        assert Path(path).read_bytes().startswith(b"\x89PNG")
    assert "Traceback" not in done.stderr
