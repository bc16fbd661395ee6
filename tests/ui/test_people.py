"""Whom to talk to: the first conversation, friends to choose from, sheets and labels that grow with what they say."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from byre.client.views import AccountId, DeviceId, DeviceView, MemberView, Role, RoomKind, Trust
from byre.ui.dialogs.connection import ConnectionEntry
from byre.ui.dialogs.new_chat import NewChat
from byre.ui.look import Look
from byre.ui.pages.account import AccountPage
from byre.ui.room.members import MemberRow
from byre.ui.sidebar.profile import devices_words
from byre.ui.widgets.labels import Icon
from tests.fakes.engine import FakeEngine
from tests.ui.conftest import Build, Stage, settle
from tests.ui.test_onboarding import page


async def new_chat(stage: Stage) -> NewChat:
    stage.messenger.new_chat.emit()
    await settle()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, NewChat)
    return sheet


async def test_friend_is_chosen_from_the_list_and_written_to(stage: Stage, qtbot: QtBot) -> None:
    sheet = await new_chat(stage)
    assert len(sheet.model.entries) == len(stage.engine.people)
    sheet.handle.field.set_text("ㅎㅇ")
    assert [entry.title for entry in sheet.model.entries][:1] == ["하은"]
    qtbot.keyClick(sheet.handle.field.line, Qt.Key.Key_Down)
    assert sheet.friends.hasFocus()
    qtbot.keyClick(sheet.friends, Qt.Key.Key_Return)
    await settle()
    assert [member.name for member in sheet.members] == ["하은"]
    assert sheet.handle.text() == ""
    assert "하은" not in [entry.title for entry in sheet.model.entries]  # not twice
    sheet.start.click()
    await settle()
    assert ("rooms.create", (("haeun",), None)) in stage.engine.calls
    assert stage.messenger.room_pane.header.title.text() == "하은"


async def test_tab_goes_from_line_to_line_also_over_what_came_later(stage: Stage, qtbot: QtBot) -> None:
    sheet = await new_chat(stage)
    qtbot.keyClick(sheet.handle.field.line, Qt.Key.Key_Down)
    qtbot.keyClick(sheet.friends, Qt.Key.Key_Return)
    await settle()
    sheet.handle.field.line.setFocus()
    names: list[str] = []
    for _ in range(5):
        focused = QApplication.focusWidget()
        assert focused is not None
        names.append(focused.accessibleName())
        sheet.focusNextPrevChild(True)
    assert names[:4] == ["아이디", "추가", "친구", f"{sheet.members[0].name} 제거"]


async def test_those_who_are_inside_are_not_offered_again(stage: Stage) -> None:
    stage.messenger.invite.emit(stage.engine.room("디자인 시스템"))
    await settle()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, NewChat)
    names = [entry.title for entry in sheet.model.entries]
    assert names
    assert "이준호" not in names


async def test_escape_clears_the_field_then_closes(stage: Stage, qtbot: QtBot) -> None:
    sheet = await new_chat(stage)
    sheet.handle.field.set_text("nobody")
    assert not sheet.friends.isVisible()
    qtbot.keyClick(sheet.handle.field.line, Qt.Key.Key_Escape)
    assert sheet.handle.text() == ""
    assert sheet.friends.isVisible()
    qtbot.keyClick(sheet.handle.field.line, Qt.Key.Key_Escape)
    await settle()
    assert stage.window.asking.sheet is None


async def test_first_conversation_has_a_way_of_its_own(build: Build) -> None:
    engine = FakeEngine()
    for room_id, room in tuple(engine.room_views.items()):
        if room.kind is not RoomKind.NOTE:
            del engine.room_views[room_id]
    stage = await build(engine)
    empty = stage.messenger.empty
    assert empty.title.text() == "첫 대화를 시작해 보세요"
    empty.begin.click()
    await settle()
    assert isinstance(stage.window.asking.sheet, NewChat)


async def test_empty_pane_says_nothing_of_the_sort_among_conversations(stage: Stage) -> None:
    assert stage.messenger.empty.title.text() == "대화를 골라 주세요"
    assert stage.messenger.empty.begin.isHidden()


async def test_sheet_grows_with_the_error_under_a_row(build: Build, new_engine: FakeEngine) -> None:
    stage = await build(new_engine, relay=None)
    assert stage.window.onboarding is not None
    stage.window.onboarding.network.emit()
    await settle()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, ConnectionEntry)
    before = sheet._frame.height()
    sheet.row.field.set_text("nonsense")
    sheet.save.click()
    await settle()
    assert sheet._frame.height() > before
    assert sheet._scroll.verticalScrollBar().maximum() == 0


async def test_wrapped_words_are_shown_whole_when_they_change(build: Build, new_engine: FakeEngine) -> None:
    stage = await build(new_engine, role_hint="primary", width=400, height=720)
    form = page(stage.window, AccountPage)
    line = form.rows["passphrase"].line
    form.require_passphrase()
    await settle()
    assert line.height() >= line.heightForWidth(line.width()) > 16


def member_with(*roles: Role, is_self: bool = False, names: tuple[str, ...] = ()) -> MemberView:
    devices = tuple(
        DeviceView(DeviceId(f"{at:032x}"), names[at] if names else "", role, False) for at, role in enumerate(roles)
    )
    return MemberView(AccountId("a" * 64), "junho", "이준호", devices, Trust.VERIFIED, is_self)


def test_devices_whose_roles_nobody_tells_are_not_called_pcs(look: Look, qtbot: QtBot) -> None:
    known = member_with(Role.LINKED, Role.PRIMARY)
    left = member_with(Role.LINKED, Role.LINKED)
    own = member_with(Role.LINKED, Role.LINKED, is_self=True, names=("내 폰", ""))
    assert [devices_words(each) for each in (known, left, own)] == ["기본 기기와 PC 1대", "기기 2대", "내 폰 · 기기"]
    look.set_language("en")
    assert [devices_words(each) for each in (known, left)] == ["Primary device and 1 PC", "2 devices"]
    assert devices_words(own) == "내 폰 · Device"
    icons = []
    for each in (known, left, own):
        row = MemberRow(look, each, is_group=True)
        qtbot.addWidget(row)
        icons.append([icon._name for icon in row.findChildren(Icon) if icon._name != "shield-check"])
    assert icons == [["smartphone", "monitor"], ["monitor-smartphone"], ["monitor-smartphone"]]
