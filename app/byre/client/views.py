"""What the engine shows of itself: frozen values for `ui/` and `rpc/`, ids as lower-case hex.

Nothing here holds a key, a token or an MLS object; a view is a snapshot and is never written back.
Times are milliseconds UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

AccountId = NewType("AccountId", str)
"""SHA-256 account id, 64 hex digits."""
DeviceId = NewType("DeviceId", str)
"""16 random bytes, 32 hex digits."""
RoomId = NewType("RoomId", str)
"""The room's MLS group id, hex."""
MessageId = NewType("MessageId", str)
"""16 random bytes, 32 hex digits."""


class ProfileState(StrEnum):
    NEW = "new"
    LOCKED = "locked"
    READY = "ready"


class Role(StrEnum):
    PRIMARY = "primary"
    LINKED = "linked"


class RoomKind(StrEnum):
    DIRECT = "direct"
    GROUP = "group"
    NOTE = "note"


class RoomState(StrEnum):
    ACTIVE = "active"
    REQUEST = "request"  # a stranger's invitation, not yet accepted
    LEFT = "left"
    REMOVED = "removed"
    REJOINING = "rejoining"
    JAMMED = "jammed"


class Trust(StrEnum):
    VERIFIED = "verified"  # safety number compared
    UNVERIFIED = "unverified"
    CHANGED = "changed"  # the account key behind a known handle is another: blocks sending


class MessageState(StrEnum):
    """The least advanced account of the room, each account counted by its most advanced device."""

    QUEUED = "queued"
    RELAYED = "relayed"
    STORED = "stored"
    DELIVERED = "delivered"
    READ = "read"
    EXPIRED = "expired"
    FAILED = "failed"
    RECEIVED = "received"  # somebody else's message


class MessageKind(StrEnum):
    TEXT = "text"
    SYSTEM = "system"  # `text` is a stable event name such as `member_added`, `detail` its subject
    UNKNOWN = "unknown"  # sent by a newer version; kept, shown as "a newer version is needed"
    UNREADABLE = "unreadable"  # could not be decrypted; `detail` is the reason's code


@dataclass(frozen=True, slots=True)
class Status:
    state: ProfileState
    role: Role | None
    connected: bool
    account_id: AccountId | None = None
    device_id: DeviceId | None = None
    handle: str | None = None
    host: str | None = None
    name: str | None = None
    relay: str | None = None
    has_passphrase: bool = False
    key_mode: str = ""  # A (key store), B (key store and passphrase) or C (passphrase); empty while locked
    is_forked: bool = False  # the account's key has signed two histories; sending is blocked until it is accepted
    is_damaged: bool = False  # state `locked`: its database is damaged; `backups.salvage` brings back what can be read
    is_removed: bool = False  # the account removed this device: state `new`, its messages readable until erased


@dataclass(frozen=True, slots=True)
class Sender:
    account_id: AccountId
    handle: str
    device_id: DeviceId
    name: str = ""


@dataclass(frozen=True, slots=True)
class MessageView:
    """One row of a transcript. `position` orders rows within a room (ascending = older to newer)."""

    message_id: MessageId
    room_id: RoomId
    sender: Sender
    text: str
    sent_at: int
    state: MessageState
    position: int
    is_own: bool = False
    kind: MessageKind = MessageKind.TEXT
    unread_by: int = 0  # own messages: how many accounts have not read it
    detail: str = ""  # system lines: the handle of the account concerned
    detail_name: str = ""  # what that account calls itself, to be shown with the handle
    timer_s: int = 0  # the message disappears so long after it was sent (own) or read (others'); 0: it stays
    expires_at: int | None = None  # when it disappears (ms), once the timer runs


@dataclass(frozen=True, slots=True)
class SearchHitView:
    """A message that a search found, and where in its text. Ranges are (start, end) in code points, in order.

    Qt counts UTF-16 units: a character above U+FFFF before a range counts twice there.
    """

    message: MessageView
    highlights: tuple[tuple[int, int], ...]
    snippet: str
    snippet_highlights: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class RoomView:
    room_id: RoomId
    title: str
    kind: RoomKind
    state: RoomState
    trust: Trust
    unread: int
    member_count: int
    last_activity: int
    last_message: MessageView | None = None
    peer_account_id: AccountId | None = None  # direct rooms: the other account
    retention_s: int = 0  # how long messages live, as the room has agreed; 0: for ever
    may_set_retention: bool = False  # whether this account's role lets it change that
    draft: str = field(default="", repr=False)  # the beginning of what was written here and not sent
    peer_handle: str = ""  # direct rooms: always shown beside a title that is a name which the other account chose


