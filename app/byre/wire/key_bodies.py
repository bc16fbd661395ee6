"""What own devices tell each other about a PC's key: a copy for the phone to keep, and that it is kept.

Only in the device room. The copy is sealed to the phone's mailbox key: the other PCs carry it and cannot read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final

from byre.wire.fields import Take, need_blob, need_bytes, need_uint

PROFILE_ID_SIZE: Final = 16
LARGEST_COPY: Final = 256


@dataclass(frozen=True, slots=True)
class KeyCopyGiven:
    """The sender's outer secret, sealed to the phone; it takes the place of an earlier one of this profile.

    `sealed` is empty when the profile is opened by a passphrase alone from now on: nothing is to be kept.
    """

    KIND: ClassVar[str] = "key_copy"
    profile_id: bytes
    generation: int
    sealed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        need_bytes(self.profile_id, PROFILE_ID_SIZE, "a profile id")
        need_uint(self.generation, 32, "a generation")
        need_blob(self.sealed, LARGEST_COPY, "a key copy")

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        return {"profile_id": self.profile_id, "generation": self.generation, "sealed": self.sealed}

    @classmethod
    def read(cls, take: Take) -> KeyCopyGiven:
        """Make it from the keys of a map."""
        return cls(take("profile_id"), take("generation"), take("sealed"))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class KeyCopyKept:
    """The phone keeps this generation's copy, and no earlier one of the profile any more."""

    KIND: ClassVar[str] = "key_copy_kept"
    profile_id: bytes
    generation: int

    def __post_init__(self) -> None:
        need_bytes(self.profile_id, PROFILE_ID_SIZE, "a profile id")
        need_uint(self.generation, 32, "a generation")

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        return {"profile_id": self.profile_id, "generation": self.generation}

    @classmethod
    def read(cls, take: Take) -> KeyCopyKept:
        """Make it from the keys of a map."""
        return cls(take("profile_id"), take("generation"))  # type: ignore[arg-type]
