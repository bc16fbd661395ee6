"""How this profile reaches relays (`NetworkApi`): proxy, authorities and pinned certificates, kept in the profile.

What was given at the start (`--proxy`, `--ca-file`) counts for this run, and is kept when an account is made or linked
in it: a profile that began behind a proxy does not go out directly later. A locked profile connects to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from byre.client.connection import Network, Route
from byre.client.views import NetworkView
from byre.store import Store, Transaction

_SETTING = "engine.route"


class NetworkSettings:
    """`NetworkApi`. `is_given`: the route was given at the start, and the profile's own is passed over."""

    def __init__(self, network: Network, *, is_given: bool) -> None:
        self._network = network
        self._is_given = is_given
        self._store: Store | None = None

    def get(self) -> NetworkView:
        """Return how relays are reached now."""
        route = self._network.route
        return NetworkView(proxy=route.proxy, ca_pem=route.ca_pem, pins=dict(route.pins))

    async def put(
        self, *, proxy: str | None = None, ca_pem: str | None = None, pins: Mapping[str, str] | None = None
    ) -> None:
        """Change what is given (an empty text or map removes it); every connection is opened anew.

        Raises:
            UsageError: code bad_proxy or bad_certificate; nothing is changed.
        """
        old = self._network.route
        route = Route(
            proxy=old.proxy if proxy is None else proxy or None,
            ca_pem=old.ca_pem if ca_pem is None else ca_pem,
            pins=old.pins if pins is None else tuple(sorted(pins.items())),
        )
        if self._store is not None:
            await self._store.write(lambda tx: write_route(tx, route))
        await self._network.change_route(route)

    async def opened(self, store: Store, stored: Route | None) -> None:
        """A profile was opened that holds the route `stored`: go it, before anything of the profile connects."""
        self._store = store
        if stored is not None and not self._is_given:
            await self._network.change_route(stored)

    def begun(self, store: Store, tx: Transaction) -> None:
        """A profile is being made, in the transaction that fills it: keep the route of its first run."""
        self._store = store
        write_route(tx, self._network.route)

    def closed(self) -> None:
        """The profile is closed: what is changed now is for this run."""
        self._store = None


def write_route(tx: Transaction, route: Route) -> None:
    """Store the route."""
    tx.settings.put(_SETTING, {"proxy": route.proxy, "ca_pem": route.ca_pem, "pins": [list(pin) for pin in route.pins]})


def read_route(tx: Transaction) -> Route | None:
    """Return the stored route."""
    value = tx.settings.get(_SETTING)
    if not isinstance(value, dict):
        return None
    pins = cast(list[tuple[str, str]], value["pins"])
    return Route(proxy=value["proxy"], ca_pem=value["ca_pem"], pins=tuple((host, pin) for host, pin in pins))
