"""Replay within a room: a (run id, counter) of a device counts once, and what a wipe covers is skipped.

The MLS generation is not signed, so a member could seal another's signed content again as new. Each content carries
its sender's run id and counter inside the signature; per (room, device, run) the highest counter is kept with a bitmap
of the 4,096 below it. Windows live as long as the room and survive a wipe.

```
 counter:   … refused … | highest-4096 ……… bitmap, bit d = highest-1-d ……… highest-1 | highest | … new …
```
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from byre.db import Connection

WINDOW = 4096
_BITMAP_BYTES = WINDOW // 8
_MASK = (1 << WINDOW) - 1
_HIGHEST_COUNTER = (1 << 62) - 1
_OF_A_RUN = "room = ?1 AND device_id = ?2 AND run_id = ?3"
_SEEN, _WIPED, _LATE = range(3)
_WINDOW = (
    f"SELECT {_SEEN}, highest, bitmap FROM seen_window WHERE {_OF_A_RUN}"
    f" UNION ALL SELECT {_WIPED}, counter, NULL FROM wipe_watermark WHERE {_OF_A_RUN}"
    f" UNION ALL SELECT {_LATE}, counter, until FROM wipe_late WHERE {_OF_A_RUN}"
)


@dataclass(frozen=True, slots=True)
class Watermark:
    """A wipe covers what `device_id` sent in its run `run_id` up to `counter`."""

    device_id: bytes
    run_id: bytes
    counter: int


class SeenWindow:
    """The counters of one device's run in one room; `accept` changes the value, `SeenRepository.save` the file.

    `covered` is the highest counter that a wipe covers, -1 without one; `late` what orders name beyond it, as (counter,
    until): only what was said by then.
    """

    __slots__ = ("_bitmap", "_highest", "_late", "covered")

    def __init__(
        self, highest: int = -1, bitmap: int = 0, *, covered: int = -1, late: Sequence[tuple[int, int]] = ()
    ) -> None:
        self._highest = highest
        self._bitmap = bitmap
        self._late = late
        self.covered = covered

    def accept(self, counter: int) -> bool:
        """Take a counter; False if it was seen, or is below the window or out of range: refuse the content."""
        if not 0 <= counter <= _HIGHEST_COUNTER:
            return False
        moved = (counter, 0) if self._highest < 0 else _moved(self._highest, self._bitmap, counter)
        if moved is None:
            return False
        self._highest, self._bitmap = moved
        return True

    def covers(self, counter: int, sent_at: int) -> bool:
        """Whether a wipe covers this content: it is not shown, only confirmed."""
        if counter <= self.covered:
            return True
        return any(counter <= highest and sent_at <= until for highest, until in self._late)

    def row(self) -> tuple[int, bytes] | None:
        """What is stored: the highest counter and the bitmap; None before the first counter."""
        return None if self._highest < 0 else (self._highest, self._bitmap.to_bytes(_BITMAP_BYTES, "little"))


class SeenRepository:
    """Counters that were seen, per room and sending device."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def window(self, room: int, device_id: bytes, run_id: bytes) -> SeenWindow:
        """The window of a device's run as it is stored; an empty one when nothing was seen."""
        rows = self._connection.execute(_WINDOW, (room, device_id, run_id)).fetchall()
        seen = next((row for row in rows if row[0] == _SEEN), None)
        covered = max((int(row[1]) for row in rows if row[0] == _WIPED), default=-1)
        late = [(row[1], row[2]) for row in rows if row[0] == _LATE]
        if seen is None:
            return SeenWindow(covered=covered, late=late)
        return SeenWindow(int(seen[1]), int.from_bytes(seen[2], "little"), covered=covered, late=late)

    def save(self, room: int, device_id: bytes, run_id: bytes, window: SeenWindow) -> None:
        """Store what a window accepted."""
        row = window.row()
        if row is not None:
            self._connection.execute(
                "INSERT INTO seen_window (room, device_id, run_id, highest, bitmap) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (room, device_id, run_id) DO UPDATE"
                " SET highest = excluded.highest, bitmap = excluded.bitmap",
                (room, device_id, run_id, *row),
            )

    def accept(self, room: int, device_id: bytes, run_id: bytes, counter: int) -> bool:
        """Record one counter; False if it was seen, or is below the window or out of range: refuse the content."""
        window = self.window(room, device_id, run_id)
        if not window.accept(counter):
            return False
        self.save(room, device_id, run_id, window)
        return True

    def current(self, room: int) -> list[Watermark]:
        """The highest counter of every device and run of a room: what a wipe of now covers."""
        rows = self._connection.execute(
            "SELECT device_id, run_id, highest FROM seen_window WHERE room = ? ORDER BY device_id, run_id", (room,)
        )
        return [Watermark(*row) for row in rows]

    def accounts(self) -> dict[bytes, bytes]:
        """Device id to account id of everybody who ever wrote here, members or not."""
        rows = self._connection.execute("SELECT device_id, account_id FROM author")
        return {bytes(device): bytes(account) for device, account in rows}

    def senders(self, room: int) -> set[bytes]:
        """Devices of which a room shows something."""
        rows = self._connection.execute(
            "SELECT device_id FROM author WHERE id IN (SELECT DISTINCT author FROM message WHERE room = ?)", (room,)
        )
        return {bytes(device) for (device,) in rows}

    def cover(self, room: int, watermarks: Iterable[Watermark]) -> None:
        """Skip from now on what the watermarks cover, when it comes later."""
        self._connection.executemany(
            "INSERT INTO wipe_watermark (room, device_id, run_id, counter) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (room, device_id, run_id) DO UPDATE SET counter = max(counter, excluded.counter)",
            [(room, mark.device_id, mark.run_id, mark.counter) for mark in watermarks],
        )

    def cover_late(self, room: int, watermarks: Iterable[Watermark], until: int) -> None:
        """Skip of what the watermarks name also what has not come yet, as far as it was said at or before `until` (ms).

        Whoever orders may name any counter; what its device says later is none of the order's business.
        """
        for mark in watermarks:
            key = (room, mark.device_id, mark.run_id)
            named = (*key, mark.counter, until)
            self._connection.execute(
                f"DELETE FROM wipe_late WHERE {_OF_A_RUN} AND counter <= ?4 AND until <= ?5", named
            )
            self._connection.execute(
                "INSERT INTO wipe_late (room, device_id, run_id, counter, until) SELECT ?1, ?2, ?3, ?4, ?5"
                " WHERE NOT EXISTS (SELECT 1 FROM wipe_late WHERE room = ?1 AND device_id = ?2 AND run_id = ?3"
                " AND counter >= ?4 AND until >= ?5) AND NOT EXISTS (SELECT 1 FROM wipe_watermark WHERE room = ?1"
                " AND device_id = ?2 AND run_id = ?3 AND counter >= ?4)",
                named,
            )

    def covered(self, room: int) -> list[Watermark]:
        rows = self._connection.execute(
            "SELECT device_id, run_id, counter FROM wipe_watermark WHERE room = ? ORDER BY device_id, run_id", (room,)
        )
        return [Watermark(*row) for row in rows]


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
