"""Vectors that foreign engines make: none of them was seen before, all of them must pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interop.peer_vectors import write_all
from tests.interop.ts_mls import NodeProcess
from tests.vectors.files import run_file

pytestmark = pytest.mark.xdist_group("interop")


def test_every_file_of_the_peers_passes(node: NodeProcess, tmp_path: Path) -> None:
    paths = write_all(node, tmp_path / "made", 7, epochs=2, size=3, suites=(1, 3))
    assert len(paths) == 11
    for path in paths:
        report = run_file(path)
        assert report.failures == [], path.name
        assert report.refusals == [], path.name
        assert report.passed >= 2, path.name
