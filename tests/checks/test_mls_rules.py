"""Rule 10: code, tests and mls/README.md agree on the numbers of the MLS validation rules."""

from __future__ import annotations

import re

from byre.mls.rules import Rule
from tests.checks.source import PACKAGE, ROOT

NUMBERED = re.compile(r"^\s*(?:\|\s*)?(\d{1,2})(?:\.|\s*\|)\s", re.MULTILINE)


def numbers_in_readme(text: str) -> set[int]:
    """The numbers that begin a list item or a table row."""
    return {int(match) for match in NUMBERED.findall(text)}


def rules_named_in(texts: list[str]) -> set[str]:
    return {name for text in texts for name in re.findall(r"\bRule\.([A-Z_]+)\b", text)}


def test_the_readme_says_every_rule() -> None:
    text = (PACKAGE / "mls" / "README.md").read_text()
    assert {rule.value for rule in Rule} - numbers_in_readme(text) == set()


def test_every_rule_is_kept_somewhere_and_tried_somewhere() -> None:
    tests = [p.read_text() for p in (ROOT / "tests").rglob("test_*.py") if "checks" not in p.parts]
    tried = rules_named_in(tests) | {
        rule.name for rule in Rule for text in tests if re.search(rf"[Rr]ules?[ _]{rule.value}(?!\d)", text)
    }
    assert sorted(rule.name for rule in Rule if rule.name not in tried) == []


def test_a_missing_number_is_seen() -> None:
    assert numbers_in_readme("1. one\n| 3 | three |\nabout 2. not") == {1, 3}
