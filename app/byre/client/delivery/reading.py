"""Reading bursts ahead: envelopes are opened and messages decrypted on threads beside the store's.

```
 envelopes ──▶ two threads: open ──▶ letters ──▶ one thread: decrypt ──▶ outcomes, one by one ──▶ store's thread: rows
```
All of it is pure: keys and rooms are frozen values, an outcome is a value, and what is not stored in the end was never
true. The cryptography lets go of the interpreter's lock, and so does the database: a device that catches up uses
two cores. One message alone is read where it is needed, without a step to another thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from queue import SimpleQueue
from typing import TypeAlias, TypeVar

from byre.client.leaf_check import validate_leaf
from byre.client.rooms.live_room import LiveRoom
from byre.errors import PeerError
from byre.mls import Received
from byre.wire.content import Content, decode_content

A = TypeVar("A")
B = TypeVar("B")
WORTH_IT = 4
"""From so many on, another thread is worth its step."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One MLSMessage as it came, or why there is none.

    Attributes:
        group_id, epoch: from its head; None and 0 when it is unreadable.
        unreadable: the reason that is recorded; empty for a letter that can be looked at.
        is_handshake: a commit or proposal, which changes the epoch for those after it: it is taken alone.
        is_known: its mid was taken before, with the pointer to the blob that it came in.
        kept: the number of its row when it was kept and is tried again.
    """

    mid: bytes
    group_id: bytes | None = None
    epoch: int = 0
    message: bytes = field(default=b"", repr=False)
    unreadable: str = ""
    is_handshake: bool = False
    is_known: bool = False
    kept: int | None = None


@dataclass(frozen=True, slots=True)
class Decrypted:
    """A message, what it says (or why that cannot be read), and its room with the ratchet after it."""

    room: LiveRoom
    received: Received
    content: Content | PeerError


Outcome: TypeAlias = Decrypted | PeerError | None
"""What became of a letter: a message, why it cannot be read, or None when it is no message of a present epoch."""


@dataclass(frozen=True, slots=True)
class _Broken:
    error: BaseException


class Reading:
    """The threads. Build one per open profile; end with `close`."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="byre-read")
        self._is_closed = False

    def close(self) -> None:
        """Let the threads end with what they are at; what is still read is read where it is wanted."""
        self._is_closed = True
        self._threads.shutdown(wait=False)

    async def each(self, read: Callable[[A], B], items: Sequence[A]) -> list[B]:
        """Return `read` of every item, in order, half of them on each thread."""
        if len(items) < WORTH_IT or self._is_closed:
            return [read(item) for item in items]
        middle = (len(items) + 1) // 2

        def read_all(part: Sequence[A]) -> list[B]:
            return [read(item) for item in part]

        halves = [self._threads.submit(read_all, part) for part in (items[:middle], items[middle:])]
        first, second = await asyncio.gather(*(asyncio.wrap_future(half) for half in halves))
        return [*first, *second]

    def ahead(self, letters: Sequence[Letter], rooms: Mapping[bytes, LiveRoom | None], now_s: int) -> Iterator[Outcome]:
        """Return the outcomes of `letters`, in order; decrypted ahead of whoever takes them when there are many."""
        outcomes = decrypt(letters, rooms, now_s)
        if len(letters) < WORTH_IT or self._is_closed:
            return outcomes
        made: SimpleQueue[Outcome | _Broken] = SimpleQueue()

        def run() -> None:
            try:
                for outcome in outcomes:
                    made.put(outcome)
            except BaseException as error:
                made.put(_Broken(error))

        self._threads.submit(run)
        return islice(_taken(made), len(letters))


def decrypt(letters: Sequence[Letter], rooms: Mapping[bytes, LiveRoom | None], now_s: int) -> Iterator[Outcome]:
    """Decrypt the messages of present epochs, one after the other; each moves its room's ratchet for the next."""
    current = dict(rooms)
    for letter in letters:
        room = None if letter.group_id is None else current.get(letter.group_id)
        if room is None or letter.is_handshake or letter.epoch != room.epoch:
            yield None
            continue
        try:
            result = room.group.process(letter.message, validate=validate_leaf, now_s=now_s)
        except PeerError as error:
            yield error
            continue
        if isinstance(result, Received):
            current[room.group_id] = after = room.with_group(result.group)
            yield Decrypted(after, result, read_content(result.data))
        else:
            yield None


def read_content(data: bytes) -> Content | PeerError:
    """Decode what a member signed, or say why it does not decode."""
    try:
        return decode_content(data)
    except PeerError as error:
        return error


def _taken(made: SimpleQueue[Outcome | _Broken]) -> Iterator[Outcome]:
    while True:
        outcome = made.get()
        if isinstance(outcome, _Broken):
            raise outcome.error
        yield outcome
