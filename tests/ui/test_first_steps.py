"""Before there is an account: the way to the relay, no key store, a PC that asks for its key; and damaged profiles."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from byre.bootstrap import SHOW
from byre.client import events as ev
from byre.client.views import ProfileState
from byre.errors import EnvironmentFault
from byre.ui.app import window_main
from byre.ui.dialogs.connection import ConnectionEntry
from byre.ui.dialogs.recovery_code import NewRecoveryCode
from byre.ui.flows.link_phone import Dead, Done, Reading, Typing
from byre.ui.pages.account import AccountPage
from byre.ui.pages.first_run import FirstRunPage
from byre.ui.pages.link_confirm import LinkConfirmPage
from tests.fakes.engine import CODE, FakeEngine
from tests.fakes.engine_copies import NEW_CODE
from tests.ui.conftest import Build, Stage, settle
from tests.ui.test_app import OPTIONS, run, window_of
from tests.ui.test_onboarding import page

PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"


def connection_of(stage: Stage) -> ConnectionEntry:
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, ConnectionEntry)
    return sheet


async def test_proxy_and_authority_are_set_before_there_is_an_account(
    build: Build, new_engine: FakeEngine, tmp_path: Path
) -> None:
    new_engine.refuse("linking.offer", "proxy_unreachable")
    stage = await build(new_engine)
    page(stage.window, FirstRunPage).top.network_button.click()
    await settle()
    sheet = connection_of(stage)
    file = tmp_path / "ca.pem"
    file.write_text("not a certificate")
    sheet.choose_authority(str(file))
    assert sheet.authority.text() == "PEM 형식의 인증서가 아닙니다."
    sheet.choose_authority(str(tmp_path / "missing.pem"))
    assert "읽거나 쓸 수 없습니다" in sheet.authority.text()
    file.write_text(PEM)
    sheet.choose_authority(str(file))
    sheet.proxy.field.set_text("gopher://nowhere")
    sheet.save.click()
    await settle()
    assert "프록시 주소가 아닙니다" in sheet.proxy.line.text()
    assert new_engine.network.view.ca_pem == ""
    sheet.proxy.field.set_text("socks5h://127.0.0.1:9050")
    sheet.save.click()
    await settle()
    assert (new_engine.network.view.proxy, new_engine.network.view.ca_pem) == ("socks5h://127.0.0.1:9050", PEM)
    offers = [call for call, _ in new_engine.calls if call == "linking.offer"]
    assert len(offers) == 2  # and it is tried again, on the new way
    assert page(stage.window, FirstRunPage).expiry.text() == "5:00 뒤에 새 코드로 바뀝니다"


async def test_phone_sets_its_way_beside_the_form(build: Build, new_engine: FakeEngine) -> None:
    stage = await build(new_engine, role_hint="primary", relay=None, width=400, height=720)
    form = page(stage.window, AccountPage)
    form.rows["handle"].field.set_text("seoyeon")
    form.top.network.emit()
    await settle()
    sheet = connection_of(stage)
    sheet.proxy.field.set_text("http://10.0.0.1:3128")
    sheet.save.click()
    await settle()
    assert new_engine.network.view.proxy == "http://10.0.0.1:3128"
    assert form.rows["handle"].text() == "seoyeon"
    form.top.network.emit()
    await settle()
    connection_of(stage).row.field.set_text("https://relay.example/")
    connection_of(stage).save.click()
    await settle()
    assert form.rows["relay"].text() == "https://relay.example"


async def test_language_of_the_first_screen_is_kept(build: Build, new_engine: FakeEngine) -> None:
    stage = await build(new_engine)
    page(stage.window, FirstRunPage).top.language_chosen.emit("en")
    await settle()
    assert stage.window.look.language == "en"
    assert new_engine.values == {}
    new_engine.phone_scans()
    new_engine.phone_matches()
    await settle()
    page(stage.window, LinkConfirmPage).yes.click()
    await settle()
    assert new_engine.values["ui.language"] == "en"
    assert stage.window.look.language == "en"


async def test_form_keeps_what_was_written_when_it_changes(build: Build, new_engine: FakeEngine) -> None:
    stage = await build(new_engine, role_hint="primary")
    form = page(stage.window, AccountPage)
    form.rows["handle"].field.set_text("seoyeon")
    form.other.emit()
    await settle()
    assert page(stage.window, AccountPage).restoring
    assert page(stage.window, AccountPage).rows["handle"].text() == "seoyeon"


async def test_without_a_key_store_the_form_asks_for_a_passphrase_at_once(build: Build, new_engine: FakeEngine) -> None:
    new_engine.has_key_store = False
    stage = await build(new_engine, role_hint="primary")
    form = page(stage.window, AccountPage)
    assert form.rows["passphrase"].line.text().startswith("이 기기에는 열쇠 저장소가 없습니다.")
    assert not form.rows["repeated"].isHidden()
    form.rows["handle"].field.set_text("seoyeon")
    form._send()
    assert form.rows["passphrase"].line.text() == "8자 이상 입력하세요."
    assert not any(call == "account.create" for call, _ in new_engine.calls)


@pytest.mark.parametrize(
    ("code", "words"), [("disk_full", "디스크가 가득 찼습니다."), ("io_error", "디스크를 읽거나 쓸 수 없습니다.")]
)
async def test_what_is_wrong_with_no_field_is_told_below_all(
    build: Build, new_engine: FakeEngine, code: str, words: str
) -> None:
    new_engine.refuse("account.create", code)
    stage = await build(new_engine, role_hint="primary")
    form = page(stage.window, AccountPage)
    form.rows["handle"].field.set_text("seoyeon")
    form._send()
    await settle()
    assert form.told.text().startswith(words)
    assert not any(row.line.text().startswith(words) for row in form.rows.values())
    assert form.button.isEnabled()
    form._send()
    await settle()
    assert stage.window.page_name == "recovery"


async def test_with_a_key_store_no_passphrase_is_asked(build: Build, new_engine: FakeEngine) -> None:
    stage = await build(new_engine, role_hint="primary")
    form = page(stage.window, AccountPage)
    assert ("account.needs_passphrase", None) in new_engine.calls
    assert form.rows["repeated"].isHidden()


async def test_pc_that_lost_its_key_gets_it_from_the_phone(build: Build, phone_engine: FakeEngine) -> None:
    stage = await build(phone_engine, width=400, height=720, role_hint="primary")
    stage.window.open_link("byre://key#AWh0dHBz")
    await settle()
    phone = stage.window.phone
    assert phone is not None
    assert isinstance(phone.flow.state, Reading)  # whoever opened the link is not the user
    phone.page.text.field.submitted.emit()
    await settle()
    assert isinstance(phone.flow.state, Typing)
    assert phone.flow.state.request.wants_key
    said = stage.words()
    assert "내 PC가 열쇠를 돌려 달라고 합니다" in said
    assert "열쇠를 돌려주면 이 PC는" in said
    assert "연결하면 이 PC는" not in said
    assert phone.page.connect_button.text() == "열쇠 돌려주기"
    for digit in CODE:
        phone.page.typed.emit(digit)
    phone.page.connect_wanted.emit()
    await settle()
    assert isinstance(phone.flow.state, Done)
    assert "열쇠를 돌려줬습니다" in stage.words()
    assert len(phone_engine.device_views) == 3  # nothing was linked


async def test_key_that_is_not_given_is_told_as_that(build: Build, phone_engine: FakeEngine) -> None:
    phone_engine.refuse("linking.confirm", "no_key_copy")
    stage = await build(phone_engine, width=400, height=720, role_hint="primary")
    stage.window.link_pc("byre://key#AWh0dHBz")
    await settle()
    phone = stage.window.phone
    assert phone is not None
    phone.page.text.field.submitted.emit()
    await settle()
    for digit in CODE:
        phone.page.typed.emit(digit)
    phone.page.connect_wanted.emit()
    await settle()
    assert phone.flow.state == Dead("no_key_copy", wants_key=True)
    assert "열쇠를 돌려주지 않았습니다" in stage.words()
    assert "연결하지 못했습니다" not in stage.words()


async def test_links_that_are_none_are_told(stage: Stage) -> None:
    stage.window.open_link("byre://other#x")
    assert stage.window.notice.words == "외양간의 연결 코드가 아닙니다."


async def test_store_that_is_damaged_while_open_leads_to_the_way_out(stage: Stage) -> None:
    stage.engine.damage()
    await settle()
    assert stage.window.page_name == "lock"
    assert stage.window.notice.words.startswith("저장소가 손상되어 닫았습니다.")
    lock = stage.window.locking.page
    assert lock is not None
    assert lock.forgot.text() == "읽을 수 있는 것 되살리기…"
    stage.engine.backups.found = replace(stage.engine.backups.found, lost_messages=12)
    lock.forgot.click()
    await settle()
    stage.window.asking.sheet.yes.click()  # type: ignore[union-attr]
    await settle()
    assert stage.window.page_name == "chats"
    assert "메시지 12개는 읽지 못했습니다" in stage.words()


async def test_nothing_brought_back_is_no_success(stage: Stage) -> None:
    stage.engine.damage()
    stage.engine.backups.found = replace(stage.engine.backups.found, from_database=0, from_snapshot=0, lost_pages=4)
    await settle()
    stage.window.copying.salvage()
    await settle()
    stage.window.asking.sheet.yes.click()  # type: ignore[union-attr]
    await settle()
    assert "되살린 메시지가 없습니다" in stage.words()
    assert "손상된 페이지 4개를 읽지 못했습니다" in stage.words()


async def test_profile_put_back_from_an_older_copy_says_so(stage: Stage) -> None:
    stage.engine.events.publish(ev.ProfileRewound())
    assert stage.window.notice.words.startswith("예전 사본으로 되돌린 프로필입니다.")


@pytest.mark.logs_errors
@pytest.mark.parametrize("raises", [True, False])
def test_damaged_profile_opens_on_the_page_that_brings_it_back(raises: bool, qapp: QApplication) -> None:
    """Key mode A: nobody is asked for anything, so the start itself meets the damage."""
    engine = FakeEngine(state=ProfileState.LOCKED)
    engine._status = replace(engine._status, is_damaged=True)
    told: list[str] = []

    async def started() -> None:
        engine.started = True
        if raises:
            raise EnvironmentFault("The store is damaged.", code="db_damaged")

    engine.start = started  # type: ignore[method-assign]

    async def main() -> int:
        async def look() -> None:
            while not engine.started or window_of().page_name != "lock":  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            lock = window_of().locking.page
            assert lock is not None
            told.extend((window_of().page_name, lock.why.text(), lock.forgot.text()))
            told.append("field" if lock.field.isVisible() else "no field")
            window_of().close()

        looker = asyncio.ensure_future(look())
        code = await window_main(lambda: engine, OPTIONS, None)  # type: ignore[arg-type, return-value]
        await looker
        return code

    assert run(main, qapp) == 0
    assert told == [
        "lock",
        "저장소가 손상됐습니다. 그대로 두었고 지운 것은 없습니다.",
        "읽을 수 있는 것 되살리기…",
        "no field",
    ]


async def test_new_recovery_code_is_confirmed_by_a_group_of_it(build: Build, phone_engine: FakeEngine) -> None:
    stage = await build(phone_engine, width=400, height=720, role_hint="primary")
    stage.messenger.go("settings-profile")
    await settle()
    stage.messenger.settings_pane.recovery_code_wanted.emit()
    await settle()
    sheet = stage.window.asking.sheet
    assert isinstance(sheet, NewRecoveryCode)
    assert not any(call == "recovery_code.propose" for call, _ in phone_engine.calls)  # first the question
    sheet.yes.click()
    await settle()
    assert sheet.code.text().split() == NEW_CODE.split("-")
    sheet.row.field.set_text("nope")
    sheet.yes.click()
    await settle()
    assert "복구 코드가 맞지 않습니다" in sheet.row.line.text()
    assert not any(call == "recovery_code.confirm" for call, _ in phone_engine.calls)
    phone_engine.recovery_code.relay_away = True
    sheet.row.field.set_text(NEW_CODE.split("-")[3].lower())
    sheet.yes.click()
    await settle()
    assert ("recovery_code.confirm", NEW_CODE) in phone_engine.calls
    assert any("두 종이를 모두 보관하세요" in words for words in stage.words())
    sheet.no.click()
    phone_engine.events.publish(ev.RecoveryCodeChanged())
    assert stage.window.notice.words.startswith("새 복구 코드가 적용됐습니다.")


async def test_linked_pc_offers_no_recovery_code(stage: Stage) -> None:
    stage.messenger.go("settings-profile")
    await settle()
    assert "복구 코드" not in stage.words()


async def test_button_in_the_code_box_keeps_the_focus_while_time_passes(build: Build, new_engine: FakeEngine) -> None:
    new_engine.refuse("linking.offer", "relay_unreachable", "relay_unreachable")
    stage = await build(new_engine)
    first = page(stage.window, FirstRunPage)
    assert first.qr.accessibleName() == "릴레이에 연결할 수 없습니다. 네트워크를 확인하고 다시 시도하세요."
    first.action.setFocus(Qt.FocusReason.TabFocusReason)
    assert stage.window.onboarding is not None
    stage.window.onboarding._tick()
    await settle()
    assert first.action.hasFocus()
    first.action.click()
    await settle()
    assert first.action.text() == "다시 시도"
    assert first.action.hasFocus()  # tried again in vain: one more Enter tries once more
    first.action.click()
    await settle()
    assert first.action.isHidden()
    assert first.qr.accessibleName() == "연결용 QR 코드, 5:00 남음"


async def test_refused_address_leaves_the_focus_where_another_is_pasted(
    build: Build, phone_engine: FakeEngine, qtbot: QtBot
) -> None:
    stage = await build(phone_engine, width=400, height=720, role_hint="primary")
    stage.window.link_pc()
    await settle()
    phone = stage.window.phone
    assert phone is not None
    line = phone.page.text.field.line
    line.setFocus()
    qtbot.keyClicks(line, "hello")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    await settle()
    assert "외양간의 연결 코드가 아닙니다." in stage.words()
    assert phone.page.text.field.line.hasFocus()
    qtbot.keyClick(phone.page.text.field.line, Qt.Key.Key_Escape)
    await settle()
    assert stage.window.page_name == "chats"


async def test_settings_page_of_one_pane_takes_the_focus(build: Build, phone_engine: FakeEngine, qtbot: QtBot) -> None:
    stage = await build(phone_engine, width=400, height=720, role_hint="primary")
    stage.messenger.go("settings")
    await settle()
    row = stage.messenger.settings.rows["devices"]
    row.setFocus()
    qtbot.keyClick(row, Qt.Key.Key_Return)
    await settle()
    assert stage.messenger.settings_pane.back_button.hasFocus()


async def test_second_start_only_brings_the_window(stage: Stage) -> None:
    stage.window.notice.words = ""
    stage.window.open_link(SHOW)
    await settle()
    assert stage.window.notice.words == ""
    stage.window.open_link("byre://link#abcdef")  # a linked PC gives nobody the account's key
    await settle()
    assert stage.window.page_name == "chats"
    assert stage.window.notice.words == "휴대전화에서 잠금을 푼 뒤에 여는 링크입니다."


async def test_escape_in_a_field_closes_the_sheet_around_it(build: Build, new_engine: FakeEngine, qtbot: QtBot) -> None:
    new_engine.refuse("linking.offer", "passphrase_required")
    stage = await build(new_engine)
    page(stage.window, FirstRunPage).action.click()
    await settle()
    assert stage.window.asking.sheet is not None
    focused = QApplication.focusWidget()
    assert isinstance(focused, QLineEdit)
    qtbot.keyClick(focused, Qt.Key.Key_Escape)
    await settle()
    assert stage.window.asking.sheet is None
    stage.window.onboarding.show_account(restoring=False)  # type: ignore[union-attr]
    await settle()
    focused = QApplication.focusWidget()
    assert isinstance(focused, QLineEdit)
    qtbot.keyClick(focused, Qt.Key.Key_Escape)
    await settle()
    page(stage.window, FirstRunPage)
