"""The composition root: the one file that knows every layer, builds the objects and wires them.

One function per command. Imports stand inside them, so that each command loads its own layers only: the window starts
without the relay (which is not in the desktop bundle), the RPC without Qt. Nobody but `__main__` imports this module.

Order that must hold: the profile's lock is taken before its store is touched and given back after the engine has
stopped; the process is hardened before a key is in memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NoReturn, cast

from byre.errors import ByreError, EnvironmentFault, UsageError

if TYPE_CHECKING:
    from byre.client.api import EngineApi
    from byre.client.connection import Route
    from byre.store import ProfileVault
    from byre.store.forensics import Scan
    from byre.ui.app import Automation

SHOW = "byre://show"
"""What a second start hands over when it was given no link: the running window comes to the front."""
GIVE_BACK_AFTER_S = 1.0
"""After a lock or a wipe: what shows and tells of it is over by then."""


def run_window(
    *,
    role: Literal["linked", "primary"],
    profile: Path | None,
    relay: str | None,
    link: str | None,
    with_rpc: bool,
    proxy: str | None = None,
    ca_file: Path | None = None,
) -> int:
    """Run `byre` (role `linked`) or `byre phone` (role `primary`) until its window is closed."""
    from byre.system.collector import settle
    from byre.system.display import require_display
    from byre.system.handover import LinkListener, hand_over, socket_path
    from byre.system.hardening import harden_process
    from byre.system.instance import ProfileLock
    from byre.system.paths import default_profile
    from byre.system.relaunch import relaunch, taken_state
    from byre.system.turns import shorten
    from byre.ui.app import WindowOptions
    from byre.ui.app import run_window as show_window

    require_display()
    harden_process()
    shorten()
    _log_to_stderr()
    folder = profile or default_profile(role)
    lock: ProfileLock | None = None
    refusal: ByreError | None = None
    try:
        lock = ProfileLock(folder)
    except EnvironmentFault as error:
        if error.code == "profile_in_use" and hand_over(folder, link or SHOW):
            return 0
        refusal = error  # the window opens all the same and says it in the user's language

    async def open_engine() -> EngineApi:
        if refusal is not None:
            raise refusal
        return await _open_engine(folder, _route(proxy, ca_file))

    async def attach(engine: EngineApi, automation: Automation) -> None:
        settle()
        links = _LinkDoor(automation)
        path = socket_path(folder) if lock is not None else None
        listener = LinkListener(path, links.open) if path is not None else None
        try:
            if listener is not None:
                await listener.start()
            if link is not None:
                links.open(link)
            if with_rpc:
                await _serve_stdio(engine, extensions=automation.methods, extra_notices=automation.subscribe)
            else:
                await asyncio.Event().wait()  # until the window is closed, which cancels this task
        finally:
            if listener is not None:
                await listener.stop()

    placements: list[str] = []
    size = (400, 720) if role == "primary" else (1280, 820)
    options = WindowOptions(
        role_hint=role, width=size[0], height=size[1], relay=relay, placement=taken_state(),
        start_anew=None if with_rpc else placements.append,  # who speaks through our pipes may end us as they like
    )  # fmt: skip
    try:
        status = show_window(open_engine, options, attach=attach)
    finally:
        if lock is not None:
            lock.release()
    if placements:
        relaunch(placements[-1], without=link)
    return status


def run_rpc(profile: Path, *, proxy: str | None = None, ca_file: Path | None = None) -> int:
    """Run `byre rpc`: the engine of `profile` on stdin and stdout until stdin ends. SIGTERM stops it in order, too.

    A profile that cannot be opened (in use, damaged) answers every request with that error.
    """
    from byre.system.hardening import harden_process
    from byre.system.turns import shorten

    harden_process()
    shorten()
    _log_to_stderr()
    try:
        asyncio.run(_rpc(profile, _route(proxy, ca_file)))
    except asyncio.CancelledError:
        return 128 + signal.SIGTERM
    return 0


def run_relay(arguments: Sequence[str]) -> int:
    """Run `byre relay` with its own arguments until it is told to stop."""
    import argparse

    from byre.system.collector import settle
    from byre.system.hardening import harden_process
    from byre.system.turns import shorten

    try:
        from byre.relay.main import add_arguments
        from byre.relay.main import run_relay as serve
    except ImportError:
        raise UsageError("This build holds no relay; run it from a checkout.", code="no_relay") from None
    parser = argparse.ArgumentParser(prog="byre relay", description="A relay: holds sealed envelopes, knows nobody.")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    harden_process(dumpable=True)
    shorten()
    _log_to_stderr(logging.INFO)
    settle()
    return serve(options)


def run_scan(profile: Path, *, look_for: Path | None, as_json: bool) -> int:
    """Run `byre scan`: read a profile as an examiner with its key would. Returns 0 if nothing was left, else 1.

    A passphrase is asked for at the terminal, or read as one line from stdin; it is never an argument.
    """
    import json

    from byre.system.hardening import harden_process
    from byre.system.instance import ProfileLock

    harden_process()
    _log_to_stderr()
    if not profile.is_dir():
        raise UsageError("There is no such profile.", code="no_profile")
    try:
        texts = [] if look_for is None else look_for.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UsageError("The file with what to look for cannot be read.", code="bad_file") from None
    vault = _vault_to_scan(profile)  # before the lock, which makes a folder its owner's only: a wrong one stays as is
    with ProfileLock(profile):
        scan = asyncio.run(_scan(vault, profile, texts, show_progress=not as_json and sys.stderr.isatty()))
    found = sorted(scan.places())
    if as_json:
        counts = {"pages": scan.pages, "wal_frames": scan.wal_frames, "not_authentic": scan.not_authentic}
        read = {**counts, "files": scan.files, "raw_bytes": scan.raw_bytes}
        sys.stdout.write(json.dumps({"remnants": found, "scanned": read}, ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{place}\n" for place in found)
        pages = f"{scan.pages} pages, {scan.wal_frames} WAL frames, {scan.files} files"
        sys.stderr.write(f"byre: {len(found)} remnants in {pages}\n")
    return 1 if found else 0


def run_demo(*, headless: bool, as_json: bool, screenshot_dir: Path | None, messages: int) -> int:
    """Run `byre demo`: real processes on loopback play the story. Returns 0 only if every step held."""
    try:
        from byre.demo.run import DemoOptions, play
    except ImportError:
        raise UsageError("This build holds no demo; run it from a checkout.", code="no_demo") from None
    return play(DemoOptions(headless=headless, as_json=as_json, screenshot_dir=screenshot_dir, messages=messages))


class _LinkDoor:
    """Shows a link that came from the command line or a second start. Showing decides nothing: the user does."""

    def __init__(self, automation: Automation) -> None:
        self._automation = automation
        self._tasks: set[asyncio.Task[Any]] = set()

    def open(self, link: str) -> None:
        """Show `link` in the window."""
        show = self._automation.methods.get("ui.open_link")
        if show is None:
            return
        task = asyncio.ensure_future(show({"uri": link}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Refusing:
    """Stands for an engine that could not be opened: whatever is asked of it raises the reason."""

    def __init__(self, reason: ByreError) -> None:
        self._reason = reason

    def __getattr__(self, name: str) -> _Refusing:
        return self

    def __call__(self, *args: object, **kwargs: object) -> NoReturn:
        raise self._reason


def _cancel_at_sigterm() -> None:
    """Let a first SIGTERM cancel the current task, so that what it holds is closed; a second one ends the process."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def stop() -> None:
        loop.remove_signal_handler(signal.SIGTERM)
        if task is not None:
            task.cancel()

    with contextlib.suppress(NotImplementedError):  # Windows knows no such signal
        loop.add_signal_handler(signal.SIGTERM, stop)


