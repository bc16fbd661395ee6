"""What disappears by itself: messages with a timer, messages past the age that the user set, and their last traces.

```
 timer out, or too old ──▶ erased (store/erasures), told at once ──▶ WAL folded, snapshot dropped ──▶ debt
 debt, and nothing came or went for a while ──▶ rotation: the profile is written anew, page slack included
 debt for a day: in the next pause, for two days: at once (an app that is never idle, or never open for long)
```
Timers go by this machine's clock and are looked at again whenever one starts. A message whose time came while Byre was
not running is erased before anything is shown. What follows an erasure waits for a copy or a wipe under way, and no
other erasure waits for it.
"""

from __future__ import annotations

import asyncio
import logging

from byre.client.context import Context
from byre.client.delivery.unread import note_erased
from byre.client.events import Event, MessageReceived, MessageSent, MessagesErased, RoomChanged
from byre.client.views import MessageId, RoomId
from byre.client.wiping.erasing import forget_traces
from byre.errors import EnvironmentFault
from byre.store import Store, Transaction

log = logging.getLogger(__name__)

KEEP_FOR = "user.keep_messages_for_s"
"""The user's setting `keep_messages_for_s`: older messages are erased on this device; 0 or absent: they are kept."""
ROTATED_AT = "wiping.rotated_at"
"""Setting: when the profile was last written anew by itself (ms)."""
OWED_SINCE = "wiping.owed_since"
"""Setting: since when something has been owed (ms)."""

IDLE_S = 10 * 60
DEBT_ALLOWED = 20
DEBT_DUE_AFTER_S = 24 * 3600
OVERDUE_PAUSE_S = 20
ROTATE_AT_MOST_EVERY_S = 3600
CLOCK_SLACK_MS = 2000
"""What a clock that is kept right by the network may go back."""
_AT_ONCE = 200
_FEW = 1000
_MANY_AT_ONCE = 5000
_LOOK_EVERY_S = 60
_LOOK_AT_TIMERS_EVERY_S = 5
"""A sleep does not notice that the machine slept, or that its clock was set, and a timer goes by the clock."""
PAUSE_S = 1.0
"""A timer runs for five seconds at least: what starts one is looked at a moment later, once for all that came in it and
out of the way of what a person waits for."""
_TIDYING = "traces of what disappeared"


