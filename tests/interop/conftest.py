"""The node process of the foreign engines, and what happens where they cannot be had.

A missing engine skips its tests with the reason; with BYRE_REQUIRE_INTEROP=1 such a skip fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.interop.npm import NotToBeHad
from tests.interop.ts_mls import NodeProcess

REQUIRE = "BYRE_REQUIRE_INTEROP"


@pytest.fixture(scope="session")
def node() -> Iterator[NodeProcess]:
    """A node process with ts-mls."""
    try:
        process = NodeProcess.start()
    except NotToBeHad as reason:
        if os.environ.get(REQUIRE) == "1":
            pytest.fail(f"{REQUIRE}=1, and {reason}", pytrace=False)
        pytest.skip(f"no ts-mls: {reason}")
    yield process
    process.close()
