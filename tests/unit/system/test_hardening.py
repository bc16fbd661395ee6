import subprocess
import sys

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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl is Linux's")
def test_the_relay_may_be_watched_but_leaves_no_core() -> None:
    assert probe(dumpable=True) == ["Hardening(no_core_files=True, not_dumpable=False)", "1 (0, 0)"]
