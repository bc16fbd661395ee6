"""Reading a room: the way back to the newest message, links, the states in words, Esc, drafts in the list."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from byre.client.views import MessageState
from byre.ui import searching
from byre.ui.dialogs.open_link import OpenLink
from byre.ui.transcript.menu import state_words
from tests.ui.conftest import Build, Stage, compose_annyeong, preedit, settle


def fill(stage: Stage, count: int) -> None:
    room = stage.engine.room("Mia Chen")
    stage.engine.rows[room] = []
    for n in range(count):
        stage.engine._append(
            stage.engine._message(room, "mia@other.example", f"줄 {n}", stage.engine.now_ms - (count - n) * 60_000)
        )


async def test_button_leads_back_and_counts_what_came(stage: Stage, qtbot: QtBot) -> None:
    fill(stage, 300)
    room = stage.engine.room("Mia Chen")
    await stage.open("Mia Chen")
    pane = stage.messenger.room_pane
    assert pane.jump_button.isHidden()
    pane.transcript.step(-3000)
    await settle()
    assert not pane.jump_button.isHidden()
    assert pane.jump_button.accessibleName() == "최근 메시지로"
    for text in ("하나", "둘"):
        stage.engine.receive(room, "mia@other.example", text)
    await settle()
    assert pane.jump_button.accessibleName() == "최근 메시지로, 새 메시지 2개"
    qtbot.mouseClick(pane.jump_button, Qt.MouseButton.LeftButton)
    await settle()
    assert pane.jump_button.isHidden()
    assert pane.jump_button.count == 0
    assert pane.transcript.items.items[pane.transcript.visible[-1][0]].text == "둘"


async def test_button_leads_back_from_a_window_that_does_not_reach_the_end(stage: Stage, qtbot: QtBot) -> None:
    fill(stage, 900)
    room = stage.engine.room("Mia Chen")
    await stage.open("Mia Chen")
    pane = stage.messenger.room_pane
    pane.window_model.jump(stage.engine.rows[room][5].message_id)
    await settle()
    assert not pane.window_model.at_end
    assert not pane.jump_button.isHidden()
    stage.engine.receive(room, "mia@other.example", "새 소식")
    await settle()
    assert pane.jump_button.count == 1
    qtbot.keyClick(stage.window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    await settle()
    assert pane.window_model.at_end
    assert pane.transcript.items.items[-1].text == "새 소식"
    assert pane.transcript.sticks
    assert pane.jump_button.isHidden()


async def test_own_message_from_far_above_shows_the_end(stage: Stage, qtbot: QtBot) -> None:
    fill(stage, 900)
    room = stage.engine.room("Mia Chen")
    await stage.open("Mia Chen")
    pane = stage.messenger.room_pane
    pane.window_model.jump(stage.engine.rows[room][5].message_id)
    await settle()
    compose_annyeong(stage.composer)
    qtbot.keyClick(stage.composer, Qt.Key.Key_Return)
    await settle()
    assert pane.transcript.items.items[pane.transcript.visible[-1][0]].text == "안녕"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    urls: list[str] = []
    monkeypatch.setattr(searching.QDesktopServices, "openUrl", lambda url: urls.append(url.toString()))
    return urls


async def with_link(stage: Stage, text: str) -> None:
    await stage.open("Mia Chen")
    stage.engine.receive(stage.engine.room("Mia Chen"), "mia@other.example", text)
    await settle()


async def test_link_is_opened_only_after_a_question(stage: Stage, qtbot: QtBot, opened: list[str]) -> None:
    await with_link(stage, "https://review.example/142 를 봐 주세요")
    transcript = stage.messenger.room_pane.transcript
    _, y, laid = transcript.visible[-1]
    place = QPoint(int(laid.text_x) + 30, int(y + laid.text_y) + 8)
    qtbot.mouseClick(transcript.viewport(), Qt.MouseButton.LeftButton, pos=place)
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, OpenLink)
    assert sheet.host.text() == "review.example"
    assert sheet.no.hasFocus()
    assert opened == []
    sheet.no.click()
    assert opened == []
    qtbot.mouseClick(transcript.viewport(), Qt.MouseButton.LeftButton, pos=place)
    again = stage.window.asking.sheet
    assert isinstance(again, OpenLink)
    again.yes.click()
    assert opened == ["https://review.example/142"]


async def test_link_by_keyboard_and_by_menu(stage: Stage, qtbot: QtBot, opened: list[str]) -> None:
    await with_link(stage, "https://a.example/1 https://b.example/2")
    transcript = stage.messenger.room_pane.transcript
    transcript.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(transcript, Qt.Key.Key_Return)
    assert isinstance(stage.window.asking.sheet, OpenLink)
    stage.window.asking.close()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(transcript.viewport(), event)
    menu = transcript.findChild(QMenu, "row menu")
    assert menu is not None
    words = [action.text() for action in menu.actions()]
    assert words[:5] == [
        "메시지 복사", "https://a.example/1 열기…", "링크 복사", "https://b.example/2 열기…", "링크 복사",
    ]  # fmt: skip
    menu.actions()[4].trigger()
    assert QGuiApplication.clipboard().text() == "https://b.example/2"
    menu.actions()[3].trigger()
    menu.close()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, OpenLink)
    assert sheet.host.text() == "b.example"
    assert opened == []


@pytest.mark.parametrize(
    ("address", "host", "warned", "can_open"),
    [
        ("https://bank.example@evil.example/", "evil.example", "@", True),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", "다른 주소", True),
        ("http://plain.example/", "plain.example", "http", True),
        ("https://192.168.0.1/x", "192.168.0.1", "숫자", True),
        ("https://[::1", "", "", False),
        ("file:///etc/passwd", "", "", False),
    ],
)
async def test_doubtful_links_are_told(
    stage: Stage, address: str, host: str, warned: str, can_open: bool, opened: list[str]
) -> None:
    stage.messenger.room_pane.link_wanted.emit(address)
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, OpenLink)
    assert sheet.host.text() == host
    said = " ".join(label.text() for label in sheet.findChildren(type(sheet.host)))
    assert warned in said
    assert sheet.can_open is can_open
    sheet._yes()
    assert bool(opened) is can_open


async def test_escape_leaves_the_room_only_when_nothing_is_written(stage: Stage, qtbot: QtBot) -> None:
    await stage.open("Mia Chen")
    messenger = stage.messenger
    messenger.toggle_drawer()
    stage.composer.setFocus()
    qtbot.keyClick(stage.composer, Qt.Key.Key_Escape)
    assert messenger.drawer.isHidden()
    preedit(stage.composer, "안")
    qtbot.keyClick(stage.composer, Qt.Key.Key_Escape)
    assert stage.composer.toPlainText() == "안"
    qtbot.keyClick(stage.composer, Qt.Key.Key_Escape)
    assert messenger.room_pane.room is not None
    stage.composer.clear()
    qtbot.keyClick(stage.composer, Qt.Key.Key_Escape)
    assert messenger.room_pane.room is None
    assert messenger.chats.list.hasFocus()
    qtbot.keyClick(messenger.chats.list, Qt.Key.Key_Return)
    await settle()
    assert messenger.room_pane.room is not None
    assert messenger.room_pane.room.title == "Mia Chen"


async def test_what_is_unsent_is_marked_in_the_list(stage: Stage) -> None:
    await stage.open("Mia Chen")
    compose_annyeong(stage.composer)
    await stage.open("엄마")
    await settle()
    model = stage.messenger.chats.model
    room = next(r for r in model.shown if r.title == "Mia Chen")
    assert model.line_of(room) == "작성 중: 안녕"
    assert "작성 중: 안녕" in model.index(model.row_of(room.room_id), 0).data(Qt.ItemDataRole.AccessibleTextRole)
    await stage.open("Mia Chen")
    stage.composer.send()
    await settle()
    room = next(r for r in model.shown if r.title == "Mia Chen")
    assert model.line_of(room) == "안녕"


async def test_state_of_a_message_is_told_in_words(stage: Stage) -> None:
    await stage.open("Mia Chen")
    stage.composer.insertPlainText("봤어요?")
    stage.composer.send()
    await settle()
    message = stage.engine.rows[stage.engine.room("Mia Chen")][-1]
    stage.engine.advance(message.message_id, MessageState.DELIVERED, 1)
    await settle()
    transcript = stage.messenger.room_pane.transcript
    _, y, laid = transcript.visible[-1]
    beside_time = QPointF(laid.bubble.right() - 10, y + laid.bubble.bottom() - 6)
    assert transcript._told_of(beside_time) == "도착: 모두의 기기에 도착했습니다. 1명이 안 읽었습니다."
    assert transcript._told_of(QPointF(laid.bubble.left() - 30, beside_time.y())) == ""
    for state in MessageState:
        told = state_words(laid.item.message.__class__(**{**_fields(laid.item.message), "state": state}))
        assert bool(told) is (state is not MessageState.RECEIVED)


def _fields(message: object) -> dict[str, object]:
    return {name: getattr(message, name) for name in message.__dataclass_fields__}  # type: ignore[attr-defined]


async def test_dragging_beyond_the_edge_scrolls(stage: Stage, qtbot: QtBot) -> None:
    fill(stage, 200)
    await stage.open("Mia Chen")
    transcript = stage.messenger.room_pane.transcript
    _, y, laid = transcript.visible[-1]
    start = QPoint(int(laid.text_x) + 10, int(y + laid.text_y) + 8)
    before = transcript.visible[0][0]
    qtbot.mousePress(transcript.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for _ in range(6):
        transcript.drag_to(QPointF(start.x(), -30))
    qtbot.mouseRelease(transcript.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(start.x(), 0))
    assert transcript.visible[0][0] < before
    assert len(transcript.selection.text().splitlines()) > len(transcript.visible)


async def test_narrow_offline_strip_is_not_cut(build: Build) -> None:
    stage = await build(width=400, height=720)
    await stage.open("Mia Chen")
    stage.engine.connect(False, 12)
    await settle()
    strip = stage.messenger.room_pane.offline
    assert strip.countdown.text() == "12초 뒤 다시"
    assert strip.what.width() >= strip.what.sizeHint().width()
    assert strip.countdown.width() >= strip.countdown.sizeHint().width()
