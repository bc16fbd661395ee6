"""Rule 1: who may import whom, and one door per external library.

The same direction stands in pyproject.toml as import-linter contracts, which also follow indirect imports.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checks.source import ROOT, Module, modules

ROOMS = {
    "errors": set[str](),
    "crypto": {"errors"},
    "wire": {"errors", "crypto"},
    "db": {"errors", "crypto"},
    "system": {"errors"},
    "mls": {"errors", "wire", "crypto"},
    "identity": {"errors", "wire", "crypto"},
    "store": {"errors", "db", "crypto"},
    "relay": {"errors", "wire", "identity", "crypto", "db"},
    "client": {"errors", "mls", "identity", "store", "wire", "crypto"},
    "ui": {"errors", "client"},
    "rpc": {"errors", "client"},
    "demo": {"errors", "system"},
    "selftest": {"errors", "crypto", "mls", "store", "db", "wire", "client", "ui", "identity", "system"},
}
"""Room -> rooms it may import. Missing here: `bootstrap`, which may import everything, and `__main__`."""

DOORS = {
    "nacl": {"byre.crypto"},
    "cryptography": {"byre.crypto"},
    "sqlcipher3": {"byre.db"},
    "aiohttp": {"byre.client.connection", "byre.relay"},
    "aiohttp_socks": {"byre.client.connection"},
    "uvloop": {"byre.relay"},
    "prometheus_client": {"byre.relay"},
    "PySide6": {"byre.ui"},
    "shiboken6": {"byre.ui"},
    "qasync": {"byre.ui"},
    "segno": {"byre.ui"},
    "zxingcpp": {"byre.ui"},
    "msgpack": {"byre.wire", "byre.store", "byre.relay"},
    "keyring": {"byre.store"},
    "secretstorage": {"byre.store"},
}
"""External library -> the packages that may import it."""


def wrong_directions(found: list[Module]) -> list[str]:
    """Imports of our own modules that the picture in the house's plan does not draw."""
    complaints = []
    for module in found:
        for name, line in module.imports():
            parts = name.split(".")
            if parts[0] != "byre" or len(parts) < 2 or module.name == "byre.bootstrap":
                continue
            target = parts[1]
            if target == module.room or target.startswith("__"):
                continue
            if module.name == "byre.__main__":
                allowed = {"errors", "bootstrap", "selftest"}
            elif module.name == "byre":
                allowed = set()
            else:
                allowed = ROOMS[module.room]
            if target not in allowed:
                complaints.append(f"{module.name}:{line} imports {name}")
    return complaints


def wrong_doors(found: list[Module]) -> list[str]:
    """Imports of an external library, or of one that no door is named for, outside its door."""
    complaints = []
    for module in found:
        for name, line in module.imports():
            library = name.split(".")[0]
            if library in sys.stdlib_module_names or library == "byre":
                continue
            doors = DOORS.get(library, set())
            if not any(module.name == door or module.name.startswith(door + ".") for door in doors):
                complaints.append(f"{module.name}:{line} imports {library}")
    return complaints


def by_name(found: list[Module]) -> list[str]:
    """Imports that no reader of `import` lines sees: by a name at run time."""
    return [
        f"{module.name}:{node.lineno} imports by name"
        for module in found
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Attribute) and (ast.unparse(node).endswith(_BY_NAME)))
        or (isinstance(node, ast.Name) and node.id in _BY_NAME)
        or (isinstance(node, ast.ImportFrom) and any(alias.name in _BY_NAME for alias in node.names))
    ]


_BY_NAME = ("import_module", "__import__", "exec_module", "load_module", "run_module", "run_path")


def test_nothing_is_imported_by_name() -> None:
    assert by_name(modules()) == []


@pytest.mark.parametrize(
    "text",
    [
        "import importlib\nimportlib.import_module('byre.store')",
        "from importlib import import_module as load\nload('byre.store')",
        "from importlib import import_module\nimport_module('byre.store')",
        "__import__('byre.store')",
        "import builtins\nbuiltins.__import__('nacl')",
        "import runpy\nrunpy.run_module('byre.store')",
    ],
)
def test_an_import_by_name_is_seen(text: str) -> None:
    assert by_name([Module("byre.mls.group", text)])


def test_rooms_import_downward_only() -> None:
    assert wrong_directions(modules()) == []


def test_every_library_has_one_door() -> None:
    assert wrong_doors(modules()) == []


def test_every_room_is_known() -> None:
    rooms = {module.room for module in modules()}
    assert rooms - ROOMS.keys() - {"", "bootstrap", "__main__"} == set()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("byre.mls.group", "from byre.store import anything"),
        ("byre.mls.group", "def f():\n    import byre.identity.account"),
        ("byre.wire.frames", "from byre import client"),
        ("byre.ui.app", "from byre.rpc.server import run_rpc"),
        ("byre.client.engine", "from byre.bootstrap import run_rpc"),
        ("byre.client.engine", "from ..ui import app"),
    ],
)
def test_a_wrong_direction_is_seen(name: str, text: str) -> None:
    assert wrong_directions([Module(name, text)])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("byre.identity.account", "import nacl.signing"),
        ("byre.store.store", "from sqlcipher3 import dbapi2"),
        ("byre.client.engine", "import aiohttp"),
        ("byre.ui.app", "import requests"),
    ],
)
def test_a_wrong_door_is_seen(name: str, text: str) -> None:
    assert wrong_doors([Module(name, text)])


def test_right_imports_are_left_alone() -> None:
    module = Module("byre.client.connection.socket", "import aiohttp\nfrom byre.wire.frames import Send")
    assert wrong_directions([module]) == wrong_doors([module]) == []


def contracts(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    return subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_import_contracts_hold_indirectly_too() -> None:
    done = contracts()
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_broken_contract_is_seen(tmp_path: Path) -> None:
    settings = tmp_path / "contracts.toml"
    settings.write_text(
        """
[tool.importlinter]
root_packages = ["byre"]

[[tool.importlinter.contracts]]
name = "The engine knows no cryptography"
type = "forbidden"
source_modules = ["byre.client"]
forbidden_modules = ["byre.crypto"]
"""
    )
    done = contracts("--config", str(settings))
    assert done.returncode == 1
    assert "The engine knows no cryptography BROKEN" in done.stdout
