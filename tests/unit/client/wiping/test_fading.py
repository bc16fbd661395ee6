"""Timers are looked at soon after something starts one, once for all that happened meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from byre.client.events import MessagesErased, RoomChanged
from byre.client.views import RoomId
from byre.client.wiping import fading as fading_module
from byre.client.wiping.fading import DEBT_ALLOWED, IDLE_S, PAUSE_S, ROTATE_AT_MOST_EVERY_S, Fading, erase_overdue
from byre.errors import EnvironmentFault
from byre.store.erasures import DEBT
from tests.fakes.delivery_context import DeliveryContext
from tests.unit.store.profile import found, room, text

LOOK_S = fading_module._LOOK_AT_TIMERS_EVERY_S


async def test_a_look_waits_for_what_else_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    around, looks = DeliveryContext(tmp_path), list[int]()
    fading = Fading(around.context)
    turn = fading.turn

    async def counted() -> float:
        looks.append(around.clock.now_ms())
        return await turn()

    monkeypatch.setattr(fading, "turn", counted)
    running = asyncio.create_task(fading.run())
    await around.settle()
    assert len(looks) == 1
    for _ in range(2):
        for _ in range(20):
            around.events.publish(RoomChanged(RoomId("aa")))
        await around.settle()
    assert len(looks) == 1
    await around.settle(PAUSE_S)
    assert len(looks) == 2
    await around.settle(PAUSE_S)
    assert len(looks) == 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await around.close()


async def done() -> bool:
    return True


def with_texts(around: DeliveryContext, *, count: int, expires_in_ms: int | None) -> None:
    """So many texts under a timer of a minute; without `expires_in_ms` nobody has read them."""
    now_ms = around.clock.now_ms()
    at = None if expires_in_ms is None else now_ms + expires_in_ms
    around.store.fold = around.store.rotate = done  # type: ignore[attr-defined]
    around.store.snapshots = SimpleNamespace(drop=done)  # type: ignore[attr-defined]
    around.store.now(lambda tx: tx.rooms.add(room(1, last_activity=now_ms)))
    texts = [text(n, f"fades {n}", timer_s=60, expires_at=at, sent_at=now_ms) for n in range(count)]
    around.store.now(lambda tx: tx.messages.add_many(texts))


def left(around: DeliveryContext) -> int:
    return len(around.store.now(lambda tx: tx.messages.page(1, 99)))


class Running:
    """A `Fading` at work over texts that are due one after the other."""

    def __init__(self, around: DeliveryContext, *due_in_s: float) -> None:
        self.around, self.forgets = around, asyncio.Event()
        self.forgets.set()
        with_texts(around, count=0, expires_in_ms=None)
        around.store.snapshots = SimpleNamespace(drop=self.forgets.wait)  # type: ignore[attr-defined]
        now_ms = around.clock.now_ms()
        texts = [
            text(n, "fades", timer_s=60, expires_at=now_ms + round(due * 1000), sent_at=now_ms)
            for n, due in enumerate(due_in_s)
        ]
        around.store.now(lambda tx: tx.messages.add_many(texts))
        self._task = asyncio.create_task(Fading(around.context).run())

    @property
    def erased(self) -> int:
        return len([event for event in self.around.told if isinstance(event, MessagesErased)])

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.around.close()


async def test_nothing_that_disappears_waits_for_the_traces_of_what_went_before(tmp_path: Path) -> None:
    """A backup, a snapshot or a wipe under way holds them up, for seconds or minutes."""
    around = DeliveryContext(tmp_path)
    running = Running(around, 2, 4)
    running.forgets.clear()
    await around.settle()
    for erased in (1, 2):
        await around.settle(2)
        await around.settle()
        assert (running.erased, left(around)) == (erased, 2 - erased)
    await running.end()


async def test_a_look_that_waits_for_what_else_happens_is_not_late(tmp_path: Path) -> None:
    around = DeliveryContext(tmp_path)
    running = Running(around, 2)
    await around.settle()
    await around.settle(1.9)
    around.events.publish(RoomChanged(RoomId("aa")))
    await around.settle()
    await around.settle(0.1)
    await around.settle()
    assert running.erased == 1
    await running.end()


async def test_a_machine_that_slept_or_a_clock_that_was_set_forward_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sleep lasts as long as it was to last, whatever the clock says meanwhile."""
    around = DeliveryContext(tmp_path)
    running = Running(around, 3600)
    await around.settle()
    now_ms = around.clock.now_ms
    monkeypatch.setattr(around.clock, "now_ms", lambda: now_ms() + 4_000_000)
    await around.settle(LOOK_S)
    await around.settle()
    assert running.erased == 1
    await running.end()


@pytest.mark.parametrize("is_new", [False, True])
async def test_a_clock_that_was_set_back_lets_nothing_live_longer(tmp_path: Path, is_new: bool) -> None:
    """While Byre runs, or while it did not."""
    around = DeliveryContext(tmp_path)
    with_texts(around, count=3, expires_in_ms=60_000)
    fading = Fading(around.context)
    assert await fading.turn() == LOOK_S
    around.clock.advance(-30 * 86_400)
    if is_new:
        fading = Fading(around.context)
    assert await fading.turn() == LOOK_S
    assert left(around) == 3
    around.clock.advance(60)
    await fading.turn()
    assert left(around) == 0
    await around.close()


