"""Finding: in one room through the whole store, by day, by person; and the keyboard through the hits."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from byre.client.events import MessagesErased, RoomErased
from byre.client.views import MessageId
from byre.ui.dialogs.calendar import DayPicker, RangePicker, midnight
from byre.ui.dialogs.pick import Pick
from byre.ui.room import finding
from byre.ui.sidebar.search import Narrowed
from tests.fakes.engine import at, hex_id
from tests.ui.conftest import Stage, compose_annyeong, preedit, settle

DAY_MS = 86_400_000


def long_room(stage: Stage, count: int = 900, every: int = 100) -> list[MessageId]:
    """Fill 엄마's room; each `every`th message has the word 김치. Returns those, oldest first."""
    room = stage.engine.room("엄마")
    stage.engine.rows[room] = []
    found = []
    for n in range(count):
        text = f"김치 {n}통 보냈다" if n % every == 0 else f"오늘은 {n}번째 이야기"
        message = stage.engine._message(room, "mother", text, at(8, 0) - (count - n) * 3_600_000)
        stage.engine._append(message)
        if n % every == 0:
            found.append(message.message_id)
    return found


async def test_room_search_finds_what_is_not_loaded_and_walks_to_it(stage: Stage, qtbot: QtBot) -> None:
    wanted = long_room(stage)
    await stage.open("엄마")
    pane = stage.messenger.room_pane
    pane.finder.timer.setInterval(0)
    assert wanted[0] not in [m.message_id for m in pane.window_model.messages]
    qtbot.keyClick(stage.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    line = pane.find_bar.field.line
    preedit(line, "ㄱ")
    preedit(line, "기")
    preedit(line, "김")
    preedit(line, "ㅊ", commit="김")
    preedit(line, "치")
    await settle()
    assert pane.find_bar.count.text() == "이 방에서 9건 중 1"
    preedit(line, "", commit="치")
    await settle()
    for step in range(2, 10):
        qtbot.keyClick(line, Qt.Key.Key_Return)
        await settle(4)
        assert pane.find_bar.count.text() == f"이 방에서 9건 중 {step}"
        assert pane.finder.current == wanted[9 - step]
    assert wanted[0] in [m.message_id for m in pane.window_model.messages]
    row = pane.transcript.items.row_of(wanted[0])
    assert row in [at_row for at_row, _, _ in pane.transcript.visible]
    qtbot.keyClick(line, Qt.Key.Key_Return)
    await settle(4)
    assert pane.finder.current == wanted[-1]
    qtbot.keyClick(stage.window, Qt.Key.Key_F3)
    await settle(4)
    assert pane.finder.current == wanted[0]


async def test_result_of_all_rooms_opens_a_bar_that_can_be_emptied(stage: Stage) -> None:
    long_room(stage, 30, 10)
    await stage.open("엄마")
    pane = stage.messenger.room_pane
    pane.finder.open_at(pane.window_model.messages[0].message_id, "김치")
    await settle()
    assert pane.find_bar.field.text() == "김치"
    assert pane.find_bar.field._clear is not None
    assert pane.find_bar.field._clear.isVisible()


async def test_end_key_leads_to_the_newest_message_not_to_the_end_of_what_is_loaded(stage: Stage, qtbot: QtBot) -> None:
    wanted = long_room(stage)
    await stage.open("엄마")
    pane = stage.messenger.room_pane
    newest = pane.window_model.messages[-1].message_id
    pane.window_model.jump(wanted[0])
    await settle()
    assert newest not in [m.message_id for m in pane.window_model.messages]
    pane.transcript.setFocus()
    qtbot.keyClick(pane.transcript, Qt.Key.Key_End)
    await settle()
    row, _, _ = pane.transcript.visible[-1]
    assert pane.transcript.items.items[row].key == newest
    assert pane.transcript.sticks


async def test_hits_are_marked_where_the_engine_found_them(stage: Stage) -> None:
    wanted = long_room(stage)
    await stage.open("엄마")
    pane = stage.messenger.room_pane
    pane.finder.timer.setInterval(0)
    pane.finder.open("김치")
    await settle()
    assert pane.transcript._hits[wanted[-1]] == ((0, 2),)
    assert pane.transcript._current_hit == wanted[-1]
    pane.finder.close()
    assert not pane.transcript._hits
    assert stage.composer.hasFocus()


async def test_more_hits_than_a_page_are_fetched_on_the_way(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "PAGE", 4)
    long_room(stage)
    await stage.open("엄마")
    pane = stage.messenger.room_pane
    pane.finder.timer.setInterval(0)
    pane.finder.open("김치")
    await settle()
    assert pane.find_bar.count.text() == "이 방에서 4건 이상 중 1"
    for _ in range(4):
        pane.finder.step(-1)
        await settle(4)
    assert pane.find_bar.count.text() == "이 방에서 8건 이상 중 5"
    for _ in range(4):
        pane.finder.step(-1)
        await settle(4)
    assert pane.find_bar.count.text() == "이 방에서 9건 중 9"


async def test_a_result_of_all_rooms_has_its_number_in_the_room(stage: Stage) -> None:
    wanted = long_room(stage)
    stage.messenger.search_all("김치")
    await settle()
    column = stage.messenger.search
    column.list.opened.emit(column.model.index(3, 0))
    await settle()
    pane = stage.messenger.room_pane
    assert pane.finder.current == wanted[-4]
    assert pane.find_bar.count.text() == "이 방에서 9건 중 4"


async def test_results_are_walked_with_the_keyboard_alone(stage: Stage, qtbot: QtBot) -> None:
    wanted = long_room(stage)
    ctrl, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(stage.window, Qt.Key.Key_F, ctrl | shift)
    column, pane = stage.messenger.search, stage.messenger.room_pane
    assert column.field is not None
    preedit(column.field.line, "김", commit="")
    preedit(column.field.line, "치", commit="김")
    preedit(column.field.line, "", commit="치")
    qtbot.keyClick(column.field.line, Qt.Key.Key_Return)
    await settle()
    assert column.count.text() == "모든 방 · 9건"
    qtbot.keyClick(column.field.line, Qt.Key.Key_Down)
    qtbot.keyClick(column.list, Qt.Key.Key_Down)
    qtbot.keyClick(column.list, Qt.Key.Key_Return)
    await settle()
    assert pane.finder.current == wanted[-2]
    assert column.list.hasFocus()
    qtbot.keyClick(column.list, Qt.Key.Key_Down)
    qtbot.keyClick(column.list, Qt.Key.Key_Return)
    await settle()
    assert pane.finder.current == wanted[-3]
    assert column.list.hasFocus()
    qtbot.keyClick(stage.window, Qt.Key.Key_F3, shift)
    await settle()
    assert pane.finder.current == wanted[-4]
    qtbot.keyClick(stage.window, Qt.Key.Key_F3)
    await settle()
    assert pane.finder.current == wanted[-3]


async def test_search_is_narrowed_to_a_room_and_a_person(stage: Stage) -> None:
    column = stage.messenger.search
    stage.messenger.search_all("고서회")
    await settle()
    assert len(column.model.found) == 3
    column.room_chip.click()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, Pick)
    sheet.field.set_text("ㅂㅇㄹ")
    assert [e.title for e in sheet.model.entries] == ["보안 리뷰"]
    sheet.field.submitted.emit()
    await settle()
    assert column.room_chip.text() == "보안 리뷰"
    assert {m.room_id for m in column.model.found} == {stage.engine.room("보안 리뷰")}
    assert column.count.text().startswith("보안 리뷰 · ")
    column.room_chip.click()
    again = stage.window.asking.sheet
    assert isinstance(again, Pick)
    again.list.opened.emit(again.model.index(0, 0))
    await settle()
    column.sender_chip.click()
    people = stage.window.asking.sheet
    assert isinstance(people, Pick)
    people.chosen.emit(stage.engine.people["jiwoo"].account_id)
    people.close_sheet()
    await settle()
    assert column.narrowed.room is None
    assert column.sender_chip.text() == "박지우"
    senders = {m.sender.handle for m in column.model.found}
    assert senders <= {"jiwoo"}
    assert (
        "messages.find",
        ("고서회", None, stage.engine.people["jiwoo"].account_id, None, None),
    ) in stage.engine.calls


