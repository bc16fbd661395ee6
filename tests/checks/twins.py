"""The twin tests of the inner rooms under a tracer, in the very run of the whole suite that they belong to.

A run of everything traces them where they run anyway, which costs a fraction of running them once more. They are put
first and (under xdist) into one worker, with the check that looks at the tracer's notes behind them: nothing that ran
before has then filled a cache whose first filling they are meant to run. Any other run traces nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAME = "byre-traced-twins"
CHECK = "tests/checks/test_coverage.py::test_the_inner_rooms_are_covered_completely_by_their_twins"
ROOMS = ("crypto", "mls", "identity", "store")
COMPLETE = ("app/byre/crypto/", "app/byre/mls/", "app/byre/identity/", "app/byre/store/wipe", "app/byre/store/vault")
TWINS = ("tests/unit/crypto/", "tests/unit/mls/", "tests/unit/identity/")
TWINS_IN_STORE = ("tests/unit/store/test_wipe*.py", "tests/unit/store/test_vault*.py")
IN_OTHER_PROCESSES = ("killed", "power_cut")
"""Tests that start processes of their own: what these run is not seen here."""


def is_twin(nodeid: str) -> bool:
    """True for a test that the tracer watches."""
    path = nodeid.split("::", 1)[0]
    is_in_room = path.startswith(TWINS) or any(fnmatch(path, pattern) for pattern in TWINS_IN_STORE)
    return is_in_room and not any(word in nodeid.lower() for word in IN_OTHER_PROCESSES)


def is_of_everything(config: pytest.Config) -> bool:
    """True for a run without a choice, in the process that runs the tests."""
    options = config.option
    is_chosen = options.keyword or options.markexpr or getattr(options, "deselect", None) or options.collectonly
    is_controller = getattr(options, "dist", "no") != "no" and not hasattr(config, "workerinput")
    return list(config.args) == ["tests"] and not is_chosen and not is_controller


def in_front(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return the twins, then the check that judges them, then everything else."""
    twins = [item for item in items if is_twin(item.nodeid)]
    check = [item for item in items if item.nodeid == CHECK]
    first = {*twins, *check}
    return [*twins, *check, *(item for item in items if item not in first)]


class TracedTwins:
    """A plugin: traces the imports while tests are collected, and the twins."""

    def __init__(self) -> None:
        import coverage

        rooms = [ROOT / "app" / "byre" / room for room in ROOMS]
        sources = [str(room) for room in rooms if room.is_dir()]
        self._coverage = coverage.Coverage(data_file=None, config_file=False, source=sources)
        self._is_tracing = False
        self._ran: set[str] = set()
        self._trace(True)

    def pytest_collection_finish(self) -> None:
        self._trace(False)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        self._trace(is_twin(item.nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "setup":  # a skipped test has no call
            self._ran.add(report.nodeid)

    def has_run(self, nodeids: Iterable[str]) -> bool:
        """True if all these tests ran in this process."""
        return self._ran.issuperset(nodeids)

    def missing_lines(self) -> dict[str, list[int]]:
        """Lines that were not run, by file, of all files that must be covered completely."""
        self._trace(False)
        paths = sorted(path for room in ROOMS for path in (ROOT / "app" / "byre" / room).rglob("*.py"))
        names = [path.relative_to(ROOT).as_posix() for path in paths]
        return {name: self._coverage.analysis2(str(ROOT / name))[3] for name in names if name.startswith(COMPLETE)}

    def _trace(self, is_wanted: bool) -> None:
        if is_wanted and not self._is_tracing:
            self._coverage.start()
        elif self._is_tracing and not is_wanted:
            self._coverage.stop()
        self._is_tracing = is_wanted


def trace(config: pytest.Config) -> None:
    """Have the twins of this run traced, if it is one of everything and nobody else traces or debugs."""
    if is_of_everything(config) and sys.gettrace() is None:
        config.pluginmanager.register(TracedTwins(), NAME)


def traced(session: pytest.Session) -> TracedTwins | None:
    """Return the tracer of this run, if it has seen all twins."""
    plugin: TracedTwins | None = session.config.pluginmanager.get_plugin(NAME)
    twins = [item.nodeid for item in session.items if is_twin(item.nodeid)]
    return plugin if plugin is not None and twins and plugin.has_run(twins) else None
