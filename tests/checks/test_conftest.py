"""The guards of tests/conftest.py catch what they are there for: each is tried on a bad sample."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run_sample(folder: Path, source: str, *, name: str = "test_sample.py", env: dict[str, str] | None = None) -> str:
    """Run `source` as a test module under the house's conftest; returns pytest's output."""
    (folder / "tests" / "vectors").mkdir(parents=True)
    for part in ("pyproject.toml", "tests/conftest.py", "tests/checks/twins.py"):
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        (folder / part).write_text((ROOT / part).read_text())
    (folder / "tests" / name).write_text(source)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env={"PATH": "/usr/bin:/bin", **(env or {})},
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("import logging\ndef test_a(): logging.getLogger('x').error('lost')", "stray error log: x: lost"),
        ("import warnings\ndef test_a(): warnings.warn('old')", "UserWarning: old"),
        ("import asyncio\nasync def f(): pass\nasync def test_a():\n    f()", "never awaited"),
        (
            "import asyncio\nasync def test_a():\n"
            "    global t\n    t = asyncio.create_task(asyncio.sleep(9), name='idler')",
            "tasks left running: ['idler",
        ),
        (
            "import asyncio\nasync def f(): raise ValueError('unseen')\n"
            "async def test_a():\n    asyncio.create_task(f())\n    await asyncio.sleep(0.01)",
            "unseen",
        ),
    ],
    ids=["error log", "warning", "unawaited coroutine", "task left running", "exception of a task"],
)
def test_a_bad_sample_fails(tmp_path: Path, source: str, complaint: str) -> None:
    output = run_sample(tmp_path, source)
    assert complaint in output
    assert " passed" not in output or "error" in output or "failed" in output


def test_a_good_sample_passes(tmp_path: Path) -> None:
    output = run_sample(
        tmp_path, "import asyncio\nasync def test_a():\n    await asyncio.create_task(asyncio.sleep(0))"
    )
    assert "1 passed" in output


VECTOR_SAMPLE = """
import pytest
def test_a(record_property): record_property("vector_cases", 41)
def test_b(): pass
def test_c(): pytest.skip("no file")
"""


def test_vector_cases_are_counted(tmp_path: Path) -> None:
    output = run_sample(tmp_path, VECTOR_SAMPLE, name="vectors/test_sample.py")
    assert "vector cases: 42 ran, 1 skipped" in output
    assert "2 passed, 1 skipped" in output


def test_a_skipped_vector_can_be_made_to_fail(tmp_path: Path) -> None:
    output = run_sample(tmp_path, VECTOR_SAMPLE, name="vectors/test_sample.py", env={"BYRE_REQUIRE_VECTORS": "1"})
    assert "1 failed, 2 passed" in output
