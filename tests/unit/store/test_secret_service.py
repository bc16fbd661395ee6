"""Images from before and after a wipe, with a real key store: gnome-keyring on a session bus of its own."""

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
SCRIPT = 'printf "pw\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$0" -m "$1" "$2" "$3"'


@pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in TOOLS), reason="needs dbus-run-session and gnome-keyring-daemon"
)
@pytest.mark.parametrize("mode", ["A", "B", "C"])
def test_what_an_attacker_reads_with_images_from_before_and_after(tmp_path: Path, mode: str) -> None:
    homes = {name: str(tmp_path / name) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")}
    for home in homes.values():
        Path(home).mkdir(mode=0o700)
    environment = {**os.environ, **homes, "PYTHONPATH": os.pathsep.join([str(ROOT / "app"), str(ROOT)])}
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", SCRIPT, sys.executable, STORY, tmp_path, mode],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    is_documented_limit = mode == "C"  # the certificate's `before_and_after_images`
    assert json.loads(done.stdout) == {
        "mode": mode,
        "generation": 2,
        "readable_while_the_secret_lived": 60,
        "gone_in_the_image_after": 0,
        "kept_in_the_image_after": 60,
        "gone_in_the_image_before": 60 if is_documented_limit else 0,
        "unlocking_the_image_before": "opens" if is_documented_limit else "key_unavailable",
        "unlocked": 2,
        "left": [],
        "secrets_left": 0,
    }
