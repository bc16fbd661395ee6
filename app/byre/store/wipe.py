"""The wipe by epoch rotation: a journalled routine that is always completed.

```
 1 hide     what goes: counts, needles                                          look       beside all other work
            journal {scope, needles} in g                                       begin      one transaction
            from here on every row that changes in g is noted                              database thread
 2          K(g+1), S(g+1), connections to copy with                            prepare    beside all other work
            the moment of which the copy is made                                set_out    database thread
 3 delete   the search index pruned, in memory                                  rebuild    beside all other work
   rebuild  what stays of g as it was at 2 written to g+1, checked
 4 scan     every page of g+1 decrypted and searched
 5 switch   S(g+1) beside S(g), read back
            what changed since follows into g+1 and is searched as well         switch     database thread
 6          key.<g+1>; the manifest is replaced  ═══ from here on g+1 is the profile
 7          g+1 opened
 8 destroy  S(g) deleted, verified                                              destroy    beside all other work
 9          files of g overwritten, removed; raw bytes of the profile searched
10 certify  what is left of what went, what it says                             report     beside all other work
            certificate in, journal and needles out: one transaction                certify    database thread
            WAL truncated                                                          truncate
```
A crash before 6: g+1 and S(g+1) are dropped and it goes on from 2. After 6: from 7. Nothing of what went comes back in
either case, and nothing that was acknowledged is lost: g counts until g+1 does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.db import Connection, open_connection
from byre.db.faults import says_damaged, translated
from byre.db.transaction import read_transaction, write_transaction
from byre.errors import EnvironmentFault
from byre.store import wipe_images
from byre.store.archive import EXPORTS
from byre.store.forensics import Finding, Scan, scan_database, scan_files, unexplained
from byre.store.forensics_needles import NeedleSet
from byre.store.forensics_pages import PagesRead
from byre.store.forensics_strays import left_behind
from byre.store.page_check import is_whole
from byre.store.schema import open_database
from byre.store.transaction import Transaction
from byre.store.vault import ProfileVault
from byre.store.vault_files import sync_file, sync_folder
from byre.store.vault_rotation import NextGeneration, Rotation
from byre.store.wipe_beginning import Beginning, journal_of, look, needles_of, scope_of, write_down
from byre.store.wipe_changes import Changes, follow, forget, note, noted
from byre.store.wipe_erase import has_index_entries
from byre.store.wipe_rebuild import Export, check_copy
from byre.store.wipe_report import Certifier, Progress, WipeReport, exports_of, limits_of, remnants_of
from byre.store.wipe_scope import WipeScope
from byre.store.wipes import WipeCertificateRow, WipeJournalRow

T = TypeVar("T")
_INDEX_REMNANT = "search index"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a wipe that was begun takes, and samples of it."""

    scope: WipeScope
    needles: NeedleSet


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """The next generation while it is being made."""

    plan: Plan
    rotation: Rotation
    following: NextGeneration
    export: Export
    pages_read: PagesRead = field(default_factory=PagesRead)


def _no_checkpoint(step: str) -> None:
    pass