async def test_a_clock_that_was_set_back_does_not_keep_the_profile_from_being_written_anew(tmp_path: Path) -> None:
    around, rotations = DeliveryContext(tmp_path), list[int]()
    with_texts(around, count=0, expires_in_ms=None)

    async def rotate() -> None:
        rotations.append(around.clock.now_ms())

    around.store.rotate = rotate  # type: ignore[attr-defined]
    fading = Fading(around.context)
    back_s = -30 * 86_400
    for jump_s, expected in ((IDLE_S, 1), (60, 1), (back_s, 1), (IDLE_S, 2), (ROTATE_AT_MOST_EVERY_S - 1, 2), (1, 3)):
        around.store.now(lambda tx: tx.settings.put(DEBT, DEBT_ALLOWED))
        around.clock.advance(jump_s)
        await fading.turn()
        await fading.tidy()
        assert len(rotations) == expected
    await around.close()


class Rotations:
    """A `Fading` whose rotations are counted; each pays the debt, as a real one does."""

    def __init__(self, around: DeliveryContext) -> None:
        self.around, self.count = around, 0
        with_texts(around, count=0, expires_in_ms=None)
        around.store.rotate = self._rotate  # type: ignore[attr-defined]
        self.fading = Fading(around.context)

    async def _rotate(self) -> None:
        self.count += 1
        self.owe(0)

    def owe(self, debt: int) -> None:
        self.around.store.now(lambda tx: tx.settings.put(DEBT, debt))

    async def live(self, hours: float, *, heard_every_s: float, look_every_s: float = 60) -> int:
        """So many hours in which something comes as often; how many rotations there were in all."""
        heard_s = 0.0
        for _ in range(round(hours * 3600 / look_every_s)):
            self.around.clock.advance(look_every_s)
            heard_s += look_every_s
            if heard_s >= heard_every_s:
                heard_s = 0.0
                self.fading._active_at = self.around.clock.now_ms()
            await self.fading.tidy()
        return self.count


async def test_a_profile_that_is_never_idle_is_written_anew_all_the_same(tmp_path: Path) -> None:
    around = DeliveryContext(tmp_path)
    profile = Rotations(around)
    profile.owe(1)
    assert await profile.live(23.9, heard_every_s=300) == 0
    assert await profile.live(0.3, heard_every_s=300) == 1, "in the first pause after a day"
    profile.owe(5000)
    assert await profile.live(23.9, heard_every_s=300) == 1
    assert await profile.live(24.2, heard_every_s=0) == 2, "after two days there need not be a pause"
    assert await profile.live(72, heard_every_s=300) == 2, "nothing is owed"
    await around.close()


async def test_a_profile_that_is_never_open_for_long_is_written_anew_all_the_same(tmp_path: Path) -> None:
    around = DeliveryContext(tmp_path)
    profile = Rotations(around)
    profile.owe(3)
    for started in range(20):  # five minutes each, twelve times a day
        profile.fading = Fading(around.context)
        await profile.fading.tidy()
        assert await profile.live(1 / 12, heard_every_s=240) == (started >= 12)
        around.clock.advance(115 * 60)
    await around.close()


async def test_what_a_wipe_has_paid_is_owed_anew_from_then_on(tmp_path: Path) -> None:
    around = DeliveryContext(tmp_path)
    profile = Rotations(around)
    profile.owe(1)
    assert await profile.live(23, heard_every_s=300) == 0
    profile.owe(0)
    assert await profile.live(2, heard_every_s=300) == 0
    profile.owe(1)
    around.clock.advance(-30 * 86_400)
    assert await profile.live(23.9, heard_every_s=300) == 0
    assert await profile.live(0.3, heard_every_s=300) == 1
    await around.close()


@pytest.mark.parametrize("few", [2, 3])
async def test_what_disappeared_meanwhile_is_erased_before_anybody_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(fading_module, "_FEW", few)
    around = DeliveryContext(tmp_path)
    with_texts(around, count=3, expires_in_ms=-1)
    await erase_overdue(around.store, around.clock.now_ms())  # type: ignore[arg-type]
    assert left(around) == 0
    assert around.store.now(lambda tx: (found(tx, "fades", 9), tx.erasures.debt())) == ([], 3)
    writes = around.store.writes
    await erase_overdue(around.store, around.clock.now_ms())  # type: ignore[arg-type]
    assert around.store.writes == writes
    await around.close()


async def test_a_full_disk_keeps_nobody_out_and_damage_does(tmp_path: Path) -> None:
    around = DeliveryContext(tmp_path)
    with_texts(around, count=1, expires_in_ms=-1)
    around.store.fault = EnvironmentFault("the disk is full", code="disk_full")
    await erase_overdue(around.store, around.clock.now_ms())  # type: ignore[arg-type]
    around.store.fault = EnvironmentFault("damaged", code="db_damaged")
    with pytest.raises(EnvironmentFault):
        await erase_overdue(around.store, around.clock.now_ms())  # type: ignore[arg-type]
    assert left(around) == 1
    await around.close()
