"""The transcript: anchor, selection, paging, hostile text, wrapping."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from byre.client.views import AccountId, DeviceId, MessageId, MessageState, MessageView, RoomId, Sender
from byre.ui import tokens
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.textblock import lay_out
from byre.ui.transcript import listview
from byre.ui.transcript.items import Item, RoomFacts, compose
from byre.ui.transcript.rowlayout import RowLayout, lay_row
from byre.ui.transcript.view import Transcript
from tests.ui.conftest import Build, Stage, settle

SENDER = Sender(AccountId("a" * 64), "junho", DeviceId("b" * 32), "이준호")
START_MS = 1_790_000_000_000


def message(n: int, text: str = "", *, own: bool = False) -> MessageView:
    return MessageView(
        MessageId(f"{n:032x}"), RoomId("r"), SENDER, text or f"메시지 {n} 안녕하세요 여러분", START_MS + n * 60_000,
        MessageState.READ if own else MessageState.RECEIVED, n, own,
    )  # fmt: skip


def rows(first: int, count: int) -> list[MessageView]:
    return [message(n, own=n % 4 == 0) for n in range(first, first + count)]


@pytest.fixture
def view(view: Transcript) -> Transcript:
    view.show_items(compose(rows(1000, 300), RoomFacts()))
    return view


def key_at(view: Transcript, place: int) -> tuple[str, float]:
    row, y, _ = view.visible[place]
    return view.items.items[row].key, y


def y_of(view: Transcript, key: str) -> float | None:
    return next((y for row, y, _ in view.visible if view.items.items[row].key == key), None)


def test_opens_at_the_end_and_rows_touch(view: Transcript) -> None:
    assert view.sticks
    assert view.visible[-1][0] == len(view.items.items) - 1
    for (_, y, laid), (_, following, _) in zip(view.visible, view.visible[1:], strict=False):
        assert abs(y + laid.height - following) < 0.01


def test_only_visible_rows_are_laid_out(view: Transcript) -> None:
    assert len(view._cache) < 40


def test_prepending_keeps_the_anchor_at_zero_pixels(view: Transcript) -> None:
    view.step(-2000)
    key, y = key_at(view, 2)
    view.show_items(compose(rows(950, 350), RoomFacts()))
    assert y_of(view, key) == y


def test_appending_follows_only_at_the_end(view: Transcript) -> None:
    view.show_items(compose(rows(1000, 301), RoomFacts()))
    assert view.visible[-1][0] == len(view.items.items) - 1
    view.step(-900)
    key, y = key_at(view, 1)
    view.show_items(compose(rows(1000, 302), RoomFacts()))
    assert y_of(view, key) == y
    assert not view.sticks


def test_resize_keeps_the_first_visible_row(view: Transcript) -> None:
    view.step(-3000)
    key, _ = key_at(view, 0)
    view.resize(520, 600)
    QApplication.processEvents()
    assert key_at(view, 0)[0] == key


def test_removing_the_anchor_stays_near(view: Transcript) -> None:
    view.step(-3000)
    keys = [view.items.items[row].key for row, _, _ in view.visible]
    left = [m for m in rows(1000, 300) if m.message_id not in keys[:3]]
    view.show_items(compose(left, RoomFacts()))
    assert any(y_of(view, key) is not None for key in keys[3:])


def test_keyboard_scrolls_and_moves(view: Transcript, qtbot: QtBot) -> None:
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.visible[0][0] == 0
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    assert view.visible[0][0] > 0
    with qtbot.waitSignal(view.newest_wanted):  # the room answers: what is loaded may end before
        qtbot.keyClick(view, Qt.Key.Key_End)
    view.follow_end()
    qtbot.keyClick(view, Qt.Key.Key_Up)
    current = view.currentIndex().row()
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.currentIndex().row() == current - 1


def test_selection_runs_across_bubbles_and_is_copied(view: Transcript, qtbot: QtBot) -> None:
    first, last = view.visible[2], view.visible[4]
    start = QPoint(int(first[2].text_x) + 1, int(first[1] + first[2].text_y) + 5)
    end = QPoint(int(last[2].text_x) + 40, int(last[1] + last[2].text_y) + 5)
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    move = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(end), view.viewport().mapToGlobal(QPointF(end)), Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), move)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text().split("\n")
    texts = [view.items.items[row].text for row, _, _ in view.visible[2:5]]
    assert copied[:2] == texts[:2]
    assert texts[2].startswith(copied[2])
    assert copied[2]


def test_selection_survives_new_rows(view: Transcript) -> None:
    key = view.items.items[view.visible[3][0]].key
    view.selection.ends = ((key, 0), (key, 3))
    before = view.selection.text()
    view.show_items(compose(rows(900, 401), RoomFacts()))
    assert view.selection.text() == before == "메시지"


def test_selection_counts_in_utf16(view: Transcript) -> None:
    view.show_items(compose([message(1, "👍🏽 안녕 🇰🇷 끝")], RoomFacts()))
    key = f"{1:032x}"
    view.selection.ends = ((key, 0), (key, 7))
    assert view.selection.text() == "👍🏽 안녕"
    view.selection.ends = ((key, 8), (key, 14))
    assert view.selection.text() == "🇰🇷 끝"


def test_changed_state_repaints_one_row_in_place(view: Transcript) -> None:
    key, y = key_at(view, 3)
    changed = [replace(m, unread_by=2) if m.message_id == key else m for m in rows(1000, 300)]
    view.show_items(compose(changed, RoomFacts()))
    assert y_of(view, key) == y


def test_korean_breaks_at_spaces_only(look: Look) -> None:
    text = "배포 전에 키 변경 알림 문구만 한번 더 확인해 주세요. 보안 번호 화면에서도 같은 문장을 씁니다."
    for width in (120, 180, 300, 437):
        block = lay_out(text, look.font(tokens.BODY), width, 22)
        for at in range(block.layout.lineCount() - 1):
            line = block.layout.lineAt(at)
            end = line.textStart() + line.textLength()
            assert text[end - 1] == " ", (width, text[line.textStart() : end])


def test_a_word_longer_than_the_line_is_cut_anywhere(look: Look) -> None:
    block = lay_out("가" * 100, look.font(tokens.BODY), 150, 22)
    assert block.layout.lineCount() > 5
    assert block.width <= 150


def test_right_to_left_text_is_aligned_inside_its_own_width(look: Look) -> None:
    text = "مرحبا هذا نص طويل لاختبار التفاف السطور داخل الفقاعة مع كلمات"
    block = lay_out(text, look.font(tokens.BODY), 220, 22)
    assert block.is_rtl
    assert block.layout.lineCount() > 1
    last = block.layout.lineAt(block.layout.lineCount() - 1)
    assert abs(last.naturalTextRect().right() - block.width) < 2


HOSTILE = {
    "html": "<b>bold</b><img src='file:///etc/passwd'><script>alert(1)</script>",
    "bidi": "\u202egnp.exe\u202c \u2066\u2067abc\u2069 \u061c\u200f",
    "nulls": "a\0b\0c" + "\0" * 50,
    "long word": "ㅋ" * 100_000,
    "long latin word": "A" * 60_000,
    "newlines": "\n" * 5_000 + "end",
    "combining": "a" + "\u0301" * 2_000,
    "surrogate": "lone \ud800 surrogate",
    "emoji": "👨‍👩‍👧‍👦" * 500,
    "separators": "a\u2028b\u2029c\x0bd\x0ce\r\nf",
    "zero width": "\u200b" * 5_000,
    "tags": "🏴" + "".join(chr(0xE0020 + i % 90) for i in range(500)),
    "arabic ligature": "ﷺ" * 400,
    "links": "https://" + "a" * 3_000 + " http://[::1 https://x.example/" + "%00" * 50,
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_text_is_only_text(build: Build, kind: str) -> None:
    stage = await build()
    text = HOSTILE[kind]
    await stage.open("Mia Chen")
    stage.engine.receive(stage.engine.room("Mia Chen"), "mia@other.example", text)
    await settle()
    transcript = stage.messenger.room_pane.transcript
    item = transcript.items.items[-1]
    assert item.text == text
    laid = transcript._lay(len(transcript.items.items) - 1)
    assert laid.bubble.right() <= transcript.viewport().width()
    assert laid.height < 60 * 22 + 200
    transcript.mark({item.key: ((0, 1),)}, item.key)
    transcript.step(-300)
    transcript.step(300)
    stage.messenger.search_all("ab")
    await settle()


@pytest.mark.parametrize("kind", ["html", "bidi", "nulls", "newlines", "long latin word"])
async def test_hostile_names_stay_on_one_line(build: Build, kind: str) -> None:
    stage = await build()
    text = HOSTILE[kind].replace("\ud800", "")
    room = stage.engine.invite("evil" + kind.replace(" ", ""), text)
    await settle()
    stage.messenger.open_room(room)
    await settle()
    title = stage.messenger.room_pane.header.title.text()
    assert "\n" not in title
    assert "\0" not in title
    assert "\u202e" not in title
    assert len(title) <= 65
    assert "\u202e" not in stage.window.windowTitle()


async def test_folded_message_opens_in_full(stage: Stage) -> None:
    await stage.open("Mia Chen")
    stage.engine.receive(stage.engine.room("Mia Chen"), "mia@other.example", "줄\n" * 500)
    await settle()
    transcript = stage.messenger.room_pane.transcript
    laid = transcript._lay(len(transcript.items.items) - 1)
    assert laid.is_folded
    transcript.unfolded.emit(laid.item.key)
    await settle()
    assert stage.window.asking.sheet is not None


async def test_old_pages_load_on_the_way_up_and_the_window_stays_small(stage: Stage) -> None:
    room = stage.engine.room("Mia Chen")
    for n in range(1500):
        stage.engine._append(
            stage.engine._message(room, "mia@other.example", f"옛 메시지 {n}", stage.engine.now_ms + n)
        )
    await stage.open("Mia Chen")
    model = stage.messenger.room_pane.window_model
    transcript = stage.messenger.room_pane.transcript
    assert len(model.messages) < 200
    for _ in range(80):
        transcript.step(-4000)
        await settle(3)
    assert model.at_start
    assert len(model.messages) <= 600
    assert not model.at_end
    for _ in range(80):
        transcript.step(4000)
        await settle(3)
    assert model.at_end
    assert model.messages[-1].text == "옛 메시지 1499"


async def test_jump_to_an_old_message_and_back_to_the_end(stage: Stage) -> None:
    room = stage.engine.room("Mia Chen")
    for n in range(800):
        stage.engine._append(stage.engine._message(room, "mia@other.example", f"줄 {n}", stage.engine.now_ms + n))
    target = stage.engine.rows[room][100]
    stage.messenger.open_room(room, target.message_id)
    await settle()
    transcript = stage.messenger.room_pane.transcript
    assert y_of(transcript, target.message_id) is not None
    stage.messenger.room_pane.window_model.to_end()
    await settle()
    assert stage.messenger.room_pane.window_model.at_end


def test_ten_thousand_messages_scroll_by_laying_out_what_comes_into_sight(
    view: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid: list[str] = []
    real = listview.lay_row

    def counted(item: Item, width: int, look: Look, *, narrow: bool) -> RowLayout:
        laid.append(item.key)
        return real(item, width, look, narrow=narrow)

    monkeypatch.setattr(listview, "lay_row", counted)
    view.show_items(compose(rows(1000, 10_000), RoomFacts()))
    assert len(laid) < 40
    most = 0
    for _ in range(200):
        before = len(laid)
        view.step(-120)
        most = max(most, len(laid) - before)
    assert most <= 8  # rows of one notch of the wheel, never the room
    before = len(laid)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    assert len(laid) - before < 40
    assert len(view._cache) <= listview.CACHE


def test_resizing_to_a_phone_and_back_keeps_the_place(view: Transcript) -> None:
    view.resize(1280, 700)
    QApplication.processEvents()
    view.show_items(compose(rows(1000, 10_000), RoomFacts()))
    view.step(-40_000)
    key, _ = key_at(view, 0)
    for width in (900, 640, 400, 640, 900, 1280):
        view.resize(width, 700)
        QApplication.processEvents()
        assert key_at(view, 0)[0] == key
        assert not view.sticks


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("width", [300, 400, 860])
def test_link_of_a_line_stands_behind_its_last_words_or_below_them(look: Look, width: int, language: str) -> None:
    look.set_language(language)  # type: ignore[arg-type]
    words, link = tr("The key is the one the relay told. It was not compared yet."), tr("Compare safety number")
    row = lay_row(Item("start", "warn", words, icon="info", link=link), width, look, narrow=width < 640)
    assert row.block is not None
    lines = row.block.layout.lineCount()
    if row.link_rect.x() > row.text_x:
        assert lines == 1
        assert row.link_rect.x() >= row.text_x + row.block.width
    else:
        assert row.link_rect.y() >= row.bubble.y() + 18 * lines
        assert width < 860
    assert row.bubble.contains(row.link_rect)
    assert row.bubble.bottom() <= row.height
    assert 0 <= row.bubble.x() <= row.bubble.right() <= width