async def test_what_one_person_wrote_is_found_without_a_word(stage: Stage) -> None:
    column = stage.messenger.search
    stage.messenger.search_all("")
    mother = stage.engine.people["mother"].account_id
    column.narrow(Narrowed(sender=mother, sender_name="엄마"))
    await settle()
    assert column.model.found
    assert {m.sender.handle for m in column.model.found} == {"mother"}


async def test_search_between_two_days(stage: Stage, qtbot: QtBot) -> None:
    long_room(stage)
    column = stage.messenger.search
    stage.messenger.search_all("김치")
    await settle()
    column.days_chip.click()
    menu = column.findChild(QMenu, "periods")
    assert menu is not None
    next(a for a in menu.actions() if a.text() == "기간 선택…").trigger()
    menu.close()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, RangePicker)
    assert not sheet.done.isEnabled()
    sheet.grid.go(date(2026, 11, 9))
    qtbot.keyClick(sheet.grid, Qt.Key.Key_Return)
    qtbot.keyClick(sheet.grid, Qt.Key.Key_Up)
    qtbot.keyClick(sheet.grid, Qt.Key.Key_Return)
    assert sheet.told.text() == "2026년 11월 2일 – 2026년 11월 9일"
    sheet.done.click()
    await settle()
    assert column.days_chip.text() == "2026. 11. 2. – 2026. 11. 9."
    begin, end = midnight(date(2026, 11, 2)), midnight(date(2026, 11, 10))
    assert column.model.found
    assert all(begin <= m.sent_at < end for m in column.model.found)


