"""Rule 6: every decoder of outside bytes is known and has a fuzz target.

A decoder is a public function or classmethod named `decode…`, `parse…`, `from_bytes` or `from_wire` in a room that
outside bytes reach. Its qualified name (`byre.wire.frames:decode_frame`, `byre.mls.group:Group.from_bytes`) stands as a
string in a module of tests/fuzz, beside the target that feeds it; each such target runs at least 2,000 examples.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.checks.source import ROOT, Module, modules

ROOMS = ("crypto", "wire", "mls", "identity", "relay", "rpc", "client", "store", "db", "system")
NAME = re.compile(r"(decode|parse)(_\w+)?|from_bytes|from_wire")
MIN_EXAMPLES = 2000


def decoders(found: list[Module]) -> set[str]:
    """Qualified names of all decoders in the rooms that outside bytes reach."""
    names = set()
    for module in found:
        if module.room not in ROOMS or any(part.startswith("_") for part in module.name.split(".")):
            continue
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and NAME.fullmatch(node.name):
                names.add(f"{module.name}:{node.name}")
            elif isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not _is_protocol(node):
                names |= {
                    f"{module.name}:{node.name}.{item.name}"
                    for item in node.body
                    if isinstance(item, ast.FunctionDef) and NAME.fullmatch(item.name)
                }
    return names


def named_in(text: str) -> set[str]:
    """Every string constant of a fuzz module."""
    return {n.value for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def examples_in(text: str) -> list[int]:
    """The `max_examples` of every target; 0 where it cannot be read off as a number or a constant of the module."""
    tree = ast.parse(text)
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "max_examples":
            if isinstance(node.value, ast.Constant):
                found.append(int(node.value.value))
            elif isinstance(node.value, ast.Name):
                found.append(int(constants.get(node.value.id, 0)))
            else:
                found.append(0)
    return found


def _is_protocol(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)


def fuzz_modules() -> dict[Path, str]:
    return {path: path.read_text() for path in sorted((ROOT / "tests" / "fuzz").glob("test_fuzz_*.py"))}


def test_every_decoder_has_a_fuzz_target() -> None:
    named = {name for text in fuzz_modules().values() for name in named_in(text)}
    assert sorted(decoders(modules()) - named) == []


def test_no_fuzz_target_is_left_behind() -> None:
    """A name that looks like a decoder's but is none: it was moved or renamed."""
    looks = re.compile(r"byre(\.\w+)+:\w+(\.\w+)?")
    named = {name for text in fuzz_modules().values() for name in named_in(text) if looks.fullmatch(name)}
    known = decoders(modules())
    assert sorted(name for name in named - known if NAME.fullmatch(re.split(r"[:.]", name)[-1])) == []


def test_every_target_runs_enough_examples() -> None:
    few = {path.name: examples_in(text) for path, text in fuzz_modules().items()}
    assert {name: counts for name, counts in few.items() if not counts or min(counts) < MIN_EXAMPLES} == {}


@pytest.mark.parametrize(
    "text",
    [
        "def decode_frame(data): ...",
        "def parse_address(text): ...",
        "class A:\n    @classmethod\n    def from_bytes(cls, data): ...",
        "class A:\n    @staticmethod\n    def decode(data): ...",
    ],
)
def test_a_decoder_is_found(text: str) -> None:
    assert len(decoders([Module("byre.wire.frames", text)])) == 1


@pytest.mark.parametrize(
    "text", ["def _decode(data): ...", "def encode(value): ...", "class _A:\n    def decode(self): ..."]
)
def test_what_is_no_decoder_is_left_alone(text: str) -> None:
    assert decoders([Module("byre.wire.frames", text)]) == set()


def test_examples_are_read_off() -> None:
    assert examples_in(
        "N = 2000\n@settings(max_examples=N)\ndef test_a(): ...\n@settings(max_examples=50)\ndef test_b(): ..."
    ) == [
        2000,
        50,
    ]
