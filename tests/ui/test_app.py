"""The window's life: first paint before the engine, RPC beside it, orderly quit, failures said and survived."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from byre.client.api import EngineApi
from byre.client.events import RoomErased
from byre.client.views import ProfileState, Role, RoomId
from byre.errors import EnvironmentFault
from byre.ui.app import Automation, WindowOptions, window_main
from byre.ui.desktop.renewal import Renewal
from byre.ui.dialogs.sheet import Sheet
from byre.ui.main_window import MainWindow
from byre.ui.resources import qt_folder
from tests.fakes.engine import FakeEngine

OPTIONS = WindowOptions(theme="light", language="ko", relay="https://relay.example")


def run(main: Callable[[], Coroutine[Any, Any, Any]], application: QApplication) -> Any:
    """Run on the loop that the product uses."""
    application.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(application)
    with loop:
        return loop.run_until_complete(asyncio.wait_for(main(), 20))


def window_of() -> MainWindow:
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible())


def test_engine_opens_after_the_first_paint_and_stops_on_close(qapp: QApplication) -> None:
    engine = FakeEngine()
    seen: list[str] = []

    def opened() -> EngineApi:
        seen.append("engine" if window_of()._painted else "too early")
        return engine  # type: ignore[return-value]

    async def attach(api: EngineApi, automation: Automation) -> None:
        seen.append("attached")
        await automation.methods["ui.close"]({})
        await asyncio.Event().wait()

    assert run(lambda: window_main(opened, OPTIONS, attach), qapp) == 0
    assert seen == ["engine", "attached"]
    assert engine.started
    assert engine.stopped


def test_window_stays_when_the_rpc_ends(qapp: QApplication) -> None:
    engine = FakeEngine()

    async def attach(api: EngineApi, automation: Automation) -> None:
        asyncio.get_running_loop().call_later(0.05, lambda: window_of().close())

    assert run(lambda: window_main(lambda: engine, OPTIONS, attach), qapp) == 0  # type: ignore[arg-type, return-value]
    assert engine.stopped


@pytest.mark.logs_errors
def test_engine_that_does_not_open_is_told_and_tried_again(qapp: QApplication) -> None:
    engine = FakeEngine()
    tries: list[int] = []
    said: list[str] = []

    async def opened() -> EngineApi:
        tries.append(1)
        if len(tries) == 1:
            raise EnvironmentFault("In use.", code="profile_in_use")
        return engine  # type: ignore[return-value]

    async def main() -> int:
        async def press() -> None:
            while not tries or window_of().starting.button.isHidden():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            said.append(window_of().starting.why.text())
            window_of().starting.button.click()
            while not engine.started:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            window_of().close()

        presser = asyncio.ensure_future(press())
        code = await window_main(opened, OPTIONS, None)
        await presser
        return code

    assert run(main, qapp) == 0
    assert said == ["이 프로필은 다른 창에서 이미 열려 있습니다."]


@pytest.mark.logs_errors
def test_broken_rpc_does_not_take_the_window_along(qapp: QApplication) -> None:
    engine = FakeEngine()

    async def attach(api: EngineApi, automation: Automation) -> None:
        asyncio.get_running_loop().call_later(0.05, lambda: window_of().close())
        raise RuntimeError("boom")

    assert run(lambda: window_main(lambda: engine, OPTIONS, attach), qapp) == 0  # type: ignore[arg-type, return-value]


def test_nothing_heavy_is_imported_with_the_window() -> None:
    code = (
        "import sys, byre.ui.app; late = ('aiohttp', 'keyring', 'segno', 'zxingcpp', 'byre.ui.parts', 'byre.client'); "
        "print([m for m in late if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": "app", "PATH": ""}
    )
    assert done.stdout.strip() == "[]"


def test_a_lock_ends_the_process_that_held_the_conversations(qapp: QApplication) -> None:
    engine = FakeEngine(state=ProfileState.READY, role=Role.LINKED, passphrase="correct horse", sample=True)
    placements: list[str] = []
    options = replace(OPTIONS, placement="40,30,900,700,normal", start_anew=placements.append)

    async def attach(api: EngineApi, automation: Automation) -> None:
        window = window_of()
        assert (window.page_name, placements) == ("chats", [])
        window.lock_now()
        await asyncio.Event().wait()

    assert run(lambda: window_main(lambda: engine, options, attach), qapp) == 0  # type: ignore[arg-type, return-value]
    assert placements == ["40,30,900,700,normal,light,ko"]
    assert engine.stopped


def test_destroying_everything_ends_the_process_that_held_it(qapp: QApplication) -> None:
    engine = FakeEngine(state=ProfileState.READY, role=Role.LINKED, sample=True)
    placements: list[str] = []
    options = replace(OPTIONS, placement="40,30,900,700,normal", start_anew=placements.append)

    async def attach(api: EngineApi, automation: Automation) -> None:
        await engine.account.panic()
        await asyncio.Event().wait()

    assert run(lambda: window_main(lambda: engine, options, attach), qapp) == 0  # type: ignore[arg-type, return-value]
    assert placements == ["40,30,900,700,normal,light,ko"]


@pytest.mark.parametrize("damaged", [True, False])
def test_a_profile_that_was_not_open_or_is_damaged_stays_on_its_page(qapp: QApplication, damaged: bool) -> None:
    state = ProfileState.READY if damaged else ProfileState.LOCKED
    engine = FakeEngine(state=state, role=Role.LINKED, passphrase="correct horse", sample=True)
    placements: list[str] = []

    async def attach(api: EngineApi, automation: Automation) -> None:
        window = window_of()
        if damaged:
            engine.damage()
        assert window.page_name == "lock"
        window.close()

    options = replace(OPTIONS, start_anew=placements.append)
    assert run(lambda: window_main(lambda: engine, options, attach), qapp) == 0  # type: ignore[arg-type, return-value]
    assert placements == []


@pytest.mark.parametrize("is_wiped", [True, False])
@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_what_was_wiped_ends_the_process_that_has_no_lock_once_nobody_is_there(
    qapp: QApplication, passphrase: str | None, is_wiped: bool
) -> None:
    engine = FakeEngine(state=ProfileState.READY, role=Role.LINKED, passphrase=passphrase, sample=True)
    placements: list[str] = []
    options = replace(OPTIONS, placement="40,30,900,700,normal", start_anew=placements.append)
    tried: list[list[str]] = []

    async def attach(api: EngineApi, automation: Automation) -> None:
        window = window_of()
        (renewal,) = window.findChildren(Renewal)
        renewal.watch.idle_ms = lambda: 10**9  # type: ignore[method-assign]
        if is_wiped:
            engine.events.publish(RoomErased(RoomId("room")))
        window.asking.open(sheet := Sheet(window.look, window, width=300))
        renewal.watch.look()
        tried.append([*placements])
        sheet.close_sheet()
        renewal.watch.look()
        if passphrase is None and is_wiped:
            await asyncio.Event().wait()
        window.close()

    assert run(lambda: window_main(lambda: engine, options, attach), qapp) == 0  # type: ignore[arg-type, return-value]
    assert tried == [[]]
    assert placements == (["40,30,900,700,normal,light,ko"] if is_wiped and passphrase is None else [])
    assert engine.stopped


def test_the_loop_of_the_window_logs_no_value_at_debug(qapp: QApplication, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def attach(api: EngineApi, automation: Automation) -> None:
        given = "카나리아"
        assert await asyncio.get_running_loop().run_in_executor(None, "{} sings".format, given) == f"{given} sings"
        window_of().close()

    assert run(lambda: window_main(lambda: FakeEngine(), OPTIONS, attach), qapp) == 0  # type: ignore[arg-type, return-value]
    assert "카나리아" not in caplog.text


def test_qt_finds_its_plugins_whatever_it_makes_of_its_own_path() -> None:
    script = (
        "import byre.ui.app as app\n"
        "from PySide6.QtCore import QCoreApplication\n"
        "seen = []\n"
        "class Stop(Exception): pass\n"
        "class Application(app.QApplication):\n"
        "    def __init__(self, *_):\n"
        "        seen.extend(QCoreApplication.libraryPaths())\n"
        "        raise Stop\n"
        "app.QApplication.setLibraryPaths([])\n"  # what is left of a path with a comma in it
        "app.QApplication = Application\n"
        "try: app.run_window(lambda: None)\n"
        "except Stop: print(*seen)\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert (Path(told.stdout.strip()) / "platforms").is_dir()
    assert (qt_folder() / "translations" / "qtbase_ko.qm").is_file()
