"""The node process of the foreign engines, and what happens where they cannot be had.

A missing engine skips its tests with the reason; with BYRE_REQUIRE_INTEROP=1 such a skip fails.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.interop.npm import NotToBeHad
from tests.interop.ts_mls import NodeProcess

REQUIRE = "BYRE_REQUIRE_INTEROP"
HAS_MLS_RS = importlib.util.find_spec("mls_rs_uniffi") is not None
NEEDS_MLS_RS = pytest.mark.skipif(not HAS_MLS_RS, reason="mls_rs_uniffi has no build for this platform")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Iterator[None]:
    """Under BYRE_REQUIRE_INTEROP=1 a skipped test of this folder is a failed one."""
    report = yield
    if report.skipped and os.environ.get(REQUIRE) == "1":
        report.outcome = "failed"
        report.longrepr = f"{REQUIRE}=1, and this was skipped: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def node() -> Iterator[NodeProcess]:
    """A node process with ts-mls."""
    try:
        process = NodeProcess.start()
    except NotToBeHad as reason:
        pytest.skip(f"no ts-mls: {reason}")
    yield process
    process.close()
