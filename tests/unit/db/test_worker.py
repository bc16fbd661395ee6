"""One thread for one job after the other: results, errors, cancellation, and its end."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import weakref
from functools import partial

import pytest

from byre.db import Worker
from byre.errors import InternalBug, UsageError

NAME = "byre-test-worker"


def threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == NAME]


class Held:
    """Keeps the thread busy until it is let go."""

    def __init__(self, worker: Worker) -> None:
        self.has_begun, self.may_end = threading.Event(), threading.Event()
        self.done = worker.run(self._work)

    def _work(self) -> str:
        self.has_begun.set()
        assert self.may_end.wait(60)
        return "held"


async def gone(thread: threading.Thread) -> bool:
    await asyncio.to_thread(thread.join, 60)
    return not thread.is_alive()


async def test_jobs_run_on_one_thread_in_the_order_of_the_calls() -> None:
    worker = Worker(NAME)
    order: list[int] = []

    def job(number: int) -> int:
        order.append(number)
        return threading.get_ident()

    where = await asyncio.gather(*(worker.run(partial(job, number)) for number in range(9)))
    assert order == list(range(9))
    assert set(where) == {threads()[0].ident}
    worker.end()


async def test_an_error_comes_out_where_it_is_awaited_and_the_next_job_runs() -> None:
    worker = Worker(NAME)

    def fails() -> None:
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        await worker.run(fails)
    assert await worker.run(lambda: 5) == 5
    worker.end()


async def test_a_job_that_runs_out_of_what_it_iterates_over_is_a_bug() -> None:
    worker = Worker(NAME)
    with pytest.raises(InternalBug):
        await worker.run(lambda: next(iter(())))
    worker.end()


async def test_a_job_that_has_not_begun_goes_with_its_caller_and_one_that_has_does_not() -> None:
    worker = Worker(NAME)
    ran: list[str] = []
    held = Held(worker)
    waits = worker.run(lambda: ran.append("waits"))
    await asyncio.to_thread(held.has_begun.wait, 60)
    begun, follows = held.done, worker.run(lambda: ran.append("follows"))
    begun.cancel()
    waits.cancel()
    held.may_end.set()
    await follows
    assert ran == ["follows"]
    worker.end()


async def test_what_waits_is_done_before_the_thread_ends_and_nothing_after() -> None:
    worker = Worker(NAME)
    (thread,) = threads()
    held = Held(worker)
    last = worker.run(lambda: "last")
    worker.end()
    worker.end()
    with pytest.raises(UsageError) as caught:
        worker.run(lambda: "too late")
    assert caught.value.code == "locked"
    held.may_end.set()
    assert (await held.done, await last) == ("held", "last")
    assert await gone(thread)


async def test_a_worker_that_is_forgotten_ends() -> None:
    worker = Worker(NAME)
    assert await worker.run(lambda: 1) == 1
    (thread,) = threads()
    del worker
    gc.collect()
    assert await gone(thread)


async def test_nothing_of_a_job_is_kept() -> None:
    class Secret:
        def use(self) -> str:
            return "used"

        def fail(self) -> None:
            raise ValueError(self)

    worker = Worker(NAME)
    secret = Secret()
    trace = weakref.ref(secret)
    assert await worker.run(secret.use) == "used"
    with pytest.raises(ValueError, match="Secret"):
        await worker.run(secret.fail)
    del secret
    await worker.run(lambda: None)
    gc.collect()
    assert trace() is None
    worker.end()


def test_a_loop_that_was_closed_meanwhile_hears_nothing_and_the_next_one_does() -> None:
    async def begin() -> tuple[Worker, Held]:
        worker = Worker(NAME)
        held = Held(worker)
        await asyncio.to_thread(held.has_begun.wait, 60)
        return worker, held

    worker, held = asyncio.run(begin())
    held.may_end.set()

    async def again() -> int:
        return await worker.run(lambda: 7)

    assert asyncio.run(again()) == 7
    worker.end()


LEFT = """
import asyncio, threading
from byre.db import Worker

async def main():
    worker = Worker("left")
    begun, kept = threading.Event(), threading.Event()
    worker.run(lambda: (begun.set(), kept.wait(0.2), print("done")))
    worker.run(lambda: print("too"))
    begun.wait(60)
    return worker

kept = asyncio.run(main())
"""


def test_a_process_that_ends_does_what_was_begun_and_is_not_kept_alive_by_an_idle_thread() -> None:
    done = subprocess.run([sys.executable, "-c", LEFT], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == ("done\ntoo\n", "")
