"""Rooms whose order is in doubt: said aloud, written on in, and taken up again as soon as the home agrees.

```
 active ──a commit that opened and is unlawful─────────────────▶ jammed ───────────a later commit that the home names─┐
   ▲ ├────the home names another commit, refuses us, serves what ▶ jammed, disputed ──brought back by a member────────┤
   │ │    does not open; a second signed commit for one epoch       │  ▲ asked about again, claimed again             │
   │ └────the home says that commits are gone ▶ rejoining, disputed ┘  └─ a minute later: asks to be brought back     │
   └───────────────────────────────────────────── the home, asked again, agrees ◀─────────────────────────────────────┘
```
What a member signed is proof, whoever carried it. What a relay says is not: it may lie once, or have been put back from
a copy. So nothing is decided by its word alone: text goes on in the epoch that there is, the transcript says that the
room is in doubt, the home is asked again, and a device that turns out to be off the head is brought back by others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from byre.client.context import Context
from byre.client.events import RoomChanged
from byre.client.rooms.acceptance import settled_state
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.merging import Merging
from byre.client.rooms.transcript import ROOM_GOES_ON, ROOM_JAMMED
from byre.client.views import RoomId
from byre.errors import PeerError
from byre.identity.room_head import commit_hash
from byre.store import RoomRow, Transaction

LOOK_EVERY_S = 30.0
BRING_BACK_AFTER_MS = 60_000
"""How long a home may disagree before the members are asked to bring this device back: who committed claims again."""
_DISPUTE = "rooms.dispute."
_CHANGEABLE = ("active", "request")


@dataclass(frozen=True, slots=True)
class Dispute:
    """What a home did not confirm: that `digest` opened `epoch` (empty: not known, or what ended it).

    `is_gone`: it says that the commits which followed are gone. `since`: when it began to.
    """

    group_id: bytes
    epoch: int
    digest: bytes = b""
    is_gone: bool = False
    since: int = 0


class Standstill:
    """Puts rooms in doubt, and takes the doubt back."""

    def __init__(self, context: Context, merging: Merging) -> None:
        self._context = context
        self._merging = merging

    async def jam(self, group_id: bytes, dispute: Dispute | None = None) -> None:
        """Put a room in doubt: until a later commit, or until the relay takes back what only it said (`dispute`)."""
        if await self._context.store.write(lambda tx: self.write_jam(tx, group_id, dispute)):
            self._tell(group_id)

    def write_jam(self, tx: Transaction, group_id: bytes, dispute: Dispute | None = None) -> bool:
        """Put a room in doubt in the caller's transaction; False when it is already, or is not this device's."""
        row = tx.rooms.get(group_id)
        if dispute is None:
            forget_dispute(tx, group_id)
        if row is None or row.state not in _CHANGEABLE:
            return False
        if dispute is not None:
            write_dispute(tx, replace(dispute, since=self._context.clock.now_ms()))
        tx.rooms.change(row.id, state="jammed")
        self._write_line(tx, row, ROOM_JAMMED)
        return True

    def write_back(self, tx: Transaction, row: RoomRow) -> None:
        """A member has brought this device back, in the caller's transaction."""
        forget_dispute(tx, row.group_id)
        tx.claims.forget_ordered(row.group_id)
        if row.state == "jammed":
            self._write_line(tx, row, ROOM_GOES_ON)

    async def moved(self, dispute: Dispute) -> Dispute:
        """A room in doubt has merged another commit: from now on that one is in question, whatever was before."""

        def work(tx: Transaction) -> Dispute:
            known = read_dispute(tx, dispute.group_id)
            since = self._context.clock.now_ms() if known is None else known.since
            write_dispute(tx, replace(dispute, since=since))
            return replace(dispute, since=since)

        return await self._context.store.write(work)

    def write_second(self, tx: Transaction, past: LiveRoom, room: LiveRoom, commit: bytes) -> bool:
        """Look at a commit of an epoch that ended; True when it proves that the epoch was ended twice.

        Nobody fans out a commit that was not granted. So a second one that a member has signed means that the home
        granted both, or that the member lies: the room has come apart or is about to. Whom the home agrees with goes
        on; who is off the head is brought back. Who has no leaf any more could sign commits of old epochs for as long
        as they are kept: that one is not heard.

        Raises:
            PeerError: nobody of that epoch signed it.
        """
        ended_by = tx.groups.ended_by(past.group_id, past.epoch)
        if ended_by is None or ended_by == commit_hash(commit):
            return False
        leaf = past.group.committer_of(commit)
        if leaf is None:
            return False
        if past.seat(leaf).device_id not in {each.device_id for each in room.facts.leaves}:
            raise PeerError("a device that left the room commits in its past", code="wrong_epoch")
        digest = tx.groups.ended_by(room.group_id, room.epoch - 1) or b""
        return self.write_jam(tx, past.group_id, Dispute(room.group_id, room.epoch, digest))

    async def disputed(self) -> list[Dispute]:
        """Return what only the relay said of rooms that are still in doubt for it."""

        def work(tx: Transaction) -> list[Dispute]:
            names = [name for name in tx.settings.names() if name.startswith(_DISPUTE)]
            groups = [bytes.fromhex(name.removeprefix(_DISPUTE)) for name in names]
            open_ones = []
            for group_id in groups:
                dispute = _open_dispute(tx, group_id)
                if dispute is None:
                    forget_dispute(tx, group_id)  # the room went another way since
                else:
                    open_ones.append(dispute)
            return open_ones

        if not await self._context.store.read(_has_any):
            return []
        return await self._context.store.write(work)

    async def go_on(self, group_id: bytes) -> bool:
        """Take a disputed room up again as what it was; False when it is disputed no more."""

        def work(tx: Transaction) -> bool:
            row = tx.rooms.get(group_id)
            if row is None or _open_dispute(tx, group_id) is None:
                return False
            forget_dispute(tx, group_id)
            tx.joins.delete_rejoining(group_id)
            tx.rooms.change(row.id, state=settled_state(row))
            if row.state == "jammed":
                self._write_line(tx, row, ROOM_GOES_ON)
            return True

        is_on = await self._context.store.write(work)
        if is_on:
            self._tell(group_id)
        return is_on

    def _write_line(self, tx: Transaction, row: RoomRow, event: str) -> None:
        own, name = self._context.own, self._context.clock.now_ms().to_bytes(8)
        self._merging.write_line(tx, row, name, event, own.account_id, own.device_id, own.account_id)

    def _tell(self, group_id: bytes) -> None:
        self._context.events.publish(RoomChanged(RoomId(group_id.hex())))


