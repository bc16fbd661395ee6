"""How a room behaves: where it opens, what stands in the composer's place, where clicks and keys lead."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from byre.client.views import MessageState, RoomKind, RoomState
from byre.ui import tokens
from byre.ui.look import Look
from byre.ui.textblock import lay_out
from byre.ui.transcript.listview import TOP_GAP
from byre.ui.transcript.rowlayout import timer_shown
from tests.ui.conftest import Stage, settle

TITLE = "Mia Chen"


def receive_many(stage: Stage, count: int) -> None:
    room = stage.engine.room(TITLE)
    for n in range(count):
        stage.engine.receive(room, "mia@other.example", f"메시지 {n}")


async def test_room_opens_at_its_first_unread_message(stage: Stage) -> None:
    receive_many(stage, 60)
    await settle()
    await stage.open(TITLE)
    pane = stage.messenger.room_pane
    places = {pane.transcript.items.items[row].key: y for row, y, _ in pane.transcript.visible}
    assert places["unread"] == TOP_GAP
    assert not pane.jump_button.isHidden()
    assert pane.jump_button.count == 60
    assert stage.engine.room_views[stage.engine.room(TITLE)].unread == 60  # nothing below was seen yet
    pane.jump_button.click()
    await settle()
    assert pane.transcript.sticks
    assert pane.jump_button.isHidden()


async def test_room_with_little_unread_opens_at_its_end(stage: Stage) -> None:
    receive_many(stage, 2)
    await settle()
    await stage.open(TITLE)
    pane = stage.messenger.room_pane
    assert pane.transcript.sticks
    assert pane.jump_button.isHidden()
    assert pane.transcript.items.row_of("unread") is not None


async def test_click_on_a_message_leaves_the_focus_where_one_writes(stage: Stage, qtbot: QtBot) -> None:
    await stage.open(TITLE)
    transcript = stage.messenger.room_pane.transcript
    _, y, laid = transcript.visible[-1]
    place = QPoint(int(laid.text_x) + 3, int(y + laid.text_y) + 4)
    qtbot.mouseClick(transcript.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert stage.composer.hasFocus()
    QGuiApplication.clipboard().setText("before")
    qtbot.keyClick(stage.composer, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "before"  # nothing is selected
    qtbot.mouseDClick(transcript.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.keyClick(stage.composer, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() in laid.item.text
    assert QGuiApplication.clipboard().text()


async def test_keys_lead_from_the_composer_to_the_messages_and_back(stage: Stage, qtbot: QtBot) -> None:
    receive_many(stage, 40)
    await stage.open(TITLE)
    pane = stage.messenger.room_pane
    pane.to_end()
    qtbot.keyClick(stage.composer, Qt.Key.Key_PageUp)
    assert not pane.transcript.sticks
    qtbot.keyClick(stage.composer, Qt.Key.Key_PageDown)
    assert pane.transcript.sticks
    stage.composer.put("두\n줄")
    qtbot.keyClick(stage.composer, Qt.Key.Key_Up)
    assert stage.composer.hasFocus()  # it moves inside what is written
    stage.composer.clear()
    qtbot.keyClick(stage.composer, Qt.Key.Key_Up)
    assert pane.transcript.hasFocus()
    assert pane.transcript.currentIndex().row() == len(pane.transcript.items.items) - 1
    qtbot.keyClick(pane.transcript, Qt.Key.Key_Up)
    qtbot.keyClick(pane.transcript, Qt.Key.Key_Down)
    assert pane.transcript.hasFocus()
    qtbot.keyClick(pane.transcript, Qt.Key.Key_Down)
    assert stage.composer.hasFocus()
    qtbot.keyClick(stage.composer, Qt.Key.Key_Up)
    qtbot.keyClick(pane.transcript, Qt.Key.Key_Escape)
    assert stage.composer.hasFocus()


async def test_nobody_writes_into_an_empty_room(stage: Stage) -> None:
    room = stage.engine.room("디자인 시스템")
    stage.engine.room_views[room] = replace(stage.engine.room_views[room], member_count=1)
    await stage.open("디자인 시스템")
    assert stage.messenger.room_pane.bar.words.text() == "이 방에는 이제 나만 남았습니다"
    assert stage.messenger.room_pane.composer_bar.isHidden()
    await stage.open("나와의 채팅")
    assert not stage.messenger.room_pane.composer_bar.isHidden()


async def test_texts_go_on_in_a_room_whose_relay_contradicts(stage: Stage) -> None:
    room = stage.engine.room("디자인 시스템")
    stage.engine.room_views[room] = replace(stage.engine.room_views[room], state=RoomState.JAMMED)
    await stage.open("디자인 시스템")
    pane = stage.messenger.room_pane
    assert not pane.composer_bar.isHidden()
    assert not pane.warning.isHidden()
    assert "구성원과 방 이름은 바꿀 수 없습니다" in pane.warning.words.text()
    await stage.open(TITLE)
    assert pane.warning.isHidden()


async def test_clock_of_a_message_starts_when_it_is_read(stage: Stage) -> None:
    room = stage.engine.room(TITLE)
    message = stage.engine.receive(room, "mia@other.example", "5분 뒤에 사라집니다")
    stage.engine.rows[room][-1] = replace(message, timer_s=300)
    await stage.open(TITLE)
    await settle()
    shown = stage.messenger.room_pane.transcript.visible[-1][2].item.message
    assert shown is not None
    assert timer_shown(shown, stage.window.look) == "5:00"


async def test_few_emoji_are_shown_large(stage: Stage) -> None:
    room = stage.engine.room(TITLE)
    stage.engine.receive(room, "mia@other.example", "👍🏽")
    stage.engine.receive(room, "mia@other.example", "👍🏽 네")
    await stage.open(TITLE)
    large, small = stage.messenger.room_pane.transcript.visible[-2:]
    assert large[2].block is not None
    assert small[2].block is not None
    assert large[2].block.line_height == tokens.EMOJI.line
    assert small[2].block.line_height == tokens.BODY.line


async def test_failed_message_says_that_everybody_has_left(stage: Stage) -> None:
    room = stage.engine.room(TITLE)
    failed = stage.engine._message(room, "", "거기 있나요?", stage.engine.now_ms, MessageState.FAILED)
    stage.engine._append(replace(failed, detail="nobody_there"))
    await stage.open(TITLE)
    note = stage.messenger.room_pane.transcript.items.items[-1].note
    assert note is not None
    assert note.text.startswith("다른 사람이 모두 나갔습니다")


def test_addresses_are_not_cut_where_they_fit_a_line_of_their_own(look: Look) -> None:
    text = "리뷰는 여기에 남겼습니다: https://review.example/142 확인"
    block = lay_out(text, look.font(tokens.BODY), 240, 22)
    lines = [block.layout.lineAt(at) for at in range(block.layout.lineCount())]
    pieces = [text[line.textStart() : line.textStart() + line.textLength()] for line in lines]
    assert any("https://review.example/142" in piece for piece in pieces), pieces


def test_all_lines_lie_on_the_base_line_of_their_font(look: Look) -> None:
    """Emoji and Arabic come from fonts with other heights: they move nothing."""
    font = look.font(tokens.LABEL)
    blocks = [lay_out(text, font, 400, 20) for text in ("가나다", "가 😀", "مرحبا", "가나다 مرحبا 😀")]
    lines = [block.layout.lineAt(0) for block in blocks]
    places = {round(line.position().y() + line.ascent(), 3) for line in lines}
    assert len(places) == 1


async def test_no_focus_line_after_a_click(stage: Stage) -> None:
    await stage.open(TITLE)
    stage.window.look.by_keys = False
    stage.messenger.toggle_drawer()
    assert QApplication.focusWidget() is stage.messenger.drawer.close_button
    assert stage.messenger.drawer.close_button.ring is None
    stage.messenger.toggle_drawer()
    stage.window.look.by_keys = True
    stage.messenger.toggle_drawer()
    assert stage.messenger.drawer.close_button.ring is not None


async def test_list_stays_where_it_was_scrolled_to(stage: Stage) -> None:
    for n in range(60):
        room = stage.engine._room(f"방 {n}", RoomKind.GROUP, ["junho", "jiwoo"])
        stage.engine._append(stage.engine._message(room, "junho", f"글 {n}", stage.engine.now_ms - n * 60_000))
    stage.messenger.listing.reload_now()
    await settle()
    await stage.open("방 0")
    bar = stage.messenger.chats.list.verticalScrollBar()
    bar.setValue(1500)
    stage.engine.now_ms += 60_000
    stage.engine.receive(stage.engine.room("최유진"), "yujin", "새 글")
    await settle()
    assert stage.messenger.chats.model.shown[0].title == "최유진"
    assert bar.value() == 1500


async def test_long_names_leave_the_placeholder_on_one_line(stage: Stage) -> None:
    room = stage.engine.room("디자인 시스템")
    stage.engine.room_views[room] = replace(stage.engine.room_views[room], title="이름 " * 30)
    await stage.open("이름 " * 30)
    assert len(stage.composer.hint) < 45


async def test_walking_through_the_list_by_keys_survives_new_messages(stage: Stage) -> None:
    chats = stage.messenger.chats
    chats.list.setFocus(Qt.FocusReason.TabFocusReason)
    chats.list.setCurrentIndex(chats.model.index(3, 0))
    stood = chats.model.shown[3].room_id
    stage.engine.now_ms += 60_000
    stage.engine.receive(stage.engine.room("최유진"), "yujin", "새 글")
    await settle()
    assert chats.model.shown[0].title == "최유진"
    assert chats.model.shown[chats.list.currentIndex().row()].room_id == stood
