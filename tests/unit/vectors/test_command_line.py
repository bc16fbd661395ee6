"""`python -m tests.vectors`: what it prints and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.vectors.__main__ import main
from tests.vectors.files import run_file


def test_command_line_reports_each_file_and_fails_on_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, unknown = tmp_path / "tree-math.json", tmp_path / "deserialization-2.json", tmp_path / "poem.json"
    good.write_text(
        json.dumps(
            [
                {
                    "n_leaves": 1,
                    "n_nodes": 1,
                    "root": 0,
                    "left": [None],
                    "right": [None],
                    "parent": [None],
                    "sibling": [None],
                }
            ]
        )
    )
    bad.write_text(json.dumps([{"vlbytes_header": "00", "length": 1}]))
    unknown.write_text("[]")
    assert main([str(good)]) == 0
    assert json.loads(capsys.readouterr().out)[str(good)]["passed"] == 1
    assert main([str(good), str(bad), str(unknown)]) == 1
    out = json.loads(capsys.readouterr().out)
    assert out[str(bad)]["failed"] == 1
    assert out[str(unknown)]["failures"] == ["no runner for a file of this name"]
    assert main([]) == 2


def test_suites_that_are_not_ours_are_refused_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "secret-tree.json"
    path.write_text(json.dumps([{"cipher_suite": 2}]))
    assert run_file(path).refusals == ["case 0: cipher suite 2 is not ours"]


def test_a_file_that_does_not_read_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "welcome.json.gz"
    path.write_bytes(b"no gzip")
    assert run_file(path).failures
