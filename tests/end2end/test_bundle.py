"""The frozen program: built here, moved elsewhere, run with an empty environment, and broken on purpose.

Slow (a build takes about half a minute); `-m "not slow"` leaves it out. It needs binutils and the shared libpython of
this Python, which `packaging/test.sh` installs.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.source import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("bundle"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only the Linux branch of the spec has been run"),
]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of this checkout, moved away from where it was built."""
    pytest.importorskip("PyInstaller", reason="the packaging requirements are not installed")
    work = tmp_path_factory.mktemp("build")
    command = [
        sys.executable,
        "-m",
        "PyInstaller",
        "--noconfirm",
        "--log-level",
        "WARN",
        "--workpath",
        str(work / "work"),
    ]
    done = subprocess.run(
        [*command, "--distpath", str(work / "dist"), str(ROOT / "packaging" / "byre.spec")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
        # a cache of its own: two builds at one time spoil a shared one
        env={
            **os.environ,
            "PYTHONHASHSEED": "0",
            "SOURCE_DATE_EPOCH": "1700000000",
            "PYINSTALLER_CONFIG_DIR": str(work / "cache"),
        },
    )
    assert done.returncode == 0, done.stderr[-3000:]
    shutil.rmtree(work / "work")
    shutil.rmtree(work / "cache", ignore_errors=True)
    return (work / "dist" / "byre").rename(tmp_path_factory.mktemp("elsewhere") / "byre")


def run(bundle: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the bundled program from another folder with an empty environment."""
    return subprocess.run(
        [str(bundle / "byre"), *arguments], cwd="/", env={}, capture_output=True, text=True, timeout=120, check=False
    )


def libraries(bundle: Path) -> list[Path]:
    """Every native file of the bundle."""
    return [p for p in bundle.rglob("*") if p.is_file() and not p.is_symlink() and p.read_bytes()[:4] == b"\x7fELF"]


def test_the_selftest_holds_and_prints_what_it_computed(bundle: Path) -> None:
    done = run(bundle, "--selftest")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all checks held" in done.stdout
    for name in ("files", "crypto", "mls", "store", "qr", "window"):
        assert re.search(rf"^ok    {name}: .+", done.stdout, re.MULTILINE), done.stdout
    assert "SQLCipher 4" in done.stdout


@pytest.fixture(
    params=[
        "libQt6Core.so*",
        "_sodium*.so",
        "_rust*.so",
        "_sqlite3*.so",
        "zxingcpp*.so",
        "libqoffscreen.so",
        "libxcb-cursor.so*",
    ]
)
def broken(request: pytest.FixtureRequest, bundle: Path, tmp_path: Path) -> Iterator[Path]:
    """The bundle without one of its libraries."""
    found = [path for path in libraries(bundle) if fnmatch.fnmatch(path.name, request.param)]
    assert found, f"no {request.param} in the bundle"
    # out of the folder: Qt would load a plugin that was only renamed
    away = [(path, tmp_path / path.name) for path in found]
    for path, hidden in away:
        path.rename(hidden)
    yield bundle
    for path, hidden in away:
        hidden.rename(path)


def test_the_selftest_fails_without_a_library(broken: Path) -> None:
    assert run(broken, "--selftest").returncode != 0


def test_the_selftest_knows_every_library(bundle: Path) -> None:
    inside = bundle / "_internal"
    listed = {line.split(" ", 1)[1] for line in (inside / "files.txt").read_text().splitlines()}
    assert {str(path.relative_to(inside)) for path in libraries(inside)} <= listed


def test_the_relay_is_not_in_it(bundle: Path) -> None:
    done = run(bundle, "relay", "--data", "/nowhere", "--listen", "127.0.0.1:0")
    assert done.returncode == 2
    assert "no_relay" in done.stderr
    archive = subprocess.run(
        [sys.executable, "-m", "PyInstaller.utils.cliutils.archive_viewer", "-l", "-r", str(bundle / "byre")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert "byre.client" in archive
    assert "byre.relay" not in archive
    assert "uvloop" not in archive


def test_every_library_in_it_has_its_licence(bundle: Path) -> None:
    page = (ROOT / "packaging" / "THIRD_PARTY.md").read_text()
    rows = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", page, re.MULTILINE)
    patterns = [pattern for row in rows for pattern in re.findall(r"`([^`]+)`", row)]
    unknown = [p.name for p in libraries(bundle) if not any(fnmatch.fnmatch(p.name, pattern) for pattern in patterns)]
    assert unknown == []
    for name in ("LICENSE", "THIRD_PARTY.md", "licences/LGPL-3.0.txt", "licences/GPL-3.0.txt"):
        assert (bundle / "_internal" / name).is_file(), name


def test_it_brings_the_resources(bundle: Path) -> None:
    ours = {p.relative_to(ROOT / "resources") for p in (ROOT / "resources").rglob("*") if p.is_file()}
    theirs = {
        p.relative_to(bundle / "_internal" / "resources") for p in (bundle / "_internal" / "resources").rglob("*")
    }
    assert ours - theirs == set()
