"""Times as people read them, in Korean and English: clock, day lines, list times, countdowns."""

from __future__ import annotations

from datetime import datetime, timedelta

from byre.ui.i18n import Language

_DAYS_KO = ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일")
_DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
DAY_MS = 86_400_000
LAST_MS = 253_370_764_800_000
"""New Year 9999: peers write the times that are shown here, and a calendar has an end."""


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(max(0, min(LAST_MS, ms)) / 1000)


def clock(ms: int, language: Language) -> str:
    """`오전 11:20`, `11:20 AM`."""
    t = _moment(ms)
    hour = t.hour % 12 or 12
    if language == "ko":
        return f"{'오전' if t.hour < 12 else '오후'} {hour}:{t.minute:02}"
    return f"{hour}:{t.minute:02} {'AM' if t.hour < 12 else 'PM'}"


def day_key(ms: int) -> int:
    """A number that changes at local midnight."""
    return _moment(ms).toordinal()


class Days:
    """`day_key` for many times in order: local midnights are looked up once a day, not once a message."""

    def __init__(self) -> None:
        self._key, self._from, self._to = 0, 0, -1

    def __call__(self, ms: int) -> int:
        if not self._from <= ms < self._to:
            t = _moment(ms)
            midnight = t.replace(hour=0, minute=0, second=0, microsecond=0)
            self._key = t.toordinal()
            self._from = int(midnight.timestamp() * 1000)
            self._to = int((midnight + timedelta(days=1)).timestamp() * 1000)
        return self._key


def day_line(ms: int, language: Language) -> str:
    """`2026년 11월 20일 금요일`, `Friday, 20 November 2026`."""
    t = _moment(ms)
    if language == "ko":
        return f"{t.year}년 {t.month}월 {t.day}일 {_DAYS_KO[t.weekday()]}"
    return f"{_DAYS_EN[t.weekday()]}, {t.day} {_MONTHS[t.month - 1]} {t.year}"


def month_line(year: int, month: int, language: Language) -> str:
    """`2026년 11월`, `November 2026`."""
    return f"{year}년 {month}월" if language == "ko" else f"{_MONTHS[month - 1]} {year}"


def weekday_short(day: int, language: Language) -> str:
    """`월`, `Mo` for Monday, which is 0."""
    return _DAYS_KO[day][0] if language == "ko" else _DAYS_EN[day][:2]


def day_short(ms: int, language: Language) -> str:
    """`2026. 11. 20.`, `20 Nov 2026`."""
    t = _moment(ms)
    return f"{t.year}. {t.month}. {t.day}." if language == "ko" else f"{t.day} {_MONTHS[t.month - 1][:3]} {t.year}"


def list_time(ms: int, now_ms: int, language: Language) -> str:
    """Short: clock today, then yesterday, weekday, date."""
    if ms <= 0:
        return ""
    t = _moment(ms)
    days = day_key(now_ms) - t.toordinal()
    if days <= 0:
        return clock(ms, language)
    if days == 1:
        return "어제" if language == "ko" else "Yesterday"
    if days < 7:
        return _DAYS_KO[t.weekday()] if language == "ko" else _DAYS_EN[t.weekday()]
    same_year = _moment(now_ms).year == t.year
    if language == "ko":
        return f"{t.month}월 {t.day}일" if same_year else f"{t.year}. {t.month}. {t.day}."
    return f"{t.day} {_MONTHS[t.month - 1][:3]}" + ("" if same_year else f" {t.year}")


def full(ms: int, language: Language) -> str:
    """Date and clock."""
    t = _moment(ms)
    if language == "ko":
        return f"{t.year}년 {t.month}월 {t.day}일 {clock(ms, language)}"
    return f"{t.day} {_MONTHS[t.month - 1]} {t.year}, {clock(ms, language)}"


def date(ms: int, language: Language) -> str:
    """Date only."""
    t = _moment(ms)
    if language == "ko":
        return f"{t.year}년 {t.month}월 {t.day}일"
    return f"{t.day} {_MONTHS[t.month - 1]} {t.year}"


def ordinal(n: int, language: Language) -> str:
    """`네 번째` up to ten, else figures; `4`."""
    words = ("첫", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열")
    if language != "ko":
        return str(n)
    return f"{words[n - 1]} 번째" if 1 <= n <= len(words) else f"{n}번째"


def countdown(left_ms: int) -> str:
    """`4:32`."""
    seconds = max(0, -(-left_ms // 1000))
    return f"{seconds // 60}:{seconds % 60:02}"
