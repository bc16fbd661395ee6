"""A device of the soak, a process of its own: it writes down what it does before doing it, and may be killed anywhere.

```
 log:  S <mid> <to>   before the send          C <mid>  the relay said ACKED or STORED
       R <mid>        before the acknowledgement (its own commit); a mid that is there already is a repeat, not shown
```
After a kill the log is all it has: what was sent and not confirmed is sent again with the same mid, in the old order.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Sequence
from pathlib import Path

from byre.client.connection import Progress
from tests.fakes.hasty_clock import HastyClock
from tests.fakes.relay_user import Told, User

SIZES = (100, 512, 1024, 4096)


class Log:
    """One device's log, in memory and on disk."""

    def __init__(self, path: Path) -> None:
        self.sent: dict[bytes, int] = {}
        self.confirmed: set[bytes] = set()
        self.received: dict[bytes, None] = {}
        for line in path.read_bytes().splitlines() if path.exists() else []:
            kind, mid, *rest = line.split(b" ")
            if len(mid) != 32:
                continue  # the kill came in the middle of the line
            identifier = bytes.fromhex(mid.decode())
            if kind == b"S" and rest:
                self.sent[identifier] = int(rest[0])
            elif kind == b"C":
                self.confirmed.add(identifier)
            elif kind == b"R":
                self.received[identifier] = None
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, kind: str, mid: bytes, more: str = "") -> None:
        """Write a line; a process that is killed after this has it."""
        os.write(self._file, f"{kind} {mid.hex()} {more}".rstrip().encode() + b"\n")


class Device(Told):
    """The callbacks of the soak's device."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self.log = log

    async def on_envelopes(self, relay_url: str, mailbox_id: bytes, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
        """Commit, then return: the acknowledgement follows."""
        for mid, _ in envelopes:
            if mid not in self.log.received:
                self.log.note("R", mid)
                self.log.received[mid] = None

    def on_progress(self, mid: bytes, progress: Progress) -> None:
        """Free what is safe."""
        if progress in (Progress.ACKED, Progress.STORED) and mid not in self.log.confirmed:
            self.log.confirmed.add(mid)
            self.log.note("C", mid)


def seed_of(seed: int, number: int) -> int:
    """Return the seed of a device's keys: the same after every kill."""
    return 1000 * seed + number


def run_device(folder: str, url: str, seed: int, number: int, count: int, dice_seed: int, stop: str) -> None:
    """Write, come and go, until killed; after `stop` only finish. The mailbox was registered before."""
    asyncio.run(_live(Path(folder), url, seed, number, count, random.Random(dice_seed), Path(stop)))


async def _live(folder: Path, url: str, seed: int, number: int, count: int, dice: random.Random, stop: Path) -> None:
    log = Log(folder / f"device-{number}.log")
    user = User(url, seed_of(seed, number), HastyClock(), told=Device(log))
    others = [User(url, seed_of(seed, each)) for each in range(count)]
    await user.network.start()
    user.attach()
    for mid, to in log.sent.items():
        if mid not in log.confirmed:
            _send(user, others[to], mid)
    is_attached, is_over = True, stop.exists
    while True:
        await asyncio.sleep(dice.random() * 0.05)
        if is_over():
            if not is_attached:
                user.attach()
                is_attached = True
            continue
        if dice.random() < 0.05:
            is_attached = not is_attached
            (user.attach if is_attached else user.detach)()
        for _ in range(dice.randrange(4)):
            to = dice.choice([each for each in range(count) if each != number])
            mid = os.urandom(16)
            log.note("S", mid, str(to))
            log.sent[mid] = to
            _send(user, others[to], mid)


def _send(user: User, to: User, mid: bytes) -> None:
    user.relay.send(mid=mid, mailbox=to.mailbox, token=to.token, ttl_s=0, body=body_of(mid))


def body_of(mid: bytes) -> bytes:
    """Return the body of a message: its own, whoever asks."""
    source = random.Random(mid)
    return source.randbytes(source.choice(SIZES))
