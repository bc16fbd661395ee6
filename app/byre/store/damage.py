"""Damage of a database file, found before anybody needs the page: every page's HMAC, slice by slice.

```
 page ──HMAC──▶ holds ✓
        ╲ does not ──checkpoint, read again on the database thread──▶ holds ✓   (it was just being written)
                                                     ╲ on the free list ✓      (nobody will read it)
                                                      ╲ damaged ──▶ mark, every job refused, the engine told
```
What must not happen: a snapshot of the healthy state that is replaced by one of a damaged database; a page that is
being written and taken for damaged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from byre.crypto.secret import Secret
from byre.db import Connection, Database
from byre.db.faults import damaged
from byre.store.forensics_pages import PAGE_BYTES
from byre.store.page_check import harmful, unauthentic_pages
from byre.store.vault import ProfileVault
from byre.store.vault_files import file_faults
from byre.store.vault_thread import to_its_end

SLICE_PAGES = 1024
"""What one slice of a sweep reads: 4 MiB, about ten milliseconds."""


class DamageWatch:
    """Looks for damage in an open store, and remembers it.

    Args:
        tell: called in the loop, once, when the store is damaged; its mark is on the disk by then.
    """

    def __init__(self, vault: ProfileVault, tell: Callable[[], None]) -> None:
        self._vault = vault
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._database: Database | None = None
        self.is_known = False

    def attach(self, database: Database) -> None:
        """Say what is looked at; `met` may be called before."""
        self._database = database

    def met(self) -> None:
        """Remember damage; called once by the database, on its thread, before its caller hears of it."""
        self.is_known = True
        self._vault.damage.remember()
        try:
            self._loop.call_soon_threadsafe(self._tell)
        except RuntimeError:
            return  # the loop has ended: the next start finds the mark

    async def check(self, first: int = 1, count: int | None = None) -> int | None:
        """Look at some pages of the file, or at all from `first` on; the generation must stay meanwhile.

        Returns:
            The number to go on with, None after the last page.

        Raises:
            UsageError: `locked`. EnvironmentFault: `db_damaged`, told as any damage; `io_error`.
        """
        if count is None:
            following: int | None = first
            while following is not None:  # a caller that is cancelled leaves no thread behind for long
                following = await self.check(following, SLICE_PAGES)
            return None
        path, key = self._vault.database_path, self._vault.database_key
        suspect = await to_its_end(lambda: unauthentic_pages(path, key, first, count))
        if suspect and self._database is not None:
            await self._confirm(self._database, path, key, suspect)
        with file_faults():
            pages = path.stat().st_size // PAGE_BYTES
        return None if first + count > pages else first + count

    async def confirm(self) -> None:
        """Another connection said `db_damaged`: look at everything here. Raises as `check`."""
        if self._database is None:
            return
        await self.check()
        if await self._database.run(lambda c: c.execute("PRAGMA quick_check(1)").fetchall()) != [("ok",)]:
            self._database.give_up()
            raise damaged()

    async def _confirm(self, database: Database, path: Path, key: Secret, suspect: Sequence[int]) -> None:
        def look(connection: Connection) -> bool:
            # What was being written is written by now, and what the WAL holds anew is not read from the file.
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            return harmful(connection, path, key, suspect)

        if await database.run(look):
            database.give_up()
            raise damaged()
