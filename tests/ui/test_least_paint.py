"""A new message costs the layout and the paint of what is new, and the screen shows what a whole repaint would show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from byre.client.events import (
    ConnectionChanged,
    MessageReceived,
    MessageSent,
    MessageStateChanged,
    RoomChanged,
    StatusChanged,
)
from byre.client.views import MessageState, MessageView
from byre.ui.look import Look
from byre.ui.textblock import TextBlock
from byre.ui.transcript import view as view_module
from byre.ui.transcript.items import RoomFacts, compose
from byre.ui.transcript.rowlayout import RowLayout
from byre.ui.transcript.view import Transcript
from tests.ui.conftest import Stage, settle
from tests.ui.test_transcript import message, rows

PILED = "z" + "\u0353\u0317\u0348\u0300\u0301\u0302" * 6 + "algo"


def show(view: Transcript, messages: list[MessageView]) -> None:
    view.show_items(compose(messages, RoomFacts()))
    QApplication.processEvents()


def on_screen(view: Transcript) -> QImage:
    """What was painted so far, piece by piece."""
    return view.screen().grabWindow(view.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)


def painted_anew(view: Transcript) -> QImage:
    return view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def block_of(view: Transcript, number: int) -> TextBlock | None:
    return next(laid.block for _, _, laid in view.visible if laid.item.key == f"{number:032x}")


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the rows that are painted, in order."""
    keys: list[str] = []
    paint = view_module.paint_row

    def watched(painter: Any, row: RowLayout, y: float, look: Look, **more: Any) -> None:
        keys.append(row.item.key)
        paint(painter, row, y, look, **more)

    monkeypatch.setattr(view_module, "paint_row", watched)
    return keys


async def receive_all(stage: Stage, texts: list[str]) -> list[str]:
    room = stage.engine.room("엄마")
    keys = [stage.engine.receive(room, "mother", text).message_id for text in texts]
    await settle()
    return [str(key) for key in keys]


async def test_a_new_message_paints_itself_and_the_one_before_it(stage: Stage, painted: list[str]) -> None:
    await stage.open("엄마")
    keys = await receive_all(stage, ["도착했니?"] * 20)
    painted.clear()
    keys += await receive_all(stage, ["응"])
    assert painted == keys[-2:]


async def test_marks_that_leave_their_row_are_painted_again(stage: Stage, painted: list[str]) -> None:
    await stage.open("엄마")
    keys = await receive_all(stage, [*["도착했니?"] * 20, PILED, "응"])
    painted.clear()
    keys += await receive_all(stage, ["응"])
    assert painted == keys[-3:]


@pytest.mark.parametrize("text", ["메시지", PILED, "ที่นี่ มีน้ำ", "مرحبا", "👍🏽", "two\nlines\nof it " * 9])
def test_what_is_painted_piece_by_piece_is_what_is_painted_at_once(view: Transcript, text: str) -> None:
    messages = rows(100, 30)
    show(view, messages)
    for number in range(130, 136):
        messages.append(message(number, text, own=number % 3 == 0))
        show(view, messages)
        assert on_screen(view) == painted_anew(view)


def test_rows_are_laid_out_once(view: Transcript) -> None:
    messages = [message(n, own=True) for n in range(100, 140)]
    show(view, messages)
    before = block_of(view, 139)
    messages.append(message(140, own=True))
    show(view, messages)
    assert block_of(view, 139) is before  # the end of its group no longer, in the same place
    sent = block_of(view, 140)
    messages[-1] = replace(messages[-1], state=MessageState.DELIVERED, unread_by=1)
    show(view, messages)
    assert block_of(view, 140) is sent
    assert view.visible[-1][2].item.message == messages[-1]
    messages[-1] = replace(messages[-1], state=MessageState.FAILED)  # a line more below it
    show(view, messages)
    assert block_of(view, 140) is not sent


async def test_only_those_whom_messages_concern_hear_of_them(stage: Stage) -> None:
    heard: list[object] = []
    stage.bridge.rarer.connect(heard.append)
    room = stage.engine.room("엄마")
    one = stage.engine.receive(room, "mother", "도착했니?")
    for event in (
        MessageReceived(one),
        MessageSent(one),
        RoomChanged(room),
        MessageStateChanged(one.message_id, room, MessageState.READ, 0),
    ):
        stage.engine.events.publish(event)
    stage.engine.connect(False)
    await settle()
    assert [type(event) for event in heard] == [ConnectionChanged, StatusChanged]


class Paints(QObject):
    """Counts what is painted of a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


async def test_list_is_painted_anew_once_when_midnight_has_passed(stage: Stage) -> None:
    await settle()
    paints = Paints(stage.messenger.chats.list.viewport())
    stage.messenger.day_turn.look()
    await settle()
    assert paints.count == 0
    stage.engine.now_ms += 86_400_000
    for _ in range(2):
        stage.messenger.day_turn.look()
        await settle()
    assert paints.count == 1
