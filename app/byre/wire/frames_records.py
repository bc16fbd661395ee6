"""Relay frames of what the relay keeps: key packages, directory records, room heads, linking rendezvous.

R = relay, C = client, /r = receive socket (authenticated per mailbox), /s = send socket (no identity).
`req_id` is chosen by the client; the answer (or ERR) repeats it. Read and written by `frames.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from byre.wire.frame_fields import (
    ANY_BODY,
    BODY,
    EPOCH,
    HASH32,
    HASH48,
    ID16,
    KEY,
    PACKAGE,
    RECORD,
    SIGNATURE,
    TAG,
    UINT32_MAX,
    UINT63_MAX,
    Frame,
    at_most,
    boolean,
    many,
    of,
    optional,
    uint,
)

MAX_KEY_PACKAGES: Final = 16
RECORD_ACCOUNT: Final = 1
RECORD_DEVICE: Final = 2
BY_HANDLE: Final = 1
BY_ACCOUNT: Final = 2


# --- key packages -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyPackagePut(Frame):
    """C->R on /r (KPPUT): add one-time packages, replace the last-resort one if given; `is_fresh_start` erases the
    older one-time packages first. Answered by DONE and KPCOUNT."""

    TYPE: ClassVar[int] = 0x30
    req_id: bytes = of(ID16)
    mailbox: bytes = of(ID16)
    one_time: tuple[bytes, ...] = of(many(PACKAGE, most=MAX_KEY_PACKAGES))
    last_resort: bytes | None = of(optional(PACKAGE))
    is_fresh_start: bool = of(boolean)


@dataclass(frozen=True, slots=True)
class KeyPackageTake(Frame):
    """C->R on /s (KPTAKE): take one package by introduction token; the same req_id within 60 s gives the same."""

    TYPE: ClassVar[int] = 0x31
    req_id: bytes = of(ID16)
    mailbox: bytes = of(ID16)
    token: bytes = of(HASH32)


@dataclass(frozen=True, slots=True)
class KeyPackageGiven(Frame):
    """R->C on /s: the answer to KPTAKE."""

    TYPE: ClassVar[int] = 0x32
    req_id: bytes = of(ID16)
    package: bytes = of(PACKAGE)
    is_last_resort: bool = of(boolean)


@dataclass(frozen=True, slots=True)
class KeyPackageCount(Frame):
    """R->C on /r (KPCOUNT): one-time packages left; `is_last_resort_used` asks for a new last-resort package."""

    TYPE: ClassVar[int] = 0x33
    mailbox: bytes = of(ID16)
    one_time: int = of(uint(UINT32_MAX))
    has_last_resort: bool = of(boolean)
    is_last_resort_used: bool = of(boolean)


# --- directory --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DirectoryPut(Frame):
    """C->R (DIRPUT): publish a signed record; RECORD_ACCOUNT anywhere, RECORD_DEVICE on the /r socket that has its
    mailbox attached. `recovery_file` goes with an account record (nil keeps the stored one). Answered by DONE."""

    TYPE: ClassVar[int] = 0x40
    req_id: bytes = of(ID16)
    kind: int = of(uint(RECORD_DEVICE, least=RECORD_ACCOUNT))
    record: bytes = of(RECORD)
    recovery_file: bytes | None = of(optional(at_most(512, least=1)))


@dataclass(frozen=True, slots=True)
class DirectoryGet(Frame):
    """C->R on /s (DIRGET): look up by handle (UTF-8) or account_id; lists newer than `since_list`; with
    `fetch_key` also the recovery file."""

    TYPE: ClassVar[int] = 0x41
    req_id: bytes = of(ID16)
    by: int = of(uint(BY_ACCOUNT, least=BY_HANDLE))
    key: bytes = of(at_most(256, least=1))
    since_list: int = of(uint(UINT63_MAX))
    fetch_key: bytes | None = of(optional(HASH32))


@dataclass(frozen=True, slots=True)
class DirectoryFound(Frame):
    """R->C on /s: the answer to DIRGET. Unknown and refused: `record` nil and the rest empty, the same bytes."""

    TYPE: ClassVar[int] = 0x42
    req_id: bytes = of(ID16)
    record: bytes | None = of(optional(RECORD))
    lists: tuple[bytes, ...] = of(many(at_most(16 * 1024, least=1), most=256))
    devices: tuple[bytes, ...] = of(many(at_most(4 * 1024, least=1), most=64))
    recovery_file: bytes | None = of(optional(at_most(512, least=1)))


# --- room heads (all on /s) -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeadCreate(Frame):
    """C->R (CREATE): register a room's head at `epoch`, write-once; signed with the claim key. DONE, or ERR taken."""

    TYPE: ClassVar[int] = 0x50
    req_id: bytes = of(ID16)
    group_tag: bytes = of(TAG)
    epoch: int = of(EPOCH)
    claim_public: bytes = of(KEY)
    signature: bytes = of(SIGNATURE)


