"""What accounts, linking and devices need of rooms: the port that the rooms service fills.

Rooms, membership commits and delivery live behind it. Handlers run inside the transaction that stores what was
received, on the store's thread, so that a crash neither loses nor doubles their effect; what a handler returns
runs in the engine's loop after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from byre.store import Transaction
from byre.wire.content_bodies import Body
from byre.wire.ids import DeviceId

if TYPE_CHECKING:
    from byre.client.api import ErasuresApi, MessagesApi, RoomsApi, WipesApi
    from byre.client.connection import Progress

AfterCommit = Callable[[], None]
"""Runs in the loop after the commit: publishes events, spawns tasks. Never touches the transaction."""


@dataclass(frozen=True, slots=True)
class DeviceMessage:
    """Content that another own device sent in the device room, decrypted and verified."""

    sender_device_id: bytes
    body: Body
    sent_at: int
    sender_key: bytes = b""  # the device's signature key: what it signs elsewhere can be checked


@dataclass(frozen=True, slots=True)
class JoinedRoom:
    """A room that this device has just joined; `kind` is direct, group, device or note."""

    group_id: bytes
    kind: str


DeviceContentHandler = Callable[[Transaction, DeviceMessage], AfterCommit | None]
JoinedHandler = Callable[[Transaction, JoinedRoom], AfterCommit | None]


class RoomKeeper(Protocol):
    """Own devices in own rooms. Every method is idempotent and survives a crash half way."""

    async def start(self) -> None:
        """Begin to deliver; the context's own identity is set."""

    async def start_reading(self) -> None:
        """Only what needs no network: a wipe that was begun is completed."""

    async def stop(self) -> None:
        """End delivery in order."""

    async def ensure_own_rooms(self) -> None:
        """Create the device room and the note room where they are missing."""

    async def has_device_room(self) -> bool:
        """Whether this device is a member of its account's device room."""

    async def is_in_device_room(self, device_id: bytes) -> bool:
        """Whether an own device has a leaf in the device room."""

    async def add_to_device_room(self, device_id: bytes, key_package: bytes) -> None:
        """Add an own device to the device room; returns when the relay has granted the commit."""

    async def rooms_lacking(self, device_id: bytes) -> Sequence[bytes]:
        """Return group ids of joined rooms, device room excluded, without that own device, newest activity first."""

    async def add_own_device(self, group_id: bytes, key_package: bytes) -> None:
        """Add an own device to one room."""

    async def remove_own_device(self, device_id: bytes) -> None:
        """Remove an own device, which the newest own list lacks, from every room."""

    async def tell_name(self, *, is_changed_here: bool) -> None:
        """Tell the own name in every room where somebody has not heard it; who changed it does so at once."""

    async def say_back(self) -> None:
        """Tell every room that this device is reached again: what expired for it meanwhile is sent anew."""

    async def send_to_own_devices(self, body: Body, *, to: DeviceId | None = None) -> None:
        """Send content in the device room, or `to` one device there, through the outbox."""

    def on_device_content(self, kind: str, handler: DeviceContentHandler) -> None:
        """Register the one handler of a device-room content kind, before `start`."""

    def on_joined(self, handler: JoinedHandler) -> None:
        """Register a handler of rooms that this device joins, before `start`."""


class RoomServices(RoomKeeper, Protocol):
    """All that rooms and delivery are to an open profile: the port above, the APIs, and the network's reports."""

    rooms: RoomsApi
    messages: MessagesApi
    wipes: WipesApi
    erasures: ErasuresApi

    async def on_envelopes(self, relay_url: str, mailbox_id: bytes, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
        """Take envelopes, (mid, body) each; acknowledged when this returns, kept by the relay when it raises."""

    def on_progress(self, mid: bytes, progress: Progress) -> None:
        """A send got further."""

    def on_failed(self, mid: bytes, code: str, retry_after_ms: int) -> None:
        """A send was refused."""

    def on_store_put_back(self, relay_url: str) -> None:
        """A relay's data were put back from an older copy: what it confirmed to hold since is lost."""

    def on_store(self, relay_url: str, store_epoch: bytes) -> None:
        """A relay was reached: which store it has."""

    def on_connection(self, relay_url: str, is_connected: bool) -> None:
        """A relay became reachable or was lost."""
