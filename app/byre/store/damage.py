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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from byre.crypto.secret import Secret
from byre.db import Connection, Database
from byre.db.faults import damaged, says_damaged
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

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Remember damage that is met inside: on the database thread, before the database itself looks out for it."""
        try:
            yield
        except Exception as error:
            if says_damaged(error):
                self.met()
            raise

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


class Sweep:
    """Looks at the whole file, so that damage is met before a snapshot of the healthy state is replaced.

    Args:
        wiping: held while a generation takes the place of another one.
    """

    def __init__(self, watch: DamageWatch, wiping: asyncio.Lock) -> None:
        self._watch = watch
        self._wiping = wiping

    async def slice(self, first: int = 1) -> int | None:
        """Look at the next pages.

        Returns:
            What to go on with, None after the last page.

        Raises:
            UsageError: `locked`. EnvironmentFault: `db_damaged` (see `Store.open`), `io_error`.
        """
        async with self._wiping:
            return await self._watch.check(first, SLICE_PAGES)

    async def whole(self) -> None:
        """Look at all pages, and the structure that they make. Raises as `slice`."""
        async with self._wiping:
            await self._watch.confirm()
