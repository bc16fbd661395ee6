"""What a relay answered, as typed values: the rest of the engine never sees a frame."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Progress(enum.Enum):
    """How far a sent envelope got; any step may be reported more than once."""

    RELAYED = "relayed"
    """Handed to the recipient's open socket."""
    STORED = "stored"
    """Held at the relay, on disk. Final for the send queue."""
    ACKED = "acked"
    """In the recipient device's own database. Final for the send queue."""


@dataclass(frozen=True, slots=True)
class TakenKeyPackage:
    """One key package of a device."""

    package: bytes
    is_last_resort: bool


@dataclass(frozen=True, slots=True)
class DirectoryAnswer:
    """The signed records of one account as the relay has them; nothing in here is verified yet."""

    account_record: bytes
    device_lists: tuple[bytes, ...]
    """Every signed list newer than the one asked for, oldest first."""
    device_records: tuple[bytes, ...]
    recovery_file: bytes | None
    """Only when the right fetch key was given."""


@dataclass(frozen=True, slots=True)
class Granted:
    """Our claim won (or had won before): merge."""

    head_epoch: int


@dataclass(frozen=True, slots=True)
class ConflictingCommit:
    """Another commit ended that epoch; `body` is its sealed claim body (never our own claim id)."""

    head_epoch: int
    claim_id: bytes
    commit_hash: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Gone:
    """The relay no longer has what ended that epoch (or never knew the room): rejoin."""

    head_epoch: int


@dataclass(frozen=True, slots=True)
class Found:
    """The commit that ended the epoch asked for."""

    head_epoch: int
    claim_id: bytes
    commit_hash: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class NothingYet:
    """The epoch asked for is the head. `commit_hash` and `claim_id` are those of the commit that opened it (zeros for
    a head that never moved): compare them with the own merged commit."""

    head_epoch: int
    claim_id: bytes
    commit_hash: bytes


ClaimResult = Granted | ConflictingCommit | Gone
CommitResult = Found | NothingYet | Gone
