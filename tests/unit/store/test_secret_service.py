"""Images from before and after a wipe, with a real key store: gnome-keyring on a session bus of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.store.wiped_profile import GONE

ROOT = Path(__file__).parents[3]
TOOLS = ("dbus-run-session", "gnome-keyring-daemon")
STORY = "tests.unit.store.secret_service_story"
SCRIPT = 'printf "pw\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$0" -m "$1" "$2" "$3"'


pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in TOOLS), reason="needs dbus-run-session and gnome-keyring-daemon"
)
ALL = len(GONE)


def told(folder: Path, story: str) -> dict[str, object]:
    """Run a story of `secret_service_story` on a session bus of its own."""
    homes = {name: str(folder / name) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")}
    for home in homes.values():
        Path(home).mkdir(mode=0o700)
    environment = {**os.environ, **homes, "PYTHONPATH": os.pathsep.join([str(ROOT / "app"), str(ROOT)])}
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", SCRIPT, sys.executable, STORY, folder, story],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("mode", ["A", "B", "C"])
def test_what_an_attacker_reads_with_images_from_before_and_after(tmp_path: Path, mode: str) -> None:
    is_documented_limit = mode == "C"  # the certificate's `before_and_after_images`
    earlier = "opens" if is_documented_limit else "key_unavailable"
    assert told(tmp_path, mode) == {
        "mode": mode,
        "generation": 2,
        "certificate": is_documented_limit,
        "readable_while_the_secret_lived": {"before": ALL, "then": ALL},
        "gone": {"before": ALL if is_documented_limit else 0, "then": ALL if is_documented_limit else 0, "after": 0},
        "kept_in_the_image_after": 60,
        "unlocking": {"before": earlier, "then": earlier, "after": "opens"},
        "unlocked": 2,
        "left": [],
        "secrets_left": 0,
    }


def test_what_an_attacker_reads_after_the_key_mode_was_changed_twice(tmp_path: Path) -> None:
    assert told(tmp_path, "moved") == {
        "while the secret lived": dict.fromkeys(("in A", "in B", "in A again"), ALL),
        "certificate": False,
        "gone": dict.fromkeys(("in A", "in B", "in A again", "after"), 0),
        "secrets_left": 1,
    }


def test_an_image_from_a_time_of_the_passphrase_alone_is_out_of_reach_and_the_certificate_says_so(
    tmp_path: Path,
) -> None:
    assert told(tmp_path, "from C") == {
        "while the secret lived": {"in C": ALL, "in B": ALL},
        "certificate": True,
        "gone": {"in C": ALL, "in B": ALL, "after": 0},
        "secrets_left": 1,
        "in B, without the other image": 0,
    }


def test_what_an_attacker_reads_in_a_damaged_file_that_was_kept_aside(tmp_path: Path) -> None:
    found = told(tmp_path, "salvaged")
    assert found.pop("while the secret lived") != {"salvaged": 0}
    assert found == {"kept aside": 1, "certificate": False, "gone": {"salvaged": 0, "after": 0}, "secrets_left": 1}


def test_what_an_attacker_reads_after_a_wipe_that_was_killed_and_completed(tmp_path: Path) -> None:
    assert told(tmp_path, "killed") == {
        "killed": True,
        "secrets": 2,
        "gone": {"before": 0, "after": 0},
        "secrets_left": 1,
    }
