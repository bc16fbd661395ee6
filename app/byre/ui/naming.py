"""What a person is called where a sentence needs a word for them."""

from __future__ import annotations

from byre.ui.i18n import tr
from byre.ui.plain import shown_name


def person_name(name: str, handle: str) -> str:
    """The name, else the handle, else a word that says that neither is known: never nothing."""
    return shown_name(name, handle) or tr("Unknown person")
