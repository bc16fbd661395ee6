"""The window's loop: asyncio's callbacks in their order, together, and never at the expense of Qt's own events."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QEventLoop, QObject, QTimer, QTimerEvent
from PySide6.QtWidgets import QApplication

from byre.ui.loop import WindowLoop


def run(application: QApplication, main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    application.setQuitOnLastWindowClosed(False)
    with WindowLoop(application) as loop:
        return loop.run_until_complete(asyncio.wait_for(main(), 20))


async def turns_until(check: Callable[[], bool]) -> None:
    """Let callbacks run until `check` holds; a loop that starves Qt is told by the number of its turns."""
    for _ in range(1_000_000):
        if check():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never happened")


def test_callbacks_run_in_their_order_in_one_turn_unless_cancelled(qapp: QApplication) -> None:
    ran: list[object] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        QTimer.singleShot(0, lambda: ran.append("qt"))
        handles = [loop.call_soon(ran.append, number) for number in range(5)]
        handles[3].cancel()
        loop.call_soon(lambda: loop.call_soon(ran.append, "after"))
        await turns_until(lambda: {"qt", "after"} <= set(ran))

    run(qapp, main)
    numbers = [each for each in ran if each != "qt"]
    assert numbers == [0, 1, 2, 4, "after"]
    assert abs(ran.index(0) - ran.index(4)) == 3  # nothing of Qt's between them


def test_callbacks_without_end_leave_qt_its_turns(qapp: QApplication) -> None:
    class Ticks(QObject):
        count = 0

        def timerEvent(self, event: QTimerEvent) -> None:
            self.count += 1

    async def main() -> int:
        ticks, loop = Ticks(), asyncio.get_running_loop()
        ticks.startTimer(0)

        def again() -> None:
            loop.call_soon(again)

        again()
        await turns_until(lambda: ticks.count >= 3)
        return ticks.count

    assert run(qapp, main) >= 3


def test_an_error_is_told_and_the_others_run(qapp: QApplication) -> None:
    ran: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: ran.append(type(context["exception"]).__name__))
        loop.call_soon(lambda: 1 // 0)
        loop.call_soon(ran.append, "next")
        await asyncio.sleep(0.01)

    run(qapp, main)
    assert ran == ["ZeroDivisionError", "next"]


def test_a_nested_loop_does_not_stop_the_callbacks(qapp: QApplication) -> None:
    ran: list[str] = []

    async def main() -> None:
        loop, nested = asyncio.get_running_loop(), QEventLoop()

        def dialog() -> None:
            loop.call_soon(lambda: (ran.append("inside"), nested.quit()))
            nested.exec()
            ran.append("closed")

        loop.call_soon(dialog)
        loop.call_soon(ran.append, "behind")
        await turns_until(lambda: "closed" in ran)

    run(qapp, main)
    assert sorted(ran) == ["behind", "closed", "inside"]
    assert ran.index("inside") < ran.index("closed")


def test_another_thread_calls_in(qapp: QApplication) -> None:
    async def main() -> str:
        loop, told = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
        threading.Thread(target=lambda: loop.call_soon_threadsafe(told.set_result, "heard")).start()
        return str(await told) + await asyncio.to_thread(lambda: " and done")

    assert run(qapp, main) == "heard and done"


def test_after_the_close_nothing_runs(qapp: QApplication) -> None:
    ran: list[str] = []
    loop = WindowLoop(qapp)
    loop.call_soon(ran.append, "late")
    loop.close()
    qapp.processEvents()
    assert ran == []
    assert loop.is_closed()