async def test_day_is_chosen_and_its_first_message_is_shown(stage: Stage, qtbot: QtBot) -> None:
    long_room(stage)
    await stage.open("엄마")
    pane = stage.messenger.room_pane
    qtbot.keyClick(stage.window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, DayPicker)
    assert sheet.grid.hasFocus()
    assert sheet.grid.accessibleName() == "2026년 11월 20일 금요일"
    qtbot.keyClick(sheet.grid, Qt.Key.Key_PageUp)
    assert sheet.month.text() == "2026년 10월"
    qtbot.keyClick(sheet.grid, Qt.Key.Key_Up)
    qtbot.keyClick(sheet.grid, Qt.Key.Key_Left)
    assert sheet.grid.cursor_day == date(2026, 10, 12)
    sheet.grid.go(date(2026, 10, 30))
    qtbot.keyClick(sheet.grid, Qt.Key.Key_Return)
    await settle()
    items = pane.transcript.items.items
    shown = [items[row] for row, _, _ in pane.transcript.visible]
    first = next(m for m in pane.window_model.messages if m.sent_at >= midnight(date(2026, 10, 30)))
    assert first.message_id in [item.key for item in shown]
    assert "2026년 10월 30일 금요일" in [item.text for item in shown]
    assert not pane.jump_button.isHidden()
    qtbot.keyClick(stage.window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    again = stage.window.asking.sheet
    assert isinstance(again, DayPicker)
    seen = next(item.message for item in shown if item.message is not None)
    assert midnight(again.grid.cursor_day) <= seen.sent_at < midnight(again.grid.cursor_day) + 86_400_000
    assert again.month.text() == "2026년 10월"


async def test_days_to_come_cannot_be_chosen(stage: Stage, qtbot: QtBot) -> None:
    await stage.open("엄마")
    stage.messenger.room_pane.go_to_date()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, DayPicker)
    qtbot.keyClick(sheet.grid, Qt.Key.Key_Right)
    qtbot.keyClick(sheet.grid, Qt.Key.Key_PageDown)
    assert sheet.grid.cursor_day == date(2026, 11, 20)
    assert sheet.grid._day_at(QPoint(6 * 44 + 10, 28 + 4 * 44 + 10).toPointF()) is None
    assert sheet.grid._day_at(QPoint(5 * 44 + 10, 28 + 2 * 44 + 10).toPointF()) == date(2026, 11, 20)


async def test_a_click_on_a_day_line_asks_for_a_day(stage: Stage, qtbot: QtBot) -> None:
    await stage.open("엄마")
    transcript = stage.messenger.room_pane.transcript
    row, y, laid = transcript.visible[0]
    assert transcript.items.items[row].kind == "day"
    place = QPoint(int(laid.column.center().x()), int(y) + 20)
    qtbot.mouseClick(transcript.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert isinstance(stage.window.asking.sheet, DayPicker)


async def test_hangul_is_typed_while_the_search_is_open(stage: Stage) -> None:
    await stage.open("Mia Chen")
    stage.messenger.room_pane.finder.open()
    stage.composer.setFocus()
    compose_annyeong(stage.composer, finish=True)
    stage.composer.send()
    await settle()
    assert stage.engine.texts(stage.engine.room("Mia Chen"))[-1] == "안녕"
    assert hex_id("x", 4)


async def test_initials_are_marked_in_the_titles_of_the_rooms(stage: Stage) -> None:
    chats = stage.messenger.chats
    assert chats.field is not None
    before = chats.list.grab().toImage()
    chats.field.set_text("ㅎㅇ")
    await settle()
    title = "주간 회의"
    row = chats.model.row_of(stage.engine.room(title))
    assert chats.model.hit_in(title) == (3, 5)
    area = chats.list.visualRect(chats.model.index(row, 0))
    picture = chats.list.viewport().grab(area).toImage()
    hit = QColor(stage.window.look.palette.hit)
    assert any(picture.pixelColor(x, 15) == hit for x in range(picture.width()))
    chats.field.set_text("")
    await settle()
    assert chats.model.hit_in(title) is None
    assert chats.list.grab().toImage() == before


@pytest.mark.parametrize("by_wipe", [False, True])
async def test_what_was_found_and_is_erased_is_shown_no_longer(stage: Stage, *, by_wipe: bool) -> None:
    """Its timer ran out, it was deleted by hand, or its room was wiped."""
    wanted = long_room(stage)
    room, column = stage.engine.room("엄마"), stage.messenger.search
    stage.messenger.search_all("김치")
    await settle()
    found = [message.message_id for message in column.model.found]
    assert set(wanted) <= set(found)
    gone = RoomErased(room) if by_wipe else MessagesErased(room, (wanted[3], wanted[5]))
    stays = [each for each in found if each not in (wanted if by_wipe else (wanted[3], wanted[5]))]
    stage.engine.events.publish(gone)
    assert [message.message_id for message in column.model.found] == stays
    assert set(column.model.lines) == set(stays)
    assert column.list.model().rowCount() == len(stays)