class WipeRoutine:
    """One wipe, or the rest of one. Methods that take a connection run on the database thread."""

    def __init__(
        self,
        vault: ProfileVault,
        *,
        certify: Certifier,
        clock_ms: Callable[[], int],
        random: Random,
        on_progress: Progress,
        on_step: Callable[[str], None] = _no_checkpoint,
    ) -> None:
        """`on_step` is told what has just become durable; tests cut the power there."""
        self._vault = vault
        self._certify = certify
        self._clock_ms = clock_ms
        self._random = random
        self._on_progress = on_progress
        self._on_step = on_step
        self._under_way: _UnderWay | None = None
        self._scan: Scan | None = None
        self._raw = Scan()
        self._said: WipeReport | None = None

    def look(self, scope: WipeScope) -> Beginning:
        """Step 1, on any thread: what goes.

        Raises:
            UsageError: `no_such_room`.
        """
        return self._read(lambda connection: look(connection, scope, self._clock_ms()))

    def begin(self, connection: Connection, beginning: Beginning, wipe_id: bytes | None = None) -> None:
        """Step 1: journal, needles, rooms hidden. From here on there is no way back, and what changes is noted."""

        def write(inside: Connection) -> None:
            generation = self._vault.generation
            write_down(inside, beginning, wipe_id=wipe_id, generation=generation, random=self._random)

        write_transaction(connection, write)
        note(connection)
        self._on_progress("hide", 0.02)

    def plan(self, connection: Connection) -> Plan | None:
        """What the open journal asks for; None if that wipe has switched already."""
        journal = journal_of(connection)
        if journal.from_generation != self._vault.generation:
            return None
        return Plan(scope_of(journal), needles_of(journal))

    def prepare(self, plan: Plan) -> None:
        """Step 2, on any thread: what it takes to copy.

        Raises:
            EnvironmentFault: `disk_full`, `key_unavailable`, …: after `call_off`, begin again here later.
        """
        self._on_step("journalled")
        self._on_progress("delete", 0.05)
        with _blamed_rightly(self._vault.database_path, self._vault.database_key):
            rotation = self._vault.rotation()
            following = rotation.begin()
            export = Export(self._opening(any_thread=True), following, plan.scope)
            self._under_way = _UnderWay(plan, rotation, following, export)

    def set_out(self, connection: Connection) -> None:
        """Step 2: the copy is made of the database as it is now; which rows change is noted at the latest from now on.

        Raises:
            EnvironmentFault: as `prepare`.
        """
        note(connection)
        self._made().export.pin()

    def rebuild(self) -> None:
        """Steps 3 to 5, on any thread.

        Raises:
            EnvironmentFault: as `prepare`.
        """
        made = self._made()
        with _blamed_rightly(self._vault.database_path, self._vault.database_key):
            made.export.run(self._on_progress)
            made.export.close()
            sync_file(made.following.path)
            sync_folder(self._vault.directory)
            self._on_step("rebuilt")
            path, key = made.following.path, made.following.key
            self._scan = self._examined(path, key, made.plan.needles, (0.45, 0.8), made.pages_read)
            self._on_step("scanned")
            made.rotation.keep_outer_secret(made.following)
            self._on_step("secret_kept")

    def switch(self, connection: Connection) -> tuple[Path, Connection]:
        """Steps 5 to 7: closes `connection` and returns the next generation's file and connection.

        Raises:
            EnvironmentFault: as `prepare`; `connection` stays open and counts.
        """
        made = self._made()
        following = made.following
        with _blamed_rightly(self._vault.database_path, self._vault.database_key):
            self._follow(made, noted(connection))
            self._on_step("caught_up")
            self._on_progress("switch", 0.8)
            try:
                opened = self._switched(made.rotation, following)
            except BaseException:
                made.rotation.withdraw()
                raise
        self._on_step("switched")
        connection.close()
        self._on_step("reopened")
        return following.path, opened

    def call_off(self, connection: Connection) -> None:
        """It cannot go on now: nothing is noted and no copy kept open any more. The wipe stays begun."""
        if self._under_way is not None:
            self._under_way.export.close()
            self._under_way = None
        forget(connection)

    def _made(self) -> _UnderWay:
        assert self._under_way is not None
        return self._under_way

    def _follow(self, made: _UnderWay, changes: Changes) -> None:
        """Let what changed meanwhile follow into the copy, and search what that wrote."""
        if any(changes.values()):
            following = made.following
            follow(self._opening(), following, made.plan.scope, changes)
            assert self._scan is not None
            self._scan += scan_database(following.path, following.key, made.plan.needles, before=made.pages_read)

    def _switched(self, rotation: Rotation, following: NextGeneration) -> Connection:
        """Steps 6 and 7."""
        key_file = rotation.write_key_file(following)
        self._on_step("key_file_written")
        opened = open_database(following.path, following.key)
        try:
            self._vault.install(rotation.switch(following, key_file))
        except BaseException:
            opened.close()
            raise
        return opened

    def _opening(self, *, any_thread: bool = False) -> Callable[[], Connection]:
        path, key = self._vault.database_path, self._vault.database_key
        return lambda: open_connection(path, key, any_thread=any_thread)

    def _read(self, work: Callable[[Connection], T]) -> T:
        """On any thread, over a connection of its own."""
        connection = self._opening()()
        try:
            return read_transaction(connection, work)
        finally:
            connection.close()

    def old_generation(self, connection: Connection) -> tuple[int, NeedleSet]:
        """What `destroy` needs to know of the journal."""
        journal = journal_of(connection)
        return journal.from_generation, needles_of(journal)

    def destroy(self, generation: int, needles: NeedleSet) -> None:
        """Steps 8 and 9, on any thread, beside all other work: it touches the files of `generation` only.

        Raises:
            EnvironmentFault: `key_unavailable` (S(g) is still there), `disk_full`, `io_error`: call again later.
        """
        self._on_progress("destroy", 0.85)
        self._vault.rotation().destroy(generation)
        self._on_step("destroyed")
        self._on_progress("certify", 0.9)
        folder = self._vault.directory
        self._raw = scan_files(folder, needles, known=(self._vault.database_path.name,))
        self._raw += left_behind(folder, self._vault.generation)

    def report(self) -> None:
        """Step 10, on any thread, after `destroy`: what is to be certified. A rotation has no certificate.

        Raises:
            EnvironmentFault: `io_error`, `db_damaged`: call again later, with `destroy` before it.
        """

        def work(connection: Connection) -> WipeReport | None:
            journal = journal_of(connection)
            scope = scope_of(journal)
            return None if scope.kind == "rotation" else self._reported(connection, journal, scope)

        self._said = self._read(work)

    def certify(self, connection: Connection) -> WipeCertificateRow | None:
        """Step 10, outside a transaction, after `report`.

        Raises:
            EnvironmentFault: `disk_full`, `io_error`: call again later, with `destroy` before it.
        """
        journal_of(connection)
        report = self._said

        def write(inside: Connection) -> WipeCertificateRow | None:
            tx = Transaction(inside)
            certificate = None
            if report is not None:
                document, signature = self._certify(tx, report)
                certificate = WipeCertificateRow(report.wipe_id, report.finished_at, document, signature)
                tx.wipes.add_certificate(certificate)
            tx.wipes.end()
            wipe_images.end(inside)
            return certificate

        certificate = write_transaction(connection, write)
        self._on_step("certified")
        return certificate

    def truncate(self, connection: Connection) -> None:
        """The rest of step 10, once nobody reads beside: journal and needles go out of the WAL as well."""
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._on_step("truncated")
        self._on_progress("certify", 1.0)

    def _examined(
        self,
        path: Path,
        key: Secret,
        needles: NeedleSet,
        span: tuple[float, float],
        pages_read: PagesRead | None = None,
    ) -> Scan:
        """The structure of the copy checked by SQLite while its pages are searched by ourselves."""
        start, end = span
        with ThreadPoolExecutor(1, thread_name_prefix="byre-wipe-check") as beside:
            checked = beside.submit(_check, path, key)
            scan = scan_database(
                path,
                key,
                needles,
                lambda fraction: self._on_progress("scan", start + (end - start) * min(1.0, fraction)),
                before=pages_read,
            )
            checked.result()
        return scan

    def _reported(self, connection: Connection, journal: WipeJournalRow, scope: WipeScope) -> WipeReport:
        """What was done and what was found of what went."""
        needles, scan = needles_of(journal), self._scan
        if scan is None:  # the wipe was interrupted after the switch: look again
            scan = self._examined(self._vault.database_path, self._vault.database_key, needles, (0.9, 0.95))
        scan = unexplained(scan, connection)
        if has_index_entries(connection, scope):
            scan += Scan((Finding(_INDEX_REMNANT, b""),))
        exports = exports_of(Transaction(connection).settings.get(EXPORTS))
        images = wipe_images.limits_of_images(connection)
        return self._report(journal, scan + self._raw, needles, exports, images)

    def _report(
        self, journal: WipeJournalRow, scan: Scan, needles: NeedleSet, exports: tuple[str, ...], images: tuple[str, ...]
    ) -> WipeReport:
        mode = self._vault.mode()
        key_mode = "" if mode is None else mode.value
        return WipeReport(
            wipe_id=journal.wipe_id,
            finished_at=self._clock_ms(),
            counts={str(name): int(count) for name, count in json.loads(journal.counts).items()},
            scanned={
                "pages": scan.pages,
                "wal_frames": scan.wal_frames,
                "files": scan.files,
                "raw_bytes": scan.raw_bytes,
                "needles": len(needles),
            },
            remnants=remnants_of(scan.places()),
            generation=self._vault.generation,
            key_mode=key_mode,
            limits=tuple(dict.fromkeys((*limits_of(key_mode), *images))),
            exports=exports,
        )


@contextmanager
def _blamed_rightly(path: Path, key: Secret) -> Iterator[None]:
    """Two files are open: where one is called damaged, and the profile's own is whole, it was the one being written."""
    try:
        yield
    except Exception as error:
        if not says_damaged(error) or not is_whole(path, key):
            raise
        sentence = "what is written in the database's place does not come out as it should; the database is whole"
        raise EnvironmentFault(sentence, code="io_error") from None


def _check(path: Path, key: Secret) -> None:
    connection = open_connection(path, key)
    try:
        with translated(path):
            check_copy(connection)
    finally:
        connection.close()
