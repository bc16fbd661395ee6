"""What an operator installs: the unit, the container file and the requirements are whole and fit the relay."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from byre.relay.config import Config

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "packaging" / "relay"
UNIT = FOLDER / "byre-relay.service"
ROOTS = ("aiohttp", "cryptography", "msgpack", "prometheus-client", "PyNaCl", "sqlcipher3", "uvloop")


def requirements() -> ModuleType:
    spec = importlib.util.spec_from_file_location("relay_requirements", FOLDER / "requirements.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def needed(names: tuple[str, ...]) -> set[str]:
    """Return these packages and everything that they need here."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        found.add(name)
        for line in importlib.metadata.requires(name) or []:
            wanted, _, marker = line.partition(";")
            is_extra = "extra" in marker
            is_other_system = "win32" in marker or ("CPython" in marker and "!=" in marker)
            is_older = re.search(r"python_version\s*<\s*['\"]3\.(\d+)", marker)
            if is_extra or is_other_system or (is_older and int(is_older[1]) <= 11):
                continue
            match = re.match(r"[A-Za-z0-9._-]+", wanted)
            assert match is not None
            waiting.append(match[0])
    return found


def test_the_requirements_are_what_a_relay_imports_and_all_it_needs() -> None:
    module = requirements()
    assert needed(ROOTS) <= set(module.PACKAGES) | {"async-timeout"}
    run = (ROOT / "packaging" / "requirements" / "run.txt").read_text(encoding="utf-8")
    text = module.relay_requirements(run)
    assert text.count("==") == len(module.PACKAGES)
    assert "pyside" not in text.lower()
    assert all(name in module.blocks(run) for name in module.PACKAGES)
    assert text.count("--hash=sha256:") > len(module.PACKAGES)


def test_nothing_else_is_imported_by_a_relay() -> None:
    script = "import sys, byre.relay.main, byre.relay.admin; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT / "app", capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(done.stdout.split())
    for foreign in ("PySide6", "qasync", "keyring", "segno", "zxingcpp", "confusable_homoglyphs"):
        assert foreign not in loaded


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_the_unit_is_valid_and_hardened(tmp_path: Path) -> None:
    unit = tmp_path / "byre-relay.service"
    unit.write_text(UNIT.read_text().replace("/opt/byre/.venv/bin/byre", shutil.which("true") or "/bin/true"))
    verified = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert rated.returncode == 0, rated.stdout[-200:]  # exposure 2.0 of 10 at most


def test_the_unit_lets_nothing_leak_and_a_drain_end() -> None:
    lines = UNIT.read_text().splitlines()
    for line in ("LimitCORE=0", "MemorySwapMax=0", "UMask=0077", "StateDirectoryMode=0700", "DynamicUser=yes"):
        assert line in lines
    stop = next(int(line.partition("=")[2]) for line in lines if line.startswith("TimeoutStopSec="))
    assert stop > 2 * Config().limits.drain_s
    memory = next(line for line in lines if line.startswith("MemoryMax="))
    assert int(memory.partition("=")[2].removesuffix("G")) * 2**30 > Config().limits.memory_bytes
    packaged = tomllib.loads((FOLDER / "relay.toml").read_text(encoding="utf-8"))
    assert "StateDirectory=" + Path(packaged["data"]).name in lines


def test_the_container_file_copies_what_there_is_and_runs_as_nobody_of_weight() -> None:
    text = (FOLDER / "Containerfile").read_text(encoding="utf-8")
    instructions = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.M)).splitlines()
    known = {"ARG", "FROM", "RUN", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK"}
    known |= {"ENTRYPOINT", "CMD"}
    assert {line.split()[0] for line in instructions if line.strip()} <= known
    for line in instructions:
        if line.startswith("COPY") and "--from" not in line:
            sources = [word for word in line.split()[1:-1] if not word.startswith("--")]
            assert all((ROOT / source).exists() for source in sources), line
    last = text[text.rindex("FROM ") :]
    assert last.index("USER byre") < last.index("ENTRYPOINT")
    assert "STOPSIGNAL SIGTERM" in last
    assert "--require-hashes" in text


def test_the_proxy_names_clients_itself_and_keeps_nothing() -> None:
    lines = {" ".join(line.split()) for line in (FOLDER / "nginx.conf").read_text(encoding="utf-8").splitlines()}
    for needed_line in (
        "access_log off;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_request_buffering off;",
        "proxy_buffering off;",
        "proxy_max_temp_file_size 0;",
        "proxy_pass http://" + tomllib.loads((FOLDER / "relay.toml").read_text(encoding="utf-8"))["listen"] + ";",
    ):
        assert needed_line in lines


def test_the_health_check_says_no_when_nobody_answers() -> None:
    asked = [sys.executable, str(FOLDER / "healthy"), "http://127.0.0.1:1/readyz"]
    assert subprocess.run(asked, timeout=30, check=False).returncode == 1
