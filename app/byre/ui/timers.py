"""How long messages live in a room: the choices, and how a time is said, long and short."""

from __future__ import annotations

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
