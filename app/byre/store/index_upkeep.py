"""Keeps the search index in step with the tables by which text is split.

Taking a message out of the index needs exactly the text that went in. What a letter is and how it folds comes from
Python's Unicode tables: after an upgrade of Python, an old entry could no longer be taken out in full, and a wipe would
leave its words behind. So the version of the tables is kept, and another version builds the index anew.
"""

from __future__ import annotations

import unicodedata

from byre.db import Connection
from byre.db.transaction import write_transaction
from byre.store import message_index
from byre.store.settings import SettingsRepository

SETTING = "store.index_tables"
_SPLITTING = 5  # raised whenever `bigrams` splits differently


def current_tables() -> str:
    """What the index must have been built with."""
    return f"{_SPLITTING:d}/{unicodedata.unidata_version}"


def bring_index_up_to_date(connection: Connection) -> bool:
    """Build the index anew if it was built with other tables, in one transaction. Returns whether it was."""
    if SettingsRepository(connection).get(SETTING) == current_tables():
        return False
    write_transaction(connection, _rebuild)
    return True


def _rebuild(connection: Connection) -> None:
    message_index.build_anew(connection)
    SettingsRepository(connection).put(SETTING, current_tables())
