from __future__ import annotations

import asyncio
import contextlib

import pytest

from byre.client.tasks import TaskSupervisor
from byre.errors import UsageError


async def forever() -> None:
    await asyncio.Event().wait()


async def test_work_runs_in_the_background_and_is_known_by_name() -> None:
    tasks, done = TaskSupervisor(), asyncio.Event()

    async def work() -> None:
        done.set()

    tasks.spawn(work(), "work")
    assert tasks.is_running("work")
    await done.wait()
    await tasks.ended("work")
    assert not tasks.is_running("work")
    await tasks.ended("never started")


async def test_stop_cancels_everything_and_later_work_never_runs() -> None:
    tasks, ran = TaskSupervisor(), []

    async def work() -> None:
        ran.append(1)

    tasks.spawn(forever(), "waits")
    await tasks.stop()
    assert not tasks.is_running("waits")
    tasks.spawn(work(), "too late")
    await asyncio.sleep(0)
    assert not ran


@pytest.mark.logs_errors
async def test_a_task_that_swallows_its_cancellation_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("byre.client.tasks.AGAIN_S", 0.01)
    tasks, swallowed = TaskSupervisor(), asyncio.Event()

    async def deaf() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await forever()
        swallowed.set()
        await forever()

    tasks.spawn(deaf(), "deaf")
    await asyncio.sleep(0)
    await tasks.stop()
    assert swallowed.is_set()
    assert not tasks.is_running("deaf")
    assert "deaf does not stop" in caplog.text


async def test_cancel_ends_the_named_tasks_only() -> None:
    tasks = TaskSupervisor()
    tasks.spawn(forever(), "one")
    tasks.spawn(forever(), "other")
    tasks.cancel("one")
    await tasks.ended("one")
    assert tasks.is_running("other")
    await tasks.stop()


async def test_a_task_may_stop_its_own_supervisor() -> None:
    tasks, stopped = TaskSupervisor(), asyncio.Event()

    async def stops() -> None:
        await tasks.stop()
        stopped.set()

    tasks.spawn(stops(), "stops")
    await stopped.wait()
    await asyncio.sleep(0)


async def test_our_own_errors_end_a_task_quietly() -> None:
    bugs: list[str] = []
    tasks = TaskSupervisor(lambda name, error: bugs.append(name))

    async def refused() -> None:
        raise UsageError("no", code="not_allowed")

    tasks.spawn(refused(), "refused")
    await tasks.ended("refused")
    assert not bugs


@pytest.mark.logs_errors
async def test_a_bug_is_reported_by_name_and_its_message_stays_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    bugs: list[tuple[str, str]] = []
    tasks = TaskSupervisor(lambda name, error: bugs.append((name, str(error))))

    async def breaks() -> None:
        raise ZeroDivisionError("a plaintext")

    tasks.spawn(breaks(), "breaks")
    await tasks.ended("breaks")
    assert bugs == [("breaks", "a plaintext")]
    assert "a plaintext" not in caplog.text