@dataclass(frozen=True, slots=True)
class DeviceView:
    device_id: DeviceId
    name: str  # own devices only; others are nameless by design
    role: Role
    current: bool = False
    removal_pending: bool = False
    linked_at: int = 0


@dataclass(frozen=True, slots=True)
class MemberView:
    account_id: AccountId
    handle: str
    name: str
    devices: tuple[DeviceView, ...]
    trust: Trust
    is_self: bool = False
    is_admin: bool = False
    role: str = "member"  # member, admin or owner
    may_be_removed: bool = False  # by the own account, altogether (`rooms.remove`)
    roles_to_give: tuple[str, ...] = ()  # what `rooms.set_role` would be allowed to make of it now


@dataclass(frozen=True, slots=True)
class ContactView:
    account_id: AccountId
    handle: str
    name: str
    trust: Trust
    safety_number: str  # 60 digits, no spaces
    change: str = ""  # while `trust` is changed: `key` (another account has the handle) or `history` (two histories)
    changed_safety_number: str = ""  # with the account that has the handle now, to be compared before it is accepted
    safety_qr: str = ""  # the text of the QR that the other side scans


@dataclass(frozen=True, slots=True)
class SignedListView:
    """One of the device lists that the own account has signed."""

    version: int
    issued_at: int
    device_ids: tuple[DeviceId, ...]
    is_ours: bool  # the history that this device follows


@dataclass(frozen=True, slots=True)
class NetworkView:
    """How relays are reached. `pins`: relay authority -> SHA-256 (hex) of the one certificate that it may show."""

    proxy: str | None = field(repr=False)
    ca_pem: str = field(repr=False)
    pins: dict[str, str]


@dataclass(frozen=True, slots=True)
class Created:
    """The result of creating or restoring an account. `recovery_code` is shown once; empty after a restore."""

    account_id: AccountId
    device_id: DeviceId
    recovery_code: str


@dataclass(frozen=True, slots=True)
class LinkOffer:
    uri: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What the phone shows of the PC that asks to be linked."""

    device_name: str
    platform: str
    expires_at: int = 0  # until when the offer can be answered
    wants_key: bool = False  # an own PC that has lost its key asks for it: nothing is linked


@dataclass(frozen=True, slots=True)
class WipePreview:
    """What a wipe will erase and where it reaches, asked before it starts."""

    messages: int
    own_devices: int
    relay_held: int
    key_mode: str


@dataclass(frozen=True, slots=True)
class WipeCertificate:
    """This device's own signed claim about a wipe. `certificate_json` is the exact exported document."""

    wipe_id: str
    created_at: int
    counts: dict[str, int]
    scanned: dict[str, int]
    remnants: tuple[str, ...]
    generation: int
    key_mode: str  # A, B or C
    limits: tuple[str, ...]  # stable names of what is not promised
    exports: tuple[str, ...]
    signature: str
    certificate_json: str
    devices_asked: int = 0  # other devices that were told or asked to erase the same
    devices_erased: int = 0  # of them, those whose signed certificate has come back


@dataclass(frozen=True, slots=True)
class WipeReceipt:
    """What one other device answered to a wipe. state: asked, erased, failed (remnants were found) or undone."""

    account_id: AccountId
    handle: str
    device_id: DeviceId
    device_name: str  # own devices only
    state: str
    at: int
    certificate_json: str


@dataclass(frozen=True, slots=True)
class WipeOrder:
    """A wipe that a linked PC ordered and that the phone carries out at `due_at` unless it is undone."""

    wipe_id: str
    room_id: RoomId
    device_id: DeviceId
    due_at: int


@dataclass(frozen=True, slots=True)
class SalvageView:
    """What came back of a damaged profile: messages read from its file, and those that only the snapshot had.

    lost_messages: known to have been there, and not to be had any more: at least so many.
    lost_pages: pages of the file that could not be read; 0 where nothing of value was on one.
    was_whole: the file was not damaged and is as it was: at most what says which file counts was lost, and is back.
    """

    from_database: int
    from_snapshot: int
    lost_messages: int = 0
    lost_pages: int = 0
    was_whole: bool = False
