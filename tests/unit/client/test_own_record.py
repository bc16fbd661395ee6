"""The directory's record of this device as a witness: who went back, the relay or this profile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from byre.client.own_record import REWOUND_AGAIN_MS, Witness, compare, last_kept, next_issue, was_kept
from byre.store.archive import RESTORED
from byre.wire.ids import DeviceId
from tests.fakes.delivery_context import DeliveryContext

ME, ANOTHER = DeviceId(b"\xaa" * 16), DeviceId(b"\xbb" * 16)
NOW = 1_800_000_000_000


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[DeliveryContext]:
    surroundings = DeliveryContext(tmp_path)
    yield surroundings
    await surroundings.close()


def issue(around: DeliveryContext, now_ms: int = NOW, *, is_kept: bool = True) -> int:
    issued = around.store.now(lambda tx: next_issue(tx, ME, now_ms))
    if is_kept:
        around.store.now(lambda tx: was_kept(tx, ME, issued))
    return issued


def look(around: DeliveryContext, issued_at_ms: int | None, *, now_ms: int = NOW, device: DeviceId = ME) -> Witness:
    kept = around.store.now(lambda tx: last_kept(tx, device))
    return around.store.now(lambda tx: compare(tx, device, issued_at_ms, kept_before=kept, now_ms=now_ms))


async def test_records_are_issued_one_after_the_other_whatever_the_clock_says(around: DeliveryContext) -> None:
    assert [issue(around, now) for now in (NOW, NOW, NOW - 3_600_000, NOW + 9)] == [NOW, NOW + 1, NOW + 2, NOW + 9]


async def test_a_relay_that_has_what_it_confirmed_agrees(around: DeliveryContext) -> None:
    assert look(around, None) is Witness.AGREES  # nothing was ever issued
    first = issue(around)
    assert look(around, first) is Witness.AGREES
    second = issue(around, NOW + 5, is_kept=False)  # cut off: it has the one or the other
    assert [look(around, issued) for issued in (first, second)] == [Witness.AGREES] * 2


async def test_a_relay_that_lacks_what_it_confirmed_is_old(around: DeliveryContext) -> None:
    first, second = issue(around), issue(around, NOW + 5)
    assert [look(around, issued) for issued in (first, None)] == [Witness.RELAY_IS_OLD] * 2
    assert look(around, second) is Witness.AGREES


async def test_a_record_that_was_never_issued_here_says_that_the_profile_is_old(around: DeliveryContext) -> None:
    issue(around)
    assert look(around, NOW + 60_000) is Witness.PROFILE_IS_OLD
    assert look(around, NOW + 60_000) is Witness.PROFILE_IS_OLD  # until it was rewound


async def test_a_profile_that_was_rewound_goes_on_from_there(around: DeliveryContext) -> None:
    issue(around)
    around.store.now(lambda tx: tx.settings.put(RESTORED, NOW))
    assert look(around, NOW + 60_000) is Witness.AGREES
    around.store.now(lambda tx: tx.settings.delete(RESTORED))
    assert look(around, NOW + 60_000) is Witness.AGREES
    assert issue(around) == NOW + 60_001
    assert look(around, NOW + 70_000) is Witness.AGREES  # two copies side by side: not all the time
    assert look(around, NOW + 80_000, now_ms=NOW + REWOUND_AGAIN_MS) is Witness.PROFILE_IS_OLD


async def test_a_profile_from_before_and_one_linked_anew_begin_with_what_is_there(around: DeliveryContext) -> None:
    assert look(around, NOW + 5) is Witness.AGREES
    assert issue(around) == NOW + 6
    assert look(around, NOW + 70_000, device=ANOTHER) is Witness.AGREES
    assert around.store.now(lambda tx: last_kept(tx, ANOTHER)) == 0
