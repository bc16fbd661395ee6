"""Keeps the books of a fault test and checks the relay's invariants against them.

I1  what was confirmed to a sender (ACKED, STORED) is at its receiver in the end, or still held
I2  a receiver shows every mid once, and gets it twice only over a new connection
I3  what one sender sent to one receiver is first seen in the order of sending
I4  after the last acknowledgement no body is left in any file (`residue`)
I5  nothing is older than its end of life (`residue` after expiry)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from byre.client.connection import Progress
from tests.fakes.relay_examiner import readable
from tests.fakes.relay_user import User


@dataclass
class Ledger:
    """Who sent what to whom, in order."""

    sent: dict[tuple[bytes, bytes], list[bytes]] = field(default_factory=dict)
    """(sender's mailbox, receiver's mailbox) -> mids."""
    users: dict[bytes, User] = field(default_factory=dict)
    needles: list[bytes] = field(default_factory=list)
    short_lived: set[bytes] = field(default_factory=set)
    """Mids whose time ended before anybody could take them."""

    def send(self, sender: User, receiver: User, size_bytes: int = 512, *, ttl_s: int = 0) -> bytes:
        """Send one message with a body of its own and write it down."""
        body = sender.random(size_bytes)
        mid = sender.send(receiver, body, ttl_s=ttl_s)
        self.sent.setdefault((sender.mailbox, receiver.mailbox), []).append(mid)
        self.users.update({sender.mailbox: sender, receiver.mailbox: receiver})
        self.needles.append(body[:24])
        if ttl_s:
            self.short_lived.add(mid)
        return mid

    def confirmed(self) -> set[bytes]:
        """Return what senders were told is safe."""
        return {
            mid
            for user in self.users.values()
            for mid, progress in user.told.progress
            if progress in (Progress.ACKED, Progress.STORED)
        }

    def unconfirmed(self) -> list[str]:
        """Return what its sender was not told to be safe, and sends again after a relay's death."""
        confirmed = self.confirmed() | self.short_lived
        return [mid.hex() for mids in self.sent.values() for mid in mids if mid not in confirmed]

    def missing(self) -> list[str]:
        """Return what is sent, was to arrive, and is not there."""
        found = []
        for (_, receiver), mids in self.sent.items():
            there = set(self.users[receiver].told.mids)
            found += [mid.hex() for mid in mids if mid not in there and mid not in self.short_lived]
        return found

    def complaints(self) -> list[str]:
        """Return every broken invariant of I1 to I3, in words; call it when all is over."""
        found = []
        confirmed = self.confirmed()
        for (sender, receiver), mids in self.sent.items():
            seen = self.users[receiver].told.mids
            first_seen = list(dict.fromkeys(seen))
            place = {mid: index for index, mid in enumerate(first_seen)}
            lost = confirmed - self.short_lived - place.keys()
            found += [f"I1 lost {mid.hex()}" for mid in mids if mid in lost]
            # what is sent again after its time was over is a new message to the relay, behind what came since
            order = [place[mid] for mid in mids if mid in place and mid not in self.short_lived]
            if order != sorted(order):
                found.append(f"I3 out of order from {sender.hex()} to {receiver.hex()}: {order}")
        for receiver, user in self.users.items():
            known = {mid for (_, to), mids in self.sent.items() if to == receiver for mid in mids}
            found += [f"I2 not its own {mid.hex()}" for mid in user.told.mids if mid not in known]
        return found

    def residue(self, path: Path) -> list[str]:
        """Return the bodies that an examiner with the keys finds in a relay's files (I4, I5)."""
        return [f"I4 {needle.hex()}" for needle in readable(path, self.needles)]
