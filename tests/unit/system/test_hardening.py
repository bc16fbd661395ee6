import subprocess
import sys
from pathlib import Path

import pytest

PROBE = """
import ctypes, resource
from byre.system.hardening import harden_process
print(harden_process(dumpable={dumpable}))
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))
"""


def probe(dumpable: bool) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(dumpable=dumpable)], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl is Linux's")
def test_a_hardened_process_leaves_no_core_and_cannot_be_inspected() -> None:
    assert probe(dumpable=False) == ["Hardening(no_core_files=True, not_dumpable=True)", "0 (0, 0)"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_files_of_a_hardened_process_are_its_owners(tmp_path: Path) -> None:
    made = "import pathlib, sys; from byre.system.hardening import harden_process; harden_process(); "
    subprocess.run([sys.executable, "-c", made + "pathlib.Path(sys.argv[1]).touch()", tmp_path / "new"], check=True)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl is Linux's")
def test_the_relay_may_be_watched_but_leaves_no_core() -> None:
    assert probe(dumpable=True) == ["Hardening(no_core_files=True, not_dumpable=False)", "1 (0, 0)"]
