"""Replay within a room: a (run id, counter) of a device counts once, and what a wipe covers is skipped.

The MLS generation is not signed, so a member could seal another's signed content again as new. Each content carries
its sender's run id and counter inside the signature; per (room, device, run) the highest counter is kept with a bitmap
of the 4,096 below it. Windows live as long as the room and survive a wipe.

```
 counter:   … refused … | highest-4096 ……… bitmap, bit d = highest-1-d ……… highest-1 | highest | … new …
```
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from byre.db import Connection

WINDOW = 4096
_BITMAP_BYTES = WINDOW // 8
_MASK = (1 << WINDOW) - 1
_HIGHEST_COUNTER = (1 << 62) - 1


@dataclass(frozen=True, slots=True)
class Watermark:
    """A wipe covers what `device_id` sent in its run `run_id` up to `counter`."""

    device_id: bytes
    run_id: bytes
    counter: int


class SeenRepository:
    """Counters that were seen, per room and sending device."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def accept(self, room: int, device_id: bytes, run_id: bytes, counter: int) -> bool:
        """Record a counter; False if it was seen, or is below the window or out of range: refuse the content."""
        if not 0 <= counter <= _HIGHEST_COUNTER:
            return False
        key = (room, device_id, run_id)
        row = self._connection.execute(
            "SELECT highest, bitmap FROM seen_window WHERE room = ? AND device_id = ? AND run_id = ?", key
        ).fetchone()
        if row is None:
            highest, bitmap = counter, 0
        else:
            moved = _moved(int(row[0]), int.from_bytes(row[1], "little"), counter)
            if moved is None:
                return False
            highest, bitmap = moved
        self._connection.execute(
            "INSERT INTO seen_window (room, device_id, run_id, highest, bitmap) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (room, device_id, run_id) DO UPDATE SET highest = excluded.highest, bitmap = excluded.bitmap",
            (*key, highest, bitmap.to_bytes(_BITMAP_BYTES, "little")),
        )
        return True

    def current(self, room: int) -> list[Watermark]:
        """The highest counter of every device and run of a room: what a wipe of now covers."""
        rows = self._connection.execute(
            "SELECT device_id, run_id, highest FROM seen_window WHERE room = ? ORDER BY device_id, run_id", (room,)
        )
        return [Watermark(*row) for row in rows]

    def cover(self, room: int, watermarks: Iterable[Watermark]) -> None:
        """Skip from now on what the watermarks cover, when it comes later."""
        self._connection.executemany(
            "INSERT INTO wipe_watermark (room, device_id, run_id, counter) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (room, device_id, run_id) DO UPDATE SET counter = max(counter, excluded.counter)",
            [(room, mark.device_id, mark.run_id, mark.counter) for mark in watermarks],
        )

    def covered(self, room: int) -> list[Watermark]:
        rows = self._connection.execute(
            "SELECT device_id, run_id, counter FROM wipe_watermark WHERE room = ? ORDER BY device_id, run_id", (room,)
        )
        return [Watermark(*row) for row in rows]

    def is_covered(self, room: int, device_id: bytes, run_id: bytes, counter: int) -> bool:
        """Whether a wipe covers this content: it is not shown, only confirmed."""
        row = self._connection.execute(
            "SELECT 1 FROM wipe_watermark WHERE room = ? AND device_id = ? AND run_id = ? AND counter >= ?",
            (room, device_id, run_id, counter),
        ).fetchone()
        return row is not None


def _moved(highest: int, bitmap: int, counter: int) -> tuple[int, int] | None:
    """The window after `counter`, or None if it was seen or lies below."""
    if counter > highest:
        step = counter - highest
        shifted = ((bitmap << 1 | 1) << (step - 1)) & _MASK if step <= WINDOW else 0
        return counter, shifted
    distance = highest - 1 - counter
    if distance < 0 or distance >= WINDOW or bitmap >> distance & 1:
        return None
    return highest, bitmap | 1 << distance
