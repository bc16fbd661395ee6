"""Languages: English source strings, Qt Linguist catalogues for Korean and English, switched while running.

`tr` is the only way for a user-visible sentence to reach a widget. Parameters are put in after the translation,
so text of a peer is never looked up, never parsed. Catalogues: `resources/translations/byre_{ko,en}.{ts,qm}`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from byre.ui.resources import qt_folder

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")
CONTEXT = "byre"
MOST = 2**31 - 1
"""Qt counts in 32 bits."""


def tr(source: str, n: int | None = None, **values: object) -> str:
    """The sentence in the current language.

    `n` chooses the plural form and replaces `%n`; `{name}` fields are filled from `values`.
    """
    text = QCoreApplication.translate(CONTEXT, source, None, -1 if n is None else max(0, min(n, MOST)))
    return text.format(**values) if values else text


def system_language() -> Language:
    """Korean unless the system clearly speaks another language."""
    language = QLocale.system().language()
    return "ko" if language in (QLocale.Language.Korean, QLocale.Language.C, QLocale.Language.AnyLanguage) else "en"


class Translation:
    """Loads and installs one language at a time: our catalogue, and Qt's own for its menus and file dialogs.

    Words of the file dialog that Qt has not in a language come from a second catalogue of ours, `qt_ko`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._installed: list[tuple[QTranslator, bytes]] = []
        self.language: Language = "ko"

    def use(self, language: Language) -> None:
        """Install the catalogues of `language` in place of the former ones."""
        of_qt = qt_folder() / "translations"
        former, self._installed = self._installed, []
        ours = [self._folder / f"{name}_{language}.qm" for name in ("qt", "byre")]
        for path in (of_qt / f"qtbase_{language}.qm", *ours):
            data = path.read_bytes() if path.is_file() else b""  # by name Qt would map the file: an update rewrites it
            translator = QTranslator()
            translator.load(data)
            QCoreApplication.installTranslator(translator)
            self._installed.append((translator, data))  # Qt reads in the bytes as long as it is installed
        for translator, _ in former:
            QCoreApplication.removeTranslator(translator)
        self.language = language

    def close(self) -> None:
        """Take the catalogues out again (tests, second windows)."""
        for translator, _ in self._installed:
            QCoreApplication.removeTranslator(translator)
        self._installed = []
