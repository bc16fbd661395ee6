"""The wipe that is under way, certificates of those that ended, and what other devices answered.

Needles are samples of what goes, sealed under a key that lies beside them: not to hide them from who has the database
key, but so that the scan for them does not find the journal itself. Both die with the journal row.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from byre.crypto.secret import Secret
from byre.db import Connection
from byre.store.table import Table


@dataclass(frozen=True, slots=True)
class WipeJournalRow:
    """A wipe that began in generation `from_generation`; `scope` is JSON of what goes, `counts` of how much."""

    wipe_id: bytes
    from_generation: int
    scope: str
    counts: str
    needle_key: Secret
    needles: bytes = field(repr=False)
    started_at: int


@dataclass(frozen=True, slots=True)
class WipeCertificateRow:
    """A signed certificate as exported: `document` is its exact text."""

    wipe_id: bytes
    created_at: int
    document: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class WipeReportRow:
    """What another device answered to a wipe. state: asked, erased, failed."""

    wipe_id: bytes
    device_id: bytes
    account_id: bytes
    state: str
    updated_at: int
    document: str = ""


_JOURNAL = Table.of("wipe_journal", WipeJournalRow)
_CERTIFICATE = Table.of("wipe_certificate", WipeCertificateRow)
_REPORT = Table.of("wipe_report", WipeReportRow)


class WipeRepository:
    """Journal (written by the wipe routine only), certificates and reports."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def journal(self) -> WipeJournalRow | None:
        return _JOURNAL.one(self._connection)

    def begin(self, row: WipeJournalRow, rooms: dict[int, int]) -> None:
        """Open the journal for `rooms` (local number -> last position that goes) and hide them."""
        _JOURNAL.insert(self._connection, row)
        self._connection.executemany("INSERT INTO wipe_room (room, up_to) VALUES (?, ?)", rooms.items())
        self._connection.executemany("UPDATE room SET is_hidden = 1 WHERE id = ?", [(room,) for room in rooms])

    def rooms(self) -> dict[int, int]:
        """The rooms of the open journal and the last position that goes of each."""
        return {int(room): int(up_to) for room, up_to in self._connection.execute("SELECT room, up_to FROM wipe_room")}

    def end(self) -> None:
        """Destroy needles and journal and show the rooms again."""
        self._connection.execute("UPDATE room SET is_hidden = 0 WHERE id IN (SELECT room FROM wipe_room)")
        self._connection.execute("DELETE FROM wipe_room")
        self._connection.execute("DELETE FROM wipe_journal")

    def add_certificate(self, row: WipeCertificateRow) -> None:
        _CERTIFICATE.insert(self._connection, row)

    def certificate(self, wipe_id: bytes) -> WipeCertificateRow | None:
        return _CERTIFICATE.one(self._connection, "WHERE wipe_id = ?", (wipe_id,))

    def certificates(self) -> list[WipeCertificateRow]:
        """Newest first."""
        return _CERTIFICATE.all(self._connection, "ORDER BY created_at DESC, wipe_id")

    def put_report(self, row: WipeReportRow) -> None:
        _REPORT.put(self._connection, row, "wipe_id", "device_id")

    def reports(self, wipe_id: bytes) -> list[WipeReportRow]:
        return _REPORT.all(self._connection, "WHERE wipe_id = ? ORDER BY device_id", (wipe_id,))
