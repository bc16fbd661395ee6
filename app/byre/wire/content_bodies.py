"""What a content map can say: one frozen body per kind.

A body knows its own keys only; `content.py` holds what all kinds share. The kinds from `contact` on are for the
device room, as are those of `wipe_bodies.py`, which members also send in the room that is to be wiped. A kind that
this version does not know becomes `Unknown` and is kept with all its keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from byre.wire import ids
from byre.wire.fields import (
    Take,
    bad_field,
    blaming_the_peer,
    need_blob,
    need_bytes,
    need_flag,
    need_items,
    need_name,
    need_text,
    need_time_ms,
    need_uint,
)
from byre.wire.ids import DeviceId, MessageId
from byre.wire.key_bodies import KeyCopyGiven, KeyCopyKept
from byre.wire.tls import malformed
from byre.wire.wipe_bodies import COUNTER_BITS, MOST_WATERMARKS, Watermark, Wipe, WipeReport, WipeUndone

__all__ = [
    "CONTENT_KINDS",
    "COUNTER_BITS",
    "MOST_WATERMARKS",
    "Back",
    "Body",
    "Contact",
    "DeviceName",
    "Joined",
    "KeyCopyGiven",
    "KeyCopyKept",
    "KeyPackagesGiven",
    "KeyPackagesWanted",
    "KnownBody",
    "Profile",
    "Receipt",
    "RemovalWanted",
    "Text",
    "Unknown",
    "Watermark",
    "Wipe",
    "WipeReport",
    "WipeUndone",
    "decode_body",
    "kind_of",
]

LARGEST_TEXT_BYTES: Final = 32 * 1024
LARGEST_PROFILE_NAME: Final = 256
MOST_RECEIPTS: Final = 1024
MOST_KEY_PACKAGES: Final = 64
LARGEST_KEY_PACKAGE: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Text:
    """A message that a person wrote.

    `timer_s`: the timer it was sent under; the key is left out where that is the one of the epoch it is sealed in.
    """

    KIND: ClassVar[str] = "text"
    text: str = field(repr=False)
    timer_s: int | None = None

    def __post_init__(self) -> None:
        need_text(self.text, "a text", largest_bytes=LARGEST_TEXT_BYTES)
        if self.timer_s is not None:
            need_uint(self.timer_s, 32, "a timer")

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        return {"text": self.text} if self.timer_s is None else {"text": self.text, "timer_s": self.timer_s}

    @classmethod
    def read(cls, take: Take) -> Text:
        """Make it from the keys of a map."""
        return cls(take("text"), take("timer_s", None))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Which messages arrived on the sender's device, and up to which one its user has read.

    `unread`: of those up to there, which were erased by a timer before anybody read them; the key is left out where
    there are none.
    """

    KIND: ClassVar[str] = "receipt"
    delivered: tuple[MessageId, ...] = ()
    read_up_to: MessageId | None = None
    unread: tuple[MessageId, ...] = ()

    def __post_init__(self) -> None:
        if max(len(self.delivered), len(self.unread)) > MOST_RECEIPTS:
            raise bad_field("a receipt names too many messages")
        for message_id in (*self.delivered, *self.unread):
            need_bytes(message_id, ids.MESSAGE_ID_SIZE, "a message id")
        if self.read_up_to is not None:
            need_bytes(self.read_up_to, ids.MESSAGE_ID_SIZE, "a message id")

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        unread = {"unread": list(self.unread)} if self.unread else {}
        return {"delivered": list(self.delivered), "read_up_to": self.read_up_to, **unread}

    @classmethod
    def read(cls, take: Take) -> Receipt:
        """Make it from the keys of a map."""
        delivered, read_up_to = need_items(take("delivered")), take("read_up_to")
        return cls(delivered, read_up_to, need_items(take("unread", [])))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Joined:
    """This device joined by its Welcome."""

    KIND: ClassVar[str] = "joined"

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        return {}

    @classmethod
    def read(cls, take: Take) -> Joined:
        """Make it from the keys of a map."""
        return cls()


