"""How long messages live in a room: the choices, how a time is said, and what is left of one that runs."""

from __future__ import annotations

from byre.ui import when
from byre.ui.i18n import tr

MINUTE, HOUR, DAY, WEEK = 60, 3_600, 86_400, 604_800
SHORTEST, LONGEST = 5, 4 * WEEK
CHOICES = (0, 4 * WEEK, WEEK, DAY, 8 * HOUR, HOUR, 5 * MINUTE, 30, 5)
"""Seconds; 0 is for ever. Other times between the shortest and the longest are written in."""
UNITS = (1, MINUTE, HOUR, DAY, WEEK)


def timer_words(seconds: int) -> str:
    """`4주`, `8시간`, `30초`; a time of several units by the largest that fits without a rest."""
    for unit in reversed(UNITS):
        if seconds >= unit and seconds % unit == 0:
            return unit_words(unit, seconds // unit)
    return tr("Off")


def unit_words(unit: int, count: int) -> str:
    """So many of a unit."""
    return {
        1: tr("%n seconds", count),
        MINUTE: tr("%n minutes", count),
        HOUR: tr("%n hours", count),
        DAY: tr("%n days", count),
        WEEK: tr("%n weeks", count),
    }[unit]


def parts(seconds: int) -> tuple[int, int]:
    """(how many, unit) of a time, as it is written in a form."""
    for unit in reversed(UNITS):
        if seconds >= unit and seconds % unit == 0:
            return seconds // unit, unit
    return 1, DAY


def left_words(left_ms: int) -> str:
    """What is left: `3일`, `8시간`, and from the last hour on `59:59`. Rounded up, so that a new one says all of it."""
    if left_ms <= HOUR * 1_000:
        return when.countdown(left_ms)
    unit = HOUR if left_ms <= DAY * 1_000 else DAY
    return unit_words(unit, -(-left_ms // (unit * 1_000)))


def next_words_ms(left_ms: int) -> int:
    """In how many milliseconds `left_words` says something else."""
    seconds = 1 if left_ms <= HOUR * 1_000 else HOUR if left_ms <= DAY * 1_000 else DAY
    return (left_ms - 1) % (seconds * 1_000) + 1 if left_ms > 0 else seconds * 1_000
