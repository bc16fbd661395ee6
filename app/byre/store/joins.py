"""Devices on their way into a group, and groups that this device asks back into.

```
 wanted ──key package given──▶ given ──commit merged──▶ added ──`joined` receipt──▶ joined
                                          ▲                │ 72 h without one: re-add, up to 60 days
                                          └────────────────┘
```
"""

from __future__ import annotations

from dataclasses import dataclass, field

from byre.db import Connection
from byre.store.table import Table


@dataclass(frozen=True, slots=True)
class JoiningRow:
    """A device that is to be in a group. state: wanted, given, added, joined."""

    group_id: bytes
    device_id: bytes
    account_id: bytes
    state: str
    started_at: int
    next_at: int
    give_up_at: int
    key_package: bytes | None = field(default=None, repr=False)
    tries: int = 0


@dataclass(frozen=True, slots=True)
class RejoiningRow:
    """A group that this device asks to be brought back into; `reference` names the key package in the request."""

    group_id: bytes
    request_hash: bytes
    reference: bytes
    started_at: int
    next_at: int
    tries: int = 0


_JOINING = Table.of("joining", JoiningRow)
_REJOINING = Table.of("rejoining", RejoiningRow)


class JoinRepository:
    """Joins of others and rejoins of one's own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, row: JoiningRow) -> None:
        _JOINING.put(self._connection, row, "group_id", "device_id")

    def get(self, group_id: bytes, device_id: bytes) -> JoiningRow | None:
        return _JOINING.one(self._connection, "WHERE group_id = ? AND device_id = ?", (group_id, device_id))

    def of_group(self, group_id: bytes) -> list[JoiningRow]:
        return _JOINING.all(self._connection, "WHERE group_id = ? ORDER BY device_id", (group_id,))

    def of_device(self, device_id: bytes) -> list[JoiningRow]:
        return _JOINING.all(self._connection, "WHERE device_id = ? ORDER BY started_at, group_id", (device_id,))

    def due(self, now_ms: int) -> list[JoiningRow]:
        """Devices to try (again) by now and not given up."""
        return _JOINING.all(
            self._connection,
            "WHERE state != 'joined' AND next_at <= ?1 AND give_up_at > ?1 ORDER BY next_at, group_id, device_id",
            (now_ms,),
        )

    def delete(self, group_id: bytes, device_id: bytes) -> None:
        self._connection.execute("DELETE FROM joining WHERE group_id = ? AND device_id = ?", (group_id, device_id))

    def put_rejoining(self, row: RejoiningRow) -> None:
        _REJOINING.put(self._connection, row, "group_id")

    def rejoining(self, group_id: bytes) -> RejoiningRow | None:
        return _REJOINING.one(self._connection, "WHERE group_id = ?", (group_id,))

    def rejoins_due(self, now_ms: int) -> list[RejoiningRow]:
        return _REJOINING.all(self._connection, "WHERE next_at <= ? ORDER BY next_at", (now_ms,))

    def delete_rejoining(self, group_id: bytes) -> None:
        self._connection.execute("DELETE FROM rejoining WHERE group_id = ?", (group_id,))
