"""Rule 4: every module of the inner rooms has a twin test."""

from __future__ import annotations

from tests.checks.source import ROOT, Module, modules

ROOMS = ("crypto", "mls", "identity", "wire", "store")


def twin_path(module: Module) -> str:
    """`byre.mls.group.commit` -> `tests/unit/mls/group/test_commit.py`."""
    parts = module.name.split(".")
    return "/".join(["tests", "unit", *parts[1:-1], f"test_{parts[-1].lstrip('_')}.py"])


def lacking(found: list[Module], existing: set[str]) -> list[str]:
    """Modules with code whose twin is not in `existing`. A twin's folder may be flattened into its room's."""
    complaints = []
    for module in found:
        if module.room not in ROOMS or module.path.name == "__init__.py":
            continue
        twin = twin_path(module)
        flat = "/".join([*twin.split("/")[:3], twin.split("/")[-1]])
        if twin not in existing and flat not in existing:
            complaints.append(f"{module.name} lacks {twin}")
    return complaints


def test_every_inner_module_has_its_twin() -> None:
    existing = {str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "unit").rglob("test_*.py")}
    assert lacking(modules(), existing) == []


def test_a_missing_twin_is_seen() -> None:
    sample = [Module("byre.mls.tree", "")]
    assert lacking(sample, set())
    assert lacking(sample, {"tests/unit/mls/test_tree.py"}) == []


def test_outer_rooms_are_left_alone() -> None:
    assert lacking([Module("byre.ui.app", "")], set()) == []
