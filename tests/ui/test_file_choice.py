"""A file chosen in Qt's own dialog: no loop inside the loop, neither for one that exists nor for one that does not."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from byre.ui.dialogs.question import Question
from byre.ui.file_choice import choose_file, choose_new_file
from tests.ui.conftest import Stage, settle


async def name(stage: Stage, qtbot: QtBot, path: Path) -> None:
    await settle()
    dialog = stage.window.findChildren(QFileDialog)[-1]
    line = dialog.findChild(QLineEdit, "fileNameEdit")
    assert isinstance(line, QLineEdit)
    assert dialog.testOption(QFileDialog.Option.ReadOnly)  # deleting asks in a loop, too
    line.setText(str(path))
    qtbot.keyClick(line, Qt.Key.Key_Return)  # a loop of Qt's own would not come back from here
    await settle()
    assert not any(isinstance(widget, QMessageBox) for widget in QApplication.topLevelWidgets())


async def test_what_exists_is_replaced_only_after_a_question(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    chosen: list[str] = []
    look, asking, window = stage.window.look, stage.window.asking, stage.window
    old = tmp_path / "old.json"
    old.write_text("old")
    for answer, want in ((False, []), (True, [str(old)])):
        choose_new_file(look, window, "Export", name="new.json", chosen=chosen.append, ask=asking.open)
        await name(stage, qtbot, old)
        sheet = asking.sheet
        assert isinstance(sheet, Question)
        assert window.focusWidget() is sheet.no
        assert "\u2068old.json\u2069" in sheet.accessibleName()
        (sheet.yes if answer else sheet.no).click()
        await settle()
        assert chosen == want
    choose_new_file(look, window, "Export", name="new.json", chosen=chosen.append, ask=asking.open)
    await name(stage, qtbot, tmp_path / "fresh")
    assert chosen[-1] == str(tmp_path / "fresh.json")
    assert asking.sheet is None


async def test_what_is_missing_is_told_by_who_reads_it(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    chosen: list[str] = []
    choose_file(stage.window, "Open", chosen.append)
    await name(stage, qtbot, tmp_path / "nowhere.png")
    assert chosen == [str(tmp_path / "nowhere.png")]