@dataclass(frozen=True, slots=True)
class Back:
    """This device was away for more than a day and has fetched what it missed: send again what expired."""

    KIND: ClassVar[str] = "back"

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        return {}

    @classmethod
    def read(cls, take: Take) -> Back:
        """Make it from the keys of a map."""
        return cls()


@dataclass(frozen=True, slots=True)
class Profile:
    """What the sender's account calls itself since `changed_at_ms`: the newest counts.

    A claim that nothing proves: it is shown as plain text, cleaned, and never without the handle.
    """

    KIND: ClassVar[str] = "profile"
    name: str = field(repr=False)
    changed_at_ms: int

    def __post_init__(self) -> None:
        need_text(self.name, "a profile name", largest_bytes=LARGEST_PROFILE_NAME)
        need_time_ms(self.changed_at_ms, "the time of a profile")

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        return {"name": self.name, "changed_at": self.changed_at_ms}

    @classmethod
    def read(cls, take: Take) -> Profile:
        """Make it from the keys of a map."""
        return cls(take("name"), take("changed_at"))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Contact:
    """An account that the user knows, for the user's other devices; the last one sent counts."""

    KIND: ClassVar[str] = "contact"
    account_public: bytes
    handle: str
    host: str
    name: str = ""
    is_verified: bool = False
    is_accepted: bool = True

    def __post_init__(self) -> None:
        need_bytes(self.account_public, 32, "an account key")
        need_name(self.handle, "a handle")
        need_name(self.host, "a host")
        need_name(self.name, "a name")
        need_flag(self.is_verified, "whether a contact is verified")
        need_flag(self.is_accepted, "whether a contact is accepted")

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        return {
            "account_public": self.account_public,
            "handle": self.handle,
            "host": self.host,
            "name": self.name,
            "is_verified": self.is_verified,
            "is_accepted": self.is_accepted,
        }

    @classmethod
    def read(cls, take: Take) -> Contact:
        """Make it from the keys of a map."""
        return cls(
            account_public=take("account_public"),  # type: ignore[arg-type]
            handle=take("handle"),  # type: ignore[arg-type]
            host=take("host"),  # type: ignore[arg-type]
            name=take("name"),  # type: ignore[arg-type]
            is_verified=take("is_verified"),  # type: ignore[arg-type]
            is_accepted=take("is_accepted"),  # type: ignore[arg-type]
        )


