"""Erasing what is not a whole room, what other devices answer, and undoing a PC's order on the phone."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from byre.client import events as ev
from byre.client.views import DeviceId, RoomId, WipeOrder
from byre.ui.dialogs.certificate import CertificateSheet
from byre.ui.dialogs.full_text import FullText
from byre.ui.dialogs.question import Question
from byre.ui.dialogs.wipe import WipeFailed, WipeProgress
from byre.ui.end_timer import LOOK_AT_TIMERS_EVERY_MS
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.labels import PlainLabel
from tests.fakes.engine import FakeEngine
from tests.ui.conftest import Build, Stage, settle
from tests.ui.test_desktop import Shown, choose, desktop_of


def question(stage: Stage) -> Question:
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, Question)
    assert sheet.no.hasFocus(), "the harmless answer is the default"
    return sheet


def called(stage: Stage, name: str) -> list[object]:
    return [argument for call, argument in stage.engine.calls if call == name]


async def test_one_message_is_erased_after_a_question(stage: Stage) -> None:
    await stage.open("엄마")
    room = stage.engine.room("엄마")
    message = stage.engine.rows[room][-1]
    transcript = stage.messenger.room_pane.transcript
    transcript.erase_wanted.emit(message.message_id)
    await settle()
    question(stage).no.click()
    await settle()
    assert called(stage, "erasures.delete_message") == []
    transcript.erase_wanted.emit(message.message_id)
    await settle()
    question(stage).yes.click()
    await settle()
    assert called(stage, "erasures.delete_message") == [message.message_id]
    assert transcript.items.row_of(message.message_id) is None


async def test_disappearing_messages_leave_the_open_room(stage: Stage) -> None:
    await stage.open("디자인 시스템")
    room = stage.engine.room("디자인 시스템")
    gone = stage.engine.rows[room].pop()
    stage.engine.events.publish(ev.MessagesErased(room, (gone.message_id,)))
    await settle()
    assert stage.messenger.room_pane.transcript.items.row_of(gone.message_id) is None


async def test_what_is_over_leaves_the_open_room_though_nobody_has_erased_it(stage: Stage) -> None:
    """A wipe holds the store for seconds: its erasures wait, the window does not."""
    room, look = stage.engine.room("디자인 시스템"), stage.window.look
    now_ms = stage.engine.now_ms
    look.now_ms = lambda: now_ms  # type: ignore[method-assign]
    rows = stage.engine.rows[room]
    rows[-1] = replace(rows[-1], timer_s=60, expires_at=now_ms + 60_000)
    rows[-2] = replace(rows[-2], timer_s=60, expires_at=now_ms + 61_000)
    await stage.open("디자인 시스템")
    model, items = stage.messenger.room_pane.window_model, stage.messenger.room_pane.transcript.items
    assert 0 < model.over_timer.remainingTime() <= LOOK_AT_TIMERS_EVERY_MS
    now_ms += 60_000
    model.over_timer.stop()
    model.over_timer.timeout.emit()
    assert items.row_of(rows[-1].message_id) is None
    assert items.row_of(rows[-2].message_id) is not None
    assert 0 < model.over_timer.remainingTime() <= 1_000
    stage.messenger.leave_room()
    assert not model.over_timer.isActive()


async def test_what_tells_of_a_message_goes_with_it(stage: Stage) -> None:
    """A timer that another own device started, auto-delete, a message deleted by hand."""
    shown = Shown()
    desktop_of(stage).show_by(shown)
    choose(stage, "ui.previews", "all")
    room = stage.engine.room("엄마")
    first, last = (stage.engine.receive(room, "mother", text) for text in ("안녕", "읽고 지워"))
    for message, gone in ((first, []), (last, [room])):
        stage.engine.events.publish(ev.MessagesErased(room, (message.message_id,)))
        assert shown.withdrawn == gone


async def test_person_is_erased_with_a_certificate(stage: Stage) -> None:
    stage.messenger.go("friends")
    account = stage.engine.people["haeun"].account_id
    stage.messenger.friends.contact_opened.emit(account)
    await settle()
    stage.messenger.profile._erase()
    await settle()
    question(stage).yes.click()
    await settle()
    assert called(stage, "erasures.wipe_contact") == [account]
    assert stage.window.wiping is not None
    assert isinstance(stage.window.wiping.sheet, CertificateSheet)
    assert not stage.messenger.profile.isVisible()  # nor does the name stand behind the certificate
    assert account not in [contact.account_id for contact in stage.messenger.listing.contacts]


async def test_older_messages_go_and_newer_ones_stay(stage: Stage) -> None:
    await stage.open("디자인 시스템")
    stage.engine.now_ms += 40 * 86_400_000
    room = stage.engine.room("디자인 시스템")
    kept = stage.engine.receive(room, "junho", "새 글")
    stage.messenger.settings_pane.erase_older.emit(30)
    await settle()
    question(stage).yes.click()
    await settle()
    assert called(stage, "erasures.wipe_before") == [stage.engine.now_ms - 30 * 86_400_000]
    texts = [item.text for item in stage.messenger.room_pane.transcript.items.items if item.kind == "message"]
    assert texts == [kept.text]


async def test_what_goes_on_is_shown_and_goes_on_behind_the_window(stage: Stage) -> None:
    stage.messenger.go("settings-erasing")
    stage.engine.wipes.gate = asyncio.Event()
    stage.messenger.settings_pane.erase_older.emit(30)
    await settle()
    question(stage).yes.click()
    await settle()
    wiping = stage.window.wiping
    assert wiping is not None
    assert isinstance(wiping.sheet, WipeProgress)
    assert wiping.sheet.accessibleName() == "옛 메시지를 지우는 중"
    assert wiping.sheet.step.text() == "7단계 중 3단계"
    wiping.sheet.close_sheet()
    await settle()
    assert not stage.messenger.rail.buttons["wipe"].isHidden()
    stage.messenger.settings_pane.erase_older.emit(7)  # one at a time: this shows the one that goes on
    await settle()
    question(stage).yes.click()
    await settle()
    assert isinstance(wiping.sheet, WipeProgress)
    stage.engine.wipes.gate.set()
    await settle()
    assert isinstance(wiping.sheet, CertificateSheet)
    assert len(called(stage, "erasures.wipe_before")) == 1


async def test_what_left_something_is_done_again_and_old_certificates_offer_nothing(stage: Stage) -> None:
    def again(sheet: CertificateSheet) -> list[Button]:
        return [button for button in sheet.content.findChildren(Button) if button.text() == "다시 지우기"]

    stage.engine.wipes.remnants = ("page 12",)
    stage.messenger.settings_pane.erase_older.emit(30)
    await settle()
    question(stage).yes.click()
    await settle()
    wiping = stage.window.wiping
    assert wiping is not None
    sheet = wiping.sheet
    assert isinstance(sheet, CertificateSheet)
    stage.engine.wipes.remnants = ()
    again(sheet)[0].click()
    await settle()
    assert len(called(stage, "erasures.wipe_before")) == 2
    assert isinstance(wiping.sheet, CertificateSheet)
    assert wiping.sheet is not sheet
    wiping.show_certificate(sheet._certificate)
    await settle()
    assert isinstance(wiping.sheet, CertificateSheet)
    assert again(wiping.sheet) == []


async def test_erasing_that_stopped_is_told(stage: Stage) -> None:
    stage.engine.refuse("erasures.wipe_before", "disk_full")
    stage.messenger.settings_pane.erase_older.emit(30)
    await settle()
    question(stage).yes.click()
    await settle()
    assert stage.window.wiping is not None
    assert isinstance(stage.window.wiping.sheet, WipeFailed)


async def test_destroying_everything_asks_and_ends_at_the_first_run(stage: Stage) -> None:
    await stage.open("엄마")
    stage.engine.receive(stage.engine.room("디자인 시스템"), "haeun", "새 소식")
    await settle()
    stage.messenger.settings_pane.erase_all.emit()
    await settle()
    question(stage).yes.click()
    await settle()
    assert called(stage, "account.panic") == [None]
    assert stage.window.page_name == "first-run"
    assert stage.window.messenger is None  # a new account would begin on the rooms of the old one
    assert stage.window.windowTitle() == "외양간"


async def test_keeping_time_is_what_the_engine_goes_by(stage: Stage) -> None:
    assert stage.window.preferences is not None
    stage.window.preferences.choose("ui.keep_days", "30")
    await settle()
    assert stage.engine.values["keep_messages_for_s"] == 30 * 86_400


async def test_certificate_tells_what_other_devices_answered(stage: Stage) -> None:
    wiping = stage.window.wiping
    assert wiping is not None
    wiping.ask(stage.engine.room("엄마"))
    await settle()
    wiping.sheet.confirmed.emit(False)  # type: ignore[union-attr]
    await settle()
    sheet = wiping.sheet
    assert isinstance(sheet, CertificateSheet)

    def words() -> str:
        return " ".join(label.text() for label in sheet.content.findChildren(PlainLabel))

    assert "다른 2대 중 1대가 지웠다고 답함" in words()
    close = next(button for button in sheet.content.findChildren(Button) if button.text() == "닫기")
    close.setFocus()
    stage.engine.events.publish(ev.WipeReported(stage.engine.wipes.done[-1].wipe_id, 2, 2))
    await settle()
    assert "다른 2대 모두 지웠다고 답함" in words()
    assert close.hasFocus()  # an answer moves nothing under the hands of who reads


async def test_phone_undoes_what_a_pc_ordered(build: Build, phone_engine: FakeEngine) -> None:
    stage = await build(phone_engine, width=400, height=720, role_hint="primary")
    room = RoomId(phone_engine.room("엄마"))
    order = WipeOrder("ab" * 16, room, DeviceId("cd" * 16), phone_engine.now_ms + 600_000)
    phone_engine.events.publish(ev.WipeOrdered(order))
    await settle()
    asked = stage.window.asking.sheet
    assert isinstance(asked, Question)
    assert asked.hasFocus()  # it came by itself: whoever is typing just now answers nothing by the next key
    stage.window.open_link("byre://link#abcdef")
    await settle()
    assert asked.isAncestorOf(stage.window.childAt(stage.window.rect().center()))  # another page does not cover it
    assert any("10분 뒤" in label.text() for label in asked.content.findChildren(PlainLabel))
    asked.yes.click()
    await settle()
    assert called(stage, "wipes.undo") == [order.wipe_id]


async def test_order_that_came_meanwhile_is_told_at_the_next_start(build: Build, phone_engine: FakeEngine) -> None:
    room = RoomId(phone_engine.room("엄마"))
    phone_engine.wipes.orders = [WipeOrder("ab" * 16, room, DeviceId("cd" * 16), phone_engine.now_ms + 60_000)]
    stage = await build(phone_engine, width=400, height=720, role_hint="primary")
    asked = stage.window.asking.sheet
    assert isinstance(asked, Question)
    asked.no.click()
    await settle()
    assert called(stage, "wipes.undo") == []


async def test_whole_text_of_a_message_closes_when_its_time_is_over(stage: Stage) -> None:
    """What stands in a sheet was as good as kept."""
    room, look = stage.engine.room("디자인 시스템"), stage.window.look
    now_ms = stage.engine.now_ms
    look.now_ms = lambda: now_ms  # type: ignore[method-assign]
    rows = stage.engine.rows[room]
    rows[-1] = replace(rows[-1], text="비밀\n" * 100, timer_s=60, expires_at=now_ms + 60_000)
    await stage.open("디자인 시스템")
    pane = stage.messenger.room_pane
    pane.transcript.unfolded.emit(rows[-1].message_id)
    await settle()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, FullText)
    edit = sheet.edit
    assert edit.toPlainText().startswith("비밀")
    now_ms += 60_000
    pane.window_model.over_timer.stop()
    pane.window_model.over_timer.timeout.emit()
    assert edit.toPlainText() == ""
    assert stage.window.asking.sheet is None


async def test_whole_text_of_a_message_closes_when_the_message_is_erased_or_its_room_is_left(stage: Stage) -> None:
    room = stage.engine.room("디자인 시스템")
    await stage.open("디자인 시스템")
    pane, message_id = stage.messenger.room_pane, stage.engine.rows[room][-1].message_id
    for is_erased in (True, False):
        pane.transcript.unfolded.emit(message_id)
        await settle()
        assert isinstance(stage.window.asking.sheet, FullText)
        if is_erased:
            stage.engine.events.publish(ev.MessagesErased(room, (message_id,)))
        else:
            stage.messenger.leave_room()
        await settle()
        assert stage.window.asking.sheet is None
        message_id = stage.engine.rows[room][-2].message_id


async def test_list_of_rooms_shows_no_text_after_its_time(stage: Stage) -> None:
    room, look = stage.engine.room("디자인 시스템"), stage.window.look
    now_ms = stage.engine.now_ms
    look.now_ms = lambda: now_ms  # type: ignore[method-assign]
    rows = stage.engine.rows[room]
    rows[-1] = replace(rows[-1], text="비밀", timer_s=60, expires_at=now_ms + 60_000)
    model = stage.messenger.chats.model
    view = replace(model.shown[model.row_of(room)], last_message=rows[-1])
    model.replace([view])
    assert "비밀" in model.line_of(view)
    assert 0 < model.over_timer.remainingTime() <= LOOK_AT_TIMERS_EVERY_MS
    now_ms += 60_000
    told: list[object] = []
    model.dataChanged.connect(lambda *_where: told.append(None))
    model.over_timer.stop()
    model.over_timer.timeout.emit()
    assert told
    assert "비밀" not in model.line_of(view)
    assert not model.over_timer.isActive()


async def test_what_was_found_is_shown_no_longer_after_its_time(stage: Stage) -> None:
    room, look = stage.engine.room("엄마"), stage.window.look
    now_ms = stage.engine.now_ms
    look.now_ms = lambda: now_ms  # type: ignore[method-assign]
    message = stage.engine.receive(room, "mother", "나박김치 비밀")
    rows = stage.engine.rows[room]
    rows[-1] = replace(message, timer_s=60, expires_at=now_ms + 60_000)
    stage.messenger.search_all("나박김치")
    await settle()
    column = stage.messenger.search
    assert [found.text for found in column.model.found] == ["나박김치 비밀"]
    now_ms += 60_000
    column.over_timer.stop()
    column.over_timer.timeout.emit()
    assert column.model.found == []
    assert column.model.lines == {}
