"""Journal, certificates and reports of wipes."""

from __future__ import annotations

from dataclasses import replace

from byre.crypto.secret import Secret
from byre.store import Transaction, WipeCertificateRow, WipeJournalRow, WipeReportRow
from tests.unit.store.profile import ALICE, LAPTOP, NOW, room

JOURNAL = WipeJournalRow(b"w" * 16, 1, "{}", "{}", Secret(b"k" * 32), b"sealed", NOW)


def test_the_journal_hides_rooms_until_it_ends(tx: Transaction) -> None:
    tx.rooms.add(room(1))
    tx.rooms.add(room(2))
    assert tx.wipes.journal() is None
    tx.wipes.begin(JOURNAL, {1: 77})
    assert tx.wipes.journal() == JOURNAL
    assert tx.wipes.rooms() == {1: 77}
    assert [row.id for row in tx.rooms.all()] == [2]
    tx.wipes.end()
    assert tx.wipes.journal() is None
    assert tx.wipes.rooms() == {}
    assert [row.id for row in tx.rooms.all()] == [2, 1]


def test_certificates_newest_first(tx: Transaction) -> None:
    first = WipeCertificateRow(b"1" * 16, NOW, "{}", b"sig")
    second = WipeCertificateRow(b"2" * 16, NOW + 1, "{}", b"sig")
    tx.wipes.add_certificate(first)
    tx.wipes.add_certificate(second)
    assert tx.wipes.certificates() == [second, first]
    assert tx.wipes.certificate(b"1" * 16) == first
    assert tx.wipes.certificate(b"3" * 16) is None


def test_reports_of_other_devices(tx: Transaction) -> None:
    asked = WipeReportRow(b"1" * 16, LAPTOP, ALICE, "asked", NOW)
    tx.wipes.put_report(asked)
    tx.wipes.put_report(replace(asked, state="erased", document="{}"))
    assert tx.wipes.reports(b"1" * 16) == [replace(asked, state="erased", document="{}")]
