"""An open profile that is an older copy: opened anew once, by whoever of its sessions said so."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from byre.client.events import EventBus, ProfileOutrun
from byre.client.rewinding import Rewinding
from byre.client.tasks import TaskSupervisor
from byre.errors import EnvironmentFault


class ProfileOnPaper:
    def __init__(self) -> None:
        self.open_session: Any = SimpleNamespace(is_complete=True)
        self.changing = asyncio.Lock()
        self.fault: EnvironmentFault | None = None
        self.rewound = 0

    async def rewind(self) -> Any:
        assert self.changing.locked()
        self.rewound += 1
        if self.fault is not None:
            raise self.fault
        self.open_session = SimpleNamespace(is_complete=True)
        return self.open_session


class Bench:
    def __init__(self) -> None:
        self.profile, self.events, self.went_on = ProfileOnPaper(), EventBus(), list[object]()
        self.bugs = list[str]()
        surroundings: Any = SimpleNamespace(events=self.events)
        tasks = TaskSupervisor(lambda name, error: self.bugs.append(name))
        self.rewinding = Rewinding(self.profile, surroundings, tasks, go_on=self._go_on)  # type: ignore[arg-type]

    async def _go_on(self, session: Any) -> None:
        assert self.profile.changing.locked()
        self.went_on.append(session)

    async def hear(self, *events: Any) -> None:
        for event in events:
            self.events.publish(event)
        for _ in range(5):
            await asyncio.sleep(0)


async def test_the_session_that_was_outrun_is_replaced_once() -> None:
    bench = Bench()
    await bench.hear(ProfileOutrun(), ProfileOutrun())
    assert (bench.profile.rewound, bench.went_on, bench.bugs) == (1, [bench.profile.open_session], [])


async def test_nothing_is_done_without_a_complete_session() -> None:
    bench = Bench()
    bench.profile.open_session.is_complete = False
    await bench.hear(ProfileOutrun())
    bench.profile.open_session = None
    await bench.hear(ProfileOutrun())
    assert bench.profile.rewound == 0


async def test_a_profile_that_cannot_be_opened_anew_stays_closed() -> None:
    bench = Bench()
    bench.profile.fault = EnvironmentFault("the disk is full", code="disk_full")
    await bench.hear(ProfileOutrun())
    assert (bench.profile.rewound, bench.went_on, bench.bugs) == (1, [], [])
