"""Settings: all pages, the search inside them, and choices that take effect while running."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from byre.ui.settings.column import PAGES
from byre.ui.widgets.choices import Choices
from tests.fakes.engine import FakeEngine
from tests.ui.conftest import Build, Stage, settle


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
