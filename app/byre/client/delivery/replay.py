"""The replay law for one sender's run: each counter once, nothing from below the window.

MLS does not sign the generation (RFC 9420 §6.3.2), so a member could seal another member's signed message anew.
Each content therefore carries (run id, counter) under the signature. A window of 4,096 counters below the highest
seen is kept per (room, account, device, run id); anything older counts as seen.
"""

from __future__ import annotations

from dataclasses import dataclass

WINDOW = 4096
MAX_COUNTER = 2**63 - 1  # what the store's integer holds


@dataclass(frozen=True, slots=True)
class ReplayWindow:
    """Counters seen of one run: `highest`, and a bitmap whose bit i stands for `highest - i`."""

    highest: int = -1
    bitmap: int = 0

    def has_seen(self, counter: int) -> bool:
        """Return whether `counter` was seen, lies below the window or is no possible counter."""
        if counter < 0 or counter > MAX_COUNTER:
            return True
        if counter > self.highest:
            return False
        age = self.highest - counter
        return age >= WINDOW or bool(self.bitmap >> age & 1)

    def see(self, counter: int) -> ReplayWindow:
        """Return the window after `counter`, which must not have been seen."""
        if counter > self.highest:
            bitmap = (self.bitmap << (counter - self.highest)) | 1 if counter - self.highest < WINDOW else 1
            return ReplayWindow(counter, bitmap & ((1 << WINDOW) - 1))
        return ReplayWindow(self.highest, self.bitmap | 1 << (self.highest - counter))

    def to_bytes(self) -> bytes:
        """Return the bitmap, little end first, without trailing zeros."""
        return self.bitmap.to_bytes((self.bitmap.bit_length() + 7) // 8, "little")

    @classmethod
    def from_stored(cls, highest: int, bitmap: bytes) -> ReplayWindow:
        """Return the window that the store kept."""
        return cls(highest, int.from_bytes(bitmap, "little"))
