"""`byre relay` in a forked process that kills itself (SIGKILL) at a named state, for the n-th time it comes there.

A fork server holds the imported modules, so that a start costs tens of milliseconds. The kill point lies in the process
itself: nothing is flushed, closed or unwound after it, exactly as when the kernel kills.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from byre.relay import bucket_rows, delivery, server
from byre.relay.bucket_rows import BucketRows
from byre.relay.buckets import Buckets
from byre.relay.counters import Counters
from byre.relay.delivery import Delivery
from byre.relay.healing import Healing
from byre.relay.held_store import HeldStore
from byre.relay.holding import Holding
from byre.relay.key_file import KeyFile
from byre.relay.key_packages import KeyPackages
from byre.relay.lane import Lane
from byre.relay.main import add_arguments, run_relay
from byre.relay.receive_socket import ReceiveSocket
from byre.relay.send_socket import SendSocket
from byre.relay.sockets import Sockets
from byre.relay.wreck import Wreck
from byre.wire.frames import Acked, Msg, Relayed, Stored
from tests.fakes.kept_port import KeptPort

START_S: Final = 30.0
CLEAN_S: Final = 1
_ANSWERS: Final = frozenset({Relayed.TYPE, Acked.TYPE, Stored.TYPE})
FLAGS: Final = (
    "--limit-free-disk-store-percent=0",
    "--limit-free-disk-new-percent=0",
    "--limit-drain-jitter-ms=0",
    "--limit-erase-delay-ms=5",
    "--limit-token-burst=100000",
    "--limit-socket-burst=100000",
    "--limit-held-messages=100000",
    "--limit-held-messages-per-token=100000",
)


class Countdown:
    """Kills this process when it comes by for the n-th time."""

    def __init__(self, times: int) -> None:
        self._left = times

    def __call__(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(10)  # the kernel is on its way


def _before(owner: Any, name: str, kill: Callable[[], None]) -> None:
    original = getattr(owner, name)

    def replaced(*arguments: Any, **named: Any) -> Any:
        kill()
        return original(*arguments, **named)

    setattr(owner, name, replaced)


def _after(owner: Any, name: str, kill: Callable[[], None]) -> None:
    original = getattr(owner, name)

    def replaced(*arguments: Any, **named: Any) -> Any:
        result = original(*arguments, **named)
        kill()
        return result

    setattr(owner, name, replaced)


def _after_waiting(owner: Any, name: str, kill: Callable[[], None]) -> None:
    original = getattr(owner, name)

    async def replaced(*arguments: Any, **named: Any) -> Any:
        result = await original(*arguments, **named)
        kill()
        return result

    setattr(owner, name, replaced)


def _when_counting(counter: str, kill: Callable[[], None]) -> None:
    original = Counters.count

    def replaced(counters: Counters, name: str, by: int = 1) -> None:
        original(counters, name, by)
        if name == counter:
            kill()

    Counters.count = replaced  # type: ignore[method-assign]


def _write_then(kill: Callable[[], None], kind: type[Any], types: frozenset[int]) -> None:
    original = kind._write_out

    def replaced(socket: Any) -> None:
        is_wanted = any(_frame_type(data) in types for data in socket._out)
        original(socket)
        if is_wanted:
            kill()

    kind._write_out = replaced


def _frame_type(data: bytes) -> int | None:
    """Return the type of the frame in a WebSocket message, None for anything else."""
    start = 4 if data[1] == 126 else 2
    return data[start + 1] if data[0] == 0x82 and len(data) > start + 1 and data[start] & 0xF0 == 0x90 else None


def _accepted(kill: Callable[[], None]) -> None:
    original, handing_over = Delivery._pump, Delivery._hand_over

    def pump(delivery: Delivery, lane: Lane) -> None:
        if lane.entries:
            kill()
        original(delivery, lane)

    def hand_over(*arguments: Any) -> None:
        kill()
        handing_over(*arguments)

    Delivery._pump = pump  # type: ignore[method-assign]
    Delivery._hand_over = hand_over  # type: ignore[method-assign]


def _amid_checkpoint(kill: Callable[[], None]) -> None:
    """A second thread kills a moment after a checkpoint began."""
    from byre.db import Database

    original = Database.checkpoint

    async def replaced(database: Database) -> bool:
        threading.Timer(int.from_bytes(os.urandom(1)) / 255 * 0.003, kill).start()
        return await original(database)

    Database.checkpoint = replaced  # type: ignore[method-assign]


STATES: Final[dict[str, Callable[[Countdown], None]]] = {
    "before accept": lambda kill: _before(Delivery, "take", kill),
    "accepted": _accepted,
    "relayed before ack": lambda kill: _write_then(kill, ReceiveSocket, frozenset({Msg.TYPE})),
    "answered": lambda kill: _write_then(kill, SendSocket, _ANSWERS),
    "after ack before forget": lambda kill: _before(Delivery, "acknowledge", kill),
    "acknowledged before told": lambda kill: _when_counting("acked", kill),
    "before store commit": lambda kill: _after(bucket_rows, "insert", kill),
    "after commit before stored": lambda kill: _when_counting("stored", kill),
    "delivering": lambda kill: _after_waiting(HeldStore, "bodies", kill),
    "after ack before delete": lambda kill: _before(Holding, "drop", kill),
    "deleted before commit": lambda kill: _after(bucket_rows, "delete", kill),
    "during checkpoint": _amid_checkpoint,
    "during expiry": lambda kill: _after(bucket_rows, "has_expired", kill),
    "expired before forgotten": lambda kill: _when_counting("expired", kill),
    "during drain, told": lambda kill: _after(Sockets, "announce_drain", kill),
    "during drain, settled": lambda kill: _after(Delivery, "settle_all", kill),
    "during drain, stored": lambda kill: _before(Sockets, "close_all", kill),
}
"""State of a message -> how to put a kill point there."""

RECORD_STATES: Final[dict[str, Callable[[Countdown], None]]] = {
    "package taken before told": lambda kill: _when_counting("packages_taken", kill),
    "package taken before commit": lambda kill: _after(KeyPackages, "_take", kill),
    "commit body before head": lambda kill: _after_waiting(HeldStore, "put_commit", kill),
    "granted before told": lambda kill: _when_counting("claims_granted", kill),
}
"""The same for key packages and room heads."""

HEALING_STATES: Final[dict[str, Callable[[Countdown], None]]] = {
    "damage found": lambda kill: _before(Healing, "_move", kill),
    "names read": lambda kill: _after(Wreck, "names", kill),
    "file beside it made": lambda kill: _after_waiting(Buckets, "beside", kill),
    "rows read": lambda kill: _after(Wreck, "held", kill),
    "some moved": lambda kill: _after_waiting(BucketRows, "put", kill),
    "all moved": lambda kill: _before(Buckets, "replace", kill),
    "keys written anew": lambda kill: _before(os, "replace", kill),
    "key gone": lambda kill: _after(KeyFile, "destroy_bucket", kill),
    "file gone": lambda kill: _after(Buckets, "_delete_files", kill),
    "loss told": lambda kill: _after(server.Relay, "_note_loss", kill),
}
"""The same for the healing of a damaged file of held messages."""


def _run(path: str, port: int, state: str, times: int, ready: str) -> None:
    server.CLEAN_S = delivery.CLEAN_S = CLEAN_S  # type: ignore[misc]  # expiry every second, and what is said of it
    if state:
        (STATES | RECORD_STATES | HEALING_STATES)[state](Countdown(times))
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    arguments = parser.parse_args(["--data", path, "--listen", f"127.0.0.1:{port}", *FLAGS])
    original = server.Relay._keep_house
    tell = Path(ready).touch

    async def told(relay: server.Relay) -> None:
        tell()
        await original(relay)

    server.Relay._keep_house = told  # type: ignore[method-assign]
    raise SystemExit(run_relay(arguments))


class KilledRelay:
    """One data directory and port, and the process that serves it now.

    Args:
        preload: more modules for the fork server to hold.
    """

    def __init__(self, path: Path, *, preload: tuple[str, ...] = ()) -> None:
        self.path = path
        self._place = KeptPort()
        self.port = self._place.number
        self.url = f"http://127.0.0.1:{self.port}"
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.fakes.killed_relay", *preload])
        self._process: Any = None

    @property
    def process_id(self) -> int:
        """The process that serves now."""
        return int(self._process.pid)

    async def start(self, state: str = "", times: int = 1) -> None:
        """Start the relay; with a state, it will kill itself there at the n-th time."""
        ready = self.path.with_name(f"{self.path.name}.ready")  # a file: a killed process may hold a lock for ever
        ready.unlink(missing_ok=True)
        self._process = self._context.Process(
            target=_run, args=(str(self.path), self.port, state, times, str(ready)), daemon=True
        )
        self._process.start()
        deadline = time.monotonic() + START_S
        while not ready.exists():
            if state and self._process.exitcode == -signal.SIGKILL:
                return  # the state was reached while it started
            if self._process.exitcode is not None or time.monotonic() > deadline:
                raise AssertionError(f"the relay did not start: {self._process.exitcode}")
            await asyncio.sleep(0.005)

    @property
    def was_killed(self) -> bool:
        """Tell whether the kill point was reached."""
        return self._process is not None and self._process.exitcode == -signal.SIGKILL

    @property
    def is_alive(self) -> bool:
        """Tell whether it runs."""
        return self._process is not None and self._process.exitcode is None

    def signal(self, how: signal.Signals) -> None:
        """Send a signal to it."""
        if self.is_alive:
            os.kill(self._process.pid, how)

    async def ended(self) -> int:
        """Wait for its end; return its exit code."""
        deadline = time.monotonic() + START_S
        while self._process.exitcode is None:
            if time.monotonic() > deadline:
                raise AssertionError("the relay did not end")
            await asyncio.sleep(0.005)
        code = int(self._process.exitcode)
        self._process.close()
        self._process = None
        return code
