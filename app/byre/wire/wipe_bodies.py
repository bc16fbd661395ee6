"""What devices tell each other about a wipe: the order, its recall, and what a device has erased.

An order names messages by (device, run id, counter), never by their content: what the ordering device had not seen is
not covered and stays. In the device room the account's own devices order each other; in a room a member asks the other
members'. A report carries the signed wipe certificate of the device that sends it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final

from byre.wire import ids
from byre.wire.fields import Take, bad_field, need_bytes, need_group_id, need_items, need_text, need_uint
from byre.wire.ids import AccountId, DeviceId, GroupId, RunId, WipeId

MOST_WATERMARKS: Final = 512
COUNTER_BITS: Final = 63
LARGEST_DOCUMENT: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a wipe reaches in one sending device's run: everything with a counter up to `counter`."""

    account_id: AccountId
    device_id: DeviceId
    run_id: RunId
    counter: int

    def __post_init__(self) -> None:
        need_bytes(self.account_id, ids.ACCOUNT_ID_SIZE, "an account id")
        need_bytes(self.device_id, ids.DEVICE_ID_SIZE, "a device id")
        need_bytes(self.run_id, ids.RUN_ID_SIZE, "a run id")
        need_uint(self.counter, COUNTER_BITS, "a counter")


@dataclass(frozen=True, slots=True)
class Wipe:
    """A room's messages were erased on one own device; the others erase what the watermarks cover."""

    KIND: ClassVar[str] = "wipe"
    wipe_id: WipeId
    group_id: GroupId
    watermarks: tuple[Watermark, ...]

    def __post_init__(self) -> None:
        need_bytes(self.wipe_id, ids.WIPE_ID_SIZE, "a wipe id")
        need_group_id(self.group_id)
        if len(self.watermarks) > MOST_WATERMARKS:
            raise bad_field("a wipe has too many watermarks")

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        marks = [[mark.account_id, mark.device_id, mark.run_id, mark.counter] for mark in self.watermarks]
        return {"wipe_id": self.wipe_id, "group_id": self.group_id, "watermarks": marks}

    @classmethod
    def read(cls, take: Take) -> Wipe:
        """Make it from the keys of a map."""
        marks = []
        for item in need_items(take("watermarks")):
            if type(item) is not list or len(item) != 4:
                raise bad_field("a watermark has four parts")
            marks.append(Watermark(*item))
        return cls(take("wipe_id"), take("group_id"), tuple(marks))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class WipeReport:
    """This device has carried out a wipe; `document` is its certificate as exported, signed by the device's own key."""

    KIND: ClassVar[str] = "wipe_report"
    wipe_id: WipeId
    document: str = field(repr=False)

    def __post_init__(self) -> None:
        need_bytes(self.wipe_id, ids.WIPE_ID_SIZE, "a wipe id")
        need_text(self.document, "a wipe certificate", largest_bytes=LARGEST_DOCUMENT)

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        return {"wipe_id": self.wipe_id, "document": self.document}

    @classmethod
    def read(cls, take: Take) -> WipeReport:
        """Make it from the keys of a map."""
        return cls(take("wipe_id"), take("document"))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class WipeUndone:
    """The phone's user has recalled a wipe that a linked PC ordered: no other device erases anything."""

    KIND: ClassVar[str] = "wipe_undone"
    wipe_id: WipeId

    def __post_init__(self) -> None:
        need_bytes(self.wipe_id, ids.WIPE_ID_SIZE, "a wipe id")

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        return {"wipe_id": self.wipe_id}

    @classmethod
    def read(cls, take: Take) -> WipeUndone:
        """Make it from the keys of a map."""
        return cls(take("wipe_id"))  # type: ignore[arg-type]
