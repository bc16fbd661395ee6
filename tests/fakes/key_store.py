"""A key store in memory, with every way of failing that a real one has."""

from __future__ import annotations

from collections.abc import Callable

from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault


class FakeKeyStore:
    """`entries` is the store. `is_away` fails every call, `is_delete_refused` keeps entries, `on_change` is told."""

    def __init__(self, entries: dict[str, bytes] | None = None) -> None:
        self.entries = dict(entries or {})
        self.is_away = False
        self.is_delete_refused = False
        self.on_change: Callable[[str], None] = lambda what: None

    def get(self, name: str) -> Secret | None:
        self._check()
        raw = self.entries.get(name)
        return None if raw is None else Secret(raw)

    def put(self, name: str, secret: Secret) -> None:
        self._check()
        self.entries[name] = secret.reveal()
        self.on_change("put")

    def delete(self, name: str) -> None:
        self._check()
        if name in self.entries and self.is_delete_refused:
            raise EnvironmentFault("the fake key store does not delete", code="key_unavailable")
        if self.entries.pop(name, None) is not None:
            self.on_change("delete")

    def copy(self) -> FakeKeyStore:
        """A store with the same entries: what is in the real one after a power cut."""
        other = FakeKeyStore()
        other.entries = dict(self.entries)
        return other

    def _check(self) -> None:
        if self.is_away:
            raise EnvironmentFault("the fake key store is away", code="key_unavailable")
