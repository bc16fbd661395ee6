"""Own commits: the intents of each room, stored, brought about one after the other, and who waits for them.

A room is worked on while it has intents that are due (`commit_steps`), sleeps until the next one is, and is woken when
one is added, when its epoch moved, or when a relay is back.
"""

from __future__ import annotations

import asyncio
import logging

from byre.client.context import Context
from byre.client.rooms.claim_outcome import Step
from byre.client.rooms.commit_steps import CommitSteps
from byre.client.rooms.intent_codec import stored
from byre.client.rooms.intents import Intent
from byre.client.rooms.waiting import Waiting
from byre.errors import EnvironmentFault, told
from byre.store import IntentRow, Transaction

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S = 60


class Commits:
    """Brings the intents of every room about, in order; `waiting` are those whom `steps` tells how an intent ends."""

    def __init__(self, context: Context, steps: CommitSteps, waiting: Waiting) -> None:
        self._context = context
        self._steps = steps
        self._waiting = waiting
        self._working: set[bytes] = set()
        self._wake: dict[bytes, asyncio.Event] = {}

    async def bring_about(self, group_id: bytes, intent: Intent) -> None:
        """Store an intent and return when it has come true.

        Raises:
            UsageError: it never can (room_too_large, not_allowed, not_member, wrong_state); or code locked, the profile
                was closed meanwhile: the intent stays.
            EnvironmentFault: code relay_unreachable; the intent stays and is brought about later.
        """
        number = await self.add(group_id, intent)
        self.wake(group_id)
        await self._waiting.outcome(group_id, number)

    def close(self) -> None:
        """Let nobody wait any longer: the session ends, its intents stay stored."""
        self._waiting.close()

    async def add(self, group_id: bytes, intent: Intent, *, delay_ms: int = 0) -> int:
        """Store an intent to be brought about in the background; the same intent is not stored twice."""
        kind, payload = await asyncio.to_thread(stored, intent)
        now_ms = self._context.clock.now_ms()

        def work(tx: Transaction) -> int:
            for row in tx.intents.of_group(group_id):
                if (row.kind, row.payload) == (kind, payload):
                    return row.id
            return tx.intents.add(IntentRow(0, group_id, kind, payload, now_ms, now_ms + delay_ms))

        number = await self._context.store.write(work)
        self.wake(group_id)
        return number

    def wake(self, group_id: bytes) -> None:
        """Work on the room's intents now: one was added, the room moved, or the relay is back."""
        self._wake.setdefault(group_id, asyncio.Event()).set()
        if group_id not in self._working:
            self._working.add(group_id)
            self._context.tasks.spawn(self._work(group_id), f"commits of {group_id.hex()[:8]}")

    def wake_all(self) -> None:
        """Work on whatever a start or a lost connection left waiting."""
        self._context.tasks.spawn(self._wake_all(), "commits of all rooms")

    async def _wake_all(self) -> None:
        def groups(tx: Transaction) -> set[bytes]:
            later = (1 << 62) - 1
            return {row.group_id for row in tx.intents.due(later)} | {row.group_id for row in tx.groups.all_pending()}

        for group_id in await self._context.store.read(groups):
            self.wake(group_id)

    async def _work(self, group_id: bytes) -> None:
        event = self._wake[group_id]
        failures = 0
        try:
            while event.is_set():
                event.clear()
                step = await self._advance_or_tell(group_id)
                while step is not None and step is not Step.RETRY:
                    failures = 0
                    step = await self._advance_or_tell(group_id)
                if step is Step.RETRY:
                    await self._pause(event, min(2**failures, _LONGEST_PAUSE_S))
                    failures += 1
                    event.set()
                else:
                    await self._wait_for_later(group_id, event)
        finally:
            self._working.discard(group_id)

    async def _advance_or_tell(self, group_id: bytes) -> Step | None:
        """Take a step; whoever waits hears why there is none: a full disk, say, which is waited out here."""
        try:
            return await self._steps.take(group_id)
        except EnvironmentFault as fault:
            log.warning("a room's changes wait: %s", fault.code)
            self._waiting.tell_all(group_id, fault)
            return Step.RETRY
        except Exception as error:
            self._waiting.tell_all(group_id, told(error))
            raise

    async def _wait_for_later(self, group_id: bytes, event: asyncio.Event) -> None:
        """Sleep until the next intent falls due, if there is one."""
        rows = await self._context.store.read(lambda tx: tx.intents.of_group(group_id))
        if rows and not event.is_set():
            wait_ms = min(row.not_before for row in rows) - self._context.clock.now_ms()
            await self._pause(event, max(wait_ms, 0) / 1000)
            event.set()

    async def _pause(self, event: asyncio.Event, seconds: float) -> None:
        """Sleep, but no longer than until somebody wakes the room."""
        sleeping = asyncio.ensure_future(self._context.clock.sleep(seconds))
        woken = asyncio.ensure_future(event.wait())
        try:
            await asyncio.wait((sleeping, woken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            woken.cancel()
