"""The wipe by epoch rotation: a journalled routine that is always completed.

```
 1 hide     journal {scope, needles} in g                                       begin      one transaction
 2          (from 1 to 7 the database thread is ours: no write, no acknowledgement; g can be read)
 3 delete   the search index pruned, in memory                                  rebuild
   rebuild  what stays of g written to g+1 under a new key, checked
 4 scan     every page of g+1 decrypted and searched
 5 switch   S(g+1) beside S(g), read back
 6          key.<g+1>; the manifest is replaced  ═══ from here on g+1 is the profile
 7          g+1 opened
 8 destroy  S(g) deleted, verified                                              destroy    beside all other work
 9          files of g overwritten, removed; raw bytes of the profile searched
10 certify  certificate in, journal and needles out: one transaction                certify
            WAL truncated                                                          truncate
```
A crash before 6: g+1 and S(g+1) are dropped and it goes on from 3. After 6: from 7. Nothing of what went comes back in
either case, and nothing that was acknowledged is lost: g counts until g+1 does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.db import Connection, open_connection
from byre.db.faults import says_damaged, translated
from byre.db.transaction import write_transaction
from byre.errors import EnvironmentFault, InternalBug, PeerError, UsageError
from byre.store import wipe_images
from byre.store.archive import EXPORTS
from byre.store.erasures import DEBT
from byre.store.forensics import Finding, Scan, scan_database, scan_files, unexplained
from byre.store.forensics_needles import NeedleSet
from byre.store.forensics_strays import left_behind
from byre.store.page_check import is_whole
from byre.store.schema import open_database
from byre.store.transaction import Transaction
from byre.store.vault import ProfileVault
from byre.store.vault_files import sync_file, sync_folder
from byre.store.vault_rotation import NextGeneration, Rotation
from byre.store.wipe_erase import content_of, count_content, has_index_entries, last_positions, newest_moment
from byre.store.wipe_needles import choose_needles, open_needles, seal_needles
from byre.store.wipe_rebuild import check_copy, export_to
from byre.store.wipe_report import Certifier, Progress, WipeReport, exports_of, limits_of, remnants_of
from byre.store.wipe_scope import WipeScope
from byre.store.wipes import WipeCertificateRow, WipeJournalRow

_WIPE_ID_BYTES = 16
_INDEX_REMNANT = "search index"


def _no_checkpoint(step: str) -> None:
    pass


class WipeRoutine:
    """One wipe, or the rest of one. All methods but `destroy` run on the database thread."""

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
        self._scan: Scan | None = None
        self._raw = Scan()

    def begin(self, connection: Connection, scope: WipeScope, wipe_id: bytes | None = None) -> None:
        """Step 1, inside a write transaction: journal, needles, rooms hidden. From its commit on there is no way back.

        Raises:
            UsageError: `no_such_room`.
        """
        tx = Transaction(connection)
        is_of_rooms = scope.kind in ("rooms", "covered")
        if (is_of_rooms and not scope.rooms) or any(tx.rooms.by_number(room) is None for room in scope.rooms):
            raise UsageError("there is no such room to wipe", code="no_such_room")
        scope = scope.begun(max(self._clock_ms(), newest_moment(connection, scope)))
        wipe_images.note_reach(connection, scope)
        counts = count_content(connection, scope)
        needles = choose_needles(content_of(connection, scope, counts["messages"]))
        key = Secret(self._random(32))
        journal = WipeJournalRow(
            wipe_id=wipe_id or self._random(_WIPE_ID_BYTES),
            from_generation=self._vault.generation,
            scope=scope.to_json(),
            counts=json.dumps(counts),
            needle_key=key,
            needles=seal_needles(needles, key, self._random),
            started_at=scope.started_at,
        )
        hidden = scope.rooms if scope.hides_rooms else ()
        for room in hidden:
            tx.seen.cover(room, tx.seen.current(room))
        tx.wipes.begin(journal, last_positions(connection, hidden))
        self._on_progress("hide", 0.02)

    def needs_rebuild(self, connection: Connection) -> bool:
        """Whether the open journal belongs to a wipe that has not switched yet."""
        return _journal(connection).from_generation == self._vault.generation

    def rebuild(self, connection: Connection) -> tuple[Path, Connection]:
        """Steps 3 to 7: closes `connection` and returns the next generation's file and connection.

        Raises:
            EnvironmentFault: `disk_full`, `key_unavailable`, …: `connection` stays open and counts; call again later.
        """
        journal = _journal(connection)
        scope, needles = _scope(journal), _needles(journal)
        with _blamed_rightly(self._vault.database_path, self._vault.database_key):
            return self._rebuilt(connection, scope, needles)

    def _rebuilt(self, connection: Connection, scope: WipeScope, needles: NeedleSet) -> tuple[Path, Connection]:
        self._on_step("journalled")
        self._on_progress("delete", 0.05)
        rotation = self._vault.rotation()
        following = rotation.begin()
        self._write(following, scope)
        sync_file(following.path)
        sync_folder(self._vault.directory)
        self._on_step("rebuilt")
        self._scan = self._examined(following.path, following.key, scope, needles, (0.45, 0.8))
        self._on_step("scanned")
        self._on_progress("switch", 0.8)
        rotation.keep_outer_secret(following)
        self._on_step("secret_kept")
        try:
            opened = self._switched(rotation, following)
        except BaseException:
            rotation.withdraw()
            raise
        self._on_step("switched")
        connection.close()
        self._on_step("reopened")
        return following.path, opened

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

    def _write(self, following: NextGeneration, scope: WipeScope) -> None:
        """Step 3, over connections of its own: where a write failed, what was attached may stay, and stay broken."""
        source, key = self._vault.database_path, self._vault.database_key
        inside = open_connection(source, key)
        try:
            export_to(inside, following, scope, self._on_progress, open_beside=lambda: open_connection(source, key))
        finally:
            inside.close()

    def old_generation(self, connection: Connection) -> tuple[int, NeedleSet]:
        """What `destroy` needs to know of the journal."""
        journal = _journal(connection)
        return journal.from_generation, _needles(journal)

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

    def certify(self, connection: Connection) -> WipeCertificateRow | None:
        """Step 10, outside a transaction, after `destroy`. A rotation has no certificate.

        Raises:
            EnvironmentFault: `disk_full`, `io_error`: call again later, with `destroy` before it.
        """
        journal = _journal(connection)
        scope, needles = _scope(journal), _needles(journal)
        scan = self._scan
        if scan is None:  # the wipe was interrupted after the switch: look again
            scan = self._examined(self._vault.database_path, self._vault.database_key, scope, needles, (0.9, 0.95))
        scan = unexplained(scan, connection)
        if has_index_entries(connection, scope):
            scan += Scan((Finding(_INDEX_REMNANT, b""),))
        exports = exports_of(Transaction(connection).settings.get(EXPORTS))
        images = wipe_images.limits_of_images(connection)
        report = self._report(journal, scan + self._raw, needles, exports, images)

        def write(inside: Connection) -> WipeCertificateRow | None:
            tx = Transaction(inside)
            certificate = None
            if scope.kind != "rotation":
                document, signature = self._certify(tx, report)
                certificate = WipeCertificateRow(report.wipe_id, report.finished_at, document, signature)
                tx.wipes.add_certificate(certificate)
            tx.wipes.end()
            tx.settings.delete(DEBT)
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
        self, path: Path, key: Secret, scope: WipeScope, needles: NeedleSet, span: tuple[float, float]
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
            )
            checked.result()
        return scan

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


def _journal(connection: Connection) -> WipeJournalRow:
    journal = Transaction(connection).wipes.journal()
    if journal is None:
        raise InternalBug("there is no wipe to go on with", code="no_wipe")
    return journal


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


def _scope(journal: WipeJournalRow) -> WipeScope:
    try:
        return WipeScope.from_json(journal.scope)
    except PeerError:
        raise EnvironmentFault("the journal of the wipe is damaged", code="db_damaged") from None


def _needles(journal: WipeJournalRow) -> NeedleSet:
    try:
        return open_needles(journal.needles, journal.needle_key)
    except PeerError:
        raise EnvironmentFault("the journal of the wipe is damaged", code="db_damaged") from None
