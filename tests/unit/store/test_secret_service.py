"""Mode A with a real key store: gnome-keyring on a D-Bus session of its own, in a home of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TOOLS = ("dbus-run-session", "gnome-keyring-daemon")
STORY = "tests.unit.store.secret_service_story"
SCRIPT = 'printf "pw\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$0" -m "$1" "$2"'


@pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in TOOLS), reason="needs dbus-run-session and gnome-keyring-daemon"
)
def test_a_profile_lives_and_is_wiped_with_its_secret_in_a_secret_service(tmp_path: Path) -> None:
    homes = {name: str(tmp_path / name) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")}
    for home in homes.values():
        Path(home).mkdir(mode=0o700)
    environment = {**os.environ, **homes, "PYTHONPATH": os.pathsep.join([str(ROOT / "app"), str(ROOT)])}
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    done = subprocess.run(
        [
            "dbus-run-session",
            "--",
            "sh",
            "-c",
            SCRIPT,
            sys.executable,
            "tests.unit.store.secret_service_story",
            tmp_path,
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == {
        "mode": "A",
        "generation": 2,
        "readable_after": 0,
        "readable_before_with_todays_key": 0,
        "unlocking_the_image": "key_unavailable",
        "unlocked": 2,
        "left": [],
    }
