"""Strict parameters: each method names its fields, and anything else is `bad_params` before the engine sees it.

An optional field may be left out or null. Texts must be encodable Unicode (no lone surrogates), ids lower-case hex.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from byre.errors import UsageError


class Kind(Protocol):
    """Checks one value; `expectation` finishes the sentence `NAME must be …`."""

    @property
    def expectation(self) -> str: ...

    def accepts(self, value: object) -> bool: ...


@dataclass(frozen=True, slots=True)
class Text:
    """A string of `least`..`most` characters."""

    most: int
    least: int = 1

    @property
    def expectation(self) -> str:
        return f"a string of {self.least} to {self.most} characters"

    def accepts(self, value: object) -> bool:
        if not isinstance(value, str) or not self.least <= len(value) <= self.most:
            return False
        try:
            value.encode()
        except UnicodeEncodeError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class FileName(Text):
    """A string that can name a file."""

    def accepts(self, value: object) -> bool:
        return Text.accepts(self, value) and "\0" not in str(value)


@dataclass(frozen=True, slots=True)
class Hex:
    """Lower-case hex of `least`..`most` bytes."""

    least: int
    most: int

    @property
    def expectation(self) -> str:
        return f"lower-case hex of {self.least} bytes" if self.least == self.most else "a lower-case hex id"

    def accepts(self, value: object) -> bool:
        return (
            isinstance(value, str)
            and len(value) % 2 == 0
            and self.least <= len(value) // 2 <= self.most
            and all(digit in "0123456789abcdef" for digit in value)
        )


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` to `high`."""

    low: int
    high: int

    @property
    def expectation(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def accepts(self, value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    @property
    def expectation(self) -> str:
        return "true or false"

    def accepts(self, value: object) -> bool:
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of 1..`most` values of one kind."""

    item: Kind
    most: int

    @property
    def expectation(self) -> str:
        return f"a list of 1 to {self.most} items, each {self.item.expectation}"

    def accepts(self, value: object) -> bool:
        return isinstance(value, list) and 1 <= len(value) <= self.most and all(map(self.item.accepts, value))


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object of at most `most` members."""

    key: Kind
    value: Kind
    most: int

    @property
    def expectation(self) -> str:
        return f"an object of at most {self.most} members, each {self.value.expectation}"

    def accepts(self, value: object) -> bool:
        return (
            isinstance(value, dict)
            and len(value) <= self.most
            and all(self.key.accepts(name) and self.value.accepts(item) for name, item in value.items())
        )


@dataclass(frozen=True, slots=True)
class Field:
    """One named parameter."""

    name: str
    kind: Kind
    is_required: bool = True


ACCOUNT_ID = Hex(32, 32)
DEVICE_ID = Hex(16, 16)
MESSAGE_ID = Hex(16, 16)
ROOM_ID = Hex(1, 64)
HANDLE = Text(320)
RELAY = Text(2048)
NAME = Text(128)
PASSPHRASE = Text(1024)
LIMIT = Whole(1, 1000)


def check_params(fields: Sequence[Field], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the named values, optional ones that were left out or null as None.

    Raises:
        UsageError: code `bad_params`; the sentence names the field and what it must be, never its value.
    """
    known = {field.name for field in fields}
    if params.keys() - known:
        raise UsageError(f"Unknown parameter; this method takes {', '.join(sorted(known)) or 'none'}.")
    checked: dict[str, Any] = {}
    for field in fields:
        value = params.get(field.name)
        if value is None:
            if field.is_required:
                raise UsageError(f"The parameter {field.name} is missing; it must be {field.kind.expectation}.")
        elif not field.kind.accepts(value):
            raise UsageError(f"The parameter {field.name} must be {field.kind.expectation}.")
        checked[field.name] = value
    return checked
