"""Reports of other devices: asked for, signed by the device that sends them, for that wipe."""

from __future__ import annotations

import pytest

from byre.client.events import WipeReported
from byre.client.wiping import parts, reports
from byre.crypto.signature import SigningKey
from byre.identity.wipe_certificate import WipeCertificate
from byre.store import Transaction
from byre.wire.content_bodies import Watermark, WipeReport
from byre.wire.ids import AccountId, DeviceId, GroupId, RunId, WipeId
from tests.fakes.identities import SeededRandom
from tests.unit.store.profile import ALICE, BOB, LAPTOP, NOW, PHONE

WIPE = WipeId(b"w" * 16)
KEY, OTHER_KEY = SigningKey.generate(SeededRandom("laptop")), SigningKey.generate(SeededRandom("other"))


def report(
    key: SigningKey = KEY, wipe_id: WipeId = WIPE, remnants: tuple[str, ...] = (), *, to: WipeId = WIPE
) -> WipeReport:
    claim = WipeCertificate.of(
        wipe_id=wipe_id,
        created_at_ms=NOW,
        counts={"messages": 1},
        scanned={"pages": 2},
        remnants=remnants,
        generation=2,
        key_mode="A",
        limits=(),
    )
    return WipeReport(to, claim.sign(key).to_json())


def take(tx: Transaction, body: WipeReport, device_id: bytes = LAPTOP) -> WipeReported | None:
    return reports.take(tx, body, account_id=ALICE, device_id=device_id, device_key=KEY.public, now_ms=NOW + 5)


def test_asked_devices_are_counted_as_they_answer(tx: Transaction) -> None:
    reports.ask(tx, WIPE, [(ALICE, LAPTOP), (BOB, PHONE)], NOW)
    assert reports.reported(tx, WIPE) == WipeReported(WIPE.hex(), 0, 2)
    assert take(tx, report()) == WipeReported(WIPE.hex(), 1, 2)
    reports.ask(tx, WIPE, [(ALICE, LAPTOP)], NOW)  # asked again: the answer stays
    assert reports.reported(tx, WIPE).erased == 1
    assert reports.undone(tx, WIPE, NOW) == WipeReported(WIPE.hex(), 1, 2)
    assert {row.state for row in tx.wipes.reports(WIPE)} == {"erased", "failed"}


def test_a_device_has_erased_once_it_has_answered_every_part(tx: Transaction, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MARKS_AT_ONCE", 1)
    marks = [Watermark(AccountId(BOB), DeviceId(PHONE), RunId(b"run....."), n) for n in range(3)]
    orders = parts.in_parts(WIPE, GroupId(b"g" * 32), marks)
    parts.note_parts(tx, orders)
    for order in orders:
        reports.ask(tx, order.wipe_id, [(ALICE, LAPTOP), (BOB, PHONE)], NOW)
    assert reports.reported(tx, WIPE) == WipeReported(WIPE.hex(), 0, 2)
    for order in (orders[2], orders[0], orders[0]):
        assert take(tx, report(wipe_id=order.wipe_id, to=order.wipe_id)) == WipeReported(WIPE.hex(), 0, 2)
    last = orders[1].wipe_id
    assert take(tx, report(wipe_id=last, to=last)) == WipeReported(WIPE.hex(), 1, 2)
    assert take(tx, report(wipe_id=last, to=last, remnants=("page 7",))) == WipeReported(WIPE.hex(), 0, 2)


def test_remnants_are_a_failure(tx: Transaction) -> None:
    reports.ask(tx, WIPE, [(ALICE, LAPTOP)], NOW)
    assert take(tx, report(remnants=("store page 7",))) == WipeReported(WIPE.hex(), 0, 1)
    assert [row.state for row in tx.wipes.reports(WIPE)] == ["failed"]


@pytest.mark.parametrize(
    "body",
    [
        report(OTHER_KEY),  # another device's certificate
        report(wipe_id=WipeId(b"x" * 16)),  # another wipe's
        WipeReport(WIPE, "{}"),
        WipeReport(WIPE, report().document.replace('"messages":1', '"messages":2')),
    ],
    ids=["other device", "other wipe", "no certificate", "altered"],
)
def test_what_proves_nothing_is_passed_over(tx: Transaction, body: WipeReport) -> None:
    reports.ask(tx, WIPE, [(ALICE, LAPTOP)], NOW)
    assert take(tx, body) is None
    assert [row.state for row in tx.wipes.reports(WIPE)] == ["asked"]


def test_who_was_not_asked_does_not_count(tx: Transaction) -> None:
    reports.ask(tx, WIPE, [(BOB, PHONE)], NOW)
    assert take(tx, report()) is None
    assert len(tx.wipes.reports(WIPE)) == 1
