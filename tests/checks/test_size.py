"""Rule 3: small files, narrow classes, no drawers for odds and ends, no state at module level."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.checks.source import ROOT, Module, modules

MAX_LINES = 400
MAX_PUBLIC_METHODS = 15
DRAWERS = {"utils", "util", "helpers", "helper", "misc", "common", "stuff", "tools"}


def too_long(lines_by_path: dict[str, int]) -> list[str]:
    return [f"{path} has {count} lines" for path, count in lines_by_path.items() if count > MAX_LINES]


def drawers(paths: list[Path]) -> list[str]:
    """Files and folders whose name says nothing."""
    return [str(path) for path in paths if DRAWERS & {part.removesuffix(".py") for part in path.parts}]


def wide_classes(found: list[Module]) -> list[str]:
    """Classes with too many public methods. Properties count; Qt's camelCase overrides in `ui` do not."""
    complaints = []
    for module in found:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                names = {
                    item.name
                    for item in node.body
                    if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and not item.name.startswith("_")
                }
                if module.room == "ui":
                    names = {name for name in names if name == name.lower()}
                if len(names) > MAX_PUBLIC_METHODS:
                    complaints.append(f"{module.name}:{node.lineno} {node.name} has {len(names)} public methods")
    return complaints


def module_state(found: list[Module]) -> list[str]:
    """Mutable containers bound at module level to a name that is not a CONSTANT, and `global` statements."""
    complaints = []
    for module in found:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Global):
                complaints.append(f"{module.name}:{node.lineno} global {', '.join(node.names)}")
        for node in module.tree.body:
            targets = (
                node.targets
                if isinstance(node, ast.Assign)
                else [node.target]
                if isinstance(node, ast.AnnAssign)
                else []
            )
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            mutable = isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)
            for target in targets:
                name = target.id if isinstance(target, ast.Name) else ""
                if mutable and name != name.upper() and not name.startswith("__"):
                    complaints.append(f"{module.name}:{node.lineno} {name} is mutable state")
    return complaints


def silent_modules(found: list[Module]) -> list[str]:
    """Modules that do not say what they are."""
    return [module.name for module in found if not ast.get_docstring(module.tree)]


def all_python() -> list[Path]:
    folders = [ROOT / "app", ROOT / "tests", ROOT / "packaging"]
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def test_no_file_is_too_long() -> None:
    assert too_long({str(p.relative_to(ROOT)): len(p.read_bytes().splitlines()) for p in all_python()}) == []


def test_no_drawer_for_odds_and_ends() -> None:
    assert drawers([path.relative_to(ROOT) for path in all_python()]) == []


def test_no_class_is_too_wide() -> None:
    assert wide_classes(modules()) == []


def test_no_state_at_module_level() -> None:
    assert module_state(modules()) == []


def test_every_module_says_what_it_is() -> None:
    assert silent_modules(modules()) == []


def test_a_long_file_is_seen() -> None:
    assert too_long({"long.py": 401, "fits.py": 400}) == ["long.py has 401 lines"]


@pytest.mark.parametrize("name", ["app/byre/wire/utils.py", "tests/misc/a.py"])
def test_a_drawer_is_seen(name: str) -> None:
    assert drawers([Path(name)])


def test_a_wide_class_is_seen() -> None:
    text = "class Wide:\n" + "".join(f"    def m{n}(self): ...\n" for n in range(16))
    assert wide_classes([Module("byre.client.wide", text)])


def test_qt_overrides_do_not_count() -> None:
    text = "class Wide:\n" + "".join(f"    def someEvent{n}(self): ...\n" for n in range(16))
    assert wide_classes([Module("byre.ui.wide", text)]) == []


@pytest.mark.parametrize("text", ["cache = {}", "registry: list[str] = []", "def f():\n    global x\n    x = 1"])
def test_module_state_is_seen(text: str) -> None:
    assert module_state([Module("byre.client.x", text)])


def test_a_silent_module_is_seen() -> None:
    assert silent_modules([Module("byre.client.x", "x = 1")])
