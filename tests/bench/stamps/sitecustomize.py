"""Stamps on the way of a message, for `tests.bench.end_to_end`: on PYTHONPATH, so that Byre's own processes load it.

Each stamp is a line `monotonic_ns name` in a file per process; the clock is one for all processes of a machine. Nothing
is changed but that five methods tell when they are reached. Without BYRE_BENCH_STAMPS this file does nothing.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
import time
from typing import Any

FOLDER = os.environ.get("BYRE_BENCH_STAMPS", "")


def stamps(role: str) -> Any:
    """Return the function that writes one stamp."""
    file = os.open(os.path.join(FOLDER, f"{role}.{os.getpid()}"), os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    return lambda name: os.write(file, b"%d %s\n" % (time.monotonic_ns(), name.encode()))


def told(owner: type, name: str, stamp: Any, *, before: str = "", after: str = "") -> None:
    """Let a method write a stamp when it is entered, when it is left, or both."""
    inner = getattr(owner, name)

    @functools.wraps(inner)
    async def slow(*values: Any, **named: Any) -> Any:
        if before:
            stamp(before)
        result = await inner(*values, **named)
        if after:
            stamp(after)
        return result

    @functools.wraps(inner)
    def quick(*values: Any, **named: Any) -> Any:
        if before:
            stamp(before)
        result = inner(*values, **named)
        if after:
            stamp(after)
        return result

    setattr(owner, name, slow if inspect.iscoroutinefunction(inner) else quick)


def install() -> None:
    """Stamp what this process plays: the relay, the sender (`byre rpc`) or the receiver (a window)."""
    words = sys.orig_argv
    if "relay" in words:
        from byre.relay.delivery import Delivery

        told(Delivery, "send", stamps("relay"), before="accepted")
        return
    from byre.client.delivery.inbox import Inbox
    from byre.client.delivery.opening import Opening
    from byre.client.delivery.sending import Sending
    from byre.client.events import EventBus

    stamp = stamps("sender" if "rpc" in words else "receiver")
    told(Sending, "text", stamp, before="asked", after="stored")
    told(Sending, "_encrypt_texts", stamp, after="encrypted")
    told(Inbox, "on_envelopes", stamp, before="came")
    told(Opening, "take", stamp, after="decrypted")
    told(EventBus, "publish", stamp, before="told")


if FOLDER and "byre" in sys.orig_argv:
    install()
