"""What lies outside the window: own windows, quiet and pinned rooms, notifications, tray, idle lock, drafts, keys."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from byre.client.views import MessageView, RoomView
from byre.ui.desktop.desktop import Desktop
from byre.ui.desktop.notifications import words
from byre.ui.desktop.tray import Tray, badge_icon
from byre.ui.look import Look
from byre.ui.sidebar.rooms_model import preview
from tests.fakes.engine import FakeEngine
from tests.ui.conftest import Build, Stage, compose_annyeong, settle


class Shown:
    """A desktop that notes its notifications."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, str]] = []
        self.withdrawn: list[str] = []

    def show(self, key: str, title: str, body: str) -> None:
        self.said.append((key, title, body))

    def withdraw(self, key: str) -> None:
        self.withdrawn.append(key)


def desktop_of(stage: Stage) -> Desktop:
    assert stage.window.desktop is not None
    return stage.window.desktop


def choose(stage: Stage, name: str, value: str) -> None:
    assert stage.window.preferences is not None
    stage.window.preferences.choose(name, value)


@pytest.fixture
async def protected(build: Build) -> Stage:
    """A PC with a passphrase."""
    return await build(FakeEngine(passphrase="right"))


# -- quiet and pinned rooms


async def test_pinned_room_comes_first_and_stays_so_after_a_restart(build: Build) -> None:
    stage = await build()
    room = stage.engine.room("엄마")
    stage.messenger.marks.toggle_pin(room)
    await settle()
    assert stage.messenger.chats.model.shown[0].room_id == room
    again = await build(stage.engine)
    assert again.messenger.chats.model.shown[0].room_id == room
    spoken = again.messenger.chats.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "고정됨" in spoken
    again.messenger.marks.toggle_pin(room)
    await settle()
    assert again.messenger.chats.model.shown[0].room_id != room


async def test_menu_of_a_room_makes_it_quiet(stage: Stage) -> None:
    room = stage.engine.room("엄마")
    stage.messenger.room_menu.emit(room, QPoint(50, 50))
    menu = stage.messenger.findChild(QMenu, "room menu")
    assert menu is not None
    names = [action.text() for action in menu.actions() if action.text()]
    assert names == [
        "새 창으로 열기",
        "읽음으로 표시",
        "맨 위에 고정",
        "조용한 채팅방으로",
        "이 대화를 흔적 없이 지우기",
    ]
    next(a for a in menu.actions() if a.text() == "조용한 채팅방으로").trigger()
    menu.close()
    await settle()
    assert stage.messenger.marks.is_muted(room)
    assert stage.engine.values["ui.room_marks"] == {"muted": [room], "pinned": []}
    model = stage.messenger.chats.model
    assert model.unread_messages() - model.unread_messages(loud_only=True) == 1


async def test_junk_in_the_kept_marks_is_ignored(build: Build) -> None:
    engine = FakeEngine()
    engine.values["ui.room_marks"] = {"muted": "all", "pinned": [5, None, "x"]}
    stage = await build(engine)
    assert not stage.messenger.marks.is_muted("all")
    assert stage.messenger.marks.is_pinned("x")


# -- notifications


async def test_notification_shows_neither_name_nor_text_at_first(stage: Stage) -> None:
    shown = Shown()
    desktop_of(stage).show_by(shown)
    room = stage.engine.room("엄마")
    stage.engine.receive(room, "mother", "비밀 이야기")
    assert shown.said == [(room, "외양간", "새 메시지")]


@pytest.mark.parametrize(
    ("previews", "said"),
    [("names", ("엄마", "새 메시지")), ("all", ("엄마", "비밀 ‹b>이야기‹/b>"))],
)
async def test_previews_are_the_users_choice(stage: Stage, previews: str, said: tuple[str, str]) -> None:
    shown = Shown()
    desktop_of(stage).show_by(shown)
    choose(stage, "ui.previews", previews)
    stage.engine.receive(stage.engine.room("엄마"), "mother", "비밀\n<b>이야기</b>")
    assert shown.said[0][1:] == said


