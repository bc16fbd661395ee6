"""What a room warns of: no relay, a changed key, a key that was not compared, a stranger."""

from __future__ import annotations

import pytest

from byre.client.views import RoomState, Trust
from tests.fakes.engine import FakeEngine
from tests.ui.conftest import Build, Stage, settle


async def test_offline_strip_counts_down_and_messages_wait(stage: Stage) -> None:
    await stage.open("Mia Chen")
    stage.engine.connect(False)
    stage.composer.insertPlainText("기다려요")
    stage.composer.send()
    await settle()
    pane = stage.messenger.room_pane
    assert not pane.offline.isHidden()
    before = pane.offline.countdown.text()
    pane.offline._tick()
    assert pane.offline.countdown.text() != before
    for _ in range(14):
        pane.offline._tick()
    await settle()
    assert [call for call, _ in stage.engine.calls].count("reconnect") == 1
    assert pane.offline.countdown.text() == before
    note = pane.transcript.items.items[-1].note
    assert note is not None
    assert "1개가 이 PC에서 기다립니다" in note.text
    stage.engine.connect(True)
    await settle()
    assert pane.offline.isHidden()


async def test_engine_that_cannot_be_told_to_reconnect_gets_no_countdown(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(FakeEngine, "reconnect")
    stage = await build()
    await stage.open("Mia Chen")
    stage.engine.connect(False)
    await settle()
    strip = stage.messenger.room_pane.offline
    assert strip.countdown.text() == "계속 다시 시도합니다 · 읽기와 쓰기는 그대로 됩니다"
    assert strip.button.isHidden()


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
    bar.buttons[1].click()
    await settle()
    assert stage.engine.room_views[room].state is RoomState.ACTIVE
    assert not stage.messenger.room_pane.composer_bar.isHidden()
