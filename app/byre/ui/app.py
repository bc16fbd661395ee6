"""Opens the window: application, one qasync loop, exception hooks, first paint, engine, orderly quit.

The engine is opened after the first paint, so that what it imports does not delay it. Closing the window only hides
it and sets an event; the main task then stops everything in order and returns. No nested event loop anywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import sys
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

import qasync
from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from byre.errors import ByreError
from byre.ui.automation import Automation
from byre.ui.i18n import system_language
from byre.ui.look import Look
from byre.ui.main_window import MainWindow
from byre.ui.options import WindowOptions
from byre.ui.placement import looks_in, placement_of, show_at
from byre.ui.resources import qt_folder, resources_folder

if TYPE_CHECKING:  # the engine's values, and all that the window is made of, come after the first paint
    from byre.client.api import EngineApi

__all__ = ["Attach", "Automation", "OpenEngine", "WindowOptions", "run_window", "window_main"]

OpenEngine = Callable[[], "EngineApi | Awaitable[EngineApi]"]
Attach = Callable[["EngineApi", Automation], Awaitable[None]]
STOP_TIMEOUT_S = 10
IDLE_TIMEOUT_S = 2
WRITTEN_TIMEOUT_S = 20
"""Nobody sees that one waits: the window is hidden by then."""
KEPT_TIMEOUT_S = 4
_log = logging.getLogger("byre.ui")


def run_window(open_engine: OpenEngine, options: WindowOptions | None = None, attach: Attach | None = None) -> int:
    """Run the window until it is closed. Returns the process's exit code.

    `open_engine` is called in the loop after the first paint; a `ByreError` from it shows a page with "try again".
    `attach` runs beside the window with the engine and the automation hooks; closing the window cancels it.
    """
    QApplication.addLibraryPath(str(qt_folder() / "plugins"))
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setStyle("Fusion")
    application.setApplicationName("Byre")
    application.setQuitOnLastWindowClosed(False)
    former = qInstallMessageHandler(_qt_message)
    former_hook = sys.excepthook
    sys.excepthook = _uncaught
    loop = qasync.QEventLoop(application)
    loop.set_exception_handler(_loop_error)
    try:
        with loop:
            return int(loop.run_until_complete(window_main(open_engine, options or WindowOptions(), attach)))
    finally:
        sys.excepthook = former_hook
        qInstallMessageHandler(former)


async def window_main(open_engine: OpenEngine, options: WindowOptions, attach: Attach | None) -> int:
    """The main task: show, open the engine, wait for the close, stop in order."""
    _keep_values_out_of_the_log()
    theme, language = looks_in(options.placement)
    theme, language = options.theme or theme or "system", options.language or language or system_language()
    look = Look(resources_folder(), theme=theme, language=language)
    window = MainWindow(look, options)
    automation = Automation(window)
    painted = asyncio.Event()
    window.first_painted.connect(painted.set)
    if options.start_anew is not None:
        _start_anew_in_time(window, options.start_anew)
    show_at(window, options.placement)
    life = asyncio.ensure_future(_life(open_engine, window, automation, attach, painted))
    closed = asyncio.ensure_future(window.closed.wait())
    code = 0
    try:
        await asyncio.wait((life, closed), return_when=asyncio.FIRST_COMPLETED)
        if life.done() and life.exception() is not None:
            _log.error("the window's main task broke: %s", type(life.exception()).__name__)
            code = 1
    finally:
        for task in (life, closed):
            task.cancel()
        await asyncio.gather(life, closed, return_exceptions=True)
        window.may_close = True
        window.close()
        look.close()
        window.deleteLater()
    return code


def _keep_values_out_of_the_log() -> None:
    """At DEBUG qasync prints what its threads are given and return: texts, names, keys."""
    logging.getLogger("qasync").setLevel(logging.WARNING)


def _start_anew_in_time(window: MainWindow, start_anew: Callable[[str], None]) -> None:
    """Texts and copies of the key stay in the memory of a process that had conversations open: a lock ends it, and so
    does their destruction.

    Where there is no lock, what was wiped ends it, as soon as nobody is there.
    """
    was_open = False
    renewal: QObject | None = None

    def begin() -> None:
        start_anew(f"{placement_of(window)},{window.look.theme},{window.look.language}")
        window.closed.set()

    def page_shown(name: str) -> None:
        nonlocal was_open, renewal
        status = window.bridge.engine.account.status() if window.bridge is not None else None
        if was_open and status is not None and not status.is_damaged:
            is_destroyed = name in ("first-run", "account") and not status.is_removed
            if name == "lock" or is_destroyed:
                begin()
        was_open = name == "chats" or (was_open and name != "lock")
        if name == "chats" and renewal is None and window.bridge is not None:
            from byre.ui.desktop.renewal import Renewal

            renewal = Renewal(window, window.bridge, begin)

    window.page_shown.connect(page_shown)


async def _life(
    open_engine: OpenEngine, window: MainWindow, automation: Automation, attach: Attach | None, painted: asyncio.Event
) -> None:
    """Engine, bridge and RPC between the first paint and the close."""
    await painted.wait()
    from byre.ui.bridge import Bridge

    engine = await _open(open_engine, window)
    bridge = Bridge(engine)
    beside: asyncio.Future[None] | None = None
    try:
        window.attach(bridge)
        if attach is not None:
            beside = asyncio.ensure_future(attach(engine, automation))
            beside.add_done_callback(_beside_done)
        await asyncio.Event().wait()
    finally:
        if beside is not None:
            beside.cancel()
            await asyncio.gather(beside, return_exceptions=True)
        await bridge.put_by(WRITTEN_TIMEOUT_S, KEPT_TIMEOUT_S)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(bridge.idle(), IDLE_TIMEOUT_S)
        await bridge.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(engine.stop(), STOP_TIMEOUT_S)


async def _open(open_engine: OpenEngine, window: MainWindow) -> EngineApi:
    """Open and start the engine; on failure say so and wait for "try again"."""
    while True:
        engine: EngineApi | None = None
        try:
            made = open_engine()
            engine = await made if inspect.isawaitable(made) else made
            await engine.start()
            return engine
        except ByreError as error:
            _log.error("the engine did not open: %s", error.code)
            if engine is not None and error.code == "db_damaged" and engine.account.status().state == "locked":
                return engine  # the page of the lock offers what helps
            window.starting.fail(error.code)
            again = asyncio.Event()
            window.starting.retry.connect(again.set)
            await again.wait()
            window.starting.retry.disconnect(again.set)


def _beside_done(task: asyncio.Future[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.error("what ran beside the window broke: %s", type(task.exception()).__name__)


def _loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    _log.error("unhandled in the loop: %s", type(error).__name__ if error is not None else context.get("message"))


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Exceptions out of Qt slots: logged by type and place, never shown, never with values."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
    _log.error("uncaught: %s at %s", kind.__name__, place)


def _qt_message(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    level = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.DEBUG,
        QtMsgType.QtWarningMsg: logging.WARNING,
    }.get(kind, logging.ERROR)
    _log.log(level, "qt: %s", message)
