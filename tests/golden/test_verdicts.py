"""The law of membership stands: no verdict changes unnoticed, and each side of each rule is in the table."""

from __future__ import annotations

import json

from tests.golden.verdicts import GOLDEN_FILE, build

GOLDEN = json.loads(GOLDEN_FILE.read_text(encoding="utf-8"))


def test_every_verdict_is_the_golden_one() -> None:
    built = build()
    assert built.keys() == GOLDEN.keys()
    assert [(name, verdict) for name, verdict in built.items() if GOLDEN[name] != verdict] == []


def test_the_table_says_both_yes_and_no_of_each_deed_that_somebody_may_do() -> None:
    verdicts: dict[str, set[bool]] = {}
    for name, verdict in GOLDEN.items():
        verdicts.setdefault(name.rpartition(": ")[2], set()).add(verdict == "lawful")
    always = {what for what, seen in verdicts.items() if seen == {True}}
    never = {what for what, seen in verdicts.items() if seen == {False}}
    assert always == {
        *("nothing", "an update of its own", "add an own device", "leave", "let ben leave", "let carl leave"),
        *("remove carl", "remove ben's PC by his newer list", "bring ben's PC back"),
    }
    assert never == {
        *("add dora with another's key", "add an own device that no list names"),
        *("something of a later version", "kind"),
    }
