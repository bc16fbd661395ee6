"""What copies of a database hold that the database itself does not: a snapshot, and what a salvage kept aside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from byre.crypto.secret import Secret
from byre.store.page_cells import cells
from byre.store.salvage_leaves import Leaves
from byre.store.salvage_pages import SoundPages

_MESSAGE = "message"


def message_ids(path: Path, key: Secret) -> Iterator[int]:
    """The ids of the messages in a database, as far as its trees lead to them.

    Raises:
        EnvironmentFault: `io_error`.
    """
    with SoundPages(path, key) as pages:
        for number, data in pages.contents(Leaves(pages, {}).leaves_of(_MESSAGE)):
            if data is not None:
                yield from (cell.rowid for cell in cells(number, data) if cell.rowid is not None)
