"""A device that its account removed: out of service once, and erased only if it was removed."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.events import DeviceRevoked, EventBus, StatusChanged
from byre.client.removal import Removal
from byre.client.tasks import TaskSupervisor
from byre.client.views import DeviceId, ProfileState, Status
from byre.errors import UsageError

ME, OTHER = DeviceId("aa" * 16), DeviceId("bb" * 16)
STATUS = Status(ProfileState.NEW, None, connected=False, is_removed=True)


class ProfileOnPaper:
    def __init__(self) -> None:
        self.open_session: Any = SimpleNamespace(
            is_complete=True, is_removed=False, context=SimpleNamespace(own=SimpleNamespace(device_id=b"\xaa" * 16))
        )
        self.changing = asyncio.Lock()
        self.retired = self.destroyed = 0

    @property
    def removed(self) -> Any:
        return self.open_session if self.open_session.is_removed else None

    async def retire(self) -> None:
        self.retired += 1
        self.open_session.is_removed = True

    async def destroy(self) -> None:
        self.destroyed += 1


class Bench:
    def __init__(self) -> None:
        self.profile, self.events, self.told = ProfileOnPaper(), EventBus(), list[object]()
        self.tasks = TaskSupervisor(lambda name, error: None)
        surroundings: Any = SimpleNamespace(events=self.events)
        self.removal = Removal(self.profile, surroundings, self.tasks, status=lambda: STATUS)  # type: ignore[arg-type]
        self.events.subscribe(self.told.append)

    async def hear(self, device_id: DeviceId) -> None:
        self.events.publish(DeviceRevoked(device_id))
        for _ in range(5):
            await asyncio.sleep(0)


async def test_only_the_own_removal_ends_the_session_and_only_once() -> None:
    bench = Bench()
    await bench.hear(OTHER)
    assert bench.profile.retired == 0
    await bench.hear(ME)
    await bench.hear(ME)
    assert bench.profile.retired == 1
    assert [event for event in bench.told if isinstance(event, StatusChanged)] == [StatusChanged(STATUS)]


async def test_an_unfinished_account_is_not_retired() -> None:
    bench = Bench()
    bench.profile.open_session.is_complete = False
    await bench.hear(ME)
    assert bench.profile.retired == 0


async def test_a_session_that_is_over_is_left_alone() -> None:
    bench = Bench()
    await bench.removal.retire(SimpleNamespace())  # type: ignore[arg-type]
    assert (bench.profile.retired, bench.told) == (0, [])


async def test_only_what_a_removed_device_left_is_erased() -> None:
    bench = Bench()
    with pytest.raises(UsageError) as caught:
        await bench.removal.erase()
    assert (caught.value.code, bench.profile.destroyed) == ("wrong_state", 0)
    await bench.hear(ME)
    await bench.removal.erase()
    assert bench.profile.destroyed == 1
