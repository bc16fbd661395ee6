"""Single messages erased on the spot, and disappearing ones when their time has come.

```
 delete     row, index words (FTS5 secure-delete), outbox rows with content, the room's preview; the id stays as seen
 then       the caller folds the WAL (`Store.fold`), which also truncates it, and drops the snapshot
 traces     count until then (`note_forgotten`): a crash in between leaves word that both are owed
 debt       how many were erased so since the last rotation: SQLite moves cells and leaves copies in page slack,
            which only writing the profile anew clears (`Store.rotate`, when the app idles or owes it for long)
```
Timers run as in Signal: an own message's from when it was sent (one that is held waits), another's from when it was
read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

from byre.db import Connection
from byre.store import message_index
from byre.store.messages import MessageRepository
from byre.store.settings import SettingsRepository
from byre.store.wipe_scope import CONTENTLESS_KINDS

DEBT = "store.erased_singly"
"""Setting: how many messages were erased singly since the profile was last written anew."""

TRACES = "store.erased_in_copies"
"""Setting: counts what was erased singly since copies of it were last destroyed; absent when there are none."""

_KINDS = ", ".join(repr(kind) for kind in CONTENTLESS_KINDS)


class ErasureRepository:
    """Erases messages one by one; knows which are due."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._settings = SettingsRepository(connection)

    def positions(self, message_id: bytes) -> list[int]:
        """Where messages with this id stand: usually one."""
        rows = self._connection.execute("SELECT id FROM message WHERE message_id = ? ORDER BY id", (message_id,))
        return [int(row[0]) for row in rows]

    def erase(self, positions: Sequence[int], *, words: bool = True, sends: bool = True) -> list[int]:
        """Erase the messages at `positions`; returns the rooms (local numbers) that look different now.

        Args:
            words: False leaves the words to the rotation that is owed: for very many at once, a tenth of the time.
            sends: False lets go out what is sealed already and was not handed over: a time that has come here takes
                nothing from those who have not had it.
        """
        marks = ", ".join(f"{position:d}" for position in positions)
        rooms = [
            int(row[0])
            for row in self._connection.execute(
                f"SELECT DISTINCT room FROM message WHERE id IN ({marks}) ORDER BY room"
            )
        ]
        if not rooms:
            return []
        with message_index.forgetting(self._connection) if words else nullcontext():
            message_index.remove(self._connection, message_index.entries(self._connection, f"id IN ({marks})", ()))
        of_these = f"SELECT message_id FROM message WHERE id IN ({marks})"
        going = "" if sends else " AND ciphertext IS NULL"
        self._connection.execute(
            f"DELETE FROM outbox WHERE message_id IN ({of_these}) AND kind NOT IN ({_KINDS}){going}"
        )
        self._connection.execute(f"DELETE FROM receipt_due WHERE message_id IN ({of_these})")
        self._connection.execute(
            "INSERT INTO seen_message (message_id, room, author)"
            f" SELECT message_id, room, author FROM message WHERE id IN ({marks}) ON CONFLICT DO NOTHING"
        )
        count = self._connection.execute(f"DELETE FROM message WHERE id IN ({marks})").rowcount
        messages = MessageRepository(self._connection)
        for room in rooms:
            messages.recount(room)
        self._settings.put(DEBT, self.debt() + count)
        self._settings.put(TRACES, self.traces() + count)
        return rooms

    def start_timers(self, room: int, up_to: int, now_ms: int) -> int:
        """Start the timers of others' messages that were read just now; returns how many."""
        return self._connection.execute(
            "UPDATE message SET expires_at = ?3 + timer_s * 1000"
            " WHERE room = ?1 AND id <= ?2 AND is_own = 0 AND timer_s > 0 AND expires_at IS NULL",
            (room, up_to, now_ms),
        ).rowcount

    def start_own(self, position: int, timer_s: int, now_ms: int) -> None:
        """Start the timer of an own message that was held: it goes out now, under what the room has agreed by now."""
        self._connection.execute(
            "UPDATE message SET timer_s = ?2, expires_at = CASE WHEN ?2 > 0 THEN ?3 + ?2 * 1000 END WHERE id = ?1",
            (position, timer_s, now_ms),
        )

    def start_all_own(self, now_ms: int, room: int | None = None) -> None:
        """Start the timers of own messages that will not go out any more, of a room or of all."""
        where = "" if room is None else f" AND room = {room:d}"
        self._connection.execute(
            "UPDATE message SET expires_at = ? + timer_s * 1000"
            f" WHERE is_own = 1 AND timer_s > 0 AND expires_at IS NULL{where}",
            (now_ms,),
        )

    def due(self, now_ms: int, limit: int) -> list[int]:
        """Positions of messages whose time has come, the longest overdue first."""
        rows = self._connection.execute(
            "SELECT id FROM message WHERE expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?",
            (now_ms, limit),
        )
        return [int(row[0]) for row in rows]

    def newest(self) -> int:
        """When something happened last in any room (ms); 0 if nothing did: no clock showed less since."""
        return int(self._connection.execute("SELECT coalesce(max(last_activity), 0) FROM room").fetchall()[0][0])

    def shorten(self, now_ms: int) -> int:
        """Let no message live longer from now on than was agreed: the clock was set back. Returns how many would."""
        return self._connection.execute(
            "UPDATE message SET expires_at = ?1 + timer_s * 1000"
            " WHERE expires_at IS NOT NULL AND timer_s > 0 AND expires_at > ?1 + timer_s * 1000",
            (now_ms,),
        ).rowcount

    def next_due(self) -> int | None:
        """When the next message disappears (ms); None if none does."""
        row = self._connection.execute("SELECT min(expires_at) FROM message WHERE expires_at IS NOT NULL").fetchone()
        return None if row is None or row[0] is None else int(row[0])

    def older(self, before_ms: int, limit: int) -> list[int]:
        """Positions of messages from before a time, oldest first: what auto-delete takes."""
        from_start = "SELECT id FROM message WHERE id < ? ORDER BY id LIMIT ?"
        return [int(row[0]) for row in self._connection.execute(from_start, (max(0, before_ms) << 20, limit))]

    def debt(self) -> int:
        """How many messages were erased singly since the profile was last written anew."""
        value = self._settings.get(DEBT)
        return value if isinstance(value, int) else 0

    def traces(self) -> int:
        """Above 0 while the WAL or the snapshot may hold a message that was erased singly; grows with each one."""
        value = self._settings.get(TRACES)
        return value if isinstance(value, int) else 0

    def note_forgotten(self, traces: int) -> None:
        """What `traces` told of is in no copy any more."""
        if self.traces() == traces:
            self._settings.delete(TRACES)
