"""A relay that listens: its public address, its admin address, and their end."""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass

from aiohttp import web

from byre.errors import EnvironmentFault, UsageError
from byre.relay.admin import admin_application
from byre.relay.counters import Counters
from byre.relay.server import Relay
from byre.wire.relay_url import is_loopback


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

    def __init__(self, runners: list[web.AppRunner]) -> None:
        self._runners = runners

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
        runners: list[web.AppRunner] = []
        quiet = _counting_logger(relay.services.counters)
        wanted = [(relay.application(), public, tls)]
        if admin is not None:
            wanted.append((admin_application(relay), admin, None))
        for application, address, context in wanted:
            runner = web.AppRunner(
                application, access_log=None, logger=quiet, handle_signals=False, shutdown_timeout=2.0
            )
            runners.append(runner)
            await runner.setup()
            try:
                await web.TCPSite(runner, address.host, address.port, ssl_context=context, backlog=1024).start()
            except OSError:
                await cls(runners).stop()
                raise EnvironmentFault(f"The address {address} cannot be used.", code="address_in_use") from None
        return cls(runners)

    @property
    def ports(self) -> list[int]:
        """Return the ports in use: public, then admin if there is one."""
        return [runner.addresses[0][1] for runner in self._runners]

    async def stop(self) -> None:
        """Close the listeners and what is still open."""
        for runner in self._runners:
            await runner.cleanup()
