"""The coverage-guided fuzzer: every decoder has a target, the corpus finds nothing, and a bounded run finds nothing.

Longer: `python -m tests.fuzz --seconds 3600`, or BYRE_FUZZ_RUNS for this test. Where atheris has no build the
Hypothesis targets of this folder stand in for it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from functools import lru_cache

import pytest

from tests.checks.source import ROOT, modules
from tests.checks.test_decoders import decoders
from tests.fuzz.__main__ import CORPUS
from tests.fuzz.targets import Target, all_targets

RUNS = os.environ.get("BYRE_FUZZ_RUNS", "3000")
KEPT: dict[str, list[str]] = json.loads(CORPUS.read_text())


@lru_cache(maxsize=1)
def targets() -> dict[str, Target]:
    return all_targets()


def test_every_decoder_is_a_target() -> None:
    assert sorted(decoders(modules()) - targets().keys()) == []


def test_every_kept_input_belongs_to_a_target() -> None:
    assert sorted(KEPT.keys() - targets().keys()) == []


def test_what_was_kept_finds_nothing() -> None:
    for name, inputs in KEPT.items():
        for text in inputs:
            targets()[name].run(bytes.fromhex(text))


def test_good_samples_are_taken() -> None:
    for target in targets().values():
        for sample in target.samples:
            target.run(sample)


def test_a_find_is_a_find() -> None:
    def broken(data: bytes) -> object:
        return data[5]

    with pytest.raises(IndexError):
        Target(broken, ()).run(b"abc")


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no build for this Python")
def test_a_bounded_run_finds_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--runs", RUNS, "--seed", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {RUNS} runs" in done.stderr
