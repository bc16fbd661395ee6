"""The system's generator."""

from __future__ import annotations

from byre.crypto.random import system_random


def test_system_random_gives_as_many_bytes_as_asked_for() -> None:
    assert [len(system_random(length)) for length in (0, 1, 32)] == [0, 1, 32]


def test_two_draws_differ() -> None:
    assert system_random(32) != system_random(32)