async def test_writer_without_name_and_handle_is_called_so(stage: Stage) -> None:
    room_id = stage.engine.room("보안 리뷰")
    message = stage.engine._message(room_id, "jiwoo", "누구일까요", stage.engine.now_ms)
    nobody = replace(message, sender=replace(message.sender, name="", handle=""))
    room = replace(stage.engine.room_views[room_id], last_message=nobody)
    assert words(nobody, room, "all") == ("보안 리뷰", "알 수 없음: 누구일까요")
    assert preview(room).replace("\u2068", "").replace("\u2069", "") == "알 수 없음: 누구일까요"
    stage.window.look.set_language("en")
    assert words(nobody, room, "all")[1] == "Unknown person: 누구일까요"


async def test_no_notification_for_quiet_watched_or_own(stage: Stage) -> None:
    shown = Shown()
    desktop_of(stage).show_by(shown)
    quiet, watched = stage.engine.room("보안 리뷰"), stage.engine.room("엄마")
    stage.messenger.marks.toggle_mute(quiet)
    await stage.open("엄마")
    stage.engine.receive(quiet, "junho", "조용히")
    stage.engine.receive(watched, "mother", "보고 있니")
    stage.engine.receive(watched, "", "다른 내 기기에서")
    assert shown.said == []
    choose(stage, "ui.notify", "off")
    stage.engine.receive(stage.engine.room("Daniel Park"), "daniel", "hello")
    assert shown.said == []


async def test_opening_the_room_withdraws_its_notification(stage: Stage) -> None:
    shown = Shown()
    desktop_of(stage).show_by(shown)
    room = stage.engine.room("엄마")
    stage.engine.receive(room, "mother", "안녕")
    await stage.open("엄마")
    assert shown.withdrawn == [room]


async def test_clicked_notification_opens_its_room(stage: Stage) -> None:
    room = stage.engine.room("엄마")
    desktop_of(stage)._notification_clicked(room)
    await settle()
    assert stage.messenger.room_pane.room is not None
    assert stage.messenger.room_pane.room.room_id == room


async def test_strangers_are_announced_without_their_name(stage: Stage) -> None:
    shown = Shown()
    desktop_of(stage).show_by(shown)
    choose(stage, "ui.previews", "all")
    stage.engine.invite("evil", "은행 보안팀")
    assert all("은행" not in title + body for _, title, body in shown.said)
    assert shown.said


async def test_words_of_a_hostile_message_stay_on_one_line(stage: Stage) -> None:
    room: RoomView = stage.engine.room_views[stage.engine.room("엄마")]
    message: MessageView = stage.engine.receive(room.room_id, "mother", "\u202egnp\n\n" + "가" * 9_000)
    _, body = words(message, room, "all")
    assert "\n" not in body
    assert "\u202e" not in body
    assert len(body) <= 121


async def test_markup_of_others_is_no_markup_in_a_notification(stage: Stage) -> None:
    room: RoomView = stage.engine.room_views[stage.engine.room("엄마")]
    text = '<a href="http://evil.example">은행</a><img src="x">'
    message: MessageView = stage.engine.receive(room.room_id, "mother", text)
    assert all("<" not in said for said in words(message, replace(room, title="<b>엄마</b>"), "all"))


# -- locking


