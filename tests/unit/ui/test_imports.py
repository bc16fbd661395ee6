"""The rooms of the window lean on each other in one direction only, imports for types counted."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import byre.ui

FOLDER = Path(byre.ui.__file__).parent


def imports_of(path: Path, names: set[str]) -> set[str]:
    """The modules of the window that one of them imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("byre.ui"):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.add(full if full in names else node.module or "")
    return found & names


def test_no_two_modules_of_the_window_import_each_other() -> None:
    paths = {
        ".".join(("byre.ui", *path.relative_to(FOLDER).with_suffix("").parts)): path for path in FOLDER.rglob("*.py")
    }
    graph = {name: imports_of(path, set(paths)) for name, path in paths.items()}
    assert len(graph) > 100
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle
