"""When the rolling snapshot is taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from byre.client.context import Context
from byre.client.events import EventBus, MessageReceived
from byre.client.snapshots import (
    ANEW_AFTER_MS,
    FIRST_LOOK_S,
    LOOK_EVERY_S,
    SNAPSHOT_AFTER_MS,
    SOON_S,
    keep_snapshot,
)
from byre.store import Store
from tests.fakes.clock import FrozenClock
from tests.unit.store.profile import text
from tests.unit.store.wiped_profile import profile_with_rooms

QUARTER_S = ANEW_AFTER_MS // 1000


class Keeping:
    """A store whose snapshot is kept while the clock moves by hand."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder, self.store = folder, store
        self.clock, self.events = FrozenClock(), EventBus()
        self.context = cast(Context, SimpleNamespace(store=store, clock=self.clock, events=self.events))

    def taken(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("snapshot.*.db"))

    async def passes(self, seconds: float) -> None:
        for _ in range(int(seconds // LOOK_EVERY_S)):
            self.clock.advance(LOOK_EVERY_S)
            await self.look_is_over()

    async def look_is_over(self) -> None:
        """The keeper has looked, taken a snapshot if it was due, and sleeps again."""
        await asyncio.sleep(0)
        while not self.clock._sleepers:
            await self.store.read(lambda tx: None)

    def chat(self) -> None:
        self.events.publish(MessageReceived(cast(Any, None)))


@pytest.fixture
async def keeping(tmp_path: Path) -> AsyncIterator[Keeping]:
    _, store = await profile_with_rooms(tmp_path, None)
    made = Keeping(tmp_path, store)
    task = asyncio.ensure_future(keep_snapshot(made.context))
    await asyncio.sleep(0)
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await store.close()


async def test_the_very_first_one_is_taken_soon(keeping: Keeping) -> None:
    assert keeping.taken() == []
    keeping.clock.advance(SOON_S)
    await keeping.look_is_over()
    assert keeping.taken() == ["snapshot.1.db"]


async def test_a_later_one_is_not_taken_while_the_app_starts(keeping: Keeping) -> None:
    await keeping.store.write(lambda tx: tx.settings.put("snapshot.taken_at", 0))
    assert FIRST_LOOK_S == LOOK_EVERY_S
    keeping.clock.advance(SOON_S)
    await keeping.look_is_over()
    assert keeping.taken() == []
    keeping.clock.advance(FIRST_LOOK_S - SOON_S)
    await keeping.look_is_over()
    assert keeping.taken() == ["snapshot.1.db"]


async def test_one_of_a_profile_that_has_grown_is_taken_anew(keeping: Keeping) -> None:
    await keeping.passes(FIRST_LOOK_S)
    path = keeping.folder / "snapshot.1.db"
    first = path.read_bytes()
    long = ["오래 이야기한 글 " * 200 + f"{n}" for n in range(300)]
    await keeping.store.write(
        lambda tx: [tx.messages.add(text(5000 + n, body, in_room=2, at=n)) for n, body in enumerate(long)]
    )
    await keeping.passes(QUARTER_S - LOOK_EVERY_S)
    assert path.read_bytes() == first
    await keeping.passes(2 * LOOK_EVERY_S)
    assert path.stat().st_size > 2 * len(first)


async def test_after_a_wipe_the_next_one_belongs_to_the_new_generation(keeping: Keeping) -> None:
    await keeping.passes(FIRST_LOOK_S)
    await keeping.store.wipe([1])
    assert keeping.taken() == []
    await keeping.passes(QUARTER_S - LOOK_EVERY_S)
    assert keeping.taken() == []
    await keeping.passes(LOOK_EVERY_S)
    assert keeping.taken() == ["snapshot.2.db"]


async def test_one_that_an_erasure_dropped_is_taken_anew_when_nobody_writes(keeping: Keeping) -> None:
    await keeping.passes(FIRST_LOOK_S)
    await keeping.store.snapshots.drop()
    for _ in range(4):
        keeping.clock.advance(LOOK_EVERY_S - 30)
        keeping.chat()
        keeping.clock.advance(30)
        await keeping.look_is_over()
    assert keeping.taken() == []
    await keeping.passes(2 * LOOK_EVERY_S)
    assert keeping.taken() == ["snapshot.1.db"]


async def test_one_that_is_there_lives_for_a_day(keeping: Keeping) -> None:
    await keeping.passes(FIRST_LOOK_S)
    path = keeping.folder / "snapshot.1.db"
    first = path.read_bytes()
    await keeping.passes(3 * LOOK_EVERY_S)
    assert path.read_bytes() == first
    keeping.clock.advance(SNAPSHOT_AFTER_MS / 1000)
    await keeping.passes(LOOK_EVERY_S)
    assert path.read_bytes() != first
