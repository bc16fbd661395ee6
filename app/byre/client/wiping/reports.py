"""What other devices answered to a wipe: each with its own signed certificate, kept as it came.

A report counts only under the key of the device that sent it (the leaf's, which MLS has checked), and only for a wipe
that was asked of it. It is that device's own claim: a modified client may lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from byre.client.events import WipeReported
from byre.client.peers import Peers
from byre.client.views import AccountId, DeviceId, WipeReceipt
from byre.client.wiping.parts import head_of, whole
from byre.errors import PeerError
from byre.identity.wipe_certificate import parse_wipe_certificate
from byre.store import Transaction, WipeReportRow
from byre.wire.content_bodies import WipeReport

ASKED, ERASED, FAILED = "asked", "erased", "failed"
_TOLD_FIRST = (FAILED, ASKED, ERASED)
UNDONE = "undone"
"""Document of a report that will not come: the phone's user undid the order."""


def ask(tx: Transaction, wipe_id: bytes, devices: Iterable[tuple[bytes, bytes]], now_ms: int) -> None:
    """Expect a report of each (account, device)."""
    known = {row.device_id for row in tx.wipes.reports(wipe_id)}
    for account_id, device_id in devices:
        if device_id not in known:
            tx.wipes.put_report(WipeReportRow(wipe_id, device_id, account_id, ASKED, now_ms))


def take(
    tx: Transaction, report: WipeReport, *, account_id: bytes, device_id: bytes, device_key: bytes, now_ms: int
) -> WipeReported | None:
    """Keep a device's report; None when it was not asked, or proves nothing."""
    asked = {row.device_id for row in tx.wipes.reports(report.wipe_id)}
    if device_id not in asked:
        return None
    try:
        signed = parse_wipe_certificate(report.document)
    except PeerError:
        return None
    if signed.device_key != device_key or signed.certificate.wipe_id != report.wipe_id:
        return None
    state = FAILED if signed.certificate.remnants else ERASED
    tx.wipes.put_report(WipeReportRow(report.wipe_id, device_id, account_id, state, now_ms, report.document))
    return reported(tx, report.wipe_id)


def undone(tx: Transaction, wipe_id: bytes, now_ms: int) -> WipeReported:
    """No further report will come: the order was undone."""
    for row in tx.wipes.reports(wipe_id):
        if row.state == ASKED:
            tx.wipes.put_report(WipeReportRow(wipe_id, row.device_id, row.account_id, FAILED, now_ms, UNDONE))
    return reported(tx, wipe_id)


def reported(tx: Transaction, wipe_id: bytes) -> WipeReported:
    """Return how many of the asked devices have erased, of the whole order that `wipe_id` belongs to."""
    head = head_of(tx, wipe_id)
    rows = _of_all_parts(tx, head)
    return WipeReported(head.hex(), sum(row.state == ERASED for row in rows), len(rows))


def shown_reports(tx: Transaction, wipe_id: bytes, peers: Peers) -> Sequence[WipeReceipt]:
    """Return the reports as the window shows them, own devices first."""
    names = {row.device_id: row.name for row in tx.own_devices.all(with_removed=True)}
    receipts = [
        WipeReceipt(
            account_id=AccountId(row.account_id.hex()),
            handle=peers.handle_of(tx, row.account_id),
            device_id=DeviceId(row.device_id.hex()),
            device_name=names.get(row.device_id, ""),
            state=UNDONE if row.document == UNDONE else row.state,
            at=row.updated_at,
            certificate_json="" if row.document == UNDONE else row.document,
        )
        for row in _of_all_parts(tx, wipe_id)
    ]
    return sorted(receipts, key=lambda each: (not peers.is_own(bytes.fromhex(each.account_id)), each.handle))


def _of_all_parts(tx: Transaction, head: bytes) -> list[WipeReportRow]:
    """One row for each device: what it has failed at, else what it has not answered yet, else what it has erased."""
    rows: dict[bytes, WipeReportRow] = {}
    for wipe_id in whole(tx, head):
        for row in tx.wipes.reports(wipe_id):
            known = rows.setdefault(row.device_id, row)
            if _TOLD_FIRST.index(row.state) < _TOLD_FIRST.index(known.state):
                rows[row.device_id] = row
    return list(rows.values())
