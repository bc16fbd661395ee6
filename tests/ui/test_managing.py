"""What is done in a room beside writing: roles, removal, disappearing messages, leaving."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from byre.client.views import RoomState
from byre.ui.dialogs.question import Question
from byre.ui.dialogs.timer import TimerEntry
from byre.ui.room.members import MemberRow
from byre.ui.room.options import OptionRow
from byre.ui.timers import CHOICES, DAY, HOUR, WEEK, parts, timer_words
from tests.ui.conftest import Build, Stage, settle


async def open_drawer(stage: Stage, title: str = "디자인 시스템") -> None:
    await stage.open(title)
    stage.messenger.toggle_drawer()
    await settle()


def member(stage: Stage, name: str) -> MemberRow:
    rows = stage.messenger.drawer.findChildren(MemberRow)
    return next(row for row in rows if row.accessibleName().startswith(name) and row.isVisible())


def choose(row: MemberRow, words: str) -> None:
    row.click()
    menu = row.findChild(QMenu, "member")
    assert menu is not None
    next(action for action in menu.actions() if action.text() == words).trigger()
    menu.close()


async def test_member_is_removed_after_a_question(stage: Stage) -> None:
    room, who = stage.engine.room("디자인 시스템"), stage.engine.people["mia@other.example"].account_id
    await open_drawer(stage)
    choose(member(stage, "Mia Chen"), "방에서 내보내기…")
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, Question)
    assert sheet.no.hasFocus()
    sheet.no.click()
    await settle()
    assert ("rooms.remove", (room, who)) not in stage.engine.calls
    choose(member(stage, "Mia Chen"), "방에서 내보내기…")
    again = stage.window.asking.sheet
    assert isinstance(again, Question)
    again.yes.click()
    await settle()
    assert ("rooms.remove", (room, who)) in stage.engine.calls
    names = [r.accessibleName() for r in stage.messenger.drawer.findChildren(MemberRow) if r.isVisible()]
    assert not any(name.startswith("Mia Chen") for name in names)
    assert stage.messenger.room_pane.header.subtitle.text().startswith("구성원 4명")


async def test_focus_stays_in_the_drawer_when_its_member_goes(stage: Stage) -> None:
    room, who = stage.engine.room("디자인 시스템"), stage.engine.people["mia@other.example"].account_id
    await open_drawer(stage)
    member(stage, "이준호").setFocus(Qt.FocusReason.TabFocusReason)
    stage.messenger.drawer._rebuild()
    await settle()
    assert stage.window.focusWidget() is member(stage, "이준호")
    member(stage, "Mia Chen").setFocus(Qt.FocusReason.TabFocusReason)
    await stage.engine.rooms.remove(room, who)
    await settle()
    assert stage.window.focusWidget() is stage.messenger.drawer.close_button


async def test_roles_are_given_and_shown_in_words(stage: Stage) -> None:
    room, who = stage.engine.room("디자인 시스템"), stage.engine.people["junho"].account_id
    await open_drawer(stage)
    choose(member(stage, "이준호"), "관리자로 지정…")
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, Question)
    sheet.yes.click()
    await settle()
    assert ("rooms.set_role", (room, who, "admin")) in stage.engine.calls
    stage.messenger.room_pane.window_model._members()
    await settle()
    assert "관리자" in member(stage, "이준호").accessibleName()
    choose(member(stage, "이준호"), "일반 구성원으로 바꾸기")
    await settle()
    assert ("rooms.set_role", (room, who, "member")) in stage.engine.calls


async def test_without_the_right_nothing_is_offered(stage: Stage) -> None:
    room = stage.engine.room("디자인 시스템")
    stage.engine.room_views[room] = replace(stage.engine.room_views[room], may_set_retention=False)
    await open_drawer(stage)
    row = member(stage, "이준호")
    row.click()
    menu = row.findChild(QMenu, "member")
    assert menu is not None
    assert [a.text() for a in menu.actions()] == ["1:1 채팅", "보안 번호 비교"]
    menu.close()
    keep = next(r for r in stage.messenger.drawer.findChildren(OptionRow) if r.text() == "사라지는 메시지")
    assert not keep.isEnabled()
    assert keep.toolTip() == "방의 관리자만 바꿀 수 있습니다."


async def test_member_menu_opens_by_key_and_compares(stage: Stage, qtbot: QtBot) -> None:
    await open_drawer(stage)
    row = member(stage, "박지우")
    row.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(row, Qt.Key.Key_Space)
    menu = row.findChild(QMenu, "member")
    assert menu is not None
    next(a for a in menu.actions() if a.text() == "보안 번호 비교").trigger()
    menu.close()
    await settle()
    assert stage.window.asking.sheet is not None
    assert member(stage, "김서연").focusPolicy() == Qt.FocusPolicy.NoFocus


async def test_disappearing_messages_are_shown_where_one_writes(stage: Stage) -> None:
    room = stage.engine.room("디자인 시스템")
    await open_drawer(stage)
    pane = stage.messenger.room_pane
    assert pane.header.timer.isHidden()
    await stage.engine.rooms.set_retention(room, 8 * HOUR)
    await settle()
    assert pane.header.timer.accessibleName() == "메시지가 8시간 뒤 사라집니다"
    assert pane.composer_bar.safety.text() == "종단간 암호화 · 새 메시지는 8시간 뒤 사라집니다"
    keep = next(r for r in stage.messenger.drawer.findChildren(OptionRow) if r.text() == "사라지는 메시지")
    assert keep.accessibleName() == "사라지는 메시지: 8시간"


async def test_a_time_of_ones_own_is_taken_within_the_law(stage: Stage, qtbot: QtBot) -> None:
    room = stage.engine.room("디자인 시스템")
    await open_drawer(stage)
    keep = next(r for r in stage.messenger.drawer.findChildren(OptionRow) if r.text() == "사라지는 메시지")
    keep.click()
    menu = stage.messenger.drawer.findChild(QMenu, "retention")
    assert menu is not None
    words = [a.text() for a in menu.actions()]
    assert words == [
        "끔: 지울 때까지 보관",
        "4주",
        "1주",
        "1일",
        "8시간",
        "1시간",
        "5분",
        "30초",
        "5초",
        "직접 입력…",
    ]
    assert menu.actions()[0].isChecked()
    menu.actions()[-1].trigger()
    menu.close()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, TimerEntry)
    sheet.chips[WEEK].click()
    for typed, good in (("5", False), ("0", False), ("-1", False), ("사흘", False), ("4", True)):
        sheet.row.field.set_text(typed)
        assert sheet.save.isEnabled() is good, typed
    sheet.chips[DAY].click()
    sheet.row.field.set_text("")
    qtbot.keyClicks(sheet.row.field.line, "3")
    qtbot.keyClick(sheet.row.field.line, Qt.Key.Key_Return)
    await settle()
    assert ("rooms.set_retention", (room, 3 * DAY)) in stage.engine.calls


@pytest.mark.parametrize("seconds", [s for s in CHOICES if s])
def test_every_choice_is_said_by_one_unit(look: object, seconds: int) -> None:
    count, unit = parts(seconds)
    assert count * unit == seconds
    assert timer_words(seconds)


async def test_group_is_left_after_a_question(stage: Stage) -> None:
    room = stage.engine.room("디자인 시스템")
    await open_drawer(stage)
    away = next(r for r in stage.messenger.drawer.findChildren(OptionRow) if r.text() == "방 나가기…")
    away.click()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, Question)
    sheet.yes.click()
    await settle()
    assert ("rooms.leave", room) in stage.engine.calls
    assert stage.engine.room_views[room].state is RoomState.LEFT
    pane = stage.messenger.room_pane
    assert pane.bar.words.text() == "이 방에서 나왔습니다"
    assert pane.composer_bar.isHidden()


async def test_focus_stays_on_the_option_that_was_pressed(stage: Stage, qtbot: QtBot) -> None:
    await open_drawer(stage)
    bell = next(r for r in stage.messenger.drawer.findChildren(OptionRow) if r.text() == "알림")
    bell.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(bell, Qt.Key.Key_Space)
    await settle()
    now = stage.window.focusWidget()
    assert isinstance(now, OptionRow)
    assert now.accessibleName() == "알림: 조용함"


async def test_narrow_room_says_the_timer_too(build: Build) -> None:
    stage = await build(width=400, height=720)
    room = stage.engine.room("디자인 시스템")
    await stage.engine.rooms.set_retention(room, 4 * WEEK)
    await stage.open("디자인 시스템")
    header = stage.messenger.room_pane.header
    assert header.timer.isHidden()
    assert header.subtitle.text() == "구성원 5명 · 기기 10대 · 4주 뒤 사라짐"
    assert header.subtitle.width() >= header.subtitle.sizeHint().width()