@dataclass(frozen=True, slots=True)
class Claim(Frame):
    """C->R: order the commit that ends `epoch`; idempotent by `claim_id`. GRANT, CONFLICT, GONE or ERR auth."""

    TYPE: ClassVar[int] = 0x51
    req_id: bytes = of(ID16)
    group_tag: bytes = of(TAG)
    epoch: int = of(EPOCH)
    claim_id: bytes = of(ID16)
    commit_hash: bytes = of(HASH48)
    next_claim_public: bytes = of(KEY)
    signature: bytes = of(SIGNATURE)
    body: bytes = of(ANY_BODY)


@dataclass(frozen=True, slots=True)
class Grant(Frame):
    """R->C: the claim won and is durable; the head is now `head_epoch`."""

    TYPE: ClassVar[int] = 0x52
    req_id: bytes = of(ID16)
    head_epoch: int = of(EPOCH)
    claim_id: bytes = of(ID16)


@dataclass(frozen=True, slots=True)
class Conflict(Frame):
    """R->C: another commit ended that epoch: its claim id, hash and body."""

    TYPE: ClassVar[int] = 0x53
    req_id: bytes = of(ID16)
    head_epoch: int = of(EPOCH)
    claim_id: bytes = of(ID16)
    commit_hash: bytes = of(HASH48)
    body: bytes = of(BODY)


@dataclass(frozen=True, slots=True)
class Gone(Frame):
    """R->C: what ended that epoch is no longer (or not) here; `head_epoch` 0 when nothing may be said."""

    TYPE: ClassVar[int] = 0x54
    req_id: bytes = of(ID16)
    head_epoch: int = of(EPOCH)


@dataclass(frozen=True, slots=True)
class GetCommit(Frame):
    """C->R (GETC): ask for the commit that ended `epoch`; signed with that epoch's claim key."""

    TYPE: ClassVar[int] = 0x55
    req_id: bytes = of(ID16)
    group_tag: bytes = of(TAG)
    epoch: int = of(EPOCH)
    signature: bytes = of(SIGNATURE)


@dataclass(frozen=True, slots=True)
class CommitFound(Frame):
    """R->C: the answer to GETC; `body` nil (NONE) when the epoch is the head and nothing ended it yet, and then
    `claim_id` and `commit_hash` are those of the commit that opened it (zeros for a head never moved)."""

    TYPE: ClassVar[int] = 0x56
    req_id: bytes = of(ID16)
    head_epoch: int = of(EPOCH)
    claim_id: bytes = of(ID16)
    commit_hash: bytes = of(HASH48)
    body: bytes | None = of(optional(BODY))


# --- rendezvous (all on /s) -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RendezvousPut(Frame):
    """C->R (RVPUT): write one slot, once; the same bytes again are DONE."""

    TYPE: ClassVar[int] = 0x60
    req_id: bytes = of(ID16)
    rendezvous: bytes = of(ID16)
    slot: int = of(uint(5, least=1))
    blob: bytes = of(at_most(32 * 1024, least=1))


@dataclass(frozen=True, slots=True)
class RendezvousGet(Frame):
    """C->R (RVGET): read one slot, waiting up to `wait_ms` for it to be written."""

    TYPE: ClassVar[int] = 0x61
    req_id: bytes = of(ID16)
    rendezvous: bytes = of(ID16)
    slot: int = of(uint(5, least=1))
    wait_ms: int = of(uint(30_000))


@dataclass(frozen=True, slots=True)
class RendezvousFound(Frame):
    """R->C: the answer to RVGET; nil when the slot is still empty."""

    TYPE: ClassVar[int] = 0x62
    req_id: bytes = of(ID16)
    blob: bytes | None = of(optional(at_most(32 * 1024, least=1)))
