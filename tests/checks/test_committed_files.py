"""No committed file names a package registry, a folder of somebody's machine, a secret, or work left undone.

The words are put together from halves, so that this file does not find itself.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.checks.source import ROOT

BINARY = {".png", ".otf", ".ttf", ".ico", ".icns", ".db", ".gz", ".zip", ".bin", ".wav", ".ogg", ".jpg"}
IGNORED = {
    ".git",
    ".venv",
    ".boot",
    "build",
    "dist",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    "node_modules",
}

REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted",
    "registry." + "npmjs",
    "npmjs" + ".com",
    "deb." + "debian.org",
    "yarnpkg" + ".com",
]
MACHINES = ["/" + "work/", "/" + "tmp/byre", "/" + "root/", "/home/" + "user", "/" + "Users/"]
SECRETS = ["BEGIN " + "PRIVATE KEY", "BEGIN OPENSSH " + "PRIVATE"]
UNDONE = ["FIX" + "ME", "TO" + "DO", "X" + "XX", "lorem " + "ipsum"]

ALLOWED = {
    ("tests/unit/system/test_paths.py", MACHINES[4]),
}
"""(file, word) pairs that are right where they stand."""


def committed_files() -> list[Path]:
    """What git tracks; without git (a source archive, a bare machine) everything that is not plainly made here."""
    if shutil.which("git") and (ROOT / ".git").exists():
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
        if done.returncode == 0:
            return [
                ROOT / name.decode() for name in done.stdout.split(b"\0") if name and (ROOT / name.decode()).is_file()
            ]
    return [p for p in sorted(ROOT.rglob("*")) if p.is_file() and not IGNORED & set(p.relative_to(ROOT).parts)]


def findings(name: str, text: str) -> list[str]:
    """Forbidden words in one file's text."""
    found = []
    for word in [*REGISTRIES, *MACHINES, *SECRETS, *UNDONE]:
        pattern = re.escape(word) if not word.isalpha() else rf"\b{word}\b"
        for match in re.finditer(pattern, text):
            if (name, word) not in ALLOWED:
                found.append(f"{name}:{text.count(chr(10), 0, match.start()) + 1} has {word}")
    return found


def test_no_committed_file_has_a_forbidden_word() -> None:
    found = []
    for path in committed_files():
        if path.suffix not in BINARY:
            found += findings(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8", errors="replace"))
    assert found == []


@pytest.mark.parametrize("word", [*REGISTRIES, *MACHINES, *SECRETS, *UNDONE])
def test_a_forbidden_word_is_seen(word: str) -> None:
    assert findings("sample.txt", f"one\ntwo {word} three") == [f"sample.txt:2 has {word}"]


def test_part_of_a_longer_word_is_left_alone() -> None:
    assert findings("sample.txt", "mas" + "todon TO" + "DOS") == []


def test_the_top_level_is_the_one_that_was_agreed() -> None:
    agreed = {"pyproject.toml", "README.md", "app", "resources", "packaging", "tests", "LICENSE", "CHANGELOG.md"}
    top = {path.relative_to(ROOT).parts[0] for path in committed_files()}
    assert {name for name in top if not name.startswith(".")} - agreed == set()
