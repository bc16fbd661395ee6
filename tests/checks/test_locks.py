"""The locked requirement files: pinned by hash, naming no host, agreeing with each other and with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from packaging.requirements import Requirement
from tests.checks.source import ROOT

LOCKS = sorted((ROOT / "packaging" / "requirements").glob("*.txt"))
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)( ; [^\\]+?)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def faults(text: str) -> list[str]:
    """Lines that are neither a pin nor a hash, and pins without a hash."""
    found = []
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if PIN.match(line):
            if number == len(lines) or not HASH.match(lines[number]):
                found.append(f"{number}: no hash follows")
        elif not HASH.match(line):
            found.append(f"{number}: {line}")
    return found


def pins(text: str) -> dict[str, set[str]]:
    """The versions that a lock pins, by name: several where they differ by interpreter or platform."""
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        if match := PIN.match(line):
            found.setdefault(match[1], set()).add(match[2])
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_a_lock_holds_pins_and_hashes_only(lock: Path) -> None:
    assert faults(lock.read_text()) == []


def test_all_four_locks_are_there() -> None:
    assert [path.stem for path in LOCKS] == ["packaging", "run", "test", "uv"]


def test_the_locks_agree_with_each_other() -> None:
    seen: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, versions in pins(lock.read_text()).items():
            assert seen.setdefault(name, versions) == versions, f"{name} in {lock.name}"


@pytest.mark.parametrize(
    ("lock", "groups"), [("run", ["build"]), ("test", ["build", "test"]), ("packaging", ["build", "packaging"])]
)
def test_a_lock_satisfies_the_project(lock: str, groups: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"]]
    for group in groups:
        wanted += project["dependency-groups"][group]
    locked = pins((ROOT / "packaging" / "requirements" / f"{lock}.txt").read_text())
    for line in wanted:
        requirement = Requirement(line)
        versions = locked.get(canonicalize_name(requirement.name), set())
        assert any(requirement.specifier.contains(version) for version in versions), (
            f"{line}: {versions or 'not locked'}"
        )


@pytest.mark.parametrize(
    "text",
    [
        "--index-url https://index.example/simple\n",
        "aiohttp==3.14.5\n",
        "aiohttp>=3.14 \\\n    --hash=sha256:" + "0" * 64,
        "aiohttp @ https://files.example/aiohttp.whl \\\n    --hash=sha256:" + "0" * 64,
        "aiohttp==3.14.5 \\\nattrs==26.1.0 \\\n    --hash=sha256:" + "0" * 64,
    ],
)
def test_a_bad_lock_is_seen(text: str) -> None:
    assert faults(text)
