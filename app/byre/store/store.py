"""The client's store: transactions over the open profile, and the wipe.

```
 client ── write(lambda tx: …) ──▶ db thread: one transaction over all repositories ──▶ on the disk, or not at all
        ── wipe([room]) ─────────▶ next generation, made beside; what is written meanwhile follows into it
```
An interrupted wipe is finished before the store opens: it is never half done and never undone.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

from byre.crypto.random import Random
from byre.db import Connection, Database, Opening, open_connection
from byre.db.transaction import read_transaction
from byre.errors import ByreError, EnvironmentFault
from byre.store import wipe_images
from byre.store.damage import DamageWatch, Sweep
from byre.store.index_upkeep import SETTING as INDEX_TABLES
from byre.store.index_upkeep import bring_index_up_to_date, current_tables
from byre.store.messages import NEWEST
from byre.store.schema import APPLICATION_ID, MIGRATIONS
from byre.store.snapshots import Snapshots
from byre.store.transaction import Transaction
from byre.store.vault import ProfileVault
from byre.store.vault_sources import KeyMode
from byre.store.vault_thread import to_its_end
from byre.store.wipe import Plan, WipeRoutine
from byre.store.wipe_erase import count_content
from byre.store.wipe_report import Certifier, Progress
from byre.store.wipe_scope import WipeScope
from byre.store.wipes import WipeCertificateRow

T = TypeVar("T")
log = logging.getLogger(__name__)


def _ignore(step: str, fraction: float) -> None:
    pass


class Store:
    """One open profile. Build with `open`; end with `close` (then lock the vault)."""

    def __init__(
        self,
        vault: ProfileVault,
        database: Database,
        make_routine: Callable[[Progress], WipeRoutine],
        watch: DamageWatch,
        clock_ms: Callable[[], int],
    ) -> None:
        self._vault = vault
        self._clock_ms = clock_ms
        self._database = database
        self._make_routine = make_routine
        self._wiping = asyncio.Lock()
        self.snapshots = Snapshots(vault, self._wiping, watch, lambda: database.share(self._opening()))
        self.sweep = Sweep(watch, self._wiping)
        self._watch = watch
        self._tasks: set[asyncio.Task[WipeCertificateRow | None]] = set()

    @classmethod
    async def open(
        cls,
        vault: ProfileVault,
        *,
        certify: Certifier,
        clock_ms: Callable[[], int],
        random: Random,
        on_progress: Progress = _ignore,
        on_damage: Callable[[], None] = lambda: None,
    ) -> Store:
        """Open the database of an unlocked vault; finish a wipe that was interrupted, telling `on_progress`.

        If the wipe cannot end (disk full, key store away, a bug of ours), the store opens all the same: the rooms stay
        hidden, `tx.wipes.journal()` is not None, and `resume_wipe` tries again.

        Args:
            on_damage: called once, in the loop, when the open database turns out to be damaged. The profile is marked
                by then, and everything is refused with `db_damaged`, without touching the file any more.

        Raises:
            UsageError: `locked`.
            EnvironmentFault: `db_damaged`, `db_newer`, `disk_full`, `io_error`.
        """
        store, _ = await cls.open_and_read(
            vault,
            lambda tx: None,
            certify=certify,
            clock_ms=clock_ms,
            random=random,
            on_progress=on_progress,
            on_damage=on_damage,
        )
        return store

    @classmethod
    async def open_and_read(
        cls,
        vault: ProfileVault,
        first: Callable[[Transaction], T],
        *,
        certify: Certifier,
        clock_ms: Callable[[], int],
        random: Random,
        on_progress: Progress = _ignore,
        on_damage: Callable[[], None] = lambda: None,
    ) -> tuple[Store, T]:
        """`open`, and what is read `first`, in one trip to the database thread.

        After an interrupted wipe it is read once that has ended, or has been given up for now.
        Raises as `open`, and what `first` raises.
        """
        is_wiping = False
        found: list[T] = []

        def prepare(connection: Connection) -> None:
            nonlocal is_wiping
            is_current, is_wiping = looked_at(connection)
            if not is_current:
                bring_index_up_to_date(connection)
            if not is_wiping:
                with watch.watching():
                    found.append(read_transaction(connection, lambda inside: first(Transaction(inside))))

        watch = DamageWatch(vault, on_damage)
        database = await Database.open(
            vault.database_path,
            vault.database_key,
            migrations=MIGRATIONS,
            application_id=APPLICATION_ID,
            alone=True,
            worker=vault.worker,
            prepare=prepare,
            on_damage=watch.met,
        )
        watch.attach(database)

        def make_routine(progress: Progress) -> WipeRoutine:
            return WipeRoutine(vault, certify=certify, clock_ms=clock_ms, random=random, on_progress=progress)

        store = cls(vault, database, make_routine, watch, clock_ms)
        if is_wiping:
            try:
                await store._resume_at_start(on_progress)
                found.append(await store.read(first))
            except BaseException:
                await database.close()
                raise
        return store, found[0]

    @property
    def generation(self) -> int:
        """Counts the wipes of this profile, from 1."""
        return self._vault.generation

    @property
    def key_mode(self) -> str:
        """A, B or C."""
        mode = self._vault.mode()
        return "" if mode is None else mode.value

    async def change_lock(self, current: str | None, *, passphrase: str | None, use_key_store: bool = True) -> str:
        """Another passphrase or key mode, see `ProfileVault.change`; waits for a wipe. Returns the mode: A, B or C.

        Raises:
            UsageError: `locked`, `wrong_passphrase`, `passphrase_required`.
            EnvironmentFault: `key_unavailable`, `disk_full`, `io_error`: nothing was changed.
        """
        async with self._wiping:
            if self._vault.mode() is KeyMode.C:
                now_ms = self._clock_ms()
                await self._database.write(lambda connection: wipe_images.note_leaving(connection, now_ms))
            mode = await self._vault.change(current, passphrase=passphrase, use_key_store=use_key_store)
        return mode.value

    @property
    def is_damaged(self) -> bool:
        """Whether damage was met: nothing can be read or written any more."""
        return self._watch.is_known

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` on one snapshot, on the database thread.

        Raises:
            UsageError: `locked` (closed). EnvironmentFault: `db_damaged`, `io_error`. InternalBug: `work` wrote.
        """
        return await self._database.read(lambda connection: work(Transaction(connection)))

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in one transaction, on the database thread: all of it is on the disk when this returns.

        Raises:
            EnvironmentFault: `disk_full`, `db_damaged`, `io_error`: nothing of it was stored. Whatever `work` raises.
        """
        return await self._database.write(lambda connection: work(Transaction(connection)))

    async def fold(self) -> bool:
        """Move the WAL into the database file: a WAL that is lost or damaged later cannot take what is there by now.

        Returns:
            False when a copy under way reads the WAL, which is still there then.

        Raises:
            EnvironmentFault: `disk_full`, `io_error`: everything is stored nevertheless.
        """
        return await self._database.checkpoint()

    async def preview_wipe(self, rooms: Sequence[int] | WipeScope) -> dict[str, int]:
        """What a wipe would erase, by kind."""

        scope = _scope_of(rooms).begun(NEWEST)
        return await self._database.read(lambda connection: count_content(connection, scope))

    async def wipe(
        self, rooms: Sequence[int] | WipeScope, *, wipe_id: bytes | None = None, on_progress: Progress = _ignore
    ) -> WipeCertificateRow:
        """Erase the content of `rooms` (local numbers), or of a scope, for good, and prove it.

        Reads and writes go on meanwhile; writes wait for a moment before the next generation counts.

        Once this has begun it is completed: by this call, by `resume_wipe`, or by the next `open`.

        Args:
            wipe_id: 16 bytes that the certificate carries; random if omitted.
            on_progress: called in the loop.

        Raises:
            UsageError: `no_such_room`.
            EnvironmentFault: `disk_full`, `key_unavailable`, …: the wipe stays begun, its rooms stay hidden.
        """

        scope = _scope_of(rooms)

        async def whole() -> WipeCertificateRow | None:
            return await self._whole(scope, wipe_id, on_progress)

        certificate = await self._to_the_end(whole)
        assert certificate is not None
        return certificate

    async def rotate(self, on_progress: Progress = _ignore) -> None:
        """Write the profile anew under new keys: no trace is left of what was deleted singly. No certificate."""
        await self._to_the_end(lambda: self._whole(WipeScope.rotation(), None, on_progress))

    async def _whole(self, scope: WipeScope, wipe_id: bytes | None, on_progress: Progress) -> WipeCertificateRow | None:
        await self._resume(_ignore)
        routine = self._make_routine(_in_loop(on_progress))

        async def begin() -> None:
            beginning = await self._database.run_beside(lambda: routine.look(scope))
            await self._database.run(lambda connection: routine.begin(connection, beginning, wipe_id))

        return await self._roll_forward(routine, begin)

    async def resume_wipe(self, on_progress: Progress = _ignore) -> WipeCertificateRow | None:
        """Go on with a wipe that an environment fault stopped; None if there is none."""
        return await self._to_the_end(lambda: self._resume(on_progress))

    async def close(self) -> None:
        """Finish what waits, a wipe included, and close the file. Idempotent."""
        async with self._wiping:
            await self._database.close()

    async def _to_the_end(
        self, work: Callable[[], Coroutine[None, None, WipeCertificateRow | None]]
    ) -> WipeCertificateRow | None:
        """Run `work` alone and to its end, even if the caller is cancelled: a wipe has no way back."""

        async def alone() -> WipeCertificateRow | None:
            async with self._wiping:
                return await work()

        task = asyncio.ensure_future(alone())
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[WipeCertificateRow | None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # a cancelled caller does not ask; the journal remembers

    def _opening(self) -> Opening:
        """What opens a further connection to the generation that is open now."""
        path, key = self._database.path, self._vault.database_key
        return lambda alone: open_connection(path, key, alone=alone)

    async def _resume_at_start(self, on_progress: Progress) -> None:
        """Finish a wipe that was interrupted; whatever stops it, the profile must open: `resume_wipe` tries again."""
        try:
            await self._resume(on_progress)
        except Exception as error:
            log.warning("the wipe that was begun waits: %s", getattr(error, "code", type(error).__name__))

    async def _resume(self, on_progress: Progress) -> WipeCertificateRow | None:
        if await self.read(lambda tx: tx.wipes.journal()) is None:
            return None
        return await self._roll_forward(self._make_routine(_in_loop(on_progress)))

    async def _roll_forward(
        self, routine: WipeRoutine, begin: Callable[[], Awaitable[None]] | None = None
    ) -> WipeCertificateRow | None:
        """Take a wipe from wherever it stands to its end; reads and writes go on beside all that takes long."""
        database = self._database
        async with database.read_beside(self._opening()):
            try:
                if begin is not None:
                    await begin()
                with _in_words_of_one_begun():
                    plan = await database.read(routine.plan)
                    if plan is not None:
                        await self._rebuild(routine, plan)
            except BaseException:
                with suppress(ByreError):
                    await database.run(routine.call_off)
                raise
        with _in_words_of_one_begun():
            generation, needles = await database.read(routine.old_generation)
            await to_its_end(lambda: routine.destroy(generation, needles))
            async with database.read_beside(self._opening()):
                await database.run_beside(routine.report)
                certificate = await database.run(routine.certify)
            await database.run(routine.truncate)
        return certificate

    async def _rebuild(self, routine: WipeRoutine, plan: Plan) -> None:
        """Make the next generation and go on in it."""
        database = self._database
        await database.run_beside(lambda: routine.prepare(plan))
        await database.run(routine.set_out)
        await database.run_beside(routine.rebuild)
        await database.exchange(routine.switch)


def looked_at(connection: Connection) -> tuple[bool, bool]:
    """Whether the search index is up to date, and whether a wipe is under way: one statement, for a quick start."""
    ((tables, is_wiping),) = connection.execute(
        "SELECT (SELECT value FROM setting WHERE name = ?), EXISTS (SELECT 1 FROM wipe_journal)", (INDEX_TABLES,)
    ).fetchall()
    return tables is not None and json.loads(tables) == current_tables(), bool(is_wiping)


def _scope_of(rooms: Sequence[int] | WipeScope) -> WipeScope:
    return rooms if isinstance(rooms, WipeScope) else WipeScope.of_rooms(rooms)


@contextmanager
def _in_words_of_one_begun() -> Iterator[None]:
    """What stops a wipe that has begun, in words that are true of it."""
    try:
        yield
    except EnvironmentFault as fault:
        if fault.code != "disk_full":
            raise
        sentence = "the disk is full; the wipe has begun and is completed when there is room"
        raise EnvironmentFault(sentence, code="disk_full") from None


def _in_loop(on_progress: Progress) -> Progress:
    """`on_progress`, called in this loop from whatever thread."""
    loop = asyncio.get_running_loop()

    def tell(step: str, fraction: float) -> None:
        # A loop that was closed under a running wipe: the wipe goes on, only nobody watches.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(on_progress, step, fraction)

    return tell
