"""Memory: looked up now and then, short at four fifths of the cap."""

from __future__ import annotations

import os
from pathlib import Path

from byre.relay.memory import Memory
from tests.fakes.relay import RelayClock

PAGE = os.sysconf("SC_PAGE_SIZE")


def test_it_is_short_over_four_fifths_and_looked_up_every_few_seconds(tmp_path: Path) -> None:
    statm, clock = tmp_path / "statm", RelayClock()
    statm.write_text("900 80 1 1 0 1 0\n")
    memory = Memory(100 * PAGE, clock, statm=statm)
    assert not memory.is_short()
    assert memory.used_bytes() == 80 * PAGE
    statm.write_text("900 81 1 1 0 1 0\n")
    assert not memory.is_short()
    clock.advance(6)
    assert memory.is_short()


def test_no_cap_and_no_kernel_that_tells_are_never_short(tmp_path: Path) -> None:
    assert not Memory(0, RelayClock()).is_short()
    assert not Memory(1, RelayClock(), statm=tmp_path / "missing").is_short()
    (tmp_path / "odd").write_text("")
    assert not Memory(1, RelayClock(), statm=tmp_path / "odd").is_short()


def test_this_process_uses_some() -> None:
    if Path("/proc/self/statm").exists():
        assert Memory(1, RelayClock()).is_short()
