"""Tab by itself: what is in sight is reached as one reads it, and nothing is passed over."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Build, Stage, settle


def focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def stops(stage: Stage, qtbot: QtBot, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """What Tab leads to until it is where it began."""
    found: list[QWidget] = []
    while focused() not in found:
        found.append(focused())
        qtbot.keyClick(focused(), key)
    return found


async def test_tab_goes_from_left_to_right_and_through_the_drawer_from_above(stage: Stage, qtbot: QtBot) -> None:
    await stage.open("Mia Chen")
    messenger = stage.messenger
    messenger.rail.buttons["chats"].setFocus()
    messenger.toggle_drawer()
    await settle()
    drawer = messenger.drawer
    assert drawer.close_button.hasFocus()
    parts = (messenger.rail, messenger.chats, messenger.room_pane, drawer)
    messenger.rail.buttons["chats"].setFocus()
    found = stops(stage, qtbot)
    at = [next(n for n, part in enumerate(parts) if part.isAncestorOf(stop)) for stop in found]
    assert at == sorted(at)
    assert set(at) == {0, 1, 2, 3}
    inside = [stop for stop in found if drawer.isAncestorOf(stop)]
    assert (inside[0], inside[-1]) == (drawer.close_button, drawer.wipe_button)
    heights = [stop.mapTo(drawer, stop.rect().center()).y() for stop in inside]
    assert heights == sorted(heights)
    messenger.rail.buttons["chats"].setFocus()
    back = stops(stage, qtbot, Qt.Key.Key_Backtab)
    assert back == [found[0], *reversed(found[1:])]


async def test_stop_below_the_edge_is_scrolled_to(build: Build, qtbot: QtBot) -> None:
    stage = await build(height=460)
    messenger = stage.messenger
    await stage.open("Mia Chen")
    messenger.toggle_drawer()
    await settle()
    drawer = messenger.drawer
    drawer.wipe_button.setFocus()
    qtbot.keyClick(drawer.wipe_button, Qt.Key.Key_Backtab)
    last = focused()
    assert drawer._scroll.isAncestorOf(last)
    assert last.visibleRegion().boundingRect().height() == last.height()


async def test_own_window_is_gone_through_line_by_line(stage: Stage, qtbot: QtBot) -> None:
    assert stage.window.desktop is not None
    stage.window.desktop.open_own(stage.engine.room("Mia Chen"))
    await settle()
    own = stage.window.desktop.windows[stage.engine.room("Mia Chen")]
    own.activateWindow()
    own.windowHandle().requestActivate()
    await settle()
    own.pin.setFocus()
    qtbot.keyClick(own.pin, Qt.Key.Key_Tab)
    assert own.pane.transcript.hasFocus()
