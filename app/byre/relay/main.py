"""`byre relay`: flags, signals, exit codes.

byre relay --data DIR --listen HOST:PORT [--admin HOST:PORT] [--origin URL…] [--tls-cert F --tls-key F] [--limit-…]
byre relay disclose --data DIR --account HEX|HANDLE
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import ssl
import sys
from collections.abc import Callable
from pathlib import Path

from byre.crypto.random import system_random
from byre.errors import ByreError, UsageError
from byre.relay.clock import SystemClock
from byre.relay.disclose import disclose
from byre.relay.listening import Address, Listening, listen_address
from byre.relay.server import Relay
from byre.relay.settings import Limits, add_limit_flags, limits_from
from byre.wire.relay_url import is_loopback, parse_relay_url


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `byre relay`."""
    parser.add_argument("action", nargs="?", choices=["serve", "disclose"], default="serve")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="data directory, made if missing")
    parser.add_argument("--listen", default="127.0.0.1:8440", metavar="HOST:PORT", help="where clients connect")
    parser.add_argument("--admin", metavar="HOST:PORT", help="health, metrics and counters, on loopback only")
    parser.add_argument(
        "--origin", action="append", default=[], metavar="URL", help="how clients dial this relay (default: --listen)"
    )
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain, PEM")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="private key, PEM")
    parser.add_argument(
        "--trusted-proxy", action="store_true", help="count clients by X-Forwarded-For; loopback is limited too"
    )
    parser.add_argument("--account", metavar="HEX|HANDLE", help="whose records to disclose")
    add_limit_flags(parser)


def run_relay(arguments: argparse.Namespace) -> int:
    """Run what the flags say; return the exit code (0 drained, 2 a wrong flag, 1 anything else)."""
    os.umask(0o077)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="byre relay: %(levelname)s %(message)s")
    try:
        if arguments.action == "disclose":
            return asyncio.run(_disclose(arguments))
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_serve(arguments))
    except ByreError as error:
        sys.stderr.write(f"byre relay: {error.sentence} [{error.code}]\n")
        return 2 if isinstance(error, UsageError) else 1


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # an optional extra; not on Windows
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


async def _serve(arguments: argparse.Namespace) -> int:
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL + 1)  # its records name clients' addresses
    limits: Limits = limits_from(arguments)
    public = listen_address(arguments.listen)
    admin = listen_address(arguments.admin) if arguments.admin else None
    tls = _tls(arguments)
    if tls is None and not is_loopback(public.host) and not arguments.trusted_proxy:
        raise UsageError("Plain http is for loopback: give --tls-cert and --tls-key, or --trusted-proxy behind one.")
    public = public if public.port else Address(public.host, free_port(public.host))
    origins = tuple(parse_relay_url(origin) for origin in arguments.origin) or (_own_origin(public, tls is not None),)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    relay = await Relay.open(
        arguments.data,
        origins=origins,
        limits=limits,
        clock=SystemClock(),
        random=system_random,
        trusts_proxy=arguments.trusted_proxy,
    )
    try:
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


async def _disclose(arguments: argparse.Namespace) -> int:
    if not arguments.account:
        raise UsageError("disclose needs --account.")
    sys.stdout.write(await disclose(arguments.data, arguments.account, SystemClock()))
    return 0


def _own_origin(address: Address, has_tls: bool) -> str:
    if address.host in ("0.0.0.0", "::"):
        raise UsageError("A relay that listens on every address needs --origin URL: how clients dial it.")
    return parse_relay_url(f"{'https' if has_tls else 'http'}://{address}")


def _tls(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    if bool(arguments.tls_cert) != bool(arguments.tls_key):
        raise UsageError("--tls-cert and --tls-key belong together.")
    if not arguments.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_cert_chain(arguments.tls_cert, arguments.tls_key)
    except (OSError, ssl.SSLError):
        raise UsageError("The TLS certificate or key cannot be used.") from None
    return context


def free_port(host: str) -> int:
    """Return a TCP port that is free on `host` now."""
    import socket

    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        return int(probe.getsockname()[1])
