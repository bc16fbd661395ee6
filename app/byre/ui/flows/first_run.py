"""First run, without a toolkit: which page comes when, for a PC and for a phone; account creation and restoring.

```
PC     link <--> create --created--> recovery code (shown once, confirmed) --> chats
phone  create <--> restore --restored--> chats
```
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from byre.client.views import ProfileState, Role, Status

MIN_PASSPHRASE = 8


@dataclass(frozen=True, slots=True)
class Form:
    """What the user wrote to create or restore an account."""

    handle: str = ""
    name: str = ""
    relay: str = ""
    passphrase: str = ""
    repeated: str = ""
    code: str = ""


def page_for(status: Status, role_hint: str) -> str:
    """The page that a status asks for: `lock`, `chats`, `removed`, `link` or `create`."""
    if status.state is ProfileState.LOCKED:
        return "lock"
    if status.state is ProfileState.READY:
        return "chats"
    if status.is_removed:
        return "removed"
    return "create" if role_hint == Role.PRIMARY else "link"


def problems(form: Form, *, restoring: bool = False, passphrase_required: bool = False) -> dict[str, str]:
    """What is wrong with a form: field -> error code. Empty when it can be sent."""
    found: dict[str, str] = {}
    handle = unicodedata.normalize("NFKC", form.handle.strip()).casefold()
    if not 2 <= len(handle) <= 32 or not all(c.isalnum() or c in "._" for c in handle):
        found["handle"] = "bad_handle"
    if not is_relay(form.relay):
        found["relay"] = "bad_relay"
    if form.passphrase != form.repeated:
        found["repeated"] = "passphrase_differs"
    elif (form.passphrase or passphrase_required) and len(form.passphrase) < MIN_PASSPHRASE:
        found["passphrase"] = "passphrase_short"
    if restoring and not form.code.strip():
        found["code"] = "wrong_recovery_code"
    return found


def is_relay(text: str) -> bool:
    """Whether this looks like the base URL of a relay."""
    try:
        parts = urlsplit(text.strip())
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


class RecoveryCheck:
    """The recovery code is shown once; the user proves to have it by typing one group again."""

    def __init__(self, code: str) -> None:
        self.code = code
        groups = self.code.split("-")
        self.asked = len(groups) // 2 if len(groups) > 1 else 0
        self._groups = groups

    @property
    def group_number(self) -> int:
        """Which group is asked, counted from 1."""
        return self.asked + 1

    def is_right(self, typed: str) -> bool:
        """Whether `typed` is the asked group."""
        return typed.strip().upper() == self._groups[self.asked].upper()
