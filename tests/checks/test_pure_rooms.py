"""Rule 2: mls, identity and wire take time and randomness as arguments, do no I/O and log no values."""

from __future__ import annotations

import ast

import pytest

from tests.checks.source import Module, modules

PURE = ("mls", "identity", "wire")
FORBIDDEN = {
    "asyncio",
    "time",
    "datetime",
    "random",
    "secrets",
    "logging",
    "threading",
    "socket",
    "subprocess",
    "uuid",
    "pathlib",
}
FORBIDDEN_NAMES = {"os.urandom", "byre.crypto.random.system_random", "byre.crypto.system_random"}
FORBIDDEN_CALLS = {"print", "open", "input"}


def impurities(found: list[Module]) -> list[str]:
    """Async code, clocks, randomness sources, logging and I/O in modules that must be pure."""
    complaints = []
    for module in found:
        for name, line in module.imports():
            if name.split(".")[0] in FORBIDDEN or name in FORBIDDEN_NAMES:
                complaints.append(f"{module.name}:{line} imports {name}")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
                complaints.append(f"{module.name}:{node.lineno} is async")
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS:
                complaints.append(f"{module.name}:{node.lineno} calls {node.func.id}")
            elif isinstance(node, ast.Attribute) and node.attr == "urandom":
                complaints.append(f"{module.name}:{node.lineno} uses urandom")
    return complaints


def test_pure_rooms_are_pure() -> None:
    assert impurities([module for module in modules() if module.room in PURE]) == []


@pytest.mark.parametrize(
    "text",
    [
        "async def f(): pass",
        "import time",
        "from datetime import datetime",
        "import secrets",
        "import os\nos.urandom(32)",
        "from byre.crypto.random import system_random",
        "import logging",
        "print(1)",
        "open('f')",
    ],
)
def test_an_impurity_is_seen(text: str) -> None:
    assert impurities([Module("byre.mls.group", text)])


def test_pure_code_is_left_alone() -> None:
    text = "from byre.crypto.random import Random\ndef f(now_s: int, random: Random) -> bytes:\n    return random(32)"
    assert impurities([Module("byre.mls.group", text)]) == []
