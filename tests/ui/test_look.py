"""Icons, fonts, catalogues and QR codes as they are vendored and used."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

import pytest
from PySide6.QtGui import QFontInfo, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel

from byre.errors import PeerError
from byre.ui.i18n import Translation, tr
from byre.ui.look import Look
from byre.ui.qr import qr_image, read_qr, read_qr_file
from byre.ui.resources import resources_folder
from byre.ui.tokens import BODY, DARK, LIGHT
from tests.ui import translations
from tests.ui.translations import SOURCES


def icon_names() -> set[str]:
    return {path.stem for path in (resources_folder() / "icons").glob("*.svg")}


def strings_of_the_code() -> set[str]:
    found = set()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_every_vendored_icon_is_used() -> None:
    assert icon_names() - strings_of_the_code() == set()


def test_icons_are_drawn_in_their_colour(look: Look) -> None:
    image = look.icon("check", "#FF0000", 24).toImage()
    colours = {image.pixelColor(x, y).name() for x in range(24) for y in range(24) if image.pixelColor(x, y).alpha()}
    assert colours == {"#ff0000"}


def test_pretendard_is_the_font(look: Look) -> None:
    assert QFontInfo(look.font(BODY)).family() == "Pretendard"


def test_every_sentence_has_korean() -> None:
    assert list(translations.missing()) == []


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_catalogues_hold_exactly_the_sentences(language: str) -> None:
    assert set(translations.read(language)) == set(translations.sentences())


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_compiled_catalogues_are_in_step(language: str, tmp_path: Path) -> None:
    committed = (translations.FOLDER / f"byre_{language}.qm").read_bytes()
    assert translations.compiled(language, tmp_path) == committed


def test_words_that_qt_lacks_are_in_step(tmp_path: Path) -> None:
    assert translations.compiled("ko", tmp_path, "qt") == (translations.FOLDER / "qt_ko.qm").read_bytes()


def test_file_dialog_has_no_english_word(qapp: QApplication, look: Look, tmp_path: Path) -> None:
    """Qt's own Korean leaves some of its labels in English."""
    (tmp_path / "가").mkdir()
    look.set_language("ko")
    dialog = QFileDialog(None, "고르기", str(tmp_path), "그림 (*.png)")
    dialog.setObjectName("under test")
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    words = [label.text() for label in dialog.findChildren(QLabel)]
    words += [button.text() or button.toolTip() for button in dialog.findChildren(QAbstractButton)]
    dialog.deleteLater()
    assert len(words) > 8
    assert [word for word in words if not re.search("[가-힣]", word)] == []


def test_korean_keeps_the_fields_of_each_sentence() -> None:
    for source, forms in translations.read("ko").items():
        fields = sorted(re.findall(r"\{\w+\}|%n|\*\*|\[\[", source))
        for form in forms:
            assert sorted(re.findall(r"\{\w+\}|%n|\*\*|\[\[", form)) == fields, source


def test_switching_forgets_widgets_that_are_gone(look: Look) -> None:
    from PySide6.QtCore import QObject

    heard: list[str] = []
    alive, gone = QObject(), QObject()
    look.live(alive, lambda: heard.append("alive"))
    look.live(gone, lambda: heard.append("gone"))
    import shiboken6

    shiboken6.delete(gone)
    heard.clear()
    look.set_theme("dark")
    assert heard == ["alive"]
    assert look.palette is DARK
    look.set_theme("light")
    assert look.palette is LIGHT


def test_qr_codes_are_read_back() -> None:
    text = "byre://link#" + "Ab3_-" * 60
    assert read_qr(qr_image(text)) == text


def test_qr_file_is_read_back(tmp_path: Path, look: Look) -> None:
    path = tmp_path / "code.jpg"
    assert qr_image("byre://link#abc").save(str(path))
    assert read_qr_file(path) == "byre://link#abc"


def test_a_transparent_picture_is_read_as_on_paper(tmp_path: Path, look: Look) -> None:
    image = qr_image("byre://link#abc")
    image.setAlphaChannel(inverted(image))
    assert image.save(str(tmp_path / "code.png"))
    assert read_qr_file(tmp_path / "code.png") == "byre://link#abc"


def inverted(image: QImage) -> QImage:
    mask = image.convertToFormat(QImage.Format.Format_Grayscale8)
    mask.invertPixels()
    return mask


def test_what_a_reader_would_wait_for_is_no_picture(tmp_path: Path, look: Look) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", Path("/dev/zero"), tmp_path, tmp_path / "a\0b"):
        with pytest.raises(PeerError) as caught:
            read_qr_file(path)
        assert caught.value.code == "bad_picture"


DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"><rect width="9" height="9"/></svg>'
"""A picture to Qt, but no camera's: a drawing may hold a billion strokes in a kilobyte."""


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n", b"GIF89a" + b"\xff" * 64, DRAWING])
def test_no_qr_in_junk(tmp_path: Path, content: bytes, look: Look) -> None:
    path = tmp_path / "junk.png"
    path.write_bytes(content)
    with pytest.raises(PeerError) as caught:
        read_qr_file(path)
    assert caught.value.code == "bad_picture"


def test_no_qr_in_an_empty_picture_or_a_missing_file(tmp_path: Path, look: Look) -> None:
    blank = QImage(200, 200, QImage.Format.Format_RGB32)
    blank.fill(0xFFFFFF)
    for attempt in (lambda: read_qr(blank), lambda: read_qr_file(tmp_path / "none.png"), lambda: read_qr(QImage())):
        with pytest.raises(PeerError):
            attempt()


def test_an_update_that_rewrites_the_catalogue_leaves_the_words(qapp: QApplication, tmp_path: Path) -> None:
    for language in ("ko", "en"):
        name = f"byre_{language}.qm"
        (tmp_path / name).write_bytes((resources_folder() / "translations" / name).read_bytes())
    translation = Translation(tmp_path)
    translation.use("ko")
    (tmp_path / "byre_ko.qm").write_bytes(b"")
    assert (tr("Settings"), tr("%n devices", 2)) == ("설정", "기기 2대")
    translation.use("en")
    assert tr("%n devices", 1) == "1 device"
    (tmp_path / "byre_ko.qm").unlink()
    translation.use("ko")
    assert tr("Settings") == "Settings"  # the sources are English
    translation.close()


def test_menus_and_file_dialogs_of_qt_speak_the_language_too(qapp: QApplication, look: Look) -> None:
    look.set_language("en")
    assert QApplication.translate("QFileDialog", "File &name:") == "File &name:"
    look.set_language("ko")
    assert QApplication.translate("QFileDialog", "File &name:") == "파일 이름(&N):"
    assert QApplication.translate("QAbstractFileIconProvider", "Folder") == "폴더"
    assert QApplication.translate("QWidgetTextControl", "&Copy") == "복사(&C)"
