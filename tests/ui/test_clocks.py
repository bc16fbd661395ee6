"""Disappearing messages count down, without the rows being laid out or painted anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from byre.client.views import MessageView
from byre.ui.look import Look
from byre.ui.transcript.items import RoomFacts, accessible_text, compose
from byre.ui.transcript.rowlayout import timer_shown
from byre.ui.transcript.view import Transcript
from tests.ui.test_transcript import START_MS, message, rows

HOUR_MS = 3_600_000


class _Painted(QObject):
    """What was painted: one area for each frame."""

    def __init__(self) -> None:
        super().__init__()
        self.areas: list[int] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.areas.append(sum(r.width() * r.height() for r in event.region()))
        return False


@pytest.fixture
def now(look: Look) -> list[int]:
    moment = [START_MS]
    look.now_ms = lambda: moment[0]  # type: ignore[method-assign]
    return moment


@pytest.fixture
def view(qtbot: QtBot, look: Look, now: list[int]) -> Transcript:
    made = Transcript(look)
    made.setObjectName("under test")
    qtbot.addWidget(made)
    made.resize(760, 600)
    made.show()
    return made


def timed(n: int, timer_s: int, left_ms: int | None) -> MessageView:
    ends = None if left_ms is None else START_MS + left_ms
    return replace(message(n), timer_s=timer_s, expires_at=ends)


def words(view: Transcript) -> list[str]:
    return [timer_shown(laid.item.message, view.look) for _, _, laid in view.visible if laid.item.message is not None]


def test_a_tick_repaints_the_clock_and_nothing_else(view: Transcript, now: list[int]) -> None:
    view.show_items(compose([*rows(1, 20), timed(30, 300, 252_000)], RoomFacts()))
    QApplication.processEvents()
    assert words(view)[-1] == "4:12"
    laid = [id(row) for _, _, row in view.visible]
    assert 0 < view.clocks.timer.interval() <= 1000
    painted = _Painted()
    view.viewport().installEventFilter(painted)
    now[0] += 1000
    view.clocks.tick()
    QApplication.processEvents()
    assert words(view)[-1] == "4:11"
    assert [id(row) for _, _, row in view.visible] == laid
    assert len(painted.areas) == 1
    assert painted.areas[0] < view.viewport().width() * view.viewport().height() / 40


def test_words_of_another_width_lay_their_row_out_again(view: Transcript, now: list[int]) -> None:
    view.show_items(compose([timed(30, 4 * HOUR_MS // 1000, HOUR_MS + 500)], RoomFacts()))
    QApplication.processEvents()
    assert words(view) == ["2시간"]
    before = view.visible[-1][2]
    now[0] += 1000
    view.clocks.tick()
    QApplication.processEvents()
    assert words(view) == ["60:00"]
    assert view.visible[-1][2] is not before


def test_nothing_ticks_without_a_running_timer(view: Transcript) -> None:
    view.show_items(compose([*rows(1, 20), timed(30, 300, None)], RoomFacts()))
    QApplication.processEvents()
    assert words(view)[-1] == "5분"
    assert not view.clocks.timer.isActive()


def test_screen_reader_hears_what_is_left(look: Look) -> None:
    running = compose([timed(30, 300, 65_000)], RoomFacts())[-1]
    waiting = compose([timed(31, 300, None)], RoomFacts())[-1]
    assert "1:05 뒤 사라짐" in accessible_text(running, "ko", START_MS)
    assert "5분 뒤 사라짐" in accessible_text(waiting, "ko", START_MS)
