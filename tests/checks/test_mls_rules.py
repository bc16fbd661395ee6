"""Rule 10: code, tests and mls/README.md agree on the numbers of the MLS validation rules.

For each number of `rules.Rule`: one item in the README's list, in order; a place in the engine that keeps it (a
`Rule.NAME` in a refusal, or "Rule N" where it is kept by doing and not by refusing); a test named `test_rule_N_…` in
tests/unit/mls. No number outside of the list stands anywhere. The table of RFC 9420's demands names modules that exist.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from byre.mls.rules import Rule
from tests.checks.source import PACKAGE, ROOT

ITEM = re.compile(r"^(\d+)\. \*\*", re.MULTILINE)
SPOKEN = re.compile(r"\bRules? (\d+)((?:, \d+)*(?: (?:and|to) \d+)?)")
TEST = re.compile(r"\btest_\w+\b")
MODULE = re.compile(r"`((?:group/)?[a-z_]+)`")


def items_of(readme: str) -> list[int]:
    """The numbers of the list under "## Rules", in order."""
    section = readme.split("\n## Rules\n", 1)[-1].split("\n## ", 1)[0]
    return [int(number) for number in ITEM.findall(section)]


def spoken_in(text: str) -> set[int]:
    """The numbers that a text speaks of: "Rule 4", "Rules 5, 6 and 7"."""
    found = set()
    for first, more in SPOKEN.findall(text):
        found |= {int(first), *(int(number) for number in re.findall(r"\d+", more))}
    return found


def kept_by(texts: Iterable[str]) -> set[int]:
    """The numbers that code keeps: refusals with `Rule.NAME`, and what docstrings and comments claim."""
    found: set[int] = set()
    for text in texts:
        found |= spoken_in(text)
        found |= {Rule[name].value for name in re.findall(r"\bRule\.([A-Z_]+)\b", text) if name in Rule.__members__}
    return found


def unknown_names(texts: Iterable[str]) -> set[str]:
    """`Rule.NAME`s that are none."""
    return {name for text in texts for name in re.findall(r"\bRule\.([A-Z_]+)\b", text)} - set(Rule.__members__)


def tried_by(texts: Iterable[str]) -> set[int]:
    """The numbers of which a test's name says that it tries them."""
    names = (
        node.name
        for text in texts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {int(found[1]) for name in names if (found := re.match(r"test_rule_(\d+)_", name))}


def engine() -> dict[str, str]:
    return {str(path.relative_to(PACKAGE / "mls")): path.read_text() for path in (PACKAGE / "mls").rglob("*.py")}


def unit_tests() -> list[str]:
    return [path.read_text() for path in (ROOT / "tests" / "unit" / "mls").rglob("test_*.py")]


ALL = [rule.value for rule in Rule]


def test_the_rules_are_numbered_without_a_gap() -> None:
    assert list(range(1, 19)) == ALL


def test_the_readme_lists_every_rule_once_and_no_other() -> None:
    assert items_of((PACKAGE / "mls" / "README.md").read_text()) == ALL


def test_every_rule_is_kept_in_the_engine() -> None:
    texts = [text for name, text in engine().items() if name != "rules.py"]
    assert sorted(set(ALL) - kept_by(texts)) == []
    assert unknown_names(texts) == set()


def test_every_rule_is_tried_under_its_number() -> None:
    assert sorted(set(ALL) - tried_by(unit_tests())) == []


def test_nobody_speaks_of_a_rule_that_is_none() -> None:
    elsewhere = [path.read_text() for path in (ROOT / "tests" / "protocol").glob("test_mls*.py")]
    for text in [*engine().values(), *unit_tests(), *elsewhere]:
        assert spoken_in(text) <= set(ALL)
        assert tried_by([text]) <= set(ALL)


def test_the_table_of_the_rfc_names_what_is_there() -> None:
    table = (PACKAGE / "mls" / "RFC9420.md").read_text()
    files = {name.removesuffix(".py") for name in engine()}
    named = {name for line in table.splitlines() if line.startswith("| ") for name in MODULE.findall(line)}
    assert sorted(name for name in named if name.startswith("group/") and name not in files) == []
    assert len(named & files) > 25
    known = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    known |= {name for path in (ROOT / "tests").rglob("test_*.py") for name in TEST.findall(path.read_text())}
    assert sorted(set(TEST.findall(table)) - known - {"test_rule_N_"}) == []
    assert spoken_in(table) <= set(ALL)


def test_a_missing_doubled_or_foreign_item_is_seen() -> None:
    rules = "1. **one**\n2. **two**\n2. **two again**\n19. **too many**\n"
    readme = f"# MLS\n\n## Rules\n\n{rules}\n## State\n\n3. **not here**\n"
    assert items_of(readme) == [1, 2, 2, 19]


def test_what_is_said_and_what_is_kept_is_seen() -> None:
    assert spoken_in("(Rules 5, 6 and 7) but Rule 12, and a ruler 9") == {5, 6, 7, 12}
    assert kept_by(["raise violation(Rule.CODEC, '…')", "kept by doing (Rule 4)", "nothing"]) == {4, 14}
    assert unknown_names(["Rule.CODEC", "Rule.GUESS"]) == {"GUESS"}


def test_a_test_without_the_number_does_not_count() -> None:
    text = "def test_rule_3_holds(): ...\nasync def test_rule_14_too(): ...\ndef test_rule(): ...\ndef rule_5_x(): ..."
    assert tried_by([text]) == {3, 14}
