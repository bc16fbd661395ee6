"""Vectors that foreign engines make: none of them was seen before, all of them must pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.mls.profile import HYBRID
from tests.interop.peer_vectors import computation_vectors, write_all
from tests.interop.ts_mls import NodeProcess
from tests.vectors.files import run_file, runner_for

pytestmark = pytest.mark.xdist_group("interop")


def test_every_file_of_the_peers_passes(node: NodeProcess, tmp_path: Path) -> None:
    paths = write_all(node, tmp_path / "made", 7, epochs=3, size=4, suites=(3,))
    assert len(paths) == 11
    for path in paths:
        report = run_file(path)
        assert report.failures == [], path.name
        assert report.refusals == [], path.name
        assert report.passed >= 1, path.name


def test_computations_of_the_hybrid_pass(node: NodeProcess) -> None:
    for name, entry in computation_vectors(node, HYBRID).items():
        run = runner_for(f"{name}.json")
        assert run is not None
        run(entry)


def test_a_spoilt_vector_of_a_peer_fails(node: NodeProcess) -> None:
    entry = computation_vectors(node, 1)["key-schedule"]
    entry["epochs"][1]["joiner_secret"] = "00" * 32
    run = runner_for("key-schedule.json")
    assert run is not None
    with pytest.raises(AssertionError, match="joiner_secret"):
        run(entry)