class Fading:
    """Erases in time, and rotates when the app idles."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._wake = asyncio.Event()
        self._active_at = self._looked_at = context.clock.now_ms()
        self._has_looked = False
        context.events.subscribe(self._heard)

    async def run(self) -> None:
        """Erase and rotate, for ever. A machine that refuses (disk full) is asked again."""
        while True:
            wait_s: float = _LOOK_EVERY_S
            self._wake.clear()  # before the look: what starts while it lasts is looked at next
            try:
                wait_s = await self.turn()
            except EnvironmentFault as error:
                log.warning("disappearing messages wait: %s", error.code)
            until_ms = self._context.clock.now_ms() + round(wait_s * 1000)
            if not self._context.tasks.is_running(_TIDYING):
                self._context.tasks.spawn(self.tidy(), _TIDYING)
            sleeping = asyncio.ensure_future(self._context.clock.sleep(wait_s))
            waking = asyncio.ensure_future(self._wake.wait())
            try:
                await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (sleeping, waking):
                    task.cancel()
                await asyncio.gather(sleeping, waking, return_exceptions=True)  # lets a cancellation of ours through
            if self._wake.is_set():
                left_s = (until_ms - self._context.clock.now_ms()) / 1000
                await self._context.clock.sleep(min(PAUSE_S, max(0.0, left_s)))

    async def turn(self) -> float:
        """Erase what is due now; returns after how many seconds to look again."""
        await self._follow_clock()
        while await self._erase_due():
            pass
        next_due = await self._context.store.read(lambda tx: tx.erasures.next_due())
        if next_due is None:
            return _LOOK_EVERY_S
        return min(_LOOK_AT_TIMERS_EVERY_S, max(0.0, (next_due - self._context.clock.now_ms()) / 1000))

    async def tidy(self) -> None:
        """Destroy what copies still hold of what was erased; rotate if it is time."""
        if await self._context.store.read(lambda tx: tx.erasures.traces()):
            await forget_traces(self._context.store)
        await self._rotate_if_due()

    async def _follow_clock(self) -> None:
        """A clock that was set back, here or while Byre did not run, lets nothing live longer than was agreed."""
        store, now_ms = self._context.store, self._context.clock.now_ms()
        if not self._has_looked:
            self._looked_at = await store.read(lambda tx: tx.erasures.newest())
            self._has_looked = True
        if now_ms < self._looked_at - CLOCK_SLACK_MS:
            await store.write(lambda tx: tx.erasures.shorten(now_ms))
            self._active_at = min(self._active_at, now_ms)
        self._looked_at = now_ms

    def look(self) -> None:
        """A timer has started: look when it runs out."""
        self._wake.set()

    async def _erase_due(self) -> bool:
        now_ms = self._context.clock.now_ms()

        def due(tx: Transaction) -> list[int]:
            positions = tx.erasures.due(now_ms, _AT_ONCE)
            keep_for = tx.settings.get(KEEP_FOR)
            if not positions and isinstance(keep_for, int) and keep_for > 0:
                positions = tx.erasures.older(now_ms - keep_for * 1000, _AT_ONCE)
            return positions

        def work(tx: Transaction) -> list[tuple[RoomId, MessageId]]:
            return _erase(tx, due(tx))

        if not await self._context.store.read(due):  # most looks find nothing: they cost no write
            return False
        erased = await self._context.store.write(work)
        if not erased:
            return False
        for room_id in dict.fromkeys(room_id for room_id, _ in erased):
            ids = tuple(message_id for room, message_id in erased if room == room_id)
            self._context.events.publish(MessagesErased(room_id, ids))
            self._context.events.publish(RoomChanged(room_id))
        return True

    async def _rotate_if_due(self) -> None:
        store, now_ms = self._context.store, self._context.clock.now_ms()
        if await store.read(lambda tx: _owed_since(tx, now_ms) != tx.settings.get(OWED_SINCE)):
            await store.write(lambda tx: _note_owed(tx, now_ms))
        pause_s = await store.read(lambda tx: _pause_wanted_s(tx, now_ms))
        if pause_s is None or now_ms - self._active_at < pause_s * 1000:
            return
        await store.rotate()
        await store.write(lambda tx: tx.settings.put(ROTATED_AT, now_ms))

    def _heard(self, event: Event) -> None:
        if isinstance(event, MessageReceived | MessageSent):
            self._active_at = self._context.clock.now_ms()
            self.look()
        elif isinstance(event, RoomChanged):
            self.look()  # somebody has read: the timers of what was read have started


async def erase_overdue(store: Store, now_ms: int) -> None:
    """Erase what disappeared while Byre did not run, before anybody can ask for it. Timers only; see `Fading`.

    A disk that refuses keeps nobody out: `Fading` tries again.
    """
    count = await store.read(lambda tx: len(tx.erasures.due(now_ms, _FEW + 1)))
    words, at_once = count <= _FEW, _AT_ONCE if count <= _FEW else _MANY_AT_ONCE
    try:
        if not count:
            return
        while await store.write(lambda tx: _erase(tx, tx.erasures.due(now_ms, at_once), words=words)):
            pass
        await forget_traces(store)
    except EnvironmentFault as error:
        if error.code == "db_damaged":
            raise
        log.warning("disappearing messages wait: %s", error.code)


def _pause_wanted_s(tx: Transaction, now_ms: int) -> float | None:
    """For how long nothing may have come or gone before the profile is written anew; None: that is not due."""
    debt, rotated_at = tx.erasures.debt(), tx.settings.get(ROTATED_AT)
    since_s = (now_ms - rotated_at) / 1000 if isinstance(rotated_at, int) else DEBT_DUE_AFTER_S
    if not debt or 0 <= since_s < ROTATE_AT_MOST_EVERY_S:  # below 0: the clock was set back
        return None
    owed_s = (now_ms - (_owed_since(tx, now_ms) or now_ms)) / 1000
    if owed_s >= DEBT_DUE_AFTER_S:
        return OVERDUE_PAUSE_S if owed_s < 2 * DEBT_DUE_AFTER_S else 0.0
    return IDLE_S if debt >= DEBT_ALLOWED or since_s >= DEBT_DUE_AFTER_S else None


def _owed_since(tx: Transaction, now_ms: int) -> int | None:
    """Since when something is owed; None where nothing is (a wipe pays it, too)."""
    since = tx.settings.get(OWED_SINCE)
    if not tx.erasures.debt():
        return None
    return since if isinstance(since, int) and since <= now_ms else now_ms


def _note_owed(tx: Transaction, now_ms: int) -> None:
    since = _owed_since(tx, now_ms)
    if since is None:
        tx.settings.delete(OWED_SINCE)
    else:
        tx.settings.put(OWED_SINCE, since)


def _erase(tx: Transaction, positions: list[int], *, words: bool = True) -> list[tuple[RoomId, MessageId]]:
    rows = [row for row in map(tx.messages.at, positions) if row is not None]
    rooms = {number: tx.rooms.by_number(number) for number in {row.room for row in rows}}
    for number, room in rooms.items():
        if room is not None:
            note_erased(tx, room, [row for row in rows if row.room == number])
    tx.erasures.erase(positions, words=words, sends=False)
    return [
        (RoomId(room.group_id.hex()), MessageId(row.message_id.hex()))
        for row in rows
        if (room := rooms[row.room]) is not None
    ]
