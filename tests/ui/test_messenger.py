"""The window on a linked PC: rooms, sending, arriving, reading, search, keys, narrow, theme and language."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from byre.client.views import MessageState
from byre.ui.dialogs.entry import TitleEntry
from byre.ui.room.drawer import OptionRow
from byre.ui.widgets.buttons import IconButton
from tests.fakes.engine import FakeEngine
from tests.ui.conftest import Build, Stage, compose_annyeong, preedit, settle

RETURN = Qt.Key.Key_Return


async def test_hangul_is_typed_sent_and_shown(stage: Stage, qtbot: QtBot) -> None:
    shown: list[str] = []
    stage.window.shown.connect(lambda message_id, _room, _ns: shown.append(message_id))
    await stage.open("Mia Chen")
    compose_annyeong(stage.composer)
    qtbot.keyClick(stage.composer, RETURN)
    await settle()
    room = stage.engine.room("Mia Chen")
    last = stage.engine.rows[room][-1]
    assert last.text == "안녕"
    assert shown == [last.message_id]
    assert stage.messenger.room_pane.transcript.items.items[-1].text == "안녕"
    assert stage.composer.toPlainText() == ""


async def test_arriving_message_is_painted_and_read(stage: Stage) -> None:
    shown: list[str] = []
    stage.window.shown.connect(lambda message_id, _room, _ns: shown.append(message_id))
    await stage.open("엄마")
    message = stage.engine.receive(stage.engine.room("엄마"), "mother", "도착했니?")
    await settle()
    assert shown == [message.message_id]
    assert ("messages.mark_read", (message.room_id, message.message_id)) in stage.engine.calls


async def test_arriving_in_another_room_raises_its_badge(stage: Stage) -> None:
    await stage.open("엄마")
    room = stage.engine.room("Daniel Park")
    stage.engine.receive(room, "daniel", "hello")
    await settle()
    view = next(r for r in stage.messenger.chats.model.shown if r.room_id == room)
    assert view.unread == 1
    assert "안 읽음" in stage.messenger.chats.chips["unread"].text()


async def test_delivery_states_have_words_icons_and_number(stage: Stage) -> None:
    await stage.open("Mia Chen")
    stage.composer.insertPlainText("늦으면 먼저 시작하세요")
    stage.composer.send()
    await settle()
    model = stage.messenger.room_pane.transcript.items
    message = stage.engine.rows[stage.engine.room("Mia Chen")][-1]
    spoken = []
    for state in (MessageState.QUEUED, MessageState.STORED, MessageState.DELIVERED):
        stage.engine.advance(message.message_id, state, 1)
        await settle(4)
        index = model.index(len(model.items) - 1, 0)
        spoken.append(index.data(Qt.ItemDataRole.AccessibleTextRole))
    assert spoken[0].startswith("나, 늦으면 먼저 시작하세요, 오전 11:40, 기다림")
    assert "릴레이가 맡음" in spoken[1]
    assert spoken[2] == "나, 늦으면 먼저 시작하세요, 오전 11:40, 도착, 1명 안 읽음"


async def test_failed_message_says_why_and_is_sent_again(stage: Stage) -> None:
    await stage.open("Mia Chen")
    stage.composer.insertPlainText("큰 파일")
    stage.composer.send()
    await settle()
    message = stage.engine.rows[stage.engine.room("Mia Chen")][-1]
    stage.engine.advance(message.message_id, MessageState.FAILED, 1)
    await settle()
    transcript = stage.messenger.room_pane.transcript
    note = transcript.items.items[-1].note
    assert note is not None
    assert "다시 보내기" in note.text
    transcript.retried.emit(message.message_id)
    await settle()
    assert ("messages.retry", message.message_id) in stage.engine.calls


async def test_refused_message_comes_back(stage: Stage) -> None:
    await stage.open("Mia Chen")
    stage.engine.refuse("messages.send", "disk_full")
    stage.composer.insertPlainText("잃지 마세요")
    stage.composer.send()
    await settle()
    assert stage.composer.toPlainText() == "잃지 마세요"
    assert "디스크가 가득" in stage.window.notice.words


async def test_chosung_search_finds_friends_and_rooms(stage: Stage) -> None:
    stage.messenger.go("friends")
    friends = stage.messenger.friends
    assert friends.field is not None
    friends.field.set_text("ㅎㅇ")
    await settle()
    names = [e.title for e in friends.model.entries if e.key]
    assert names == ["하은", "혜원 이모", "호영 선배", "박하연", "주간 회의", "대학원 동기"]
    assert friends.model.entries[1].hit == (0, 2)
    spoken = friends.model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "하은, 확인됨, haeun@relay.example"


async def test_friend_search_sees_the_unfinished_syllable(stage: Stage) -> None:
    stage.messenger.go("friends")
    friends = stage.messenger.friends
    assert friends.field is not None
    preedit(friends.field.line, "ㅎ")
    await settle()
    assert len([e for e in friends.model.entries if e.key and not e.is_room]) == 5
    preedit(friends.field.line, "", commit="ㅎ")


async def test_search_over_all_rooms_opens_at_the_hit(stage: Stage) -> None:
    stage.messenger.search_all("고서회")
    await settle()
    column = stage.messenger.search
    assert len(column.model.found) == 3
    assert column.chip.text() == "메시지 3"
    column.list.opened.emit(column.model.index(1, 0))
    await settle()
    pane = stage.messenger.room_pane
    assert pane.room is not None
    assert pane.room.title == "보안 리뷰"
    assert pane.find_bar.count.text() == "이 방에서 1건 중 1"
    assert pane.room.room_id == stage.engine.room("보안 리뷰")


async def test_one_syllable_says_that_only_names_are_searched(stage: Stage) -> None:
    stage.messenger.search_all("회")
    await settle()
    assert stage.messenger.search.count.text() == "한 글자는 이름에서만 찾습니다: 1건"
    assert not any(call == "messages.search" for call, _ in stage.engine.calls)


async def test_search_is_narrowed_by_time_and_goes_on_at_the_end(stage: Stage) -> None:
    room = stage.engine.room("엄마")
    for n in range(120):
        stage.engine._append(stage.engine._message(room, "mother", f"반찬 {n}", stage.engine.now_ms - n * 86_400_000))
    stage.messenger.search_all("반찬")
    await settle()
    column = stage.messenger.search
    assert len(column.model.found) == 50
    bar = column.list.verticalScrollBar()
    bar.setValue(bar.maximum())
    await settle()
    assert len(column.model.found) == 100
    column.days_chip.click()
    menu = column.findChild(QMenu, "periods")
    assert menu is not None
    next(a for a in menu.actions() if a.text() == "최근 7일").trigger()
    menu.close()
    await settle()
    assert 7 <= len(column.model.found) <= 9
    line, ranges = column.model.lines[column.model.found[0].message_id]
    assert line[ranges[0][0] : ranges[0][0] + ranges[0][1]] == "반찬"


async def test_group_is_renamed_and_told_how_long_to_keep(stage: Stage) -> None:
    room = stage.engine.room("디자인 시스템")
    await stage.open("디자인 시스템")
    stage.messenger.toggle_drawer()
    await settle()
    rows = {row.text(): row for row in stage.messenger.drawer.findChildren(OptionRow)}
    rows["그룹 이름"].click()
    await settle()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, TitleEntry)
    sheet.row.field.set_text("  디자인   팀 ")
    sheet._done()
    await settle()
    assert ("rooms.rename", (room, "디자인 팀")) in stage.engine.calls
    assert stage.messenger.room_pane.header.title.text() == "디자인 팀"
    assert "디자인 팀" in stage.window.windowTitle()
    rows = {row.text(): row for row in stage.messenger.drawer.findChildren(OptionRow) if row.isVisible()}
    rows["사라지는 메시지"].click()
    menu = stage.messenger.drawer.findChild(QMenu, "retention")
    assert menu is not None
    next(a for a in menu.actions() if a.text() == "4주").trigger()
    menu.close()
    await settle()
    assert ("rooms.set_retention", (room, 28 * 86_400)) in stage.engine.calls


async def test_find_in_room_steps_through_hits(stage: Stage) -> None:
    await stage.open("디자인 시스템")
    pane = stage.messenger.room_pane
    pane.finder.timer.setInterval(0)
    pane.finder.open("확인")
    await settle()
    assert pane.find_bar.count.text() == "이 방에서 2건 중 1"
    pane.finder.step(-1)
    assert pane.find_bar.count.text() == "이 방에서 2건 중 2"
    pane.finder.close()
    assert pane.find_bar.isHidden()


async def test_drawer_tells_readers_and_relay_and_never_a_stale_zero(stage: Stage) -> None:
    await stage.open("디자인 시스템")
    stage.messenger.toggle_drawer()
    await settle()
    drawer = stage.messenger.drawer
    texts = [w.accessibleName() for w in drawer._scroll.content.children() if hasattr(w, "accessibleName")]
    assert "김서연 (나), 확인됨, 방장, 휴대전화 · 거실 PC · 노트북" in texts
    assert "이준호, 확인됨, 기본 기기와 PC 1대" in texts
    assert "릴레이가 지금 가진 것: 0" in texts
    stage.engine.connect(False)
    drawer._ask()
    await settle()
    texts = [w.accessibleName() for w in drawer._scroll.content.children() if hasattr(w, "accessibleName")]
    assert "릴레이가 지금 가진 것: 모름" in texts


async def test_new_chat_by_handle_and_a_group(stage: Stage) -> None:
    stage.messenger.new_chat.emit()
    await settle()
    sheet = stage.window.asking.sheet
    assert sheet is not None
    sheet.handle.field.set_text("nobody")  # type: ignore[attr-defined]
    sheet._add()  # type: ignore[attr-defined]
    await settle()
    assert "사람이 없습니다" in sheet.handle.line.text()  # type: ignore[attr-defined]
    for handle in ("haeun", "hoyoung"):
        sheet.handle.field.set_text(handle)  # type: ignore[attr-defined]
        sheet._add()  # type: ignore[attr-defined]
        await settle()
    sheet.title.field.set_text("새 모임")  # type: ignore[attr-defined]
    sheet._create()  # type: ignore[attr-defined]
    await settle()
    assert ("rooms.create", (("haeun", "hoyoung"), "새 모임")) in stage.engine.calls
    assert stage.messenger.room_pane.room is not None
    assert stage.messenger.room_pane.room.title == "새 모임"


async def test_shortcuts_reach_their_places(stage: Stage, qtbot: QtBot) -> None:
    await stage.open("디자인 시스템")
    ctrl, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(stage.window, Qt.Key.Key_F, ctrl)
    await settle()
    assert not stage.messenger.room_pane.find_bar.isHidden()
    qtbot.keyClick(stage.window, Qt.Key.Key_F, ctrl | shift)
    await settle()
    assert stage.messenger.place == "search"
    qtbot.keyClick(stage.window, Qt.Key.Key_K, ctrl)
    await settle()
    assert stage.messenger.place == "chats"
    qtbot.keyClick(stage.window, Qt.Key.Key_I, ctrl)
    await settle()
    assert not stage.messenger.drawer.isHidden()


async def test_keyboard_alone_opens_a_room(stage: Stage, qtbot: QtBot) -> None:
    chats = stage.messenger.chats
    assert chats.field is not None
    chats.field.line.setFocus()
    qtbot.keyClick(chats.field.line, Qt.Key.Key_Down)
    qtbot.keyClick(chats.list, Qt.Key.Key_Down)
    qtbot.keyClick(chats.list, RETURN)
    await settle()
    assert stage.messenger.room_pane.room is not None
    assert stage.messenger.room_pane.room.room_id == chats.model.shown[1].room_id


async def test_every_icon_button_has_a_name(stage: Stage) -> None:
    await stage.open("디자인 시스템")
    unnamed = [b for b in stage.window.findChildren(IconButton) if not b.accessibleName() or not b.toolTip()]
    assert unnamed == []


async def test_transcript_rows_are_accessible(stage: Stage) -> None:
    await stage.open("디자인 시스템")
    transcript = stage.messenger.room_pane.transcript
    interface = QAccessible.queryAccessibleInterface(transcript)
    assert interface.role() == QAccessible.Role.List
    assert interface.childCount() == len(transcript.items.items)
    row = interface.child(len(transcript.items.items) - 1)
    assert "저도 확인했습니다" in row.text(QAccessible.Text.Name)


async def test_live_switch_of_language_and_theme(stage: Stage) -> None:
    await stage.open("디자인 시스템")
    look = stage.window.look
    look.set_language("en")
    await settle()
    assert stage.messenger.chats.title.text() == "Chats"
    assert stage.messenger.room_pane.header.chip.accessibleName() == "All verified"
    day = stage.messenger.room_pane.transcript.items.items[0].text
    assert day == "Thursday, 19 November 2026"
    light = look.palette
    look.set_theme("dark")
    await settle()
    assert look.palette is not light
    look.set_language("ko")
    await settle()
    assert stage.messenger.chats.title.text() == "채팅"


async def test_choices_are_kept_in_the_encrypted_settings(stage: Stage) -> None:
    stage.messenger.go("settings-look")
    await settle()
    stage.messenger.settings_pane.chosen.emit("ui.theme", "dark")
    stage.messenger.settings_pane.chosen.emit("ui.send_key", "ctrl")
    await settle()
    assert stage.engine.values == {"ui.theme": "dark", "ui.send_key": "ctrl"}
    assert stage.composer.send_with_ctrl
    assert stage.window.look.palette.is_dark


async def test_kept_choices_are_applied_at_start(build: Build) -> None:
    engine = FakeEngine()
    engine.values = {"ui.theme": "dark", "ui.language": "en", "ui.send_key": "nonsense"}
    stage = await build(engine)
    assert stage.window.look.palette.is_dark
    assert stage.messenger.chats.title.text() == "Chats"


async def test_device_is_renamed_and_removal_is_asked_first(stage: Stage) -> None:
    stage.messenger.go("settings-devices")
    await settle()
    devices = stage.messenger.settings_pane.devices
    current = next(d for d in devices.devices if d.current)
    devices.rows[current.device_id].renamed.emit("서재 PC")
    await settle()
    assert ("devices.rename", "서재 PC") in stage.engine.calls
    laptop = next(d for d in devices.devices if d.name == "노트북")
    devices.rows[laptop.device_id].remove.click()
    await settle()
    assert not any(call == "devices.remove" for call, _ in stage.engine.calls)
    assert stage.window.asking.sheet is not None
    stage.window.asking.sheet.yes.click()  # type: ignore[attr-defined]
    await settle()
    assert next(d for d in devices.devices if d.name == "노트북").removal_pending


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_one_pane_when_narrow(build: Build, language: str) -> None:
    stage = await build(width=400, height=720, language=language)
    messenger = stage.messenger
    assert messenger.rail.isHidden()
    assert not messenger.tabs.isHidden()
    await stage.open("디자인 시스템")
    assert messenger.panes.columns.isHidden()
    assert not messenger.room_pane.header.back_button.isHidden()
    assert messenger.room_pane.width() == 400
    messenger.leave_room()
    assert not messenger.panes.columns.isHidden()
    stage.window.resize(1280, 820)
    await settle()
    assert not messenger.rail.isHidden()
    assert messenger.panes.columns.width() == 336


async def test_unread_line_stands_before_the_first_unread(stage: Stage) -> None:
    await stage.open("이준호")
    keys = [i.kind for i in stage.messenger.room_pane.transcript.items.items]
    assert keys == ["day", "ok", "message", "unread", "message", "message"]


async def test_window_is_called_after_the_room_only_while_that_is_shown(stage: Stage) -> None:
    await stage.open("Mia Chen")
    assert "Mia Chen" in stage.window.windowTitle()
    stage.messenger.go("settings-lock")
    assert "Mia Chen" not in stage.window.windowTitle()
    stage.messenger.room_pane.window_model.room_changed.emit()
    assert "Mia Chen" not in stage.window.windowTitle()
    stage.messenger.go("chats")
    assert "Mia Chen" in stage.window.windowTitle()
