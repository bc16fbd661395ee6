"""What comes in is told where one looks: rows, list, rail, title; and addresses become links."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from byre.client.events import DevicesChanged
from byre.client.views import Trust
from byre.ui.transcript.rowlayout import links_in
from tests.ui.conftest import Stage, settle


async def test_what_happens_in_a_room_is_told_at_once_and_in_words(stage: Stage) -> None:
    room = stage.engine.room("디자인 시스템")
    await stage.open("디자인 시스템")
    rows = stage.messenger.room_pane.transcript.items
    before = len(rows.items)
    stage.engine.happen(room, "junho", "retention_changed")
    await settle()
    assert [item.icon for item in rows.items[before:]] == ["timer"]
    assert "메시지 보관 기간" in rows.items[-1].text
    model = stage.messenger.chats.model
    view = next(view for view in model.shown if view.room_id == room)
    assert model.line_of(view) == rows.items[-1].text
    stage.engine.receive(room, "junho", "그다음 말")
    await settle()
    assert [item.text for item in rows.items[-2:]] == [rows.items[before].text, "그다음 말"]


async def test_a_comparison_is_seen_at_once_in_list_and_open_room(stage: Stage) -> None:
    stage.engine.set_trust("mia@other.example", Trust.UNVERIFIED)
    await settle()
    await stage.open("Mia Chen")
    pane = stage.messenger.room_pane
    room = stage.engine.room("Mia Chen")
    for trust, icon in ((Trust.UNVERIFIED, "shield-question-mark"), (Trust.VERIFIED, "lock")):
        stage.engine.set_trust("mia@other.example", trust)
        await settle()
        assert pane.room is not None
        assert pane.room.trust is trust
        assert next(item.icon for item in pane.transcript.items.items if item.key == "start") == icon
        assert [view.trust for view in stage.messenger.chats.rooms if view.room_id == room] == [trust]


async def test_unread_messages_are_counted_on_the_rail_and_in_the_title(stage: Stage) -> None:
    await stage.open("디자인 시스템")
    button, window = stage.messenger.rail.buttons["chats"], stage.window
    before = stage.messenger.chats.model.unread_messages(loud_only=True)
    stage.engine.receive(stage.engine.room("엄마"), "mother", "저녁 먹었니?")
    await settle()
    assert button.accessibleName() == f"채팅, 안 읽음 {before + 1}개"
    assert window.windowTitle() == f"({before + 1}) 디자인 시스템 – 외양간"
    window.look.set_language("en")
    assert button.accessibleName() == f"Chats, {before + 1} unread"
    assert window.windowTitle() == f"({before + 1}) 디자인 시스템 – Byre"


async def test_a_room_is_marked_as_read_from_its_menu(stage: Stage) -> None:
    room = stage.engine.room("엄마")
    last = stage.engine.rows[room][-1].message_id
    desktop = stage.window.desktop
    assert desktop is not None
    desktop._menu(room, stage.window.pos())
    menu = stage.messenger.findChild(QMenu, "room menu")
    assert menu is not None
    next(a for a in menu.actions() if a.text() == "읽음으로 표시").trigger()
    menu.close()
    await settle()
    assert ("messages.mark_read", (room, last)) in stage.engine.calls
    desktop._menu(room, stage.window.pos())
    menu = next(m for m in stage.messenger.findChildren(QMenu, "room menu") if m.isVisible())
    assert "읽음으로 표시" not in [a.text() for a in menu.actions()]
    menu.close()


async def test_the_menu_of_a_room_chooses_no_other_room(stage: Stage, qtbot: QtBot) -> None:
    await stage.open("디자인 시스템")
    chats = stage.messenger.chats
    other = chats.model.index(chats.model.row_of(stage.engine.room("엄마")), 0)
    place = chats.list.visualRect(other).center()
    qtbot.mouseClick(chats.list.viewport(), Qt.MouseButton.RightButton, pos=place)
    assert chats.model.shown[chats.list.currentIndex().row()].title == "디자인 시스템"
    qtbot.mouseClick(chats.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    await settle()
    assert stage.messenger.room_pane.header.title.text() == "엄마"


async def test_what_was_unread_when_one_left_does_not_stay_unread(stage: Stage) -> None:
    room = stage.engine.room("보안 리뷰")
    assert stage.engine.room_views[room].unread
    await stage.engine.rooms.leave(room)
    await stage.open("보안 리뷰")
    assert not stage.messenger.room_pane.bar.isHidden()
    assert stage.engine.room_views[room].unread == 0


async def test_the_list_says_offline_where_no_open_room_does(stage: Stage) -> None:
    chip = stage.messenger.chats.state
    assert chip.isHidden()
    stage.engine.connect(False)
    await settle()
    assert chip.accessibleName() == "오프라인"
    assert chip.isVisible()
    await stage.open("디자인 시스템")
    assert chip.isHidden()
    stage.messenger.leave_room()
    assert chip.isVisible()
    stage.engine.connect(True)
    assert chip.isHidden()


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("리뷰는 review.example/142 에", ["https://review.example/142"]),
        (
            "www.example.com에서, www.a-b.co.kr:8443/x?q=1#f.",
            ["https://www.example.com", "https://www.a-b.co.kr:8443/x?q=1#f"],
        ),
        ("주소는review.example/1, HTTP://WWW.X.COM!", ["https://review.example/1", "HTTP://WWW.X.COM"]),
        ("끝은 www.example.com.", ["https://www.example.com"]),
        ("e.g./x 3.5/5 a/b src/main.py/x cow@bar.example/x example.com ok. www. ftp://files.example/x", []),
    ],
)
def test_addresses_are_links_with_and_without_their_scheme(text: str, links: list[str]) -> None:
    assert [url for _, _, url in links_in(text)] == links
    assert [text[start : start + length] for start, length, _ in links_in(text)] == [
        url if url in text else url.removeprefix("https://") for url in links
    ]


async def test_another_name_of_an_own_device_is_told_to_who_shows_the_members(stage: Stage) -> None:
    await stage.open("엄마")
    told: list[None] = []
    stage.messenger.room_pane.window_model.room_changed.connect(lambda: told.append(None))
    stage.engine.events.publish(DevicesChanged())
    await settle()
    assert told


async def test_unread_messages_are_counted_in_all_rooms_while_some_are_looked_for(stage: Stage) -> None:
    chats = stage.messenger.chats
    assert chats.field is not None
    title = stage.window.windowTitle()
    assert title.startswith("(")
    chats.field.set_text("ㅎㅇ")
    await settle()
    stage.messenger.reload()
    await settle()
    assert stage.window.windowTitle() == title
    assert len(chats.model.shown) == 2
