"""`python -m tests.vectors` on files that nobody expects: it reports, and never breaks off."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vectors import files, hpke, primitives
from tests.vectors.__main__ import main
from tests.vectors.files import runner_for

NOBODY = {"left": [None], "right": [None], "parent": [None], "sibling": [None]}
TREE_MATH = [{"n_leaves": 1, "n_nodes": 1, "root": 0, **NOBODY}]
FOREIGN = json.dumps([{"cipher_suite": suite} for suite in (2, 4, 5, 6, 7, 0xF00D)]).encode()
OF_A_SUITE = (
    *("crypto-basics", "key-schedule", "message-protection", "passive-client-random", "psk_secret", "secret-tree"),
    *("transcript-hashes", "tree-operations", "tree-validation", "treekem", "welcome"),
)
ODD: tuple[object, ...] = (True, False, 1.0, -1, "1", "", None, {}, 1e300, 2**70)
NO_SUITE = json.dumps([*({"cipher_suite": each} for each in ODD), {"x": 1}]).encode()
DEEP = "[" * 200_000


@pytest.fixture(autouse=True)
def _no_vector_case(record_property: Callable[[str, object], None]) -> None:
    """These tests are about the runner: they are no cases of official vectors."""
    record_property("vector_cases", 0)


def report(capsys: pytest.CaptureFixture[str], *paths: Path) -> tuple[int, dict[str, dict[str, object]]]:
    status = main([str(path) for path in paths])
    return status, json.loads(capsys.readouterr().out)


def counts(found: dict[str, object]) -> tuple[object, object, object]:
    return found["passed"], found["failed"], found["refused"]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("tree-math.json", json.dumps(TREE_MATH).encode(), (1, 0, 0)),
        ("tree-math.json.gz", gzip.compress(json.dumps(TREE_MATH).encode(), mtime=0), (1, 0, 0)),
        ("tree-math-again.json", gzip.compress(json.dumps(TREE_MATH).encode(), mtime=0), (1, 0, 0)),
        ("more_tree_math.json", json.dumps(TREE_MATH).encode(), (1, 0, 0)),
        ("tree-math.json", json.dumps(TREE_MATH[0]).encode(), (1, 0, 0)),
        ("tree-math.json", b"[]", (0, 0, 0)),
        ("tree-math.json", json.dumps([*TREE_MATH, {"n_leaves": 1}, 7, None, {}, []]).encode(), (1, 5, 0)),
        ("tree-math.json", json.dumps([{**TREE_MATH[0], "n_leaves": each} for each in ODD]).encode(), (0, len(ODD), 0)),
        ("tree-math.json", json.dumps([{**TREE_MATH[0], "left": each} for each in ODD]).encode(), (0, len(ODD), 0)),
        ("tree-math.json", json.dumps(TREE_MATH).encode()[:-20], (0, 1, 0)),
        ("tree-math.json.gz", gzip.compress(json.dumps(TREE_MATH).encode(), mtime=0)[:-12], (0, 1, 0)),
        ("tree-math.json.gz", b"\x1f\x8b\x08\x00garbage that is no gzip", (0, 1, 0)),
        ("tree-math.json.gz", json.dumps(TREE_MATH).encode(), (0, 1, 0)),
        ("tree-math.json", b"\xff\xfe\x00\xd8", (0, 1, 0)),
        ("tree-math.json", DEEP.encode(), (0, 1, 0)),
        ("tree-math.json", b"null", (0, 1, 0)),
        ("something-else.json", b"[]", (0, 1, 0)),
        ("messages.json", b"[{}]", (0, 1, 0)),
        ("messages.json", b'[{"_comment": "nothing else"}]', (0, 1, 0)),
        ("deserialization.json", b'[{"vlbytes_header": "4040", "length": 64, "more": [1]}]', (1, 0, 0)),
        ("deserialization.json", b'[{"vlbytes_header": "7FFF", "length": 16383}]', (1, 0, 0)),
        ("deserialization.json", b'[{"vlbytes_header": "7fff", "length": 16384}]', (0, 1, 0)),
        ("deserialization.json", b'[{"vlbytes_header": " 0d", "length": 13}, {"length": 13}]', (0, 2, 0)),
        ("deserialization.json", '[{"vlbytes_header": "0\uff14", "length": 4}]'.encode(), (0, 1, 0)),
        ("messages.json", b'[{"remove_proposal": "00000001"}]', (0, 1, 0)),
        ("passive-client-welcome.json", b'[{"cipher_suite": 1, "epochs": {}, "external_psks": null}]', (0, 1, 0)),
        *((f"{kind}.json", FOREIGN, (0, 0, 6)) for kind in OF_A_SUITE),
        *((f"{kind}.json", NO_SUITE, (0, len(ODD) + 1, 0)) for kind in OF_A_SUITE),
        ("passive-client-random.json", json.dumps([{"cipher_suite": 2}, {"cipher_suite": 1}]).encode(), (0, 1, 1)),
    ],
)
def test_a_file_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, data: bytes, expected: tuple[int, int, int]
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    status, found = report(capsys, path)
    assert counts(found[str(path)]) == expected
    assert status == (1 if expected[1] else 0)


def test_what_is_no_file_is_a_failure_and_the_others_still_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = tmp_path / "tree-math.json"
    good.write_text(json.dumps(TREE_MATH))
    folder = tmp_path / "tree-math-folder"
    folder.mkdir()
    status, found = report(capsys, tmp_path / "tree-math-missing.json", folder, good)
    assert status == 1
    assert [counts(each) for each in found.values()] == [(0, 1, 0), (0, 1, 0), (1, 0, 0)]


def test_a_file_that_unpacks_without_end_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST", 1000)
    path = tmp_path / "tree-math.json.gz"
    path.write_bytes(gzip.compress(b" " * 10**6, mtime=0))
    status, found = report(capsys, path)
    assert (status, counts(found[str(path)])) == (1, (0, 1, 0))


def test_a_refusal_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "key-schedule.json"
    path.write_text('[{"cipher_suite": 7}]')
    assert report(capsys, path)[1][str(path)]["refusals"] == ["case 0: cipher suite 7 is not ours"]


def test_a_wrong_value_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tree-math.json"
    path.write_text(json.dumps([{**TREE_MATH[0], "root": 1}]))
    status, found = report(capsys, path)
    assert (status, found[str(path)]["failures"]) == (1, ["case 0: AssertionError: root differs"])


def test_a_field_of_another_type_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "psk_secret.json"
    path.write_text('[{"cipher_suite": true}, {"cipher_suite": -1}, {"cipher_suite": 65536}, {"psks": {}}]')
    assert report(capsys, path)[1][str(path)]["failures"] == [
        "case 0: AssertionError: cipher_suite is no number",
        "case 1: AssertionError: cipher_suite is negative",
        "case 2: AssertionError: cipher_suite is no cipher suite",
        "case 3: AssertionError: psks is no list",
    ]


def test_the_longest_kind_in_a_name_counts() -> None:
    assert runner_for("my-passive-client-welcome.json") is runner_for("passive-client-random.json")
    assert runner_for("x-welcome.json") is primitives.run_welcome
    assert runner_for("PSK_SECRET.JSON") is primitives.run_psk_secret
    assert runner_for("TreeMath (1).JSON.GZ") is primitives.run_tree_math
    assert runner_for("test-vectors-welcome.json") is primitives.run_welcome
    assert runner_for("mls_test_vectors_psk_secret.json") is primitives.run_psk_secret
    assert runner_for("test-vectors.json") is hpke.run_hpke
    assert runner_for("vectors.json") is None


def test_without_files_it_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
