"""The wipe as a step machine without a toolkit: ask with counts, progress over seven steps, certificate.

No cancel after the start: `close_window` only hides. A failure after the start is told, and that it will go on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from byre.client.views import RoomId, WipeCertificate, WipePreview

STEPS = ("hide", "delete", "rebuild", "scan", "switch", "destroy", "certify")
_SPANS = {"delete": (0.05, 0.25), "rebuild": (0.25, 0.45), "scan": (0.45, 0.8), "certify": (0.9, 1.0)}
"""From where to where the fraction over all runs in the steps that take their time."""


@dataclass(frozen=True, slots=True)
class Counting:
    """What will go is being counted."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The question, with counts and where it reaches."""

    preview: WipePreview


@dataclass(frozen=True, slots=True)
class Running:
    """`index` of `STEPS` under way; `fraction` over all; so many `messages` go, so many own `others` are told to."""

    index: int = 0
    fraction: float = 0.0
    messages: int = 0
    others: int = 0

    @property
    def percent(self) -> int | None:
        """How much of the step under way is done; None for those that are over at once."""
        start, end = _SPANS.get(STEPS[self.index], (0.0, 0.0))
        return round(100 * max(0.0, min(1.0, (self.fraction - start) / (end - start)))) if end else None


@dataclass(frozen=True, slots=True)
class Certified:
    """Done, with the device's claim."""

    certificate: WipeCertificate


@dataclass(frozen=True, slots=True)
class Failed:
    """It stopped; `started` tells whether it goes on at the next start."""

    code: str
    started: bool


WipeState = Counting | Asking | Running | Certified | Failed


class WipeFlow:
    """One wipe: of one room, or of what is not one (a contact, everything old), which was asked about elsewhere."""

    def __init__(self, room_id: RoomId | None) -> None:
        self.room_id = room_id
        self.state: WipeState = Counting()
        self.is_hidden = False

    def counted(self, preview: WipePreview) -> None:
        """The engine counted."""
        if isinstance(self.state, Counting):
            self.state = Asking(preview)

    def start(self) -> bool:
        """The user said yes; True when the engine must be told now, once."""
        if self.room_id is None and isinstance(self.state, Counting):
            self.state = Running()
            return True
        if not isinstance(self.state, Asking):
            return False
        preview = self.state.preview
        self.state = Running(messages=preview.messages, others=preview.own_devices)
        return True

    def progressed(self, step: str, fraction: float) -> bool:
        """A step is under way; True when a quarter was passed (worth announcing). Never goes back."""
        if not isinstance(self.state, Running):
            return False
        index = STEPS.index(step) if step in STEPS else self.state.index
        before = self.state.fraction
        now = min(1.0, max(before, fraction))
        self.state = replace(self.state, index=max(index, self.state.index), fraction=now)
        return int(now * 4) > int(before * 4)

    def certified(self, certificate: WipeCertificate) -> None:
        """The engine is done."""
        self.state = Certified(certificate)
        self.is_hidden = False

    def failed(self, code: str) -> None:
        """The engine could not."""
        self.state = Failed(code, isinstance(self.state, Running))
        self.is_hidden = False

    def close_window(self) -> bool:
        """The user closes the dialog; True when a wipe goes on behind it."""
        self.is_hidden = isinstance(self.state, Running)
        return self.is_hidden
