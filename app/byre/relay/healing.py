"""A file of held messages that turned out damaged while the relay runs: what can be read moves, the rest is told.

```
 a page does not hold ─▶ damaged: nothing new goes there, whoever asks it waits
   ─▶ closed, read row by row (wreck.py) into the file beside it, committed ─▶ key destroyed ─▶ file deleted: whole
            something was lost: in the same write the store epoch is renewed ──────┘        └─▶ on_loss
   not even its first page can be read ─▶ abandoned: kept for `byre relay losses`, or until all in it would be over
```
Nothing of a damaged file is destroyed before all that could be read is committed elsewhere. A kill on the way leaves it
with its key: the next start heals it before it serves anybody, into the same file beside it, where `INSERT OR IGNORE`
passes over what was moved before.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Final

from byre.errors import ByreError, EnvironmentFault, InternalBug
from byre.relay.buckets import Bucket, Buckets
from byre.relay.counters import Counters

AT_ONCE: Final = 64
OnLoss = Callable[[int, frozenset[bytes]], None]
"""Called with the start of a file of which something is lost, and mailbox ‖ mid of all that was saved of it."""

log = logging.getLogger(__name__)


class Healing:
    """Heals damaged files, each in a task of its own; ask `done` before asking such a file for anything."""

    def __init__(self, buckets: Buckets, *, counters: Counters) -> None:
        self._buckets = buckets
        self._counters = counters
        self._running: dict[int, asyncio.Task[None]] = {}
        self.on_loss: OnLoss | None = None

    @property
    def is_needed(self) -> bool:
        """Whether a file does not hold, and is not healed."""
        return any(bucket.is_damaged for bucket in self._buckets.all())

    def begin(self, bucket: Bucket, then: Callable[[], None]) -> None:
        """A page of this file did not hold: heal it, once; `then` is called when that is over, however it went."""
        if bucket.start in self._running or bucket.is_abandoned:
            return
        if not bucket.is_damaged:
            self._note_damage()
        bucket.is_damaged = True
        task = self._running[bucket.start] = asyncio.get_running_loop().create_task(self._heal(bucket))

        def over(ended: asyncio.Task[None]) -> None:
            del self._running[bucket.start]
            if not ended.cancelled() and (error := ended.exception()) is not None:
                log.error("a damaged file of held messages cannot be healed: %s", type(error).__name__)
            then()

        task.add_done_callback(over)

    async def done(self) -> None:
        """Return once no file is being healed."""
        while self._running:
            await asyncio.wait(list(self._running.values()))

    def is_under_way(self, start: int) -> bool:
        """Tell whether this file is being healed."""
        return start in self._running

    async def stop(self) -> None:
        """Break off: the damaged files stay as they are."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def heal_unopened(self) -> None:
        """At the start: heal what was found damaged, before anything is asked of any file.

        Raises:
            EnvironmentFault: "disk_full" or the like: the damaged files are as they were.
        """
        while self._buckets.unopened:
            self._note_damage()
            start = self._buckets.unopened[0]
            self._tell(await self._move(start, messages_known=0, bodies_known=0))
            self._buckets.unopened.remove(start)

    def _note_damage(self) -> None:
        self._counters.count("files_damaged")
        log.warning("a file of held messages is damaged: what can be read is moved to another file")

    async def _heal(self, bucket: Bucket) -> None:
        with contextlib.suppress(EnvironmentFault, InternalBug):  # its connection is spoilt, the file is not
            await bucket.database.close()
        try:
            if not await asyncio.to_thread(self._buckets.wreck(bucket.start).can_be_read):
                bucket.is_abandoned = True
                log.error("a file of held messages cannot be read at all: see `byre relay losses`")
                return
            lost = await self._move(bucket.start, messages_known=bucket.messages, bodies_known=bucket.bodies)
        except (ByreError, OSError) as error:
            # a full disk or the like: tried again with the next round of expiry; the damaged file is as it was
            self._counters.count("disk_fail")
            log.error("a damaged file of held messages cannot be healed now: %s", getattr(error, "code", "io_error"))
            return
        self._tell(lost)

    def _tell(self, lost: int) -> None:
        if lost:
            self._counters.count("messages_lost", lost)
            log.error("a damaged file of held messages was replaced; %d of its records are lost", lost)
        else:
            log.warning("a damaged file of held messages was replaced; nothing is lost")

    async def _move(self, start: int, *, messages_known: int, bodies_known: int) -> int:
        """Move what can be read, then destroy the file; return how many records are lost.

        Args:
            messages_known, bodies_known: how many were in it, as far as we know.
        """
        wreck = self._buckets.wreck(start)
        messages, has_all_messages = await asyncio.to_thread(wreck.names, "held")
        commits, has_all_commits = await asyncio.to_thread(wreck.names, "commit_body")
        target = await self._buckets.beside(start)
        saved: set[bytes] = set()
        for some in _lots(messages):
            rows = await asyncio.to_thread(wreck.held, some)
            if rows:
                target.messages += await target.rows.put(rows)
                saved |= {row.mailbox + row.mid for row in rows}
        bodies = 0
        for some in _lots(commits):
            for row in await asyncio.to_thread(wreck.commits, some):
                target.bodies += await target.rows.put_commit(*row)
                bodies += 1
        lost = max(len(messages), messages_known) - len(saved) + max(len(commits), bodies_known) - bodies
        if not (has_all_messages and has_all_commits):
            lost = max(1, lost)  # nothing names all that was in it: whoever sent must know that something may be gone
        await self._buckets.replace(start, target, is_lossy=lost > 0)
        if lost > 0 and self.on_loss is not None:
            self.on_loss(start, frozenset(saved))
        return max(0, lost)


def _lots(numbers: list[int]) -> list[list[int]]:
    return [numbers[at : at + AT_ONCE] for at in range(0, len(numbers), AT_ONCE)]
