"""The certificate of a wipe: the store's report, signed with the device key in the wipe's own last transaction."""

from __future__ import annotations

from byre.client.key_copies import read_state
from byre.client.views import WipeCertificate
from byre.crypto.signature import SigningKey
from byre.errors import InternalBug
from byre.identity.wipe_certificate import WipeCertificate as ClaimedWipe
from byre.identity.wipe_certificate import parse_wipe_certificate
from byre.store import Transaction, WipeCertificateRow
from byre.store.wipe_report import WipeReport
from byre.wire.ids import WipeId

KEY_COPY_PENDING = "key_copy_pending"
"""Limit: the phone, or the relay beside the recovery file, keeps a copy of the outer secret of before this wipe until
the new one has taken its place. Who gets hold of that copy and of an older image of the disk reads the image."""


def certify(tx: Transaction, report: WipeReport) -> tuple[str, bytes]:
    """Return the signed document for `report` (the store's `Certifier`)."""
    account = tx.account.get()
    if account is None:
        raise InternalBug("a wipe without an account")
    claim = ClaimedWipe.of(
        wipe_id=WipeId(report.wipe_id),
        created_at_ms=report.finished_at,
        counts=report.counts,
        scanned=report.scanned,
        remnants=report.remnants,
        generation=report.generation,
        key_mode=report.key_mode,
        limits=(*report.limits, *((KEY_COPY_PENDING,) if read_state(tx) is not None else ())),
        exports=report.exports,
    )
    signed = claim.sign(SigningKey(account.device_seed))
    return signed.to_json(), signed.signature


def shown_certificate(row: WipeCertificateRow) -> WipeCertificate:
    """Return a stored certificate as the window shows and exports it; its signature is verified once more."""
    claim = parse_wipe_certificate(row.document).certificate
    return WipeCertificate(
        wipe_id=row.wipe_id.hex(),
        created_at=claim.created_at_ms,
        counts=dict(claim.counts),
        scanned=dict(claim.scanned),
        remnants=claim.remnants,
        generation=claim.generation,
        key_mode=claim.key_mode,
        limits=claim.limits,
        exports=claim.exports,
        signature=row.signature.hex(),
        certificate_json=row.document,
    )
