"""Relay frames of connection, messages and mailboxes: what moves an envelope from a sender to a device.

R = relay, C = client, /r = receive socket (authenticated per mailbox), /s = send socket (no identity).
`req_id` is chosen by the client; the answer (or ERR) repeats it. Read and written by `frames.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from byre.wire.frame_fields import (
    ANY_BODY,
    BODY,
    HASH32,
    ID16,
    KEY,
    SIGNATURE,
    UINT32_MAX,
    UINT63_MAX,
    Frame,
    many,
    numbers_by_name,
    of,
    optional,
    row,
    text,
    uint,
)

DURABILITY_RAM: Final = 0
DURABILITY_DISK: Final = 1
FLAG_LIVE_ONLY: Final = 1
FLAG_URGENT: Final = 2
TOKEN_NORMAL: Final = 0
TOKEN_SLOW: Final = 1
TOKEN_INTRO: Final = 2


# --- connection -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello(Frame):
    """R->C, first on every socket; the client checks version and limits. `nonce` is fresh per socket."""

    TYPE: ClassVar[int] = 0x01
    version: int = of(uint(UINT32_MAX))
    relay_id: bytes = of(HASH32)
    nonce: bytes = of(HASH32)
    time_ms: int = of(uint(UINT63_MAX))
    store_epoch: bytes = of(ID16)
    durability: int = of(uint(1))
    limits: Mapping[str, int] = of(numbers_by_name(most=64))


@dataclass(frozen=True, slots=True)
class Auth(Frame):
    """C->R on /r: attach mailboxes; rows of (mailbox, Ed25519 public key, signature)."""

    TYPE: ClassVar[int] = 0x02
    entries: tuple[tuple[bytes, bytes, bytes], ...] = of(many(row(ID16, KEY, SIGNATURE), least=1, most=32))


@dataclass(frozen=True, slots=True)
class Ready(Frame):
    """R->C on /r: the mailbox is attached to this socket; an older socket gets ERR replaced."""

    TYPE: ClassVar[int] = 0x03
    mailbox: bytes = of(ID16)
    backlog_count: int = of(uint(UINT32_MAX))
    generation: int = of(uint(UINT63_MAX))


@dataclass(frozen=True, slots=True)
class Ping(Frame):
    """Either way: answer with PONG and the same number."""

    TYPE: ClassVar[int] = 0x04
    number: int = of(uint(UINT32_MAX))


@dataclass(frozen=True, slots=True)
class Pong(Frame):
    """Either way: the answer to PING."""

    TYPE: ClassVar[int] = 0x05
    number: int = of(uint(UINT32_MAX))


@dataclass(frozen=True, slots=True)
class Credit(Frame):
    """Either way: from now on the sender of CREDIT takes up to this many unsettled MSG (C) or SEND (R) frames."""

    TYPE: ClassVar[int] = 0x06
    frames: int = of(uint(UINT32_MAX))
    size_bytes: int = of(uint(UINT32_MAX))


@dataclass(frozen=True, slots=True)
class Drain(Frame):
    """R->C: the relay goes down; come back after this time."""

    TYPE: ClassVar[int] = 0x07
    retry_after_ms: int = of(uint(UINT32_MAX))


@dataclass(frozen=True, slots=True)
class Err(Frame):
    """R->C: a refusal. `subject` is the mid, mailbox or req_id that it is about, or nil."""

    TYPE: ClassVar[int] = 0x08
    code: str = of(text(16))
    retry_after_ms: int = of(uint(UINT32_MAX))
    subject: bytes | None = of(optional(ID16))


@dataclass(frozen=True, slots=True)
class Detach(Frame):
    """C->R on /r: stop delivery of this mailbox to this socket."""

    TYPE: ClassVar[int] = 0x09
    mailbox: bytes = of(ID16)


@dataclass(frozen=True, slots=True)
class Done(Frame):
    """R->C: the request was carried out, durably where it changes anything."""

    TYPE: ClassVar[int] = 0x0A
    req_id: bytes = of(ID16)


# --- messages ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Send(Frame):
    """C->R on /s: one sealed envelope for one mailbox; idempotent by (mailbox, mid)."""

    TYPE: ClassVar[int] = 0x10
    mid: bytes = of(ID16)
    mailbox: bytes = of(ID16)
    token: bytes = of(HASH32)
    ttl_s: int = of(uint(UINT32_MAX))
    flags: int = of(uint(FLAG_LIVE_ONLY | FLAG_URGENT))
    body: bytes = of(ANY_BODY)


@dataclass(frozen=True, slots=True)
class Relayed(Frame):
    """R->C on /s: handed to the recipient's socket, not yet acknowledged."""

    TYPE: ClassVar[int] = 0x11
    mid: bytes = of(ID16)


@dataclass(frozen=True, slots=True)
class Acked(Frame):
    """R->C on /s: the recipient's device has it in its own database. Final."""

    TYPE: ClassVar[int] = 0x12
    mid: bytes = of(ID16)


@dataclass(frozen=True, slots=True)
class Stored(Frame):
    """R->C on /s: held for the recipient. Final with durability disk."""

    TYPE: ClassVar[int] = 0x13
    mid: bytes = of(ID16)
    store_epoch: bytes = of(ID16)


@dataclass(frozen=True, slots=True)
class Msg(Frame):
    """R->C on /r: one envelope, in `seq` order per generation."""

    TYPE: ClassVar[int] = 0x14
    mailbox: bytes = of(ID16)
    seq: int = of(uint(UINT63_MAX))
    mid: bytes = of(ID16)
    body: bytes = of(BODY)


@dataclass(frozen=True, slots=True)
class Ack(Frame):
    """C->R on /r: these are in the client's own database; an unknown mid is fine."""

    TYPE: ClassVar[int] = 0x15
    mailbox: bytes = of(ID16)
    mids: tuple[bytes, ...] = of(many(ID16, least=1, most=1024))


# --- mailboxes and tokens (all on /r) ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MailboxNew(Frame):
    """C->R (MBNEW): create a mailbox, write-once; answered by DONE."""

    TYPE: ClassVar[int] = 0x20
    req_id: bytes = of(ID16)
    mailbox: bytes = of(ID16)
    auth_public: bytes = of(KEY)
    signature: bytes = of(SIGNATURE)


@dataclass(frozen=True, slots=True)
class MailboxDelete(Frame):
    """C->R (MBDEL): erase an attached mailbox with all that belongs to it; answered by DONE."""

    TYPE: ClassVar[int] = 0x21
    req_id: bytes = of(ID16)
    mailbox: bytes = of(ID16)


@dataclass(frozen=True, slots=True)
class TokenPut(Frame):
    """C->R (TOKPUT): register rows of (SHA-256 of a delivery token, TOKEN_*); answered by DONE."""

    TYPE: ClassVar[int] = 0x22
    req_id: bytes = of(ID16)
    mailbox: bytes = of(ID16)
    tokens: tuple[tuple[bytes, int], ...] = of(many(row(HASH32, uint(TOKEN_INTRO)), least=1, most=256))


@dataclass(frozen=True, slots=True)
class TokenDelete(Frame):
    """C->R (TOKDEL): revoke token hashes after `after_s` seconds (0 = now); answered by DONE."""

    TYPE: ClassVar[int] = 0x23
    req_id: bytes = of(ID16)
    mailbox: bytes = of(ID16)
    after_s: int = of(uint(UINT32_MAX))
    hashes: tuple[bytes, ...] = of(many(HASH32, least=1, most=256))
