"""All relays that this device talks to: opens each on first use, attaches mailboxes, hands events to the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from byre.client.clock import Clock
from byre.client.connection.relay_client import RelayClient
from byre.client.connection.results import Progress


class MailboxCredentials(Protocol):
    """What attaches a mailbox: its id and the key that signs the relay's challenge (identity's `MailboxKeys`)."""

    @property
    def mailbox_id(self) -> bytes: ...
    @property
    def auth_public(self) -> bytes: ...
    def sign_auth(self, *, relay_id: bytes, origin: str, nonce: bytes) -> bytes: ...
    def sign_mbnew(self, *, relay_id: bytes, origin: str, nonce: bytes) -> bytes: ...


class NetworkCallbacks(Protocol):
    """What the network reports. Coroutines are awaited one after the other per relay."""

    async def on_envelope(self, relay_url: str, mailbox_id: bytes, mid: bytes, body: bytes) -> None:
        """An envelope arrived. Acknowledged when this returns; if it raises, the relay keeps it and sends it again."""

    def on_progress(self, mid: bytes, progress: Progress) -> None:
        """A send got further."""

    def on_failed(self, mid: bytes, code: str, retry_after_ms: int) -> None:
        """A send was refused. `retry_after_ms` 0: it left the queue for good ("token": unknown or revoked, "size").
        Above 0: it stays queued and goes again by itself then ("quota", "rate", "busy", "disk")."""

    def on_connection(self, relay_url: str, is_connected: bool) -> None:
        """The relay became reachable or was lost (both sockets up counts as reachable)."""

    def on_key_package_count(
        self, relay_url: str, mailbox_id: bytes, one_time: int, has_last_resort: bool, is_last_resort_used: bool
    ) -> None:
        """How many one-time packages the relay has left; told at attach, after a put, and when few are left."""


class Network:
    """The relays of one engine."""

    def __init__(self, *, callbacks: NetworkCallbacks, clock: Clock, random: Callable[[int], bytes]) -> None:
        raise NotImplementedError

    async def start(self) -> None:
        """Begin to connect (relays with attached mailboxes or queued sends)."""

    async def stop(self) -> None:
        """Close every socket; queued sends are forgotten (the outbox has them)."""

    def relay(self, url: str) -> RelayClient:
        """Return the client of a relay base URL, one per normalised URL.

        Raises:
            UsageError: "bad_relay_url" for anything but https, or http on a loopback address.
        """
        raise NotImplementedError

    def attach(self, relay_url: str, credentials: MailboxCredentials) -> None:
        """Receive for this mailbox from now on, also after every reconnect."""

    def detach(self, relay_url: str, mailbox_id: bytes) -> None:
        """Stop receiving for this mailbox."""
