"""Typing Hangul: the exact text, once, and an empty composer, whatever ends the composition."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QMimeData, Qt, QUrl
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from byre.client.messages.service import LARGEST_TEXT_BYTES
from byre.ui.composer import LIMIT, Composer
from byre.ui.look import Look
from tests.ui.conftest import Stage, compose_annyeong, preedit, settle

NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
RETURN = Qt.Key.Key_Return


class Typed:
    """A composer and what it submitted."""

    def __init__(self, composer: Composer, with_ctrl: bool) -> None:
        self.composer = composer
        self.sent: list[str] = []
        self.modifier = CTRL if with_ctrl else NONE
        composer.submitted.connect(self.sent.append)


@pytest.fixture(params=[False, True], ids=["enter", "ctrl-enter"])
def typed(request: pytest.FixtureRequest, qtbot: QtBot, look: Look) -> Typed:
    composer = Composer(look, send_with_ctrl=request.param)
    qtbot.addWidget(composer)
    composer.resize(300, 80)
    composer.show()
    composer.setFocus()
    return Typed(composer, request.param)


def test_preedit_is_not_in_the_document(typed: Typed) -> None:
    compose_annyeong(typed.composer)
    assert typed.composer.toPlainText() == "안"
    assert typed.composer.is_composing()


def test_last_syllable_is_sent(typed: Typed, qtbot: QtBot) -> None:
    compose_annyeong(typed.composer)
    qtbot.keyClick(typed.composer, RETURN, typed.modifier)
    assert typed.sent == ["안녕"]
    assert typed.composer.toPlainText() == ""
    assert not typed.composer.is_composing()


def test_commit_before_enter_sends_once(typed: Typed, qtbot: QtBot) -> None:
    compose_annyeong(typed.composer, finish=True)
    qtbot.keyClick(typed.composer, RETURN, typed.modifier)
    assert typed.sent == ["안녕"]


def test_late_clear_leaves_no_ghost(typed: Typed, qtbot: QtBot) -> None:
    compose_annyeong(typed.composer)
    qtbot.keyClick(typed.composer, RETURN, typed.modifier)
    preedit(typed.composer, "")
    assert typed.sent == ["안녕"]
    assert typed.composer.toPlainText() == ""


def test_enter_swallowed_by_the_method_sends_nothing_then_sends(typed: Typed, qtbot: QtBot) -> None:
    compose_annyeong(typed.composer)
    preedit(typed.composer, "", commit="녕")
    assert typed.sent == []
    qtbot.keyClick(typed.composer, RETURN, typed.modifier)
    assert typed.sent == ["안녕"]


def test_late_duplicate_commit_is_dropped(typed: Typed, qtbot: QtBot) -> None:
    compose_annyeong(typed.composer)
    qtbot.keyClick(typed.composer, RETURN, typed.modifier)
    preedit(typed.composer, "")
    preedit(typed.composer, "", commit="녕")
    assert typed.sent == ["안녕"]
    assert typed.composer.toPlainText() == ""


def test_same_syllable_typed_next_is_kept(typed: Typed, qtbot: QtBot) -> None:
    compose_annyeong(typed.composer)
    qtbot.keyClick(typed.composer, RETURN, typed.modifier)
    for text in ("ㄴ", "녀", "녕"):
        preedit(typed.composer, text)
    preedit(typed.composer, "", commit="녕")
    typed.composer.send()
    assert typed.sent == ["안녕", "녕"]


def test_send_button_while_composing(typed: Typed) -> None:
    compose_annyeong(typed.composer)
    typed.composer.send()
    assert typed.sent == ["안녕"]


def test_newline_keys(typed: Typed, qtbot: QtBot) -> None:
    compose_annyeong(typed.composer)
    qtbot.keyClick(typed.composer, RETURN, NONE if typed.composer.send_with_ctrl else SHIFT)
    qtbot.keyClicks(typed.composer, "b")
    qtbot.keyClick(typed.composer, RETURN, typed.modifier)
    assert typed.sent == ["안녕\nb"]


def test_keypad_enter_sends(typed: Typed, qtbot: QtBot) -> None:
    qtbot.keyClicks(typed.composer, "hi")
    qtbot.keyClick(typed.composer, Qt.Key.Key_Enter, typed.modifier | Qt.KeyboardModifier.KeypadModifier)
    assert typed.sent == ["hi"]


def test_blank_is_not_sent(typed: Typed, qtbot: QtBot) -> None:
    qtbot.keyClicks(typed.composer, "  ")
    qtbot.keyClick(typed.composer, RETURN, typed.modifier)
    assert typed.sent == []


def test_held_enter_sends_once(typed: Typed, qtbot: QtBot) -> None:
    qtbot.keyClicks(typed.composer, "a")
    qtbot.keyClick(typed.composer, RETURN, typed.modifier)
    typed.composer.setPlainText("b")
    repeat = QKeyEvent(QEvent.Type.KeyPress, RETURN, typed.modifier, "\r", True, 1)
    QApplication.sendEvent(typed.composer, repeat)
    assert typed.sent == ["a"]


def test_space_and_arrow_end_a_composition_in_place(typed: Typed, qtbot: QtBot) -> None:
    compose_annyeong(typed.composer, finish=True)
    qtbot.keyClick(typed.composer, Qt.Key.Key_Space)
    compose_annyeong(typed.composer, finish=True)
    qtbot.keyClick(typed.composer, Qt.Key.Key_Left)
    typed.composer.send()
    assert typed.sent == ["안녕 안녕"]


def test_escape_commits_and_sends_nothing(typed: Typed, qtbot: QtBot) -> None:
    compose_annyeong(typed.composer)
    qtbot.keyClick(typed.composer, Qt.Key.Key_Escape)
    assert typed.sent == []
    assert typed.composer.toPlainText() == "안녕"


def test_focus_loss_commits_once(typed: Typed) -> None:
    compose_annyeong(typed.composer)
    QApplication.sendEvent(typed.composer, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.MouseFocusReason))
    assert typed.composer.toPlainText() == "안녕"
    assert not typed.composer.is_composing()


def test_composition_in_the_middle(typed: Typed) -> None:
    typed.composer.setPlainText("AB")
    cursor = typed.composer.textCursor()
    cursor.setPosition(1)
    typed.composer.setTextCursor(cursor)
    preedit(typed.composer, "한")
    typed.composer.send()
    assert typed.sent == ["A한B"]


def test_replacement_commit(typed: Typed) -> None:
    typed.composer.setPlainText("가")
    cursor = typed.composer.textCursor()
    cursor.setPosition(1)
    typed.composer.setTextCursor(cursor)
    event = QInputMethodEvent("", [])
    event.setCommitString("각", -1, 1)
    QApplication.sendEvent(typed.composer, event)
    typed.composer.send()
    assert typed.sent == ["각"]


def test_emoji_and_arabic(typed: Typed) -> None:
    typed.composer.insertPlainText("👨‍👩‍👧‍👦 مرحبا 안녕")
    typed.composer.send()
    assert typed.sent == ["👨‍👩‍👧‍👦 مرحبا 안녕"]


def test_paste_is_plain_text(typed: Typed) -> None:
    data = QMimeData()
    data.setHtml("<b>bold</b><img src='x'>")
    data.setText("bold\0er")
    data.setUrls([QUrl("file:///tmp/x")])
    typed.composer.insertFromMimeData(data)
    assert typed.composer.toPlainText() == "bolder"


def test_limit_is_the_one_of_the_engine() -> None:
    assert LIMIT == LARGEST_TEXT_BYTES


def test_too_long_text_stays(typed: Typed) -> None:
    typed.composer.setPlainText("x" * 32_769)
    typed.composer.send()
    assert typed.sent == []
    assert len(typed.composer.toPlainText()) == 32_769


async def test_room_switch_while_composing_keeps_the_draft(stage: Stage) -> None:
    await stage.open("Mia Chen")
    compose_annyeong(stage.composer)
    await stage.open("엄마")
    assert stage.composer.toPlainText() == ""
    await stage.open("Mia Chen")
    assert stage.composer.toPlainText() == "안녕"
    stage.composer.send()
    await settle()
    assert stage.engine.texts(stage.engine.room("Mia Chen"))[-1] == "안녕"
    assert stage.engine.texts(stage.engine.room("엄마"))[-1] != "안녕"


async def test_closing_while_composing_keeps_the_draft(stage: Stage) -> None:
    await stage.open("Mia Chen")
    compose_annyeong(stage.composer)
    stage.window.close()
    await settle()
    assert stage.engine.drafts[stage.engine.room("Mia Chen")] == "안녕"


async def test_send_button_takes_no_focus(stage: Stage, qtbot: QtBot) -> None:
    await stage.open("Mia Chen")
    compose_annyeong(stage.composer)
    button = stage.messenger.room_pane.composer_bar.send_button
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    await settle()
    assert stage.engine.texts(stage.engine.room("Mia Chen"))[-1] == "안녕"
    assert button.focusPolicy() == Qt.FocusPolicy.NoFocus


async def test_text_that_is_too_long_is_told_and_stays(stage: Stage, qtbot: QtBot) -> None:
    await stage.open("엄마")
    stage.composer.put("가" * 10_923)
    qtbot.keyClick(stage.composer, RETURN)
    await settle()
    assert stage.window.notice.words == "메시지가 너무 깁니다. 나누어 보내세요."
    assert len(stage.composer.toPlainText()) == 10_923
    assert not any(call == "messages.send" for call, _ in stage.engine.calls)


async def test_field_shows_by_its_line_whether_it_has_the_focus(stage: Stage) -> None:
    await stage.open("엄마")
    frame = stage.composer.parentWidget()
    assert frame is not None
    assert stage.composer.hasFocus()
    painted: list[str] = []
    frame.paintEvent = lambda event: painted.append(str(event.region().boundingRect() == frame.rect()))  # type: ignore[method-assign]
    stage.messenger.chats.list.setFocus()
    await settle()
    assert "True" in painted


def test_hint_stands_in_the_empty_field_only_and_never_wraps(typed: Typed) -> None:
    composer = typed.composer

    def ink(left: int, right: int) -> int:
        """How much of the line after the caret is not ground."""
        image = composer.viewport().grab().toImage()
        ground = image.pixelColor(image.width() - 2, image.height() - 2)
        return sum(image.pixelColor(x, y) != ground for x in range(left, right) for y in range(min(30, image.height())))

    composer.show_hint("가나다라마바사 " * 20)
    assert ink(100, 290) > 100
    assert ink(composer.viewport().width() - 6, composer.viewport().width()) == 0  # elided inside
    preedit(composer, "ㅎ")
    assert ink(100, 290) == 0
    preedit(composer, "", commit="하")
    assert ink(100, 290) == 0
    composer.clear()
    assert ink(100, 290) > 100
