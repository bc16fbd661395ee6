"""When leaves are due: a week and a jitter, taken once, forgotten with the room."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.rooms.renewals import (
    AGAIN_MS,
    EVERY_MS,
    JITTER_MS,
    interval_ms,
    is_anything_due,
    note_renewed,
    take_due,
)
from byre.crypto.random import system_random

NOW = 1_800_000_000_000
DAY_MS = 24 * 3600 * 1000


@dataclass
class PaperTransaction:
    """The two tables that renewals look at."""

    states: dict[bytes, str]
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def rooms(self) -> Any:
        rows = [SimpleNamespace(group_id=group, state=state) for group, state in self.states.items()]
        return SimpleNamespace(all=lambda *, with_hidden: rows)

    @property
    def settings(self) -> Any:
        return SimpleNamespace(get=self.values.get, put=self.values.__setitem__)


def paper(**states: str) -> Any:
    return PaperTransaction({name.encode(): state for name, state in states.items()})


def test_the_interval_is_a_week_with_half_a_day_of_jitter() -> None:
    found = [interval_ms(system_random) for _ in range(500)]
    assert all(EVERY_MS - JITTER_MS <= each <= EVERY_MS + JITTER_MS for each in found)
    assert max(found) - min(found) > JITTER_MS


def test_a_room_that_is_not_known_yet_is_due_in_a_week() -> None:
    tx = paper(a="active", b="left", c="rejoining")
    assert is_anything_due(tx, NOW)
    assert take_due(tx, NOW, system_random) == []
    assert not is_anything_due(tx, NOW + 6 * DAY_MS)
    assert is_anything_due(tx, NOW + 8 * DAY_MS)
    assert take_due(tx, NOW + 8 * DAY_MS, system_random) == [b"a"]


def test_what_was_taken_is_put_off_and_what_came_about_waits_a_week() -> None:
    tx = paper(a="active")
    take_due(tx, NOW, system_random)
    late = NOW + 8 * DAY_MS
    assert take_due(tx, late, system_random) == [b"a"]
    assert take_due(tx, late + AGAIN_MS - 1, system_random) == []
    assert take_due(tx, late + AGAIN_MS, system_random) == [b"a"]
    note_renewed(tx, b"a", late, system_random)
    assert not is_anything_due(tx, late + 6 * DAY_MS)


def test_a_room_that_was_left_is_forgotten() -> None:
    tx = paper(a="active", b="active")
    take_due(tx, NOW, system_random)
    tx.states[b"b"] = "removed"
    assert is_anything_due(tx, NOW)
    assert take_due(tx, NOW + 8 * DAY_MS, system_random) == [b"a"]
    assert list(tx.values.values()) == [{b"a".hex(): NOW + 8 * DAY_MS + AGAIN_MS}]


@pytest.mark.parametrize("junk", [None, [], "x"])
def test_a_setting_that_is_something_else_counts_as_nothing(junk: object) -> None:
    tx = paper(a="active")
    tx.values["rooms.renewals"] = junk
    assert take_due(tx, NOW, system_random) == []
