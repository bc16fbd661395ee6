"""ruff and mypy --strict find nothing. Slow: both read the whole of our code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.checks.source import ROOT


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=280, check=False
    )


def test_ruff_finds_nothing() -> None:
    done = run("ruff", "check", "--no-cache", ".")
    assert done.returncode == 0, done.stdout


def test_the_format_is_ruffs() -> None:
    done = run("ruff", "format", "--no-cache", "--check", ".")
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_mypy_finds_nothing() -> None:
    done = run("mypy")
    assert done.returncode == 0, done.stdout


def test_a_fault_of_style_is_seen(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("import os\nx=1\n")
    settings = f"--config={ROOT / 'pyproject.toml'}"
    done = run("ruff", "check", "--no-cache", settings, str(bad))
    assert done.returncode == 1
    assert "F401" in done.stdout
    assert run("ruff", "format", "--no-cache", "--check", settings, str(bad)).returncode == 1


@pytest.mark.slow
def test_an_untyped_function_is_seen(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def double(x):\n    return x + x\n")
    settings = f"--config-file={ROOT / 'pyproject.toml'}"
    done = run("mypy", settings, f"--cache-dir={tmp_path / 'cache'}", str(bad))
    assert done.returncode == 1
    assert "no-untyped-def" in done.stdout