async def test_idle_minutes_lock_and_take_everything_away(protected: Stage) -> None:
    stage, shown = protected, Shown()
    desktop = desktop_of(stage)
    desktop.show_by(shown)
    choose(stage, "ui.idle_minutes", "5")
    stage.engine.receive(stage.engine.room("엄마"), "mother", "안녕")
    desktop.open_own(stage.engine.room("이준호"))
    await settle()
    await stage.open("Mia Chen")
    compose_annyeong(stage.composer)
    desktop.idle.idle_ms = lambda: 299_000  # type: ignore[method-assign]
    desktop.idle.look()
    await settle()
    assert stage.window.page_name == "chats"
    desktop.idle.idle_ms = lambda: 300_000  # type: ignore[method-assign]
    desktop.idle.look()
    await settle()
    assert stage.window.page_name == "lock"
    assert ("account.lock", None) in stage.engine.calls
    assert stage.engine.drafts[stage.engine.room("Mia Chen")] == "안녕"
    assert shown.withdrawn
    assert desktop.windows == {}
    assert "Mia" not in stage.window.windowTitle()
    before = len(shown.said)
    desktop.notifier.arrived(stage.engine.rows[stage.engine.room("엄마")][-1])
    assert len(shown.said) == before


async def test_a_key_puts_the_idle_lock_off(protected: Stage) -> None:
    choose(protected, "ui.idle_minutes", "1")
    idle = desktop_of(protected).idle
    key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a")
    QApplication.sendEvent(protected.window, key)
    assert idle.idle_ms() < 1_000


async def test_screen_lock_locks_unless_the_user_chose_otherwise(protected: Stage) -> None:
    desktop = desktop_of(protected)
    choose(protected, "ui.screen_lock", "off")
    desktop._screen_locked()
    await settle()
    assert protected.window.page_name == "chats"
    choose(protected, "ui.screen_lock", "on")
    desktop._screen_locked()
    await settle()
    assert protected.window.page_name == "lock"


async def test_without_a_passphrase_nothing_locks_by_itself(stage: Stage) -> None:
    choose(stage, "ui.idle_minutes", "1")
    desktop = desktop_of(stage)
    desktop.idle.idle_ms = lambda: 10**9  # type: ignore[method-assign]
    desktop.idle.look()
    desktop._screen_locked()
    await settle()
    assert stage.window.page_name == "chats"


# -- own windows


async def test_room_in_its_own_window_sends_and_receives(stage: Stage, qtbot: QtBot) -> None:
    room = stage.engine.room("이준호")
    await stage.open("이준호")
    desktop_of(stage).open_own(room)
    await settle()
    own = desktop_of(stage).windows[room]
    assert stage.messenger.room_pane.room is None
    assert own.windowTitle() == "이준호 – 외양간"
    composer = own.pane.composer_bar.composer
    compose_annyeong(composer)
    qtbot.keyClick(composer, Qt.Key.Key_Return)
    await settle()
    assert stage.engine.texts(room)[-1] == "안녕"
    stage.engine.receive(room, "junho", "네, 안녕하세요")
    await settle()
    assert own.pane.transcript.items.items[-1].text == "네, 안녕하세요"
    stage.messenger.open_room(room)
    await settle()
    assert stage.messenger.room_pane.room is None, "one composer per room"


async def test_own_window_stays_on_top_if_wished_and_keeps_its_draft(stage: Stage) -> None:
    room = stage.engine.room("이준호")
    desktop_of(stage).open_own(room)
    await settle()
    own = desktop_of(stage).windows[room]
    own.pin.click()
    assert own.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    assert own.isVisible()
    own.pin.click()
    assert not own.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    compose_annyeong(own.pane.composer_bar.composer)
    own.close()
    await settle()
    assert stage.engine.drafts[room] == "안녕"
    assert desktop_of(stage).windows == {}
    await stage.open("이준호")
    assert stage.composer.toPlainText() == "안녕"


# -- tray and quitting