async def _rpc(profile: Path, route: Route | None) -> None:
    from byre.client.events import EventBus
    from byre.system.collector import settle
    from byre.system.instance import ProfileLock

    _cancel_at_sigterm()
    try:
        lock = ProfileLock(profile)
    except ByreError as error:
        refusing: Any = _Refusing(error)
        refusing.events = EventBus()
        await _serve_stdio(cast("EngineApi", refusing))
        return
    with lock:
        engine = await _open_engine(profile, route)
        served: Any = engine
        try:
            await engine.start()
        except ByreError as error:
            served = _Refusing(error)
            served.events = EventBus()
        settle()
        try:
            await _serve_stdio(cast("EngineApi", served))
        finally:
            await engine.stop()


def _vault_to_scan(profile: Path) -> ProfileVault:
    """The vault of a profile that is there; reads only."""
    from byre.crypto.random import system_random
    from byre.store import ProfileVault, SystemKeyStore

    vault = ProfileVault(profile, random=system_random, key_store=SystemKeyStore())
    if vault.mode() is None:
        raise UsageError("There is no profile in this folder.", code="no_profile")
    return vault


async def _scan(vault: ProfileVault, profile: Path, texts: Sequence[str], *, show_progress: bool) -> Scan:
    from byre.store.forensics_profile import databases_of, names_in, removed_since, scan_profile
    from byre.store.vault_key_file import KeyMode

    before = names_in(profile)
    await vault.unlock(None if vault.mode() is KeyMode.A else _passphrase())
    removed = removed_since(profile, before)

    def show(fraction: float) -> None:
        if show_progress:
            sys.stderr.write(f"\r{fraction:4.0%}" + ("\n" if fraction >= 1 else ""))

    try:
        return removed + scan_profile(profile, vault.generation, databases_of(vault), texts=texts, on_progress=show)
    finally:
        vault.lock()


