"""Rule 4, second half: the twins of crypto, mls, identity and the store's wipe and vault run every line of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checks.source import ROOT

COMPLETE = ("app/byre/crypto/", "app/byre/mls/", "app/byre/identity/", "app/byre/store/wipe", "app/byre/store/vault")
TWINS = ("tests/unit/crypto", "tests/unit/mls", "tests/unit/identity")
TWINS_IN_STORE = ("test_wipe*.py", "test_vault*.py")
IN_OTHER_PROCESSES = "killed or power_cut"
"""Tests that start processes of their own: what these run is not seen here."""


def uncovered(report: dict[str, dict[str, list[int]]]) -> dict[str, list[int]]:
    """Lines that the twins left out, of the files that must be covered completely."""
    return {
        path: entry["missing_lines"]
        for path, entry in report.items()
        if path.startswith(COMPLETE) and entry["missing_lines"]
    }


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_inner_rooms_are_covered_completely_by_their_twins(tmp_path: Path) -> None:
    data = f"--data-file={tmp_path / 'coverage'}"
    source = "--source=" + ",".join(
        str(ROOT / "app" / "byre" / room) for room in ("crypto", "mls", "identity", "store")
    )
    store = [str(path) for name in TWINS_IN_STORE for path in sorted((ROOT / "tests" / "unit" / "store").glob(name))]
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", f"not ({IN_OTHER_PROCESSES})"]
    pytest_command = ["-m", "pytest", *options, *TWINS, *store]
    done = subprocess.run(
        [sys.executable, "-m", "coverage", "run", data, source, *pytest_command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=850,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    report = tmp_path / "coverage.json"
    subprocess.run(
        [sys.executable, "-m", "coverage", "json", "-q", data, "-o", str(report)], cwd=ROOT, check=True, timeout=120
    )
    assert uncovered(json.loads(report.read_text())["files"]) == {}


def test_a_line_left_out_is_seen() -> None:
    report = {
        "app/byre/mls/tree.py": {"missing_lines": [7]},
        "app/byre/store/wipe.py": {"missing_lines": []},
        "app/byre/store/rooms.py": {"missing_lines": [1]},
    }
    assert uncovered(report) == {"app/byre/mls/tree.py": [7]}
