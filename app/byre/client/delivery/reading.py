"""Letters and what they are decrypted to: pure, one after the other, each moving its room's ratchet for the next.

An outcome is a value; what is not stored in the end was never true. A burst is opened first, then its signatures are
verified, and only then it is stored: in turns, each of the three finds the processor's caches full of the other two's,
which cost a device that catches up a fifth. The signatures, a library's work, are shared with a thread (`beside`). All
else runs where it is wanted, on the store's thread: threads of its own were measured and made it slower by a third,
since every message is a dozen short calls and the interpreter's lock changed hands at each. Decrypting one page in the
loop while the thread writes the one before it was measured, too: half as much CPU again for each message, and fewer of
them a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from byre.client.delivery.beside import Beside
from byre.client.leaf_check import validate_leaf
from byre.client.rooms.live_room import LiveRoom
from byre.errors import PeerError
from byre.mls import Received, Unverified
from byre.wire.content import Content, decode_content


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


def decrypt(
    letters: Sequence[Letter], rooms: Mapping[bytes, LiveRoom | None], now_s: int, beside: Beside
) -> list[Outcome]:
    """Decrypt the messages of present epochs, one after the other; each moves its room's ratchet for the next.

    All are opened first and all signatures verified then, before anybody sees anything of them. If one does not verify
    it must not have moved its room, so that all of it is done again, message by message.

    Args:
        beside: shares the signatures with another thread.
    """
    opened = list(_opened(letters, rooms, now_s))
    messages = [each.message for each in opened if isinstance(each, _Opened)]
    try:
        received = iter(beside.map(_verify, messages))
    except PeerError:
        return [each for each in _opened(letters, rooms, now_s, at_once=True) if not isinstance(each, _Opened)]
    return [each.read(next(received)) if isinstance(each, _Opened) else each for each in opened]


@dataclass(frozen=True, slots=True)
class _Opened:
    """A message whose signature nobody has looked at, and its room after it."""

    room: LiveRoom
    message: Unverified

    def read(self, received: Received) -> Decrypted:
        return Decrypted(self.room, received, read_content(received.data))


def _opened(
    letters: Sequence[Letter], rooms: Mapping[bytes, LiveRoom | None], now_s: int, *, at_once: bool = False
) -> Iterator[_Opened | Outcome]:
    """Open letters, each with its room as those before left it; `at_once`: and verify each before the next one."""
    current = dict(rooms)
    for letter in letters:
        room = None if letter.group_id is None else current.get(letter.group_id)
        if room is None or letter.is_handshake or letter.epoch != room.epoch:
            yield None
            continue
        try:
            opened = None if at_once else room.group.open(letter.message)
            after = (
                _processed(letter, room, now_s) if opened is None else _Opened(room.with_group(opened.group), opened)
            )
        except PeerError as error:
            yield error
            continue
        if after is not None:
            current[room.group_id] = after.room
        yield after


def _verify(message: Unverified) -> Received:
    return message.verify()


def _processed(letter: Letter, room: LiveRoom, now_s: int) -> Decrypted | None:
    result = room.group.process(letter.message, validate=validate_leaf, now_s=now_s)
    if not isinstance(result, Received):
        return None
    return Decrypted(room.with_group(result.group), result, read_content(result.data))


def read_content(data: bytes) -> Content | PeerError:
    """Decode what a member signed, or say why it does not decode."""
    try:
        return decode_content(data)
    except PeerError as error:
        return error
