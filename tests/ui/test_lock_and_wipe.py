"""Lock page and wipe dialogs: they ask, they never offer deletion, they show what was really done."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

from byre.client.views import ProfileState, Role
from byre.store.wipe_report import limits_of
from byre.ui.dialogs.certificate import CertificateSheet, limit_words
from byre.ui.dialogs.wipe import AskWipe, WipeFailed, WipeProgress
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.labels import PlainLabel
from tests.fakes.engine import FakeEngine
from tests.fakes.engine_erasing import made_certificate
from tests.ui.conftest import Build, Stage, settle


def locked(passphrase: str | None = "correct horse") -> FakeEngine:
    engine = FakeEngine(state=ProfileState.LOCKED, role=Role.LINKED, passphrase=passphrase)
    engine._status = replace(engine._status, has_passphrase=passphrase is not None)
    return engine


def words(widget: object) -> str:
    return " ".join(label.text() for label in widget.findChildren(PlainLabel))  # type: ignore[attr-defined]


async def test_wrong_passphrase_waits_longer_and_right_one_opens(build: Build) -> None:
    stage = await build(locked())
    lock = stage.window.locking.page
    assert lock is not None
    for tries in (1, 2, 3):
        lock.field.set_text("wrong")
        lock._try()
        await settle()
        assert lock.hint.text().startswith("암호가 다릅니다.")
        assert (lock._wait_s > 0) == (tries == 3)
    assert not lock.button.isEnabled()
    while lock._wait_s:
        lock._tick()
    lock.field.set_text("correct horse")
    lock._try()
    await settle()
    assert stage.window.page_name == "chats"
    assert stage.window.windowTitle() == "(17) 외양간"


async def test_unavailable_key_store_asks_and_never_deletes(build: Build) -> None:
    engine = locked(None)
    engine.refuse("account.unlock", "key_unavailable")
    stage = await build(engine)
    lock = stage.window.locking.page
    assert lock is not None
    lock._try()
    await settle()
    assert "열쇠 저장소가 응답하지 않습니다" in lock.why.text()
    assert lock.title.text() == "대화를 열지 못했습니다"
    assert lock.button.text() == "다시 시도"
    buttons = {b.text() for b in lock.findChildren(Button)}
    assert buttons == {"다시 시도", "무엇을 할 수 있나요?"}
    lock._try()
    await settle()
    assert stage.window.page_name == "chats"


async def test_forgotten_passphrase_explains_and_deletes_nothing(build: Build) -> None:
    stage = await build(locked())
    assert stage.window.locking.page is not None
    stage.window.locking.page.forgotten.emit()
    await settle()
    sheet = stage.window.asking.sheet
    assert sheet is not None
    assert "복구 코드" in words(sheet)
    assert "지우지 않습니다" in words(sheet)
    assert {b.text() for b in sheet.findChildren(Button)} == {"닫기", "확인"}


async def test_locking_from_outside_puts_the_draft_away(stage: Stage) -> None:
    await stage.open("Mia Chen")
    stage.composer.insertPlainText("초안")
    room = stage.engine.room("Mia Chen")
    stage.engine.passphrase = "x" * 8
    stage.engine._become(ProfileState.LOCKED)
    await settle()
    assert stage.window.page_name == "lock"
    assert stage.window.messenger is None
    assert stage.engine.drafts[room] == "초안"


async def ask(stage: Stage) -> AskWipe:
    await stage.open("디자인 시스템")
    stage.messenger.drawer.wipe.emit(stage.engine.room("디자인 시스템"))
    stage.automation._go("wipe")
    await settle()
    assert stage.window.wiping is not None
    sheet = stage.window.wiping.sheet
    assert isinstance(sheet, AskWipe)
    return sheet


async def test_wipe_asks_with_counts_shows_steps_and_certifies(stage: Stage, pictures: Path) -> None:
    sheet = await ask(stage)
    assert "메시지 9개" in words(sheet)
    assert sheet.no.hasFocus()
    stage.engine.wipes.gate = asyncio.Event()
    sheet.yes.click()
    await settle()
    wiping = stage.window.wiping
    assert wiping is not None
    assert isinstance(wiping.sheet, WipeProgress)
    assert wiping.sheet.step.text() == "7단계 중 3단계"
    assert "메시지와 첨부 파일의 키를 지웠습니다" in words(wiping.sheet)
    assert "남길 것만 새 저장소로 옮깁니다" in words(wiping.sheet)
    assert "54 %" in words(wiping.sheet)
    assert wiping.sheet.others.text() == "내 다른 기기 2대에도 지우라고 알립니다"
    shown = {r.title for r in stage.messenger.chats.model.shown}
    assert "디자인 시스템" not in shown
    assert stage.messenger.room_pane.room is None
    stage.engine.wipes.gate.set()
    await settle()
    certificate = wiping.sheet
    assert isinstance(certificate, CertificateSheet)
    assert "남은 흔적 0" in words(certificate)
    assert "디자인 시스템" not in words(certificate)
    await settle()
    assert "디자인 시스템" not in [view.title for view in stage.messenger.chats.rooms]
    target = pictures / "certificate.json"
    wiping.write(target, stage.engine.wipes.done[0].certificate_json)
    assert json.loads(target.read_text()) == {"wipe_id": "sample"}
    certificate.close_sheet()
    await settle()
    assert "디자인 시스템" in {r.title for r in stage.messenger.chats.model.shown}
    assert stage.messenger.chats.list.hasFocus()  # the drawer that had it before is closed


async def test_certificate_leaves_out_nothing_that_it_does_not_promise(stage: Stage) -> None:
    limits = (*limits_of("C"), "key_copy_pending")
    certificate = replace(made_certificate(3, ()), key_mode="C", limits=limits)
    assert stage.window.wiping is not None
    stage.window.wiping.show_certificate(certificate)
    await settle()
    sheet = stage.window.wiping.sheet
    assert sheet is not None
    said = words(sheet)
    assert [name for name in limits if limit_words(name) not in said] == []
    assert limit_words("own_claim") in said


async def test_closing_the_window_does_not_stop_a_wipe(stage: Stage) -> None:
    sheet = await ask(stage)
    stage.engine.wipes.gate = asyncio.Event()
    sheet.yes.click()
    await settle()
    wiping = stage.window.wiping
    assert wiping is not None
    assert wiping.sheet is not None
    wiping.sheet.close_sheet()
    await settle()
    assert not stage.messenger.rail.buttons["wipe"].isHidden()
    stage.messenger.rail.buttons["wipe"].click()
    await settle()
    assert isinstance(wiping.sheet, WipeProgress)
    stage.engine.wipes.gate.set()
    await settle()
    assert isinstance(wiping.sheet, CertificateSheet)
    assert stage.messenger.rail.buttons["wipe"].isHidden()


async def test_remnants_are_loud(stage: Stage) -> None:
    stage.engine.wipes.remnants = ("page 12", "wal frame 3")
    sheet = await ask(stage)
    sheet.yes.click()
    await settle()
    assert stage.window.wiping is not None
    certificate = stage.window.wiping.sheet
    assert isinstance(certificate, CertificateSheet)
    assert "남은 흔적 2" in words(certificate)
    assert "page 12, wal frame 3" in words(certificate)
    assert "다시 지우기" in {b.text() for b in certificate.findChildren(Button)}


async def test_keeping_it_starts_nothing(stage: Stage) -> None:
    sheet = await ask(stage)
    sheet.no.click()
    await settle()
    assert not any(call == "wipes.wipe" for call, _ in stage.engine.calls)


async def test_failed_wipe_says_that_it_goes_on_later(stage: Stage) -> None:
    stage.engine.refuse("wipes.wipe", "disk_full")
    sheet = await ask(stage)
    sheet.yes.click()
    await settle()
    assert stage.window.wiping is not None
    failed = stage.window.wiping.sheet
    assert isinstance(failed, WipeFailed)
    assert "디스크가 가득" in words(failed)
    assert "다음에 켤 때" in words(failed)
