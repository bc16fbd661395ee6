"""Small widgets: the focus line around buttons, Caps Lock, sheets that follow the language, renaming by F2."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractButton, QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from byre.client.views import ProfileState
from byre.ui.dialogs.safety import SafetyNumber
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.forms import FormRow, chain
from byre.ui.textblock import Span, lay_out
from byre.ui.tokens import BODY
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.pressing import PlainButton
from tests.fakes.engine import FakeEngine
from tests.ui.conftest import Build, Stage, settle


async def test_focus_line_lies_three_pixels_outside(stage: Stage) -> None:
    button = stage.messenger.rail.buttons["friends"]
    button.setFocus(Qt.FocusReason.TabFocusReason)
    await settle(3)
    assert button.ring is not None
    ring = QRect(button.ring.mapTo(stage.window, QPoint(0, 0)), button.ring.size())
    own = QRect(button.mapTo(stage.window, QPoint(0, 0)), button.size())
    assert ring == own.adjusted(-5, -5, 5, 5)
    ring_widget = button.ring
    stage.messenger.rail.buttons["chats"].setFocus(Qt.FocusReason.MouseFocusReason)
    await settle(3)
    assert button.ring is None
    assert stage.messenger.rail.buttons["chats"].ring is None
    assert ring_widget is not None


async def test_focus_line_follows_a_button_that_moves(stage: Stage) -> None:
    button = stage.messenger.rail.buttons["settings"]
    button.setFocus(Qt.FocusReason.TabFocusReason)
    stage.window.resize(1280, 700)
    await settle(4)
    assert button.ring is not None
    assert button.ring.mapTo(stage.window, QPoint(5, 5)) == button.mapTo(stage.window, QPoint(0, 0))


async def test_open_sheets_follow_the_language(stage: Stage) -> None:
    stage.window.asking.compare(stage.bridge, stage.engine.people["daniel"].account_id)
    await settle()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, SafetyNumber)
    assert "보안 번호" in sheet.accessibleName()
    stage.window.look.set_language("en")
    await settle()
    assert sheet.accessibleName() == "Safety number with \u2068Daniel Park\u2069"
    assert sheet.yes.text() == "They are the same"


async def test_certificate_follows_the_language(stage: Stage) -> None:
    wiping = stage.window.wiping
    assert wiping is not None
    wiping.ask(stage.engine.room("디자인 시스템"))
    await settle()
    stage.window.look.set_language("en")
    await settle()
    assert wiping.sheet is not None
    assert wiping.sheet.accessibleName() == "Erase this conversation without a trace?"
    wiping.sheet.confirmed.emit(False)  # type: ignore[attr-defined]
    await settle()
    stage.window.look.set_language("ko")
    await settle()
    assert wiping.sheet is not None
    assert wiping.sheet.accessibleName() == "지움 확인서"


async def test_f2_renames_this_device_in_place(stage: Stage, qtbot: QtBot) -> None:
    stage.messenger.go("settings-devices")
    await settle()
    qtbot.keyClick(stage.window, Qt.Key.Key_F2)
    await settle()
    devices = stage.messenger.settings_pane.devices
    row = next(row for row in devices.rows.values() if not row.field.isHidden())
    row.field.set_text("서재 PC")
    qtbot.keyClick(row.field.line, Qt.Key.Key_Return)
    await settle()
    assert ("devices.rename", "서재 PC") in stage.engine.calls


def type_letter(widget: object, key: Qt.Key, text: str, shift: bool = False) -> None:
    modifiers = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QKeyEvent(QKeyEvent.Type.KeyPress, key, modifiers, text))  # type: ignore[call-overload]


async def test_caps_lock_is_told_at_the_passphrase(build: Build) -> None:
    stage = await build(FakeEngine(state=ProfileState.LOCKED, passphrase="right"))
    lock = stage.window.locking.page
    assert lock is not None
    type_letter(lock.field.line, Qt.Key.Key_A, "A")
    assert lock.hint.text() == "Caps Lock이 켜져 있습니다."
    type_letter(lock.field.line, Qt.Key.Key_CapsLock, "")
    assert lock.hint.text() == ""
    type_letter(lock.field.line, Qt.Key.Key_B, "B", shift=True)
    assert lock.hint.text() == ""


async def test_key_store_that_does_not_answer_asks_and_loses_nothing(build: Build) -> None:
    engine = FakeEngine(state=ProfileState.LOCKED, passphrase="right")
    stage = await build(engine)
    lock = stage.window.locking.page
    assert lock is not None
    engine.refuse("account.unlock", "key_unavailable")
    lock.field.set_text("right")
    lock.button.click()
    await settle()
    assert "지운 것은 없습니다" in lock.why.text()
    assert lock.button.text() == "다시 시도"
    assert lock.forgot.text() == "무엇을 할 수 있나요?"
    lock.forgot.click()
    await settle()
    sheet = stage.window.asking.sheet
    assert sheet is not None
    assert "열 수 없습니다" in sheet.accessibleName()
    sheet.close_sheet()
    await settle()
    engine.passphrase = None
    lock.button.click()
    await settle()
    assert stage.window.page_name == "chats"


@pytest.mark.parametrize("page", ["network", "lock", "profile", "devices", "chats", "friends", "search"])
async def test_every_control_has_a_name_and_enter_presses_it(stage: Stage, page: str) -> None:
    await stage.open("디자인 시스템")
    stage.messenger.toggle_drawer()
    await settle(4)
    stage.messenger.go(page if page in ("chats", "friends", "search") else f"settings-{page}")
    await settle(4)
    controls = [
        w for w in stage.window.findChildren(QWidget)
        if w.isVisible() and w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.focusProxy() is None
    ]  # fmt: skip
    assert len(controls) > 4
    assert [type(w).__name__ for w in controls if not w.accessibleName()] == []
    assert [
        type(w).__name__ for w in controls if isinstance(w, QAbstractButton) and not isinstance(w, PlainButton)
    ] == []


async def test_enter_presses_the_button_that_has_the_focus(stage: Stage, qtbot: QtBot) -> None:
    stage.messenger.toggle_drawer()
    button = stage.messenger.rail.buttons["friends"]
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert stage.messenger.place == "friends"


def test_enter_goes_on_to_what_is_missing_and_then_sends(look: Look, qtbot: QtBot) -> None:
    holder = QWidget()
    sent: list[int] = []
    qtbot.addWidget(holder)
    column = QVBoxLayout(holder)
    rows = [FormRow(look, lambda name=name: name, is_optional=name == "three") for name in ("one", "two", "three")]
    for row in rows:
        column.addWidget(row)
    chain(rows, lambda: sent.append(1))
    holder.show()
    rows[0].field.setFocus()
    qtbot.keyClick(rows[0].field.line, Qt.Key.Key_Return)
    assert sent == [1]  # nothing is written: the form says what is missing
    rows[0].field.set_text("a")
    qtbot.keyClick(rows[0].field.line, Qt.Key.Key_Return)
    assert holder.focusWidget() is rows[1].field.line
    assert sent == [1]
    rows[1].field.set_text("b")
    rows[2].is_optional = False
    qtbot.keyClick(rows[0].field.line, Qt.Key.Key_Return)
    assert holder.focusWidget() is rows[2].field.line  # past what is there
    rows[2].is_optional = True
    qtbot.keyClick(rows[1].field.line, Qt.Key.Key_Return)
    assert sent == [1, 1]
    rows[1].field.clear()
    rows[1].hide()
    qtbot.keyClick(rows[0].field.line, Qt.Key.Key_Return)
    assert sent == [1, 1, 1]


def test_a_mark_has_round_corners_and_a_mixed_line_keeps_square_ones(look: Look) -> None:
    def corner(text: str) -> tuple[int, int]:
        block = lay_out(text, look.font(BODY), 400, 22)
        image = QImage(200, 40, QImage.Format.Format_RGB32)
        image.fill(0xFFFFFF)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        block.draw(painter, 20, 10, "#FFFFFF", [Span(0, 3, "#FF0000", "#FF0000", is_mark=True)])
        painter.end()
        rows = [y for y in range(40) if any(image.pixelColor(x, y).green() < 200 for x in range(200))]
        reds = [x for x in range(200) if image.pixelColor(x, rows[len(rows) // 2]).green() < 200]
        top = [x for x in range(200) if image.pixelColor(x, rows[0]).green() < 200]
        return len(reds), len(top)

    middle, top = corner("가나다라")
    assert 0 < top < middle
    middle, top = corner("가나다 مرحبا")
    assert top == middle


async def test_another_theme_takes_no_words_of_a_button_back(look: Look, qtbot: QtBot) -> None:
    button = Button(look, lambda: tr("Link"))
    qtbot.addWidget(button)
    button.relabel("연결하는 중…")
    look.set_theme("dark")
    assert button.text() == "연결하는 중…"
    look.set_language("en")
    assert button.text() == "Link"
