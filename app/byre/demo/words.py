"""Random texts of a run: Korean and English words and a random mark, so that no two runs send the same."""

from __future__ import annotations

import secrets

_WORDS = (
    "회의",
    "오늘",
    "자료",
    "확인",
    "점심",
    "내일",
    "고마워요",
    "출발",
    "도착",
    "사진",
    "barn",
    "hay",
    "lantern",
    "meadow",
    "quiet",
    "river",
    "late",
    "soon",
    "👍",
    "🐄",
)


def new_text() -> str:
    """A short text that was never sent before."""
    words = [secrets.choice(_WORDS) for _ in range(2 + secrets.randbelow(5))]
    return " ".join([*words, new_mark()])


def new_mark() -> str:
    """A random word of 12 letters: it is searched for and looked for as residue."""
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(12))


def new_handle(name: str) -> str:
    """A handle that nobody has."""
    return f"{name}{secrets.randbelow(10**6):06d}"


def new_passphrase() -> str:
    """A passphrase that only this run's processes know."""
    return secrets.token_urlsafe(18)
