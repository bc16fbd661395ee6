"""Copies, keys and ways: backups with progress, salvage, a lost key, another passphrase, the network's fields."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from byre.client.events import KeyReturned, LinkCodeShown, LinkEnded
from byre.client.views import ProfileState
from byre.ui.dialogs.backup import BackupEntry, BackupMade
from byre.ui.dialogs.certificate import CertificateSheet
from byre.ui.dialogs.lock_change import LockChange
from byre.ui.dialogs.question import Question
from byre.ui.dialogs.rescue import AskPhone, CodeEntry, Salvage, Ways
from byre.ui.dialogs.wipe import AskWipe
from byre.ui.room.options import OptionRow
from byre.ui.settings.network import NetworkForm
from byre.ui.widgets.labels import PlainLabel
from tests.fakes.engine import CODE, RECOVERY_CODE, FakeEngine
from tests.fakes.engine_copies import BACKUP_CODE
from tests.ui.conftest import Build, Stage, settle


def said(widget: object) -> str:
    return " ".join(label.text() for label in widget.findChildren(PlainLabel))  # type: ignore[attr-defined]


async def test_backup_is_made_with_progress_and_its_code_is_shown_once(stage: Stage, tmp_path: Path) -> None:
    gate = stage.engine.backups.gate = asyncio.Event()
    stage.messenger.go("settings-backup")
    await settle()
    stage.window.copying.export_to(str(tmp_path / "one.byrebackup"))
    await settle()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, BackupMade)
    assert sheet.bar.fraction == 0.5
    assert not sheet.can_escape
    gate.set()
    await settle()
    assert sheet.code.text() == BACKUP_CODE.replace("-", "  ")
    assert (tmp_path / "one.byrebackup").is_file()
    assert sheet.hasFocus()  # an Enter too many, meant for the name of the file, does not end what is shown once
    sheet.close_button.click()
    await settle()
    assert stage.window.asking.sheet is None
    assert sheet._code == ""


async def test_backup_that_finds_no_room_says_so(stage: Stage, tmp_path: Path) -> None:
    stage.engine.refuse("backups.export", "disk_full")
    stage.window.copying.export_to(str(tmp_path / "two"))
    await settle()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, BackupMade)
    assert "디스크가 가득" in said(sheet)
    assert sheet.can_escape


async def test_new_device_becomes_that_of_a_backup(build: Build, new_engine: FakeEngine, tmp_path: Path) -> None:
    stage = await build(new_engine)
    assert stage.window.onboarding is not None
    stage.window.onboarding.show_account(restoring=True)
    await settle()
    stage.window.copying.restore_from(str(tmp_path / "file"))
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, BackupEntry)
    sheet.code.field.set_text("AAAA-BBBB")
    sheet.yes.click()
    await settle()
    assert "코드" in sheet.code.line.text()
    sheet.code.field.set_text(BACKUP_CODE.lower())
    sheet.passphrase.field.set_text("short")
    sheet.yes.click()
    assert "8자 이상" in sheet.passphrase.line.text()
    sheet.passphrase.field.set_text("long enough words")
    sheet.code.field.submitted.emit()  # Enter goes to what is missing
    assert not sheet.repeated.line.text()
    sheet.yes.click()
    assert "두 암호가 다릅니다" in sheet.repeated.line.text()
    sheet.repeated.field.set_text("long enough words")
    sheet.code.field.submitted.emit()
    await settle()
    assert stage.engine.calls[-1] != ("backups.restore", None)
    assert ("backups.restore", (str(tmp_path / "file"), BACKUP_CODE.lower(), "long enough words")) in stage.engine.calls
    assert stage.window.page_name == "chats"


async def damaged(build: Build, code: str, passphrase: str | None = None) -> Stage:
    engine = FakeEngine(state=ProfileState.LOCKED, passphrase=passphrase)
    stage = await build(engine)
    assert stage.window.locking.page is not None
    engine.refuse("account.unlock", code)
    stage.window.locking.page.unlock.emit("")
    await settle()
    return stage


async def test_damaged_store_is_salvaged_and_says_what_came_back(build: Build) -> None:
    stage = await damaged(build, "db_damaged", passphrase="correct horse")
    lock = stage.window.locking.page
    assert lock is not None
    assert lock.forgot.text() == "읽을 수 있는 것 되살리기…"
    lock.forgot.click()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, Salvage)
    sheet.row.field.set_text("wrong")
    sheet.yes.click()
    await settle()
    assert "암호가 다릅니다" in sheet.row.line.text()
    sheet.row.field.set_text("correct horse")
    sheet.yes.click()
    await settle()
    assert stage.window.page_name == "chats"
    words = said(stage.window.asking.sheet)
    assert "1204개" in words
    assert "37개" in words
    assert "따로 두었습니다" in words


async def test_a_lost_manifest_is_told_as_nothing_lost(build: Build) -> None:
    stage = await damaged(build, "db_damaged")
    stage.engine.backups.found = replace(stage.engine.backups.found, was_whole=True)
    assert stage.window.locking.page is not None
    stage.window.locking.page.forgot.click()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, Salvage)
    sheet.yes.click()
    await settle()
    assert stage.window.page_name == "chats"
    words = said(stage.window.asking.sheet)
    assert "모두 그대로 있습니다" in words
    assert "1204" not in words


async def test_lost_key_offers_all_ways_and_deletes_nothing(build: Build) -> None:
    stage = await damaged(build, "key_unavailable")
    lock = stage.window.locking.page
    assert lock is not None
    lock.forgot.click()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, Ways)
    assert list(sheet.buttons) == ["again", "phone", "code", "aside"]
    assert sheet.no.hasFocus()
    sheet.buttons["aside"].click()
    question = stage.window.asking.sheet
    assert isinstance(question, Question)
    question.no.click()
    await settle()
    assert stage.window.page_name == "lock"
    lock.forgot.click()
    ways = stage.window.asking.sheet
    assert isinstance(ways, Ways)
    ways.buttons["again"].click()
    await settle()
    assert stage.window.page_name == "chats"


async def test_lost_key_comes_back_by_the_recovery_code(build: Build) -> None:
    stage = await damaged(build, "key_unavailable")
    stage.window.copying.with_code()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, CodeEntry)
    assert sheet.rows["relay"].text() == "https://relay.example"
    sheet.rows["handle"].field.set_text("seoyeon")
    sheet.rows["code"].field.set_text("WRONG")
    sheet.yes.click()
    await settle()
    assert sheet.rows["code"].line.text()
    sheet.rows["code"].field.set_text(RECOVERY_CODE)
    sheet.yes.click()
    await settle()
    assert stage.window.page_name == "chats"


async def test_lost_key_comes_back_from_the_phone(build: Build) -> None:
    stage = await damaged(build, "key_unavailable")
    stage.window.copying.ask_phone()
    await settle()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, AskPhone)
    assert sheet.qr._uri.startswith("byre://key#")
    assert sheet.left.text() == "남은 시간 5:00"
    stage.window.look.now_ms = lambda: stage.engine.now_ms + 61_000  # type: ignore[method-assign]
    sheet.count_down()
    assert sheet.left.text() == "남은 시간 3:59"
    stage.window.look.now_ms = lambda: stage.engine.now_ms  # type: ignore[method-assign]
    stage.engine.events.publish(LinkCodeShown(CODE, "seoyeon", "relay.example", stage.engine.now_ms + 300_000))
    assert sheet.digits.accessibleName() == "숫자: 4 8 2 9 1 6"
    assert "seoyeon@relay.example" in sheet.told.text()
    assert sheet.left.text().startswith("남은 시간 5:00 · ")
    stage.engine._become(ProfileState.READY)
    stage.engine.events.publish(KeyReturned())
    await settle()
    assert stage.window.page_name == "chats"
    assert not any(call == "key_recovery.cancel" for call, _ in stage.engine.calls)


async def test_phone_that_has_no_copy_is_told_and_closing_cancels(build: Build) -> None:
    stage = await damaged(build, "key_unavailable")
    stage.window.copying.ask_phone()
    await settle()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, AskPhone)
    stage.engine.events.publish(LinkEnded("no_key_copy"))
    assert "사본이 없습니다" in sheet.told.text()
    assert (sheet.no.text(), sheet.left.isHidden(), sheet.anew.hasFocus()) == ("닫기", True, True)
    sheet.anew.click()
    await settle()
    assert (sheet.no.text(), sheet.left.isHidden(), sheet.anew.isHidden()) == ("취소", False, True)
    assert [call for call, _ in stage.engine.calls].count("key_recovery.ask_phone") == 2
    stage.engine.events.publish(LinkEnded("offer_expired"))
    await settle()
    assert (sheet.anew.isHidden(), sheet.left.text()) == (True, "남은 시간 5:00")
    assert [call for call, _ in stage.engine.calls].count("key_recovery.ask_phone") == 3
    stage.engine.events.publish(LinkEnded("no_key_copy"))
    sheet.close_sheet()
    stage.window.copying.ask_phone()
    await settle()
    again = stage.window.asking.sheet
    assert isinstance(again, AskPhone)
    again.close_sheet()
    await settle()
    assert [call for call, _ in stage.engine.calls].count("key_recovery.cancel") == 1


async def test_passphrase_is_changed_and_needs_the_old_one(build: Build) -> None:
    stage = await build(FakeEngine(passphrase="correct horse"))
    stage.messenger.go("settings-lock")
    stage.messenger.settings_pane.lock_change_wanted.emit()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, LockChange)
    for current, new, again, row in (
        ("correct horse", "short", "short", sheet.first),
        ("correct horse", "battery staple", "other staple", sheet.second),
        ("wrong", "battery staple", "battery staple", sheet.current),
        ("", "battery staple", "battery staple", sheet.current),
    ):
        sheet.current.field.set_text(current)
        sheet.first.field.set_text(new)
        sheet.second.field.set_text(again)
        sheet.yes.click()
        await settle()
        assert row._error
    assert sheet.current.line.text() == "이 프로필의 암호를 입력하세요."
    sheet.current.field.set_text("correct horse")
    sheet.store.click()
    store = sheet.store.isChecked()
    sheet.yes.click()
    await settle()
    assert ("account.change_lock", ("correct horse", "battery staple", store)) in stage.engine.calls
    assert stage.engine.passphrase == "battery staple"
    assert stage.window.asking.sheet is None


async def network(stage: Stage) -> NetworkForm:
    stage.messenger.go("settings-network")
    await settle()
    return next(form for form in stage.messenger.settings_pane.findChildren(NetworkForm) if form.isVisible())


async def test_proxy_is_set_and_taken_away(stage: Stage, qtbot: QtBot) -> None:
    form = await network(stage)
    form.proxy.field.set_text("nonsense")
    qtbot.keyClick(form.proxy.field.line, Qt.Key.Key_Return)
    await settle()
    assert "프록시" in form.proxy.line.text()
    form.proxy.field.set_text("socks5h://127.0.0.1:9050")
    qtbot.keyClick(form.proxy.field.line, Qt.Key.Key_Return)
    await settle()
    assert stage.engine.network.view.proxy == "socks5h://127.0.0.1:9050"
    assert "저장했습니다" in stage.window.notice.words
    form.proxy.field.clear()
    qtbot.keyClick(form.proxy.field.line, Qt.Key.Key_Return)
    await settle()
    assert stage.engine.network.view.proxy is None


async def test_private_authority_is_taken_from_a_file(stage: Stage, tmp_path: Path) -> None:
    form = await network(stage)
    assert form.no_authority.isHidden()
    wrong = tmp_path / "wrong.pem"
    wrong.write_bytes(b"\x00\xff no certificate")
    form.choose_authority(str(wrong))
    await settle()
    assert stage.engine.network.view.ca_pem == ""
    assert "인증서" in stage.window.notice.words
    form.choose_authority(str(tmp_path / "missing.pem"))
    await settle()
    good = tmp_path / "ca.pem"
    good.write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", encoding="ascii")
    form.choose_authority(str(good))
    await settle()
    assert "BEGIN" in stage.engine.network.view.ca_pem
    assert not form.no_authority.isHidden()
    form.no_authority.click()
    await settle()
    assert stage.engine.network.view.ca_pem == ""


async def test_certificate_is_pinned_and_let_go(stage: Stage) -> None:
    form = await network(stage)
    form.host.field.set_text("https://relay.example:8443/")
    form.pin.field.set_text("abc")
    form.pin.field.submitted.emit()
    assert "64" in form.pin.line.text()
    form.pin.field.set_text(":".join(["AB"] * 32))
    form.pin.field.submitted.emit()
    await settle()
    assert stage.engine.network.view.pins == {"relay.example:8443": "ab" * 32}
    assert "relay.example:8443 · abababab…abababab" in said(form)
    form._put_pins({})
    await settle()
    assert stage.engine.network.view.pins == {}


@pytest.mark.parametrize(("title", "others"), [("Mia Chen", True), ("Mia Chen", False), ("나와의 채팅", False)])
async def test_wipe_asks_the_others_only_where_it_may_and_if_ticked(stage: Stage, title: str, others: bool) -> None:
    room = stage.engine.room(title)
    assert stage.window.wiping is not None
    stage.window.wiping.ask(room)
    await settle()
    sheet = stage.window.wiping.sheet
    assert isinstance(sheet, AskWipe)
    assert sheet.others.isHidden() is (title == "나와의 채팅")
    assert "아무도 증명할 수 없습니다" in sheet.others.why.text()
    if others:
        sheet.others.click()
    sheet.yes.click()
    await settle()
    assert ("wipes.wipe", (room, others)) in stage.engine.calls


async def test_certificates_are_listed_opened_and_exported(stage: Stage, tmp_path: Path) -> None:
    await stage.engine.wipes.wipe(stage.engine.room("Mia Chen"))
    stage.messenger.go("settings-erasing")
    await settle()
    rows = [r for r in stage.messenger.settings_pane.findChildren(OptionRow) if r.isVisible()]
    assert [r.accessibleName() for r in rows] == ["2026년 11월 20일 오전 11:42: 남은 흔적 0"]
    rows[0].click()
    await settle()
    assert stage.window.wiping is not None
    sheet = stage.window.wiping.sheet
    assert isinstance(sheet, CertificateSheet)
    stage.window.wiping.write(tmp_path / "out.json", sheet._certificate.certificate_json)
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == '{"wipe_id": "sample"}'
