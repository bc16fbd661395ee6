"""Rule 4, second half: the twins of crypto, mls, identity and the store's wipe and vault run every line of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checks.source import ROOT
from tests.checks.twins import (
    CHECK,
    COMPLETE,
    IN_OTHER_PROCESSES,
    ROOMS,
    TWINS,
    TWINS_IN_STORE,
    is_twin,
    traced,
)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_inner_rooms_are_covered_completely_by_their_twins(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    twins = traced(request.session)
    missing = twins.missing_lines() if twins is not None else run_of_their_own(tmp_path)
    left_out = {path: lines for path, lines in missing.items() if lines}
    assert not left_out, "\n".join(f"{path}: {lines}" for path, lines in left_out.items())


def run_of_their_own(folder: Path) -> dict[str, list[int]]:
    """Lines that were not run, by file: the twins once more, in a process that does nothing else."""
    data = f"--data-file={folder / 'coverage'}"
    source = "--source=" + ",".join(str(ROOT / "app" / "byre" / room) for room in ROOMS)
    store = [str(path) for name in TWINS_IN_STORE for path in sorted(ROOT.glob(name))]
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", f"not ({' or '.join(IN_OTHER_PROCESSES)})"]
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
    report = folder / "coverage.json"
    subprocess.run(
        [sys.executable, "-m", "coverage", "json", "-q", data, "-o", str(report)], cwd=ROOT, check=True, timeout=120
    )
    files = json.loads(report.read_text())["files"]
    return {path: entry["missing_lines"] for path, entry in files.items() if path.startswith(COMPLETE)}


@pytest.mark.parametrize(
    ("nodeid", "is_one"),
    [
        ("tests/unit/mls/group/test_commit.py::test_a[x]", True),
        ("tests/unit/store/test_wipe_scope.py::test_a", True),
        ("tests/unit/store/test_wipes.py::test_a", True),
        ("tests/unit/store/test_wipe_killed.py::test_a", False),
        ("tests/unit/store/test_vault.py::test_a_power_cut", False),
        ("tests/unit/store/test_rooms.py::test_a", False),
        ("tests/unit/client/test_wipe.py::test_a", False),
    ],
)
def test_a_twin_is_told_by_its_place(nodeid: str, is_one: bool) -> None:
    assert is_twin(nodeid) is is_one


SAMPLE = {
    "app/byre/__init__.py": "",
    "app/byre/crypto/__init__.py": "",
    "app/byre/crypto/halves.py": "def half(n):\n    if n % 2:\n        return None\n    return n // 2\n",
    "tests/unit/crypto/test_halves.py": "from byre.crypto.halves import half\ndef test_even(): assert half(4) == 2\n",
    "tests/unit/client/test_plain.py": "from byre.crypto.halves import half\ndef test_odd(): assert half(3) is None\n",
    CHECK.split("::")[0]: "from tests.checks.twins import traced\n"
    f"def {CHECK.split('::')[1]}(request):\n    assert traced(request.session).missing_lines() == "
    "{'app/byre/crypto/__init__.py': [], 'app/byre/crypto/halves.py': [3]}\n",
}


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_line_that_no_twin_runs_is_seen_in_a_run_of_everything(tmp_path: Path, workers: str) -> None:
    """Another test runs that line; it is no twin."""
    own = {name: (ROOT / name).read_text() for name in ("pyproject.toml", "tests/conftest.py", "tests/checks/twins.py")}
    for name, text in {**own, **SAMPLE}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", workers, "--dist", "loadgroup"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert "3 passed" in done.stdout, done.stdout
