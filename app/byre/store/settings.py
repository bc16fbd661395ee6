"""Settings of this device: names to JSON values, encrypted with everything else.

They are small: a search for one name reads the whole of each row that it compares with.
"""

from __future__ import annotations

import json

from byre.db import Connection


class SettingsRepository:
    """Values are whatever JSON can hold; a name that was never put is None."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> object | None:
        row = self._connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def put(self, name: str, value: object) -> None:
        self._connection.execute(
            "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, encoded(value)),
        )

    def delete(self, name: str) -> None:
        self._connection.execute("DELETE FROM setting WHERE name = ?", (name,))

    def names(self) -> list[str]:
        return [str(row[0]) for row in self._connection.execute("SELECT name FROM setting ORDER BY name")]


def encoded(value: object) -> bytes:
    """A value as its row holds it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