async def test_closing_stays_in_the_tray_only_if_wished_and_there_is_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not desktop_of(stage).stays()
    choose(stage, "ui.on_close", "hide")
    assert not desktop_of(stage).stays(), "no tray here: the window would be lost"
    monkeypatch.setattr(Tray, "is_there", staticmethod(lambda: True))
    desktop_of(stage)._outside()
    assert desktop_of(stage).stays()
    await stage.open("Mia Chen")
    stage.composer.insertPlainText("초안")
    stage.window.close()
    await settle()
    assert not stage.window.isVisible()
    assert not stage.window.closed.is_set()
    assert stage.engine.drafts[stage.engine.room("Mia Chen")] == "초안"
    desktop_of(stage).toggled.emit()
    assert stage.window.isVisible()
    assert stage.composer.toPlainText() == "초안"
    tray = desktop_of(stage).tray
    assert tray is not None
    tray.quit.emit()
    assert stage.window.closed.is_set()


async def test_tray_tells_how_many_are_unread(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tray, "is_there", staticmethod(lambda: True))
    desktop_of(stage)._outside()
    tray = desktop_of(stage).tray
    assert tray is not None
    stage.engine.receive(stage.engine.room("엄마"), "mother", "안녕")
    await settle()
    assert tray.icon.toolTip() == "외양간 · 안 읽음 18개"
    desktop_of(stage).end()
    assert tray.icon.toolTip() == "외양간"


def test_badge_differs_with_the_number(look: Look) -> None:
    pictures = [badge_icon(look, n).pixmap(64).toImage() for n in (0, 7, 42, 500)]
    assert all(a != b for a, b in itertools.pairwise(pictures))


# -- drafts and keys


async def test_draft_is_saved_while_typing(stage: Stage) -> None:
    await stage.open("Mia Chen")
    stage.composer.insertPlainText("아직 쓰는 중")
    drafts = stage.messenger.room_pane.drafts
    assert drafts.timer.isActive()
    drafts.timer.timeout.emit()
    await settle()
    assert stage.engine.drafts[stage.engine.room("Mia Chen")] == "아직 쓰는 중"
    stage.composer.send()
    await settle()
    assert stage.engine.drafts[stage.engine.room("Mia Chen")] == ""


async def test_late_draft_does_not_overwrite_what_was_typed_meanwhile(stage: Stage) -> None:
    room = stage.engine.room("Mia Chen")
    stage.engine.drafts[room] = "옛 초안"
    stage.messenger.open_room(room)
    stage.messenger.room_pane.drafts._room = None
    await settle()
    stage.composer.clear()
    stage.composer.insertPlainText("새 글")
    stage.messenger.room_pane.drafts.begin(room)
    await settle()
    assert stage.composer.toPlainText() == "새 글"


async def test_alt_arrows_walk_through_the_rooms(stage: Stage, qtbot: QtBot) -> None:
    shown = stage.messenger.chats.model.shown
    alt = Qt.KeyboardModifier.AltModifier
    for expected in (0, 1, 2, 1):
        key = Qt.Key.Key_Up if expected == 1 and stage.messenger.chats.current == shown[2].room_id else Qt.Key.Key_Down
        qtbot.keyClick(stage.window, key, alt)
        await settle()
        assert stage.messenger.chats.current == shown[expected].room_id


async def test_ctrl_l_locks_and_ctrl_shift_m_makes_quiet(protected: Stage, qtbot: QtBot) -> None:
    await protected.open("엄마")
    ctrl = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(protected.window, Qt.Key.Key_M, ctrl | Qt.KeyboardModifier.ShiftModifier)
    assert protected.messenger.marks.is_muted(protected.engine.room("엄마"))
    qtbot.keyClick(protected.window, Qt.Key.Key_L, ctrl)
    await settle()
    assert protected.window.page_name == "lock"


async def test_own_window_that_was_closed_asks_for_nothing_more(stage: Stage) -> None:
    room = stage.engine.room("엄마")
    desktop_of(stage).open_own(room)
    await settle()
    window = desktop_of(stage).windows[room]
    stage.engine.receive(room, "mother", "늦게 온 말")
    timer = window.pane.window_model.reload_timer
    assert timer.isActive()
    window.close()
    assert not timer.isActive()
