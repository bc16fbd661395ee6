"""What fails a test besides its assertions, and the count of vector cases.

A task that is still running when its loop closes, an exception that a loop reported, an error log that nobody
expected: each fails the test that caused it. Warnings fail by `filterwarnings = error` (an unawaited coroutine warns).

A test of official vectors says how many cases it ran by `record_property("vector_cases", n)`; a test under
tests/vectors that says nothing counts as one. BYRE_REQUIRE_VECTORS=1 turns every skip there into a failure.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from tests.checks import twins

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

BUNDLE = "tests/end2end/test_bundle.py"
UNIT = "tests/unit/"
VECTORS = "tests/vectors"
REQUIRE_VECTORS = "BYRE_REQUIRE_VECTORS"


@pytest.fixture(autouse=True, scope="module")
def _what_is_old_is_not_looked_at() -> None:
    """Leave what earlier modules left (all the imports) out of the collections of garbage after each async test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_stray_error_logs(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail on a log record of level ERROR or above; a test marked `logs_errors` expects some."""
    yield
    if request.node.get_closest_marker("logs_errors"):
        return
    stray = [r for phase in ("setup", "call") for r in caplog.get_records(phase) if r.levelno >= logging.ERROR]
    if stray:
        pytest.fail("stray error log: " + "; ".join(f"{r.name}: {r.getMessage()}" for r in stray), pytrace=False)


@pytest.fixture(autouse=True)
def _watched_loop(request: pytest.FixtureRequest) -> None:
    """Watch the loop of every async test, from before its other fixtures until after them."""
    if pytest_asyncio.is_async_test(request.node):
        request.getfixturevalue("_loop_is_clean")


@pytest.fixture
async def _loop_is_clean() -> AsyncIterator[None]:
    """Fail on tasks left running and on what the loop reported; a background task belongs to somebody who stops it."""
    loop = asyncio.get_running_loop()
    reported: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: reported.append(context))
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)  # a task that was cancelled a moment ago ends in the next turn
    left = [task for task in asyncio.all_tasks() - before if task is not asyncio.current_task() and not task.done()]
    names = [f"{task.get_name()} {task.get_coro()!r}" for task in left]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    gc.collect()  # an exception that nobody fetched is reported when its task is collected
    if names:
        pytest.fail(f"tasks left running: {names}", pytrace=False)
    if reported:
        found = [(context.get("message"), context.get("exception")) for context in reported]
        pytest.fail(f"the loop reported: {found}", pytrace=False)


def pytest_configure(config: pytest.Config) -> None:
    """Trace the twins of the inner rooms in a run of everything."""
    twins.trace(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the twins of the inner rooms first, and what judges them behind them."""
    items[:] = twins.in_front(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep in one worker: the tests of one costly fixture, the traced twins, and the quick tests of one unit module.

    The mark `xdist_group` does not do it: xdist 3.8 appends the group to an id that pytest 9.2 does not read any more.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadGroupScheduling

    class Together(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if twins.is_twin(nodeid) or nodeid == twins.CHECK:
                return twins.NAME
            module = nodeid.split("::", 1)[0]
            return module if module == BUNDLE or module.startswith(UNIT) else super()._split_scope(nodeid)

    return Together(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[pytest.TestReport]:
    """Under BYRE_REQUIRE_VECTORS=1 a skipped vector test is a failed one."""
    report = yield
    if report.skipped and os.environ.get(REQUIRE_VECTORS) == "1" and report.nodeid.startswith(VECTORS):
        report.outcome = "failed"
        report.longrepr = f"{REQUIRE_VECTORS}=1, and this was skipped: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many cases of the official vectors ran."""
    ran = skipped = 0
    for outcome, reports in terminalreporter.stats.items():
        for report in reports:
            if not getattr(report, "nodeid", "").startswith(VECTORS):
                continue
            counts = [int(value) for name, value in getattr(report, "user_properties", ()) if name == "vector_cases"]
            if outcome == "skipped":
                skipped += 1
            elif outcome in ("passed", "failed") and report.when == "call":
                ran += sum(counts) if counts else 1
    if ran or skipped:
        terminalreporter.write_line(f"vector cases: {ran} ran, {skipped} skipped")