@dataclass(frozen=True, slots=True)
class KeyPackagesWanted:
    """Asks one own device for so many KeyPackages, for the rooms that it is to join."""

    KIND: ClassVar[str] = "key_packages_wanted"
    device_id: DeviceId
    count: int

    def __post_init__(self) -> None:
        need_bytes(self.device_id, ids.DEVICE_ID_SIZE, "a device id")
        if need_uint(self.count, 16, "a count") == 0:
            raise bad_field("a count must not be zero")

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        return {"device_id": self.device_id, "count": self.count}

    @classmethod
    def read(cls, take: Take) -> KeyPackagesWanted:
        """Make it from the keys of a map."""
        return cls(take("device_id"), take("count"))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class KeyPackagesGiven:
    """KeyPackages of the device `device_id`, each for one room; as many messages as it takes."""

    KIND: ClassVar[str] = "key_packages_given"
    device_id: DeviceId
    packages: tuple[bytes, ...]

    def __post_init__(self) -> None:
        need_bytes(self.device_id, ids.DEVICE_ID_SIZE, "a device id")
        if len(self.packages) > MOST_KEY_PACKAGES:
            raise bad_field("too many KeyPackages at once")
        for package in self.packages:
            need_blob(package, LARGEST_KEY_PACKAGE, "a KeyPackage", smallest=1)

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        return {"device_id": self.device_id, "packages": list(self.packages)}

    @classmethod
    def read(cls, take: Take) -> KeyPackagesGiven:
        """Make it from the keys of a map."""
        return cls(take("device_id"), need_items(take("packages")))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class DeviceName:
    """What an own device is called; names are known in the device room only."""

    KIND: ClassVar[str] = "device_name"
    device_id: DeviceId
    name: str
    platform: str = ""

    def __post_init__(self) -> None:
        need_bytes(self.device_id, ids.DEVICE_ID_SIZE, "a device id")
        need_name(self.name, "a device name")
        need_name(self.platform, "a platform")

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        return {"device_id": self.device_id, "name": self.name, "platform": self.platform}

    @classmethod
    def read(cls, take: Take) -> DeviceName:
        """Make it from the keys of a map."""
        return cls(take("device_id"), take("name"), take("platform"))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class RemovalWanted:
    """A linked device asks the primary to sign a device list without `device_id`."""

    KIND: ClassVar[str] = "removal_wanted"
    device_id: DeviceId

    def __post_init__(self) -> None:
        need_bytes(self.device_id, ids.DEVICE_ID_SIZE, "a device id")

    def fields(self) -> dict[str, object]:
        """Return this kind's own keys."""
        return {"device_id": self.device_id}

    @classmethod
    def read(cls, take: Take) -> RemovalWanted:
        """Make it from the keys of a map."""
        return cls(take("device_id"))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A kind, or a version of content, that this program does not know; kept for the day when it does."""

    kind: str
    known_by_newer: Mapping[str, object] = field(repr=False)

    def __post_init__(self) -> None:
        need_name(self.kind, "a kind")

    def fields(self) -> dict[str, object]:
        """Return the keys as they came."""
        return dict(self.known_by_newer)


KnownBody = (
    Text
    | Receipt
    | Joined
    | Back
    | Profile
    | Contact
    | KeyPackagesWanted
    | KeyPackagesGiven
    | Wipe
    | WipeReport
    | WipeUndone
    | DeviceName
    | RemovalWanted
    | KeyCopyGiven
    | KeyCopyKept
)
Body = KnownBody | Unknown

_READERS: Final[Mapping[str, Callable[[Take], KnownBody]]] = {
    Text.KIND: Text.read,
    Receipt.KIND: Receipt.read,
    Joined.KIND: Joined.read,
    Back.KIND: Back.read,
    Profile.KIND: Profile.read,
    Contact.KIND: Contact.read,
    KeyPackagesWanted.KIND: KeyPackagesWanted.read,
    KeyPackagesGiven.KIND: KeyPackagesGiven.read,
    Wipe.KIND: Wipe.read,
    WipeReport.KIND: WipeReport.read,
    WipeUndone.KIND: WipeUndone.read,
    DeviceName.KIND: DeviceName.read,
    RemovalWanted.KIND: RemovalWanted.read,
    KeyCopyGiven.KIND: KeyCopyGiven.read,
    KeyCopyKept.KIND: KeyCopyKept.read,
}
CONTENT_KINDS: Final = tuple(sorted(_READERS))
"""Every kind that this program understands, as its leaves announce."""


def kind_of(body: Body) -> str:
    """Return the name of a body's kind."""
    return body.kind if isinstance(body, Unknown) else body.KIND


def decode_body(kind: str, fields: Mapping[str, object]) -> tuple[Body, dict[str, object]]:
    """Return the body of `kind` and the keys of `fields` that it does not know.

    Raises:
        PeerError: code malformed; a known kind lacks a key, or a key holds the wrong thing.
    """
    reader = _READERS.get(kind)
    left = dict(fields)
    with blaming_the_peer():
        if reader is None:
            return Unknown(kind, left), {}

        def take(name: str, *default: object) -> object:
            if name not in left:
                if default:
                    return default[0]
                raise malformed("a content map lacks a key of its kind")
            return left.pop(name)

        return reader(take), left
