"""First run on a PC and on a phone, and both sides of linking, through the window."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from byre.ui.flows.link_phone import Dead, Done, Reading, Typing
from byre.ui.i18n import Language
from byre.ui.main_window import MainWindow
from byre.ui.pages.account import AccountPage
from byre.ui.pages.first_run import FirstRunPage
from byre.ui.pages.link_code import LinkCodePage
from byre.ui.pages.link_confirm import LinkConfirmPage
from byre.ui.pages.recovery import RecoveryPage
from byre.ui.qr import qr_image
from tests.fakes.engine import CODE, RECOVERY_CODE, FakeEngine
from tests.ui.conftest import Build, settle

P = TypeVar("P")


def page(window: MainWindow, kind: type[P]) -> P:
    current = window._stack.currentWidget()
    assert isinstance(current, kind), type(current).__name__
    return current


async def test_qr_digits_question_and_chats(build: Build, new_engine: FakeEngine) -> None:
    stage = await build(new_engine)
    first = page(stage.window, FirstRunPage)
    assert first.qr.accessibleName() == "연결용 QR 코드, 5:00 남음"
    assert first.expiry.text() == "5:00 뒤에 새 코드로 바뀝니다"
    new_engine.phone_scans()
    await settle()
    code = page(stage.window, LinkCodePage)
    assert code.digits.accessibleName() == "숫자: 4 8 2 9 1 6"
    assert code.account.text() == "seoyeon@relay.example"
    new_engine.phone_matches()
    await settle()
    confirm = page(stage.window, LinkConfirmPage)
    assert confirm.question.text() == "내 휴대전화에 이 PC가 seoyeon@relay.example에 연결됐다고 나옵니까?"
    assert not any(call == "linking.finish" for call, _ in new_engine.calls)
    pages: list[str] = []
    stage.window.page_shown.connect(pages.append)
    confirm.yes.click()
    await settle()
    assert set(pages) == {"chats"}  # no other page flashes up on the way
    assert ("linking.finish", True) in new_engine.calls
    assert stage.window.page_name == "chats"
    assert len(stage.messenger.chats.model.shown) == 12


async def test_enter_confirms_nothing_by_itself_and_escape_is_no(
    build: Build, new_engine: FakeEngine, qtbot: QtBot
) -> None:
    stage = await build(new_engine)
    new_engine.phone_scans()
    new_engine.phone_matches()
    await settle()
    confirm = page(stage.window, LinkConfirmPage)
    qtbot.keyClick(confirm, Qt.Key.Key_Return)
    await settle()
    assert not any(call == "linking.finish" for call, _ in new_engine.calls)
    qtbot.keyClick(confirm, Qt.Key.Key_Escape)
    await settle()
    assert ("linking.finish", False) in new_engine.calls
    page(stage.window, FirstRunPage)
    assert "연결을 버렸습니다" in stage.window.notice.words


async def test_expired_offer_is_renewed_without_a_click(build: Build, new_engine: FakeEngine) -> None:
    stage = await build(new_engine)
    new_engine.now_ms += 300_001
    assert stage.window.onboarding is not None
    stage.window.onboarding._tick()
    await settle()
    assert sum(call == "linking.offer" for call, _ in new_engine.calls) == 2
    assert page(stage.window, FirstRunPage).expiry.text() == "5:00 뒤에 새 코드로 바뀝니다"


async def test_unreachable_relay_says_so_and_tries_again(build: Build, new_engine: FakeEngine) -> None:
    new_engine.refuse("linking.offer", "relay_unreachable")
    stage = await build(new_engine)
    first = page(stage.window, FirstRunPage)
    assert first.action.text() == "다시 시도"
    first.action.click()
    await settle()
    assert first.expiry.text() == "5:00 뒤에 새 코드로 바뀝니다"


async def test_without_a_relay_the_network_settings_ask(build: Build, new_engine: FakeEngine) -> None:
    stage = await build(new_engine, relay=None)
    first = page(stage.window, FirstRunPage)
    first.action.click()
    await settle()
    sheet = stage.window.asking.sheet
    assert sheet is not None
    sheet.row.field.set_text("not a relay")  # type: ignore[attr-defined]
    sheet._done()  # type: ignore[attr-defined]
    assert "릴레이 주소가 아닙니다" in sheet.row.line.text()  # type: ignore[attr-defined]
    sheet.row.field.set_text("http://127.0.0.1:8440/")  # type: ignore[attr-defined]
    sheet._done()  # type: ignore[attr-defined]
    await settle()
    assert ("linking.offer", ("http://127.0.0.1:8440", "거실 PC", None)) in new_engine.calls


async def test_without_a_key_store_a_passphrase_is_chosen(build: Build, new_engine: FakeEngine) -> None:
    new_engine.refuse("linking.offer", "passphrase_required")
    stage = await build(new_engine)
    page(stage.window, FirstRunPage).action.click()
    await settle()
    sheet = stage.window.asking.sheet
    assert sheet is not None
    sheet.first.field.set_text("long enough")  # type: ignore[attr-defined]
    sheet.second.field.set_text("long enough")  # type: ignore[attr-defined]
    sheet._done()  # type: ignore[attr-defined]
    await settle()
    assert ("linking.offer", ("https://relay.example", "거실 PC", "long enough")) in new_engine.calls


async def test_link_address_is_copied_only_on_demand(build: Build, new_engine: FakeEngine) -> None:
    QGuiApplication.clipboard().setText("before")
    stage = await build(new_engine)
    assert QGuiApplication.clipboard().text() == "before"
    page(stage.window, FirstRunPage).qr._copy()
    assert QGuiApplication.clipboard().text().startswith("byre://link#")


async def test_link_address_is_copied_by_keys_alone(build: Build, new_engine: FakeEngine, qtbot: QtBot) -> None:
    stage = await build(new_engine)
    first = page(stage.window, FirstRunPage)
    QGuiApplication.clipboard().setText("before")
    met = set()
    for _ in range(8):
        qtbot.keyClick(stage.window.focusWidget() or stage.window, Qt.Key.Key_Tab)
        met.add(stage.window.focusWidget())
        if first.qr.hasFocus():
            break
    assert first.qr.hasFocus(), met
    qtbot.keyClick(first.qr, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("byre://link#")
    qtbot.keyClick(first.qr, Qt.Key.Key_Return)
    menu = next(menu for menu in first.qr.findChildren(QMenu) if menu.isVisible())
    assert [action.text() for action in menu.actions()] == ["연결 주소 복사"]
    menu.close()


async def test_qr_box_without_a_code_offers_nothing(build: Build, new_engine: FakeEngine, qtbot: QtBot) -> None:
    stage = await build(new_engine)
    qr = page(stage.window, FirstRunPage).qr
    qr.show_message("릴레이가 없습니다")
    QGuiApplication.clipboard().setText("before")
    qtbot.keyClick(qr, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(qr, Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text() == "before"
    assert not [menu for menu in qr.findChildren(QMenu) if menu.isVisible()]


async def test_account_is_made_and_the_recovery_code_confirmed(build: Build, new_engine: FakeEngine) -> None:
    stage = await build(new_engine)
    page(stage.window, FirstRunPage).second.click()
    await settle()
    account = page(stage.window, AccountPage)
    account._send()
    assert "2~32자" in account.rows["handle"].line.text()
    account.rows["handle"].field.set_text("서연")
    account.rows["name"].field.set_text("김서연")
    account.rows["passphrase"].field.set_text("short")
    account.rows["repeated"].field.set_text("short")
    account._send()
    assert "8자 이상" in account.rows["passphrase"].line.text()
    account.rows["passphrase"].field.set_text("long enough")
    account.rows["repeated"].field.set_text("long enough")
    account._send()
    await settle()
    recovery = page(stage.window, RecoveryPage)
    assert recovery.code.text().split() == RECOVERY_CODE.split("-")
    recovery.row.field.set_text("XXXX")
    recovery.button.click()
    await settle()
    page(stage.window, RecoveryPage)
    recovery.row.field.set_text(RECOVERY_CODE.split("-")[recovery._check.asked].lower())
    recovery.button.click()
    await settle()
    assert stage.window.page_name == "chats"
    assert recovery.code.text() == ""


async def test_taken_handle_is_told_at_its_field(build: Build, new_engine: FakeEngine) -> None:
    new_engine.refuse("account.create", "handle_taken")
    stage = await build(new_engine, role_hint="primary", width=400, height=720)
    account = page(stage.window, AccountPage)
    account.rows["handle"].field.set_text("seoyeon")
    account._send()
    await settle()
    assert account.rows["handle"].line.text() == "이미 쓰는 아이디입니다. 다른 아이디를 입력하세요."
    assert account.button.isEnabled()


async def test_account_is_restored_by_its_code(build: Build, new_engine: FakeEngine) -> None:
    stage = await build(new_engine, role_hint="primary")
    page(stage.window, AccountPage).other.emit()
    await settle()
    account = page(stage.window, AccountPage)
    account.rows["code"].field.set_text("wrong")
    account.rows["handle"].field.set_text("seoyeon")
    account._send()
    await settle()
    assert "복구 코드가 맞지 않습니다" in account.rows["code"].line.text()
    account.rows["code"].field.set_text(RECOVERY_CODE)
    account._send()
    await settle()
    assert stage.window.page_name == "chats"


async def test_phone_reads_a_picture_types_digits_and_is_done(
    build: Build, phone_engine: FakeEngine, pictures: Path, qtbot: QtBot
) -> None:
    stage = await build(phone_engine, width=400, height=720, role_hint="primary")
    stage.window.link_pc()
    await settle()
    phone = stage.window.phone
    assert phone is not None
    picture = pictures / "qr.png"
    qr_image("byre://link#abcdef").save(str(picture))
    phone.page.picture_chosen.emit(picture)
    await stage.bridge.idle()
    await settle()
    assert isinstance(phone.flow.state, Typing)
    boxes = phone.page.boxes
    assert boxes.accessibleName() == "여섯 자리 중 첫 번째"
    QGuiApplication.clipboard().setText("482916")
    qtbot.keyClick(boxes, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert boxes.digits == ""
    qtbot.keyClicks(boxes, "111111")
    assert phone.page.connect_button.isEnabled()
    phone.page.connect_button.click()
    await settle()
    assert isinstance(phone.flow.state, Typing)
    assert phone.flow.state.tries == 2
    qtbot.keyClicks(boxes, CODE[:5])
    qtbot.keyClick(boxes, Qt.Key.Key_Backspace)
    assert boxes.digits == CODE[:4]
    assert not phone.page.connect_button.isEnabled()
    qtbot.keyClicks(boxes, CODE[4:])
    qtbot.keyClick(boxes, Qt.Key.Key_Return)
    await settle()
    assert isinstance(phone.flow.state, Done)
    assert ("linking.confirm", CODE) in phone_engine.calls
    phone.page.back.emit()
    await settle()
    assert stage.window.page_name == "chats"
    assert stage.messenger.settings_pane.page == "devices"


async def test_third_wrong_code_ends_the_offer(build: Build, phone_engine: FakeEngine) -> None:
    stage = await build(phone_engine, width=400, height=720, role_hint="primary")
    stage.window.open_link("byre://link#abcdef")
    await settle()
    phone = stage.window.phone
    assert phone is not None
    assert isinstance(phone.flow.state, Reading)  # a link from outside is shown, never read by itself
    phone.page.text.field.submitted.emit()
    await settle()
    for _ in range(3):
        for digit in "000000":
            phone.page.typed.emit(digit)
        phone.page.connect_wanted.emit()
        await settle()
    assert isinstance(phone.flow.state, Dead)
    assert "숫자가 세 번 틀렸습니다. PC 화면의 새 QR 코드를 읽어 주세요." in stage.words()
    phone.page.back.emit()
    assert isinstance(phone.flow.state, Reading)


async def test_junk_for_a_link_is_refused_with_a_sentence(build: Build, phone_engine: FakeEngine) -> None:
    stage = await build(phone_engine, width=400, height=720, role_hint="primary")
    stage.window.link_pc()
    await settle()
    phone = stage.window.phone
    assert phone is not None
    for junk in ("https://evil.example", "byre://link#" + "x" * 5000, "byre://link#한글"):
        phone.page.link_read.emit(junk)
        await settle()
        assert phone.page.text.line.text() == "외양간의 연결 코드가 아닙니다."
    assert not any(call == "linking.accept" for call, _ in phone_engine.calls)


async def test_picture_without_a_code_is_told(build: Build, phone_engine: FakeEngine, pictures: Path) -> None:
    stage = await build(phone_engine, width=400, height=720, role_hint="primary")
    stage.window.link_pc()
    await settle()
    phone = stage.window.phone
    assert phone is not None
    junk = pictures / "junk.png"
    junk.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    phone.page.picture_chosen.emit(junk)
    await stage.bridge.idle()
    await settle()
    assert phone.page.text.line.text() == "사진을 읽을 수 없습니다. PNG나 JPEG 같은 다른 파일을 선택하세요."
    blank = pictures / "blank.png"
    image = QImage(80, 80, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    image.save(str(blank))
    for picture, words in ((blank, "QR 코드를 찾지 못했습니다"), (pictures / "gone.png", "사진을 읽을 수 없습니다")):
        phone.page.picture_chosen.emit(picture)
        await stage.bridge.idle()
        await settle()
        assert words in phone.page.text.line.text()
    foreign = pictures / "foreign.png"
    qr_image("https://evil.example").save(str(foreign))
    phone.page.picture_chosen.emit(foreign)
    await stage.bridge.idle()
    await settle()
    assert phone.page.text.line.text() == "외양간의 연결 코드가 아닙니다."
    assert not any(call == "linking.accept" for call, _ in phone_engine.calls)


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_steps_and_question_fit_the_narrowest_window(
    build: Build, new_engine: FakeEngine, language: Language
) -> None:
    stage = await build(new_engine, width=360, height=720, language=language)
    new_engine.phone_scans()
    await settle()
    new_engine.phone_matches()
    await settle()
    confirm = page(stage.window, LinkConfirmPage)
    assert not confirm.phone.isVisible()
    for part in (confirm.question, confirm.yes, confirm.no, confirm._stepper):
        assert part is not None
        left = part.mapTo(stage.window, QPoint(0, 0)).x()
        assert left >= 0
        assert left + part.width() <= stage.window.width()
    stage.window.resize(1280, 820)
    await settle()
    assert confirm.phone.isVisible()


async def test_field_that_enter_or_a_mistake_leads_to_is_in_sight(
    build: Build, new_engine: FakeEngine, qtbot: QtBot
) -> None:
    stage = await build(new_engine, role_hint="primary", relay="https://relay.example", width=400, height=440)
    form = page(stage.window, AccountPage)

    def is_in_sight(name: str) -> bool:
        field = form.rows[name].field
        top = field.mapTo(form, field.rect().topLeft()).y()
        return top >= 0 and top + field.height() <= form.height()

    form.rows["passphrase"].field.set_text("correct horse")
    form.rows["passphrase"].field.line.setFocus(Qt.FocusReason.OtherFocusReason)
    qtbot.keyClick(form.rows["passphrase"].field.line, Qt.Key.Key_Return)
    await settle()
    assert form.rows["repeated"].field.line.hasFocus()
    assert is_in_sight("repeated")
    form.verticalScrollBar().setValue(form.verticalScrollBar().maximum())
    assert not is_in_sight("handle")
    form.button.click()
    await settle()
    assert form.rows["handle"].field.line.hasFocus()
    assert is_in_sight("handle")
