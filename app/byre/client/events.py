"""What happened, in the past tense: frozen events that the engine publishes to `ui/` and `rpc/`.

Events are published after the store transaction that made them true, in the loop of the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from byre.client.views import (
    AccountId,
    DeviceId,
    MessageId,
    MessageState,
    MessageView,
    RoomId,
    Sender,
    Status,
    WipeOrder,
)


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message to show: another account's, or one sent by another own device.

    `is_followed`: the next message of the same room comes at once (a device catches up): painting can wait for it.
    """

    message: MessageView
    is_followed: bool = False


@dataclass(frozen=True, slots=True)
class MessageSent:
    """An own message of this device was stored and queued."""

    message: MessageView


@dataclass(frozen=True, slots=True)
class MessageStateChanged:
    """`reason`: why it failed (`too_large`: no relay of a recipient takes it), where that is known."""

    message_id: MessageId
    room_id: RoomId
    state: MessageState
    unread_by: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RoomRequested:
    """A stranger invites; `sender.device_id` is the inviting device."""

    room_id: RoomId
    sender: Sender


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """Title, members, state, unread count or last message of a room changed, or the room is new."""

    room_id: RoomId


@dataclass(frozen=True, slots=True)
class MessagesErased:
    """Single messages of the room are gone from this device: deleted, or their timer ran out."""

    room_id: RoomId
    message_ids: tuple[MessageId, ...]


@dataclass(frozen=True, slots=True)
class RoomErased:
    """All messages of the room were wiped on this device."""

    room_id: RoomId


@dataclass(frozen=True, slots=True)
class LinkCodeShown:
    """On the PC: show these six digits; the user types them on the phone, which shows the same `expires_at`."""

    code: str
    handle: str
    host: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class LinkReady:
    """On the PC: the phone matched the code; ask whether the phone names this account."""

    handle: str
    host: str
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class LinkEnded:
    """The handshake ended without a link; `code` is an error code: `offer_expired`, `offer_used`, `cancelled`."""

    code: str


@dataclass(frozen=True, slots=True)
class KeyReturned:
    """The phone has given a locked PC its key back: the profile is open, or, with a passphrase, `unlock` opens it."""


@dataclass(frozen=True, slots=True)
class DeviceLinked:
    device_id: DeviceId
    name: str


@dataclass(frozen=True, slots=True)
class DeviceRevoked:
    device_id: DeviceId


@dataclass(frozen=True, slots=True)
class DevicesChanged:
    """An own device is called otherwise now, or its role became known, or its removal is wanted."""


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """A contact is new, was verified, or its key changed."""

    account_id: AccountId


@dataclass(frozen=True, slots=True)
class KeyChanged:
    """A known account is not what it was: nothing is sent to it until the user has looked and accepted.

    reason: `key` (the directory names another account for the handle) or `history` (the account's key has signed two
    histories of its devices: the key was copied, or a restored phone went on from an old list).
    """

    account_id: AccountId
    handle: str
    reason: str


@dataclass(frozen=True, slots=True)
class OwnListForked:
    """The own account's key has signed two lists of one `version`: somebody else has the key, or an old phone lives.

    Nothing is sent until the user has looked (`account.accept_fork`).
    """

    version: int


@dataclass(frozen=True, slots=True)
class RecoveryCodeChanged:
    """The relay has the new recovery code's file: from now on the old code opens nothing."""


@dataclass(frozen=True, slots=True)
class ProfileRewound:
    """This profile was put back from an older copy: what is newer is missing, and every room is being rejoined."""


@dataclass(frozen=True, slots=True)
class ProfileOutrun:
    """The open profile is an older copy: the directory has a later record of this device. It is about to be rewound."""


@dataclass(frozen=True, slots=True)
class ProfileDamaged:
    """The open database turned out to be damaged: it is closed, nothing is acknowledged any more, messages wait at the
    relay. `backups.salvage` brings back what can be read and what the last snapshot has."""


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """The own relay came, went, or was tried in vain.

    `next_try_at` (ms): when it is tried again by itself, None while connected or not known yet. `reason`: why the last
    try failed (`relay_unreachable`, `relay_certificate`, `proxy_unreachable`), empty if there was none.
    """

    connected: bool
    next_try_at: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StatusChanged:
    status: Status


@dataclass(frozen=True, slots=True)
class WipeProgressed:
    """`step` is one of hide, delete, rebuild, scan, switch, destroy, certify; `fraction` is 0..1 over all steps."""

    room_id: RoomId
    step: str
    fraction: float


@dataclass(frozen=True, slots=True)
class WipeOrdered:
    """On the phone: a linked PC wants a room erased everywhere; until `due_at` it can be undone here."""

    order: WipeOrder


@dataclass(frozen=True, slots=True)
class WipeReported:
    """Another device answered to a wipe: `erased` of the `asked` other devices have erased."""

    wipe_id: str
    erased: int
    asked: int


Event = (
    MessageReceived
    | MessageSent
    | MessageStateChanged
    | RoomRequested
    | RoomChanged
    | RoomErased
    | MessagesErased
    | LinkCodeShown
    | LinkReady
    | LinkEnded
    | KeyReturned
    | DeviceLinked
    | DeviceRevoked
    | DevicesChanged
    | ContactChanged
    | KeyChanged
    | OwnListForked
    | RecoveryCodeChanged
    | ProfileOutrun
    | ProfileRewound
    | ProfileDamaged
    | ConnectionChanged
    | StatusChanged
    | WipeProgressed
    | WipeOrdered
    | WipeReported
)


class EventBus:
    """Delivers each event to every subscriber in the order of subscription, synchronously, in the engine's loop."""

    def __init__(self) -> None:
        self._subscribers: list[Callable[[Event], None]] = []

    def subscribe(self, subscriber: Callable[[Event], None]) -> Callable[[], None]:
        """Call `subscriber` with every later event. Returns the function that ends the subscription."""
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Hand `event` to all subscribers."""
        for subscriber in tuple(self._subscribers):
            subscriber(event)
