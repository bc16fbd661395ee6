"""Where the network's reports enter delivery: envelopes to the inbox, the relay's words to the outbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from byre.client.connection import Progress
from byre.client.delivery.inbox import Inbox
from byre.client.delivery.outbox import Outbox
from byre.client.delivery.relay_stores import RelayStores


class Reception:
    """The network's side of delivery.

    Args:
        connected: told of a relay that became reachable or was lost.
        came: told how many envelopes came together.
    """

    def __init__(
        self,
        inbox: Inbox,
        outbox: Outbox,
        connected: Callable[[str, bool], None],
        relay_stores: RelayStores,
        came: Callable[[int], None],
    ) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._relay_stores = relay_stores
        self._connected = connected
        self._came = came

    async def on_envelopes(self, relay_url: str, mailbox_id: bytes, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
        """Take envelopes; they are acknowledged when this returns and kept by the relay when it raises."""
        self._came(len(envelopes))
        await self._inbox.on_envelopes(mailbox_id, envelopes)

    def on_progress(self, mid: bytes, progress: Progress) -> None:
        """A send got further."""
        self._outbox.on_progress(mid, progress)

    def on_failed(self, mid: bytes, code: str, retry_after_ms: int) -> None:
        """A send was refused."""
        self._outbox.on_failed(mid, code, retry_after_ms)

    def on_store_put_back(self, relay_url: str) -> None:
        """A relay's data are an older copy."""
        self._relay_stores.put_back(relay_url)

    def on_store(self, relay_url: str, store_epoch: bytes) -> None:
        """A relay was reached: what it lost since is sent again."""
        self._relay_stores.reached(relay_url, store_epoch)

    def on_connection(self, relay_url: str, is_connected: bool) -> None:
        """A relay became reachable or was lost."""
        self._connected(relay_url, is_connected)
