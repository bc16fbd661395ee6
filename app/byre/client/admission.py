"""An own device on its way in: what the phone must not forget between its grant and the end of a linking.

```
 granted ──blob 5──▶ answered ──k+1 published, in the device room──▶ introduced ──told everything──▶ (gone)
    └──no blob 5 by the deadline, or cancelled──▶ withdrawn ──k+1 and k+2 published──▶ (gone)
```
Stored before blob 4 leaves, so that a crash can neither lose a signed list nor admit a device twice.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

from byre.errors import InternalBug
from byre.store import Transaction

_SETTING = "engine.admission"


class Stage(StrEnum):
    """How far the admission is."""

    GRANTED = "granted"
    ANSWERED = "answered"
    INTRODUCED = "introduced"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Admission:
    """One granted linking. `link` is the handshake's state, `device_list` the signed list k+1, `name` the PC's."""

    stage: Stage
    link: bytes = field(repr=False)
    blob4: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    device_list: bytes = field(repr=False)
    key_package: bytes = field(default=b"", repr=False)
    name: str = field(default="", repr=False)

    @property
    def has_unpublished_list(self) -> bool:
        """Whether k+1 is signed but not published: no other list may be signed meanwhile."""
        return self.stage is not Stage.INTRODUCED

    def at(self, stage: Stage, *, key_package: bytes = b"") -> Admission:
        """Return it one stage on."""
        return dataclasses.replace(self, stage=stage, key_package=key_package or self.key_package)


def write_admission(tx: Transaction, admission: Admission) -> None:
    """Store the one admission under way."""
    value = dataclasses.asdict(admission)
    tx.settings.put(_SETTING, {name: each.hex() if isinstance(each, bytes) else each for name, each in value.items()})


def read_admission(tx: Transaction) -> Admission | None:
    """Return the admission under way."""
    value = tx.settings.get(_SETTING)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise InternalBug("the stored admission is no map")
    text = cast(dict[str, str], value)
    blobs = {name: bytes.fromhex(text[name]) for name in ("link", "blob4", "certificate", "device_list", "key_package")}
    return Admission(stage=Stage(text["stage"]), name=text.get("name", ""), **blobs)


def is_list_pending(tx: Transaction) -> bool:
    """Whether the signed list of a linking waits to be published."""
    admission = read_admission(tx)
    return admission is not None and admission.has_unpublished_list


def delete_admission(tx: Transaction) -> None:
    """Forget it: the linking has ended."""
    tx.settings.delete(_SETTING)
