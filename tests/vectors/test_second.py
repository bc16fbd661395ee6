"""A second computation of trees, paths and messages agrees with the engine, and a spoilt value of it does not."""

from __future__ import annotations

import json
import random as stdlib_random
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.files import load, run_file, runner_for
from tests.vectors.make import lived_in, main, tree_operations, treekem, write_all
from tests.vectors.report import run_cases
from tests.vectors.second_crypto import SecondSuite

SIZES = (1, 2, 5, 19)


@pytest.fixture(autouse=True)
def _no_vector_case(record_property: Any) -> None:
    """These cases are made here: they are no official vectors."""
    record_property("vector_cases", 0)


def test_every_file_of_the_second_computation_passes(tmp_path: Path) -> None:
    paths = write_all(tmp_path, 5, SIZES)
    assert len(paths) == 8
    for path in paths:
        report = run_file(path)
        assert (report.failures, report.refusals) == ([], []), path.name
        assert report.passed == len(load(path))


def test_the_trees_have_blanks_and_unmerged_leaves() -> None:
    dice = stdlib_random.Random(5)
    trees = [lived_in(SecondSuite(1), dice, 19) for _ in range(4)]
    assert any(None in tree.leaves for tree in trees)
    assert any(parent.unmerged for tree in trees for parent in tree.parents.values())
    assert any(tree.parents and len(tree.parents) < len(tree.leaves) - 1 for tree in trees)


def _set(entry: Any, path: tuple[Any, ...], value: object) -> None:
    *above, last = path
    for step in above:
        entry = entry[step]
    entry[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("update_paths", 0, "path_secrets"), None),
        (("update_paths", 0, "commit_secret"), "00" * 32),
        (("update_paths", 0, "tree_hash_after"), "00" * 32),
        (("update_paths", 0, "sender"), 1 << 40),
        (("leaves_private", 0, "signature_priv"), "11" * 32),
        (("leaves_private", 0, "encryption_priv"), "11" * 31),
        (("epoch",), 0),
        (("group_id",), "00"),
    ],
)
def test_a_spoilt_path_fails(path: tuple[Any, ...], value: object) -> None:
    (entry,) = treekem(SecondSuite(3), stdlib_random.Random(1), 4)
    run = runner_for("treekem.json")
    assert run is not None
    if value is None:
        secrets = entry["update_paths"][0]["path_secrets"]
        value = ["22" * 32 if each else None for each in secrets]
    assert run_cases([json.loads(json.dumps(entry))], run).passed == 1
    _set(entry, path, value)
    assert len(run_cases([entry], run).failures) == 1


@pytest.mark.parametrize("sender", [-1, 64, 1 << 33, None, "0"])
def test_a_tree_operation_of_nobody_fails_at_once(sender: object) -> None:
    entries = tree_operations(SecondSuite(1), stdlib_random.Random(2), 5)
    run = runner_for("tree-operations.json")
    assert run is not None
    report = run_cases([{**entry, "proposal_sender": sender} for entry in entries], run)
    assert (report.passed, len(report.failures)) == (0, len(entries))


def test_without_a_folder_the_command_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