def _passphrase() -> str:
    """What the user types without echo, or the first line of stdin."""
    import getpass

    if sys.stdin.isatty():
        return getpass.getpass("Passphrase: ")
    try:
        return sys.stdin.buffer.readline().decode("utf-8").rstrip("\r\n")  # whatever the locale
    except UnicodeDecodeError:
        raise UsageError("The passphrase on standard input is not UTF-8.") from None


async def _open_engine(profile: Path, route: Route | None) -> EngineApi:
    from byre.client.engine import open_engine
    from byre.client.events import Event, StatusChanged, WipeReported
    from byre.client.views import ProfileState
    from byre.system.collector import collect_all, give_back

    engine = await open_engine(profile, route=route)
    loop = asyncio.get_running_loop()

    def clear_out() -> None:
        collect_all()
        give_back()

    def happened(event: Event) -> None:
        if isinstance(event, StatusChanged) and event.status.state is ProfileState.LOCKED:
            loop.call_later(GIVE_BACK_AFTER_S, clear_out)
        elif isinstance(event, WipeReported):
            loop.call_later(GIVE_BACK_AFTER_S, give_back)

    engine.events.subscribe(happened)
    return engine


def _route(proxy: str | None, ca_file: Path | None) -> Route | None:
    """How relays are reached in this run, when the command line says so."""
    if proxy is None and ca_file is None:
        return None
    from byre.client.connection import Route

    try:
        return Route(proxy=proxy, ca_pem="" if ca_file is None else ca_file.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        raise UsageError("The file with certificates cannot be read.", code="bad_certificate") from None


async def _serve_stdio(engine: EngineApi, **more: Any) -> None:
    """Serve JSON-RPC on the process's own stdin and stdout; nothing else may write there."""
    from byre.rpc import run_rpc as serve

    # unbuffered: a thread that still waits in a buffered stdin holds its lock when the interpreter ends
    stdin, stdout = io.FileIO(0, "rb", closefd=False), io.FileIO(1, "wb", closefd=False)
    await serve(engine, cast("BinaryIO", stdin), cast("BinaryIO", stdout), **more)


def _log_to_stderr(level: int = logging.WARNING) -> None:
    """Log to stderr; BYRE_LOG=DEBUG (or INFO …) says more. Logs name codes and counts, never texts, keys or handles."""
    wanted = logging.getLevelNamesMapping().get(os.environ.get("BYRE_LOG", "").upper(), level)
    logging.basicConfig(level=wanted, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
