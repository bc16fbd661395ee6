"""Languages: English source strings, Qt Linguist catalogues for Korean and English, switched while running.

`tr` is the only way for a user-visible sentence to reach a widget. Parameters are put in after the translation,
so text of a peer is never looked up, never parsed. Catalogues: `resources/translations/byre_{ko,en}.{ts,qm}`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

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
    """Loads and installs one catalogue at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._installed: QTranslator | None = None
        self._data = b""  # Qt reads in it as long as the catalogue is installed
        self.language: Language = "ko"

    def use(self, language: Language) -> None:
        """Install the catalogue of `language` in place of the former one."""
        path = self._folder / f"byre_{language}.qm"
        data = path.read_bytes() if path.is_file() else b""  # by name Qt would map the file, which an update rewrites
        translator = QTranslator()
        translator.load(data)
        if self._installed is not None:
            QCoreApplication.removeTranslator(self._installed)
        QCoreApplication.installTranslator(translator)
        self._installed, self._data = translator, data
        self.language = language

    def close(self) -> None:
        """Take the catalogue out again (tests, second windows)."""
        if self._installed is not None:
            QCoreApplication.removeTranslator(self._installed)
            self._installed = None
