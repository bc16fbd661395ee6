"""The soak of `tests.soak.relay` for some seconds; ten minutes by `python -m tests.soak.relay --seconds 600`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.soak.relay import Soak

SECONDS = float(os.environ.get("BYRE_RELAY_SOAK_S", "3"))


@pytest.mark.soak
@pytest.mark.timeout(300 + 2 * SECONDS)
@pytest.mark.xdist_group("kill")
async def test_random_kills_of_relay_and_devices_break_nothing(tmp_path: Path) -> None:
    figures = await Soak(tmp_path, seed=20261122, devices=3).run(SECONDS)
    assert figures["broken"] == []
    assert figures["sent"] == figures["confirmed"] == figures["received"] > 0
    assert sum(figures["kills"].values()) > 3
