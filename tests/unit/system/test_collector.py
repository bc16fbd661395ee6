"""The collector's policy, in a process of its own: what it sets holds for the whole process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

APP = Path(__file__).parents[3] / "app"
PROBE = """
import gc, json
from byre.system.collector import settle
class Ring: pass
ring = Ring(); ring.self = ring; del ring
standing = [[number] for number in range(5000)]
settle()
gone = not any(isinstance(each, Ring) for each in gc.get_objects())
print(json.dumps([gc.get_threshold(), gc.get_freeze_count() > 5000, gone, gc.isenabled()]))
"""


def test_what_stands_is_never_looked_at_again_and_full_passes_are_rare() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE], env={"PYTHONPATH": str(APP)}, capture_output=True, text=True, check=True
    )
    threshold, is_frozen, ring_is_gone, is_enabled = json.loads(done.stdout)
    assert threshold == [10_000, 1, 400]
    assert (is_frozen, ring_is_gone, is_enabled) == (True, True, True)


GIVE_BACK = """
import gc, json
from byre.system.collector import collect_all, give_back, settle

def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

settle()
blocks = [bytes([n % 251]) * 100_000 for n in range(600)]  # below the size that the C library maps on its own
full = resident()
class Ring: pass
ring = Ring(); ring.self, ring.blocks = ring, blocks; del ring, blocks
collect_all()
give_back()
print(json.dumps([full, resident(), any(isinstance(each, Ring) for each in gc.get_objects())]))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems' C libraries are not asked")
def test_freed_memory_goes_back_to_the_system() -> None:
    done = subprocess.run(
        [sys.executable, "-c", GIVE_BACK], env={"PYTHONPATH": str(APP)}, capture_output=True, text=True, check=True
    )
    full, after, is_there = json.loads(done.stdout)
    assert not is_there
    assert after < full - 50_000  # KiB
