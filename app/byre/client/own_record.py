"""The directory's record of this device: a number that this profile and the relay both remember, signed here.

```
 record older than the last that was kept ──▶ the relay's data were put back from an older copy: register anew
 record newer than any that was issued here ─▶ this profile was: its ratchets have been used since (`rewound`)
```
Each record is issued later than the one before, whatever the clock says: the relay takes none that is older, either.
Nobody but this device can issue one. A relay that shows an old one is registered at anew, which does no harm.
"""

from __future__ import annotations

import enum
from typing import cast

from byre.store import Transaction
from byre.store.archive import is_restored
from byre.wire.ids import DeviceId

_ISSUED = "engine.own_record"
REWOUND_AGAIN_MS = 3_600_000
"""Two copies of one profile that run side by side outrun each other for ever: they are not rewound all the time."""


class Witness(enum.Enum):
    """What the directory's record of this device says."""

    AGREES = "agrees"
    RELAY_IS_OLD = "the relay's data are an older copy"
    PROFILE_IS_OLD = "this profile is an older copy"


def next_issue(tx: Transaction, device_id: DeviceId, now_ms: int) -> int:
    """Return the time of issue of the next record, and note it before anybody sees it."""
    numbers = _read(tx, device_id)
    issued_at_ms = max(now_ms, numbers.get("issued", 0) + 1)
    _write(tx, device_id, {**numbers, "issued": issued_at_ms})
    return issued_at_ms


def was_kept(tx: Transaction, device_id: DeviceId, issued_at_ms: int) -> None:
    """The relay has it, durably."""
    numbers = _read(tx, device_id)
    _write(tx, device_id, {**numbers, "kept": max(issued_at_ms, numbers.get("kept", 0))})


def last_kept(tx: Transaction, device_id: DeviceId) -> int:
    """Return when the newest record was issued that the relay has confirmed, 0 for none: ask before the directory."""
    return _read(tx, device_id).get("kept", 0)


def compare(
    tx: Transaction, device_id: DeviceId, issued_at_ms: int | None, *, kept_before: int, now_ms: int
) -> Witness:
    """Compare with the directory's record, None if it has none; `kept_before` is `last_kept` before it was asked.

    A profile out of a backup, or one that was rewound, knows already, and goes on from the directory's number.
    """
    numbers = _read(tx, device_id)
    if issued_at_ms is None or issued_at_ms < kept_before:
        return Witness.RELAY_IS_OLD if kept_before else Witness.AGREES
    if issued_at_ms <= numbers.get("issued", 0):
        return Witness.AGREES
    is_told = is_restored(tx.settings)
    if "issued" not in numbers or is_told or now_ms - numbers.get("rewound", 0) < REWOUND_AGAIN_MS:
        rewound = {"rewound": now_ms} if is_told else {}
        _write(tx, device_id, {**numbers, **rewound, "issued": issued_at_ms})
        return Witness.AGREES
    return Witness.PROFILE_IS_OLD


def _read(tx: Transaction, device_id: DeviceId) -> dict[str, int]:
    """A PC that was linked again has another device's numbers there: they say nothing."""
    value = tx.settings.get(_ISSUED)
    if not isinstance(value, dict) or value.get("device") != device_id.hex():
        return {}
    return {name: cast(int, number) for name, number in value.items() if name != "device"}


def _write(tx: Transaction, device_id: DeviceId, numbers: dict[str, int]) -> None:
    tx.settings.put(_ISSUED, {"device": device_id.hex(), **numbers})
