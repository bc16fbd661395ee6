"""What a room warns of: no relay, a changed key, a key that was not compared, a stranger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from byre.client.events import RoomChanged
from byre.client.views import RoomState, Trust
from byre.ui.dialogs.fork import OwnFork
from byre.ui.dialogs.safety import SafetyNumber
from byre.ui.qr import qr_image
from byre.ui.transcript.menu import state_words
from byre.ui.widgets.labels import PlainLabel
from tests.fakes.engine import FakeEngine
from tests.ui.conftest import Build, Stage, settle


async def test_offline_strip_counts_down_to_the_engines_next_try(stage: Stage) -> None:
    await stage.open("Mia Chen")
    stage.engine.connect(False, 12)
    stage.composer.insertPlainText("기다려요")
    stage.composer.send()
    await settle()
    strip = stage.messenger.room_pane.offline
    assert not strip.isHidden()
    assert strip.countdown.text() == "12초 뒤에 다시 시도합니다 · 읽기와 쓰기는 그대로 됩니다"
    stage.engine.now_ms += 3_500
    strip.say()
    assert strip.countdown.text().startswith("9초")
    note = stage.messenger.room_pane.transcript.items.items[-1].note
    assert note is not None
    assert "1개가 이 PC에서 기다립니다" in note.text
    strip.button.click()
    await settle()
    assert [call for call, _ in stage.engine.calls].count("reconnect") == 1
    assert strip.isHidden()


async def test_phone_calls_itself_no_pc(build: Build, phone_engine: FakeEngine) -> None:
    stage = await build(phone_engine, width=400, height=720, role_hint="primary")
    await stage.open("Mia Chen")
    stage.engine.connect(False, 12)
    stage.composer.insertPlainText("기다려요")
    stage.composer.send()
    await settle()
    item = stage.messenger.room_pane.transcript.items.items[-1]
    assert item.note is not None
    assert item.message is not None
    assert "1개가 이 휴대전화에서 기다립니다" in item.note.text
    assert state_words(item.message, on_phone=stage.window.look.on_phone).startswith("기다림: 이 휴대전화에")
    stage.engine.change_key("mia@other.example")
    stage.engine.connect(True)
    await settle()
    note = stage.messenger.room_pane.transcript.items.items[-1].note
    assert note is not None
    assert "이 휴대전화에만" in note.text
    assert not [words for words in stage.words() if "이 PC" in words]


async def test_room_without_a_message_says_who_can_read_it(stage: Stage) -> None:
    room_id = stage.engine.room("Mia Chen")
    stage.engine.rows[room_id] = []
    stage.engine.room_views[room_id] = replace(stage.engine.room_views[room_id], last_message=None, unread=0)
    stage.messenger.reload()
    await settle()
    await stage.open("Mia Chen")
    items = stage.messenger.room_pane.transcript.items.items
    assert [(item.kind, item.icon) for item in items] == [("ok", "lock")]
    stage.engine.receive(room_id, "mia@other.example", "첫 인사")
    await settle()
    assert [item.kind for item in stage.messenger.room_pane.transcript.items.items] == ["day", "ok", "message"]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("relay_unreachable", "릴레이에 연결할 수 없습니다."),
        ("relay_certificate", "릴레이의 인증서가 맞지 않습니다."),
        ("proxy_unreachable", "프록시에 연결할 수 없습니다."),
        ("", "릴레이에 연결할 수 없습니다."),
    ],
)
async def test_strip_says_why_and_never_an_invented_number(stage: Stage, reason: str, said: str) -> None:
    await stage.open("Mia Chen")
    stage.engine.connect(False, None, reason)
    await settle()
    strip = stage.messenger.room_pane.offline
    assert strip.what.text() == said
    assert strip.countdown.text() == "계속 다시 시도합니다 · 읽기와 쓰기는 그대로 됩니다"


async def test_two_histories_are_told_otherwise_than_another_key(stage: Stage) -> None:
    await stage.open("이준호")
    banner = stage.messenger.room_pane.key_banner
    stage.engine.change_key("junho")
    await settle()
    other_key = banner.why.text()
    stage.engine.change_key("junho", "history")
    stage.messenger.open_room(stage.engine.room("Mia Chen"))
    await settle()
    stage.messenger.open_room(stage.engine.room("이준호"))
    await settle()
    assert banner.why.text() != other_key
    assert "기기 목록 두 개" in banner.why.text()


async def test_the_new_keys_number_is_compared_and_verifies(stage: Stage) -> None:
    await stage.open("이준호")
    stage.engine.change_key("junho")
    await settle()
    stage.messenger.room_pane.key_banner.compare.emit()
    await settle()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, SafetyNumber)
    shown = "".join(label.text() for label in sheet.findChildren(PlainLabel) if label.text().isdecimal())
    account = stage.engine.people["junho"].account_id
    assert shown == (await stage.engine.contacts.get(account)).changed_safety_number
    sheet.yes.click()
    await settle()
    calls = [call for call, _ in stage.engine.calls]
    assert calls.index("contacts.accept_changed_key") < calls.index("contacts.mark_verified")
    assert stage.engine.trust["junho"] is Trust.VERIFIED


async def test_picture_of_the_others_qr_verifies_or_warns(stage: Stage, pictures: Path) -> None:
    account = stage.engine.people["daniel"].account_id
    for end, verified in (("00000000", False), (account[:8], True)):
        stage.window.asking.compare(stage.bridge, account)
        await settle()
        sheet = stage.window.asking.sheet
        assert isinstance(sheet, SafetyNumber)
        path = pictures / f"{verified}.png"
        assert qr_image(f"byre://safety#{end}").save(str(path))
        sheet.picture_chosen.emit(path)
        await stage.bridge.idle()
        await settle()
        assert sheet.yes.isHidden()
        assert ("확인됐습니다" in sheet.told.text()) is verified
        assert (stage.engine.trust["daniel"] is Trust.VERIFIED) is verified


async def test_forked_own_list_blocks_until_the_user_decides(stage: Stage) -> None:
    stage.engine.fork()
    await settle()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, OwnFork)
    assert sheet.no.hasFocus()
    sheet.close_sheet()
    await settle()
    assert not any(call == "account.accept_fork" for call, _ in stage.engine.calls)
    stage.engine.fork()
    await settle()
    again = stage.window.asking.sheet
    assert isinstance(again, OwnFork)
    again.yes.click()
    await settle()
    assert any(call == "account.accept_fork" for call, _ in stage.engine.calls)


async def test_removed_pc_can_be_read_linked_again_or_erased(stage: Stage) -> None:
    await stage.open("엄마")
    stage.engine.remove_me()
    await settle()
    assert stage.window.page_name == "removed"
    removal = stage.window.removal
    assert removal is not None
    removal.page.look_in.click()
    await settle()
    assert stage.window.page_name == "chats"
    stage.engine.calls.clear()
    await stage.open("엄마")
    pane = stage.messenger.room_pane
    assert pane.composer_bar.isHidden()
    assert "연결이 끊겼" in pane.bar.words.text()
    stage.engine.connect(False)
    assert pane.offline.isHidden()  # a strip that tries again and again would be untrue
    assert not any(call == "messages.mark_read" for call, _ in stage.engine.calls)
    stage.window._show_removed()
    removal.page.away.click()
    await settle()
    sheet = stage.window.asking.sheet
    assert sheet is not None
    sheet.yes.click()  # type: ignore[attr-defined]
    await settle()
    assert any(call == "account.erase" for call, _ in stage.engine.calls)
    assert stage.window.page_name == "first-run"


async def test_removed_pc_shows_a_qr_code_to_be_linked_again(stage: Stage) -> None:
    stage.engine.remove_me()
    await settle()
    assert stage.window.removal is not None
    stage.window.removal.page.link.click()
    await settle()
    assert stage.window.page_name == "first-run"
    assert any(call == "linking.offer" for call, _ in stage.engine.calls)


async def test_changed_key_blocks_and_marks_every_room(stage: Stage) -> None:
    await stage.open("이준호")
    stage.composer.insertPlainText("초안")
    stage.engine.change_key("junho")
    await settle()
    pane = stage.messenger.room_pane
    assert not pane.key_banner.isHidden()
    assert pane.composer_bar.isHidden()
    assert pane.bar.words.text() == "키를 확인할 때까지 보낼 수 없습니다"
    marked = [r.title for r in stage.messenger.chats.model.shown if r.trust is Trust.CHANGED]
    assert set(marked) == {"이준호", "디자인 시스템", "보안 리뷰", "주간 회의"}
    pane.key_banner.go_on.emit()
    await settle()
    sheet = stage.window.asking.sheet
    assert sheet is not None
    sheet.no.click()  # type: ignore[attr-defined]
    await settle()
    assert not pane.key_banner.isHidden()
    pane.key_banner.go_on.emit()
    await settle()
    assert stage.window.asking.sheet is not None
    stage.window.asking.sheet.yes.click()  # type: ignore[attr-defined]
    await settle()
    assert pane.key_banner.isHidden()
    assert pane.header.chip.accessibleName() == "확인 안 됨"
    assert stage.composer.toPlainText() == "초안"
    assert stage.composer.hasFocus()  # the banner had it


async def test_comparing_the_safety_number_verifies(stage: Stage) -> None:
    await stage.open("Daniel Park")
    pane = stage.messenger.room_pane
    pane.transcript.line_opened.emit("start")
    await settle()
    assert stage.window.asking.sheet is not None
    stage.window.asking.sheet.yes.click()  # type: ignore[attr-defined]
    await settle()
    assert pane.header.chip.accessibleName() == "확인됨"


async def test_room_request_is_accepted_or_declined(stage: Stage) -> None:
    room = stage.engine.invite("stranger", "Stranger")
    await settle()
    stage.messenger.open_room(room)
    await settle()
    bar = stage.messenger.room_pane.bar
    assert not bar.isHidden()
    assert stage.messenger.room_pane.composer_bar.isHidden()
    assert not any(call == "messages.mark_read" for call, _ in stage.engine.calls)
    accept = bar.buttons[1]
    accept.setFocus()
    stage.engine.events.publish(RoomChanged(room))
    await settle()
    assert accept.hasFocus()  # what else happens in the room takes it from nobody
    accept.click()
    await settle()
    assert stage.engine.room_views[room].state is RoomState.ACTIVE
    assert not stage.messenger.room_pane.composer_bar.isHidden()
    assert stage.composer.hasFocus()


async def test_a_declined_request_is_left_and_waits_no_longer_for_being_read(stage: Stage) -> None:
    room = stage.engine.invite("stranger", "Stranger")
    before = stage.messenger.chats.model.unread_messages()
    await settle()
    stage.messenger.open_room(room)
    await settle()
    stage.messenger.room_pane.transcript.sticks = False  # there is more below: nobody has seen the newest
    stage.messenger.room_pane.bar.buttons[0].click()
    await settle()
    assert stage.engine.room_views[room].state is RoomState.LEFT
    assert stage.engine.room_views[room].unread == 0
    calls = [call for call, _ in stage.engine.calls if call in ("rooms.leave", "messages.mark_read")]
    assert calls[:2] == ["rooms.leave", "messages.mark_read"]  # in this order: a request tells nobody that it is read
    assert stage.messenger.chats.model.unread_messages() <= before
