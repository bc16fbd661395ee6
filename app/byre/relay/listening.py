"""A relay that listens: its public address, its admin address, and their end."""

from __future__ import annotations

import asyncio
import logging
import socket as sockets
import ssl
from dataclasses import dataclass
from typing import Final, cast

from aiohttp import web

from byre.errors import EnvironmentFault, UsageError
from byre.relay.admin import admin_application
from byre.relay.counters import Counters
from byre.relay.server import Relay
from byre.relay.sockets import Http
from byre.wire.relay_url import is_loopback

KEEP_ALIVE_S: Final = 75.0
HANDSHAKE_S: Final = 10.0
UNACKNOWLEDGED_MS: Final = 30_000


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def listen_address(text: str) -> Address:
    """Return the address in `HOST:PORT` or `[IPV6]:PORT`.

    Raises:
        UsageError: "bad_params".
    """
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise UsageError("An address to listen on is HOST:PORT.")
    return Address(host.strip("[]"), int(port))


class _Counting(logging.Handler):
    """Counts what aiohttp would log: its records quote requests and name addresses, which no log of ours may."""

    def __init__(self, counters: Counters) -> None:
        super().__init__()
        self._counters = counters

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self._counters.count("http_fail")


def _counting_logger(counters: Counters) -> logging.Logger:
    logger = logging.Logger("byre.relay.http")  # outside the hierarchy: nothing propagates to a handler that prints
    logger.addHandler(_Counting(counters))
    return logger


class Listening:
    """Open listeners of a relay."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._runners: list[web.AppRunner] = []
        self._public: asyncio.Server | None = None
        self.ports: list[int] = []
        """The ports in use: public, then admin if there is one."""

    @classmethod
    async def start(
        cls, relay: Relay, public: Address, *, admin: Address | None, tls: ssl.SSLContext | None
    ) -> Listening:
        """Listen.

        Raises:
            UsageError: the admin address is not on loopback.
            EnvironmentFault: "address_in_use" when an address cannot be had.
        """
        if admin is not None and not is_loopback(admin.host):
            raise UsageError("The admin address must be on loopback.")
        made = cls(relay)
        address = public
        try:
            await made._open_public(public, tls)
            if admin is not None:
                address = admin
                await made._open_admin(admin)
        except EnvironmentFault:
            await made.stop()
            raise
        except OSError:
            await made.stop()
            raise EnvironmentFault(f"The address {address} cannot be used.", code="address_in_use") from None
        return made

    async def stop(self) -> None:
        """Close the listeners and what is still open."""
        if self._public is not None:
            self._public.close()
            await self._relay.sockets.gone()
        for runner in self._runners:
            await runner.cleanup()

    async def _open_public(self, address: Address, tls: ssl.SSLContext | None) -> None:
        runner = await self._runner(self._relay.application())
        http = cast(Http, runner.server)
        door = self._relay.door
        self._public = await asyncio.get_running_loop().create_server(
            lambda: door(http),
            address.host,
            address.port,
            ssl=tls,
            backlog=1024,
            ssl_handshake_timeout=HANDSHAKE_S if tls is not None else None,
        )
        for listener in self._public.sockets:
            _detect_dead_peers(listener)
        self.ports.append(self._public.sockets[0].getsockname()[1])

    async def _open_admin(self, address: Address) -> None:
        runner = await self._runner(admin_application(self._relay))
        await web.TCPSite(runner, address.host, address.port).start()
        self.ports.append(runner.addresses[0][1])

    async def _runner(self, application: web.Application) -> web.AppRunner:
        runner = web.AppRunner(
            application,
            access_log=None,
            logger=_counting_logger(self._relay.services.counters),
            handle_signals=False,
            shutdown_timeout=2.0,
            lingering_time=1.0,
            keepalive_timeout=KEEP_ALIVE_S,
            auto_decompress=False,  # a few bytes could become many; nothing of ours is compressed
        )
        self._runners.append(runner)
        await runner.setup()
        return runner


def _detect_dead_peers(listener: sockets.socket) -> None:
    """Give up on data that is not acknowledged for long; every accepted socket inherits it."""
    if hasattr(sockets, "TCP_USER_TIMEOUT"):
        listener.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)
