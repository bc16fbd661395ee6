"""Letters and what they are decrypted to: pure, one after the other, each moving its room's ratchet for the next.

An outcome is a value; what is not stored in the end was never true. All of it runs where it is wanted, on the store's
thread: threads of its own were measured and made a catching-up device slower by a third, since every message is a
dozen short calls and the interpreter's lock changed hands at each. Decrypting one page in the loop while the thread
writes the one before it was measured, too: half as much CPU again for each message, and fewer of them a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from byre.client.leaf_check import validate_leaf
from byre.client.rooms.live_room import LiveRoom
from byre.errors import PeerError
from byre.mls import Received
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
