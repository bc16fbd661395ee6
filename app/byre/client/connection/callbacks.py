"""What the network tells the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from byre.client.connection.results import Progress


class NetworkCallbacks(Protocol):
    """What the network reports."""

    async def on_envelopes(self, relay_url: str, mailbox_id: bytes, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
        """Envelopes arrived, (mid, body) each: all that have, so that a burst is taken together. Awaited one call after
        the other per relay. Acknowledged when this returns; if it raises, the relay keeps all of them and sends them
        again after a reconnect."""

    def on_progress(self, mid: bytes, progress: Progress) -> None:
        """A send got further."""

    def on_failed(self, mid: bytes, code: str, retry_after_ms: int) -> None:
        """A send was refused. `retry_after_ms` 0: it left the queue for good ("token": unknown or revoked, "size").
        Above 0: it stays queued and goes again by itself then ("quota", "rate", "busy", "disk")."""

    def on_connection(self, relay_url: str, is_connected: bool) -> None:
        """The relay became reachable (sends go out and every attached mailbox receives) or was lost."""

    def on_waiting(self, relay_url: str, next_try_ms: int, code: str) -> None:
        """The relay is not connected; the next try comes at `next_try_ms`. `code` says why the last one failed
        ("relay_unreachable", "relay_certificate", "proxy_unreachable"), empty when it was connected before."""

    def on_store(self, relay_url: str, store_epoch: bytes) -> None:
        """The relay was reached: which store it has now. Another one than before: what it held is lost."""

    def on_mailbox_refused(self, relay_url: str, mailbox_id: bytes) -> None:
        """The relay does not know this mailbox (any more): its device was dropped from the account's list, or the
        relay lost its records. Nothing is received for it until it is attached anew."""

    def on_key_package_count(
        self, relay_url: str, mailbox_id: bytes, one_time: int, has_last_resort: bool, is_last_resort_used: bool
    ) -> None:
        """How many one-time packages the relay has left; told at attach, after a put, and when few are left."""
