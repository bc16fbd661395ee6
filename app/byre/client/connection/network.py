"""All relays that this device talks to: opens each on first use, attaches mailboxes, hands events to the engine."""

from __future__ import annotations

from collections.abc import Callable

from byre.client.clock import Clock
from byre.client.connection.callbacks import NetworkCallbacks
from byre.client.connection.dialer import Dialer
from byre.client.connection.receiving import MailboxCredentials
from byre.client.connection.relay_client import RelayClient
from byre.client.connection.route import Route
from byre.client.stretch import Turns
from byre.errors import PeerError, UsageError
from byre.wire.relay_url import parse_relay_url


class Network:
    """The relays of one engine.

    Args:
        callbacks: who is told.
        clock: wall time and sleeping.
        random: source of request ids, jitter and circuits.
        turns: in whose line what never waits for its socket stands.
        route: how relays are reached at first.
    """

    def __init__(
        self,
        *,
        callbacks: NetworkCallbacks,
        clock: Clock,
        random: Callable[[int], bytes],
        turns: Turns,
        route: Route | None = None,
    ) -> None:
        self._callbacks = callbacks
        self._clock = clock
        self._random = random
        self._turns = turns
        self._dialer = Dialer(route, random=random)
        self._relays: dict[str, RelayClient] = {}
        self._is_started = False

    async def start(self) -> None:
        """Begin to connect."""
        self._is_started = True
        for relay in self._relays.values():
            relay.start()

    async def stop(self) -> None:
        """Close every socket; queued sends are forgotten (the outbox has them)."""
        self._is_started = False
        relays, self._relays = self._relays, {}
        for relay in relays.values():
            await relay.stop()
        await self._dialer.close()

    @property
    def dialer(self) -> Dialer:
        """The one way out of this machine: whatever else speaks HTTP to a relay takes its sessions from here."""
        return self._dialer

    @property
    def route(self) -> Route:
        """How relays are reached."""
        return self._dialer.route

    async def change_route(self, route: Route) -> None:
        """Reach relays by another route from now on; whatever is open is opened anew."""
        if route != self._dialer.route:
            await self._dialer.change(route)
            self.reconnect(is_anew=True)

    @property
    def store_epochs(self) -> dict[str, bytes]:
        """The store epoch of each relay that was reached."""
        return {url: relay.store[0] for url, relay in self._relays.items() if relay.store is not None}

    @property
    def volatile_relays(self) -> frozenset[str]:
        """Relays whose word that something is stored dies with their process."""
        return frozenset(url for url, relay in self._relays.items() if relay.store is not None and not relay.store[1])

    def reconnect(self, *, is_anew: bool = False) -> None:
        """Try at once whatever waits for its next try to connect."""
        for relay in self._relays.values():
            relay.reconnect(is_anew=is_anew)

    def relay(self, url: str) -> RelayClient:
        """Return the client of a relay base URL, one per canonical URL; it connects from now on.

        Raises:
            UsageError: "bad_relay_url" for anything but https, or http on a loopback address.
        """
        try:
            canonical = parse_relay_url(url)
        except PeerError as error:
            raise UsageError(error.sentence, code="bad_relay_url") from None
        relay = self._relays.get(canonical)
        if relay is None:
            relay = self._relays[canonical] = RelayClient(
                canonical,
                dialer=self._dialer,
                callbacks=self._callbacks,
                clock=self._clock,
                random=self._random,
                turns=self._turns,
            )
            if self._is_started:
                relay.start()
        return relay

    def attach(self, relay_url: str, credentials: MailboxCredentials) -> None:
        """Receive for this mailbox from now on, also after every reconnect."""
        self.relay(relay_url).attach(credentials)

    def detach(self, relay_url: str, mailbox_id: bytes) -> None:
        """Stop receiving for this mailbox."""
        self.relay(relay_url).detach(mailbox_id)
