"""`byre relay`: what to do, and signals. The options stand in `config.py`.

byre relay [--config FILE] --data DIR --listen HOST:PORT [--admin HOST:PORT] [--origin URL…] [--tls-cert F --tls-key F]
byre relay config                                               prints the configuration file with every default
byre relay disclose --data DIR --account HEX|HANDLE [--bodies]  all that exists about an account; the relay is stopped
byre relay report --data DIR                                    how much of what lies there; the relay is stopped
byre relay losses --data DIR [--accept]                         what is lost of held messages; go on without it
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from byre.crypto.random import system_random
from byre.errors import PeerError, UsageError
from byre.relay.certificate import Certificate
from byre.relay.clock import SystemClock
from byre.relay.config import Config, add_config_flags, config_from, documented
from byre.relay.disclose import disclose, report
from byre.relay.listening import Address, Listening, listen_address
from byre.relay.losses import losses
from byre.relay.server import Relay
from byre.wire.relay_url import is_loopback, parse_relay_url


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `byre relay`."""
    parser.add_argument(
        "action", nargs="?", choices=["serve", "config", "disclose", "report", "losses"], default="serve"
    )
    parser.add_argument("--account", metavar="HEX|HANDLE", help="whose records to disclose")
    parser.add_argument("--bodies", action="store_true", help="disclose the sealed bodies of held messages too")
    parser.add_argument("--accept", action="store_true", help="losses: what is lost is lost; let the relay start again")
    add_config_flags(parser)


def run_relay(arguments: argparse.Namespace) -> int:
    """Run what the flags say until it is done or drained; return 0.

    Raises:
        UsageError: a wrong flag, configuration or name.
        EnvironmentFault: the machine: data directory, disk, address, certificate.
    """
    os.umask(0o077)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="byre relay: %(levelname)s %(message)s")
    if arguments.action == "config":
        sys.stdout.write(documented())
        return 0
    config = config_from(arguments)
    if arguments.action != "serve":
        return asyncio.run(_tell(arguments, config))
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_serve(config))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # an optional extra; not on Windows
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


async def _serve(config: Config) -> int:
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL + 1)  # its records name clients' addresses
    public = listen_address(config.listen)
    admin = listen_address(config.admin) if config.admin else None
    certificate = _certificate(config)
    if certificate is None and not is_loopback(public.host) and not config.trusted_proxy:
        raise UsageError("Plain http is for loopback: give --tls-cert and --tls-key, or --trusted-proxy behind one.")
    public = public if public.port else Address(public.host, free_port(public.host))
    origins = _origins(config, public, has_tls=certificate is not None)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    relay = await Relay.open(
        config.data_path,
        origins=origins,
        limits=config.limits,
        clock=SystemClock(),
        random=system_random,
        trusts_proxy=config.trusted_proxy,
        is_in_ram=config.durability == "ram",
    )
    try:
        # without a certificate of its own a relay has nothing to read again; a "reload" must not end it
        loop.add_signal_handler(signal.SIGHUP, certificate.reload if certificate is not None else _nothing_to_read)
        if certificate is not None:
            relay.services.tasks.spawn(certificate.watch())
        tls = certificate.context if certificate is not None else None
        listening = await Listening.start(relay, public, admin=admin, tls=tls)
        sys.stdout.write(f"byre relay: listening on {origins[0]}\n")
        if admin is not None:
            sys.stdout.write(f"byre relay: admin on http://{Address(admin.host, listening.ports[1])}\n")
        sys.stdout.flush()
        await stopping.wait()
        await relay.drain()
        await listening.stop()
    finally:
        await relay.close()
    return 0


async def _tell(arguments: argparse.Namespace, config: Config) -> int:
    if arguments.action == "report":
        sys.stdout.write(await report(config.data_path, SystemClock()))
        return 0
    if arguments.action == "losses":
        sys.stdout.write(
            await losses(
                config.data_path,
                SystemClock(),
                limits=config.limits,
                is_accepted=arguments.accept,
                random=system_random,
            )
        )
        return 0
    if not arguments.account:
        raise UsageError("disclose needs --account.")
    sys.stdout.write(await disclose(config.data_path, arguments.account, SystemClock(), with_bodies=arguments.bodies))
    return 0


def _origins(config: Config, public: Address, *, has_tls: bool) -> tuple[str, ...]:
    try:
        return tuple(parse_relay_url(origin) for origin in config.origins) or (_own_origin(public, has_tls),)
    except PeerError as error:  # the same texts come from peers elsewhere; here it is the operator's
        raise UsageError(error.sentence) from None


def _own_origin(address: Address, has_tls: bool) -> str:
    if address.host in ("0.0.0.0", "::"):
        raise UsageError("A relay that listens on every address needs --origin URL: how clients dial it.")
    return parse_relay_url(f"{'https' if has_tls else 'http'}://{address}")


def _certificate(config: Config) -> Certificate | None:
    if bool(config.tls_cert) != bool(config.tls_key):
        raise UsageError("--tls-cert and --tls-key belong together.")
    return Certificate(Path(config.tls_cert), Path(config.tls_key)) if config.tls_cert else None


def _nothing_to_read() -> None:
    """Answer SIGHUP behind a proxy."""


def free_port(host: str) -> int:
    """Return a TCP port that is free on `host` now."""
    import socket

    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        return int(probe.getsockname()[1])
