"""Finds the shared vector files and books how many cases ran; tests/conftest.py prints the sum."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vectors.files import find_file, vector_folder
from tests.vectors.report import FileReport


@pytest.fixture
def book(record_property: Callable[[str, object], None]) -> Callable[[FileReport], None]:
    """Return a function that books a file's cases and fails on a failed one."""

    def record(report: FileReport) -> None:
        record_property("vector_cases", report.passed)
        assert not report.failures, report.failures[:5]
        assert report.passed, "no case ran"

    return record


@pytest.fixture
def shared_file() -> Callable[[str], Path]:
    """Return a function that finds a shared vector file, or skips (BYRE_REQUIRE_VECTORS=1 makes that a failure)."""

    def find(stem: str) -> Path:
        path = find_file(stem)
        if path is None:
            folder = vector_folder()
            pytest.skip(f"no {stem} in {folder.parent.name}/{folder.name}: put the vectors there or name BYRE_VECTORS")
        return path

    return find