def working_state(tx: Transaction, group_id: bytes) -> str:
    """Return the room's state as far as commits go: a disputed room may be changed, which lets its home answer."""
    row = tx.rooms.get(group_id)
    if row is None:
        return ""
    is_disputed = row.state == "jammed" and read_dispute(tx, group_id) is not None
    return settled_state(row) if is_disputed else row.state


def write_dispute(tx: Transaction, dispute: Dispute) -> None:
    """Store what the home did not confirm, in place of what it did not before."""
    value = {
        "epoch": dispute.epoch,
        "digest": dispute.digest.hex(),
        "is_gone": dispute.is_gone,
        "since": dispute.since,
    }
    tx.settings.put(_name(dispute.group_id), value)


def read_dispute(tx: Transaction, group_id: bytes) -> Dispute | None:
    """Return what the home did not confirm of a room."""
    value = tx.settings.get(_name(group_id))
    if not isinstance(value, dict):
        return None
    known = cast(dict[str, Any], value)
    digest = bytes.fromhex(known["digest"])
    return Dispute(group_id, int(known["epoch"]), digest, bool(known["is_gone"]), int(known["since"]))


def forget_dispute(tx: Transaction, group_id: bytes) -> None:
    """The room was brought back, or is out of step for reasons of its own: the home's word is no matter any more."""
    tx.settings.delete(_name(group_id))


def _name(group_id: bytes) -> str:
    return _DISPUTE + group_id.hex()


def _has_any(tx: Transaction) -> bool:
    return any(name.startswith(_DISPUTE) for name in tx.settings.names())


def _open_dispute(tx: Transaction, group_id: bytes) -> Dispute | None:
    """Return the dispute of a room that is in doubt for it."""
    dispute, row = read_dispute(tx, group_id), tx.rooms.get(group_id)
    if dispute is None or row is None or row.state != ("rejoining" if dispute.is_gone else "jammed"):
        return None
    return dispute
