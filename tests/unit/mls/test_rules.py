"""The numbered rules."""

from __future__ import annotations

from byre.mls.rules import Rule, violation


def test_there_are_eighteen_rules() -> None:
    assert [rule.value for rule in Rule] == list(range(1, 19))


def test_a_violation_names_its_rule() -> None:
    error = violation(Rule.PATH_KEYS, "a key stands twice")
    assert str(error) == "Rule 7: a key stands twice"
    assert error.code == "invalid_commit"
    assert violation(Rule.CODEC, "junk", code="malformed").code == "malformed"
