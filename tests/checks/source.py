"""Our own source as the checks read it: parsed modules with their dotted names and what they import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
PACKAGE = APP / "byre"


@dataclass(frozen=True)
class Module:
    """One source file. `name` is dotted (`byre.wire.frames`; a package's `__init__` has the package's name)."""

    name: str
    text: str
    path: Path = Path("sample.py")

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def room(self) -> str:
        """The part after `byre.`: the room's folder, or the module's own name at the top."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    def imports(self) -> Iterator[tuple[str, int]]:
        """Every absolute dotted name imported anywhere in the file, with its line; `from a import b` gives `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, node.lineno
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                for alias in node.names:
                    yield f"{base}.{alias.name}", node.lineno

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name.split(".")
        if self.path.name != "__init__.py":
            package = package[:-1]
        package = package[: len(package) - node.level + 1]
        return ".".join([*package, *([node.module] if node.module else [])])


def modules(folder: Path = PACKAGE) -> list[Module]:
    """All modules under `folder`, a part of `app/`, sorted by path."""
    return [Module(_name(path), path.read_text(encoding="utf-8"), path) for path in sorted(folder.rglob("*.py"))]


def _name(path: Path) -> str:
    parts = path.relative_to(APP).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
