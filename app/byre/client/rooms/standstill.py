"""Rooms whose order cannot be followed: stopped, said aloud, and taken up again where only the relay had said so.

```
 active ──a commit that opened and is unlawful, or two commits for one epoch──▶ jammed, for good
   ▲ └──the home names another commit, refuses us, or serves what does not open──▶ jammed, disputed ─┐
   └──────────────────── the home, asked again, agrees ◀────────────────────────────────────────────┘
```
What a member signed is proof, whoever carried it. What a relay says is not: it may lie once, or have been put back from
a copy; so a room that stands still on its word alone is asked about again, and goes on when the home agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from byre.client.context import Context
from byre.client.events import RoomChanged
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.merging import Merging
from byre.client.rooms.transcript import ROOM_GOES_ON, ROOM_JAMMED
from byre.client.views import RoomId
from byre.errors import PeerError
from byre.identity.room_head import commit_hash
from byre.store import RoomRow, Transaction

LOOK_EVERY_S = 30.0
_DISPUTE = "rooms.dispute."
_CHANGEABLE = ("active", "request")
_OVER = "over"
"""In memory: a dispute whose room went another way since."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """What a home did not confirm: that `digest` opened `epoch` (empty: what ended it). `state`: the room's before."""

    group_id: bytes
    epoch: int
    digest: bytes = b""
    state: str = "active"


class Standstill:
    """Stops rooms, and lets them go on."""

    def __init__(self, context: Context, merging: Merging) -> None:
        self._context = context
        self._merging = merging

    async def jam(self, group_id: bytes, dispute: Dispute | None = None) -> None:
        """Stop a room that cannot be followed; for good, unless `dispute` says what only the relay said."""
        if await self._context.store.write(lambda tx: self.write_jam(tx, group_id, dispute)):
            self._tell(group_id)

    def write_jam(self, tx: Transaction, group_id: bytes, dispute: Dispute | None = None) -> bool:
        """Stop a room in the caller's transaction; False when it stands still already, or is not this device's."""
        row = tx.rooms.get(group_id)
        if dispute is None:
            tx.settings.delete(_name(group_id))
        if row is None or row.state not in _CHANGEABLE:
            return False
        if dispute is not None:
            value = {"epoch": dispute.epoch, "digest": dispute.digest.hex(), "state": row.state}
            tx.settings.put(_name(group_id), value)
        tx.rooms.change(row.id, state="jammed")
        self._write_line(tx, row, ROOM_JAMMED)
        return True

    def write_second(self, tx: Transaction, past: LiveRoom, room: LiveRoom, commit: bytes) -> bool:
        """Look at a commit of an epoch that ended; True when it proves that the epoch was ended twice.

        Nobody fans out a commit that was not granted. So a second one that a member has signed means that the home
        granted both, or that the member lies: the room has come apart or is about to, and stops. Who has no leaf any
        more could sign commits of old epochs for as long as they are kept: that one is not heard.

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
        return self.write_jam(tx, past.group_id)

    async def disputed(self) -> list[Dispute]:
        """Return the rooms that stand still on the relay's word alone."""
        disputes = await self._context.store.read(_read_all)
        over = [each for each in disputes if each.state == _OVER]
        if over:
            await self._context.store.write(lambda tx: _forget(tx, over))
        return [each for each in disputes if each.state != _OVER]

    async def go_on(self, group_id: bytes) -> bool:
        """Take a disputed room up again; False when it is none any more."""

        def work(tx: Transaction) -> bool:
            dispute, row = _read(tx, group_id), tx.rooms.get(group_id)
            if dispute is None or row is None or row.state != "jammed":
                return False
            tx.settings.delete(_name(group_id))
            tx.rooms.change(row.id, state=dispute.state)
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


def _name(group_id: bytes) -> str:
    return _DISPUTE + group_id.hex()


def _read(tx: Transaction, group_id: bytes) -> Dispute | None:
    value = tx.settings.get(_name(group_id))
    if not isinstance(value, dict):
        return None
    known = cast(dict[str, Any], value)
    return Dispute(group_id, int(known["epoch"]), bytes.fromhex(known["digest"]), str(known["state"]))


def _forget(tx: Transaction, disputes: list[Dispute]) -> None:
    for each in disputes:
        tx.settings.delete(_name(each.group_id))


def _read_all(tx: Transaction) -> list[Dispute]:
    """Return every dispute, `_OVER` where the room stands still no more."""
    disputes = []
    for name in tx.settings.names():
        if not name.startswith(_DISPUTE):
            continue
        group_id = bytes.fromhex(name.removeprefix(_DISPUTE))
        dispute, row = _read(tx, group_id), tx.rooms.get(group_id)
        is_over = dispute is None or row is None or row.state != "jammed"
        disputes.append(Dispute(group_id, 0, state=_OVER) if dispute is None or is_over else dispute)
    return disputes
