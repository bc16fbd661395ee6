"""What people call themselves: the own name, alike on all own devices, and cleaning what others claim.

A name is a claim that nothing proves. It is cleaned before it is stored, shown as plain text only, and never without
the handle. Of two names of one account the one with the later time of change counts. Who is told: `name_telling.py`.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from typing import Final

from byre.client.context import Context
from byre.client.events import ContactChanged
from byre.client.peers import shown_account
from byre.errors import UsageError
from byre.store import Transaction
from byre.wire.content_bodies import Profile

LONGEST_NAME: Final = 64
_CHANGED_AT = "engine.name_at"
_MOST_MARKS: Final = 3
_BLANK_LETTERS: Final = "\u115f\u1160\u3164\uffa0\u2800"
_JOINER: Final = "\u200d"
_DROPPED: Final = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))


class OwnName:
    """The own name on this device."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def change(self, name: str) -> Profile:
        """Store a new own name; returns what is to be told."""
        now_ms = self._context.clock.now_ms()

        def work(tx: Transaction) -> Profile:
            profile = Profile(name, max(now_ms, changed_at_of(tx) + 1))
            write_name(tx, profile.name, profile.changed_at_ms)
            return profile

        profile = await self._context.store.write(work)
        self._context.own = dataclasses.replace(self._context.own, name=name)
        return profile

    def take(self, tx: Transaction, profile: Profile) -> str | None:
        """Take what an own other device says, in the transaction that received it; None when it is nothing newer."""
        name = clean_name(profile.name)
        if profile.changed_at_ms <= changed_at_of(tx) or not name:
            return None
        write_name(tx, name, profile.changed_at_ms)
        return name

    def took(self, name: str) -> None:
        """After the commit: be called that."""
        self._context.own = dataclasses.replace(self._context.own, name=name)
        self._context.events.publish(ContactChanged(shown_account(self._context.own.account_id)))

    async def current(self) -> Profile | None:
        """Return the own name as it is told; None while nobody has chosen one on this account's devices."""
        changed_at = await self._context.store.read(changed_at_of)
        return Profile(self._context.own.name, changed_at) if changed_at else None


def changed_at_of(tx: Transaction) -> int:
    """Return when the own name was chosen; 0 after a restore, until another device or the user says it."""
    value = tx.settings.get(_CHANGED_AT)
    return value if isinstance(value, int) else 0


def write_name(tx: Transaction, name: str, changed_at_ms: int) -> None:
    """Store the own name with the time of its change."""
    row = tx.account.get()
    if row is not None:
        tx.account.put(dataclasses.replace(row, name=name))
    tx.settings.put(_CHANGED_AT, changed_at_ms)


def display_name(text: str) -> str:
    """Return a person's name as others will see it.

    Raises:
        UsageError: code bad_params.
    """
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or clean_name(name) != name:
        raise UsageError("A name has 1 to 64 printable characters.")
    return name


def clean_name(text: str, *, longest: int | None = LONGEST_NAME) -> str:
    """Return somebody else's name as it may be shown: one line, no control, bidi or blank characters, no towers.

    A joiner stays between symbols, where it makes one picture of several (an emoji family).
    """
    kept: list[str] = []
    marks = 0
    for number, character in enumerate(text):
        category = unicodedata.category(character)
        marks = marks + 1 if category.startswith("M") else 0
        if character == _JOINER and kept and _is_symbol(kept[-1]) and _is_symbol(text[number + 1 : number + 2]):
            kept.append(character)
        elif category.startswith("Z") or character in "\t\n\r":
            kept.append(" ")
        elif category not in _DROPPED and character not in _BLANK_LETTERS and marks <= _MOST_MARKS:
            kept.append(character)
    name = " ".join("".join(kept).split())[:longest].rstrip(f" {_JOINER}")
    return name if any(not unicodedata.category(character).startswith("M") for character in name) else ""


def _is_symbol(character: str) -> bool:
    return bool(character) and (unicodedata.category(character) in ("So", "Sk") or character == "\ufe0f")
