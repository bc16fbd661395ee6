"""The wipe as a step machine without a toolkit: ask with counts, progress over seven steps, certificate.

No cancel after the start: `close_window` only hides. A failure after the start is told, and that it will go on.
"""

from __future__ import annotations

from dataclasses import dataclass

from byre.client.views import RoomId, WipeCertificate, WipePreview

STEPS = ("hide", "delete", "rebuild", "scan", "switch", "destroy", "certify")


@dataclass(frozen=True, slots=True)
class Counting:
    """What will go is being counted."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The question, with counts and where it reaches."""

    preview: WipePreview


@dataclass(frozen=True, slots=True)
class Running:
    """`index` of `STEPS` under way; `fraction` over all."""

    index: int = 0
    fraction: float = 0.0
    messages: int = 0


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
    """One wipe of one room."""

    def __init__(self, room_id: RoomId) -> None:
        self.room_id = room_id
        self.state: WipeState = Counting()
        self.is_hidden = False

    def counted(self, preview: WipePreview) -> None:
        """The engine counted."""
        if isinstance(self.state, Counting):
            self.state = Asking(preview)

    def start(self) -> bool:
        """The user said yes; True when the engine must be told now, once."""
        if not isinstance(self.state, Asking):
            return False
        self.state = Running(messages=self.state.preview.messages)
        return True

    def progressed(self, step: str, fraction: float) -> bool:
        """A step is under way; True when a quarter was passed (worth announcing). Never goes back."""
        if not isinstance(self.state, Running):
            return False
        index = STEPS.index(step) if step in STEPS else self.state.index
        before = self.state.fraction
        now = min(1.0, max(before, fraction))
        self.state = Running(max(index, self.state.index), now, self.state.messages)
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
