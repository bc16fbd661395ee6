"""Settings: all pages, the search inside them, and choices that take effect while running."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from byre.client.views import DeviceId
from byre.ui.dialogs.lock_change import LockChange
from byre.ui.dialogs.rescue import CodeEntry
from byre.ui.settings.column import PAGES
from byre.ui.settings.network import NetworkForm
from byre.ui.settings.profile import ProfilePage
from byre.ui.widgets.choices import Choices
from tests.fakes.engine import FakeEngine
from tests.ui.conftest import Build, Stage, preedit, settle


def choose(stage: Stage, name: str, value: str) -> None:
    assert stage.window.preferences is not None
    stage.window.preferences.choose(name, value)


async def test_all_twelve_pages_are_there(stage: Stage) -> None:
    assert len(PAGES) == 12
    for page, _, name in PAGES:
        stage.messenger.go(f"settings-{page}")
        await settle(4)
        assert stage.messenger.settings_pane.page == page
        assert stage.messenger.settings.rows[page].text() == name()


async def test_search_finds_options_inside_the_pages(stage: Stage, qtbot: QtBot) -> None:
    stage.messenger.go("settings")
    column = stage.messenger.settings
    assert column.field is not None
    column.field.set_text("화면이 잠")
    await settle()
    visible = [page for page, row in column.rows.items() if not row.isHidden()]
    assert visible == ["lock"]
    qtbot.keyClick(column.field.line, Qt.Key.Key_Return)
    await settle()
    assert stage.messenger.settings_pane.page == "lock"
    column.field.set_text("없는 설정")
    assert not column.empty.isHidden()


async def test_lock_offers_nothing_where_there_is_no_passphrase(stage: Stage) -> None:
    stage.messenger.go("settings-lock")
    await settle()
    assert stage.messenger.settings_pane.findChildren(Choices) == []


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_every_option_of_the_search_is_on_its_page(build: Build, language: str) -> None:
    stage = await build(FakeEngine(passphrase="right"))
    stage.window.look.set_language(language)  # type: ignore[arg-type]
    for page, option in stage.messenger.settings.options:
        stage.messenger.go(f"settings-{page}")
        await settle(2)
        found = [
            w
            for w in stage.messenger.settings_pane.findChildren(QWidget)
            if getattr(w, "text", None) is not None and callable(w.text) and w.text() == option.text()
        ]
        assert found, (page, option.text())


async def test_list_previews_can_be_switched_off(stage: Stage) -> None:
    choose(stage, "ui.list_previews", "off")
    await settle()
    model = stage.messenger.chats.model
    assert all("넵, 빌드" not in model.line_of(room) for room in model.shown)


async def test_text_scale_grows_the_conversation_while_running(stage: Stage) -> None:
    await stage.open("디자인 시스템")
    transcript = stage.messenger.room_pane.transcript

    def heights() -> list[int]:
        rows = enumerate(transcript.items.items)
        return [transcript._lay(row).height for row, item in rows if item.kind == "message"]

    before = heights()
    for percent in ("200", "80", "125"):
        choose(stage, "ui.text_scale", percent)
        await settle()
    choose(stage, "ui.text_scale", "200")
    await settle()
    assert all(large > small for small, large in zip(before, heights(), strict=True))
    assert stage.composer.font().pixelSize() == 30


async def profile_page(stage: Stage) -> ProfilePage:
    stage.messenger.go("settings-profile")
    await settle(4)
    (page,) = stage.messenger.settings_pane.findChildren(ProfilePage)
    return page


@pytest.mark.parametrize(("page", "value"), [("look", "dark"), ("language", "en")])
async def test_a_choice_by_the_keyboard_keeps_the_focus(stage: Stage, qtbot: QtBot, page: str, value: str) -> None:
    stage.messenger.go(f"settings-{page}")
    await settle(4)
    chosen = stage.messenger.settings_pane.findChildren(Choices)[0].buttons[value]
    chosen.setFocus()
    qtbot.keyClick(chosen, Qt.Key.Key_Space)
    await settle(4)
    assert chosen.hasFocus()
    assert chosen.isChecked()
    words = stage.words()
    assert ("Language" if page == "language" else "화면과 글자") in words


async def test_a_half_typed_name_outlives_a_lost_connection(stage: Stage, qtbot: QtBot) -> None:
    line = (await profile_page(stage)).name.field.line
    line.setFocus()
    line.setText("하늘 다람쥐")
    line.setCursorPosition(3)
    preedit(line, "나")
    stage.engine.connect(False)
    stage.engine.connect(True)
    stage.window.look.set_theme("dark")
    await settle(4)
    assert line.hasFocus()
    assert (line.text(), line.cursorPosition()) == ("하늘 다람쥐", 3)
    preedit(line, "", commit="나는 ")
    assert line.text() == "하늘 나는 다람쥐"


async def test_a_name_that_changed_elsewhere_is_shown_unless_one_is_writing(stage: Stage) -> None:
    page = await profile_page(stage)
    await stage.engine.account.rename("다른 이름")
    await settle(4)
    assert page.name.text() == "다른 이름"
    page.name.field.set_text("쓰는 중")
    await stage.engine.account.rename("또 다른 이름")
    await settle(4)
    assert page.name.text() == "쓰는 중"


async def test_a_half_typed_proxy_outlives_another_theme(stage: Stage) -> None:
    stage.messenger.go("settings-network")
    await settle(4)
    (form,) = stage.messenger.settings_pane.findChildren(NetworkForm)
    form.proxy.field.line.setFocus()
    form.proxy.field.set_text("socks5h://127")
    stage.window.look.set_theme("dark")
    stage.engine.connect(False)
    await settle(4)
    assert form.proxy.field.line.hasFocus()
    assert form.proxy.text() == "socks5h://127"
    assert "연결 안 됨" in stage.words()


async def test_a_device_being_renamed_is_left_alone(stage: Stage, qtbot: QtBot) -> None:
    stage.messenger.go("settings-devices")
    await settle(4)
    page = stage.messenger.settings_pane.devices
    page.rename_own()
    row = next(row for row in page.rows.values() if row.is_edited)
    row.field.set_text("서재 P")
    changed = [replace(device, name=device.name + "!") for device in page.devices]
    page._listed(changed)
    stage.window.look.set_theme("dark")
    await settle(4)
    assert row.field.line.hasFocus()
    assert row.field.text() == "서재 P"
    qtbot.keyClick(row.field.line, Qt.Key.Key_Escape)
    await settle(4)
    assert all(row.name.text().endswith("!") for row in page.rows.values())
    assert next(row for row in page.rows.values() if row._device.current).pencil.hasFocus()


async def test_a_name_left_unfinished_keeps_no_device_out_of_the_list(stage: Stage) -> None:
    stage.messenger.go("settings-devices")
    await settle(4)
    page = stage.messenger.settings_pane.devices
    page.rename_own()
    row = next(row for row in page.rows.values() if row.is_edited)
    row.field.set_text("서재 P")
    name = row._device.name
    await stage.open("Mia Chen")
    new = replace(page.devices[-1], device_id=DeviceId("77" * 16), name="낯선 PC", current=False)
    page._listed([*page.devices, new])
    await settle(4)
    assert DeviceId("77" * 16) in page.rows
    assert not any(row.is_edited for row in page.rows.values())
    assert name in [device.name for device in page.devices]


async def test_a_list_of_devices_filled_anew_keeps_the_focus(stage: Stage) -> None:
    stage.messenger.go("settings-devices")
    await settle(4)
    page = stage.messenger.settings_pane.devices
    device = next(d for d in page.devices if not page.rows[d.device_id].remove.isHidden())
    page.rows[device.device_id].remove.setFocus()
    page._listed([replace(each, name=each.name + "!") for each in page.devices])
    await settle(4)
    assert page.rows[device.device_id].remove.hasFocus()
    page._listed([each for each in page.devices if each != device])
    await settle(4)
    assert any(button.hasFocus() for button in page._buttons().values())


async def test_name_of_the_shown_page_is_in_sight_in_a_low_window(build: Build) -> None:
    stage = await build(width=960, height=480)
    for page in ("about", "profile"):
        stage.messenger.go(f"settings-{page}")
        await settle()
        row = stage.messenger.settings.rows[page]
        assert row.visibleRegion().boundingRect() == row.rect()


async def test_choice_is_not_taken_back_by_what_was_kept_before_it(build: Build) -> None:
    engine = FakeEngine()
    engine.values["ui.theme"] = "dark"
    stage = await build(engine)
    assert stage.window.look.theme == "dark"
    assert stage.window.preferences is not None
    stage.window.preferences.apply_to(stage.messenger)  # asks for the kept ones
    choose(stage, "ui.theme", "light")  # before they are told
    await settle()
    assert (stage.window.look.theme, engine.values["ui.theme"]) == ("light", "light")


async def test_box_to_tick_begins_where_the_fields_do(build: Build) -> None:
    stage = await build()
    sheet = LockChange(stage.window.look, stage.window, has_passphrase=True, uses_key_store=True)
    sheet.open()
    await settle()
    sheet.store.setChecked(True)
    picture = sheet.grab().toImage()
    begins = sheet.first.field.mapTo(sheet, QPoint()).x()
    y = sheet.store.mapTo(sheet, QPoint()).y() + 19
    accent = QColor(stage.window.look.palette.accent)
    ratio = sheet.devicePixelRatioF()
    first = next(x for x in range(picture.width()) if picture.pixelColor(x, round(y * ratio)) == accent)
    assert round(first / ratio) == begins
    sheet.close_sheet()
    await settle()


async def test_cursor_goes_where_a_passphrase_is_wrong(build: Build, qtbot: QtBot) -> None:
    stage = await build()
    sheet = LockChange(stage.window.look, stage.window, has_passphrase=False, uses_key_store=True)
    sheet.open()
    await settle()
    sheet.first.field.set_text("correct horse")
    sheet.second.field.set_text("correct")
    sheet.first.field.line.setFocus()
    qtbot.keyClick(sheet.first.field.line, Qt.Key.Key_Return)
    assert sheet.second.line.text() == "두 암호가 다릅니다."
    assert sheet.second.field.line.hasFocus()
    sheet.first.field.set_text("short")
    sheet.yes.click()
    assert sheet.first.field.line.hasFocus()
    sheet.close_sheet()
    await settle()


async def test_cursor_goes_where_something_is_missing(build: Build) -> None:
    stage = await build()
    sheet = CodeEntry(stage.window.look, stage.window, "https://relay.example")
    sent: list[str] = []
    sheet.sent.connect(lambda code, *_: sent.append(code))
    sheet.open()
    await settle()
    sheet.rows["code"].field.set_text("MNJJ E27V")
    sheet.yes.click()
    assert sheet.rows["handle"].field.line.hasFocus()
    sheet.rows["handle"].field.set_text("haeun")
    sheet.yes.click()
    assert sent == ["MNJJ E27V"]
    sheet.close_sheet()
    await settle()
