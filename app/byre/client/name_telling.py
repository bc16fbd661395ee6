"""Telling the own name to the members of one's rooms, and keeping what they call themselves.

```
 name changed ──▶ device room (own devices agree) ──▶ every active room: devices that have not been told this name
 joined, accepted, commit that brings devices ──▶ that room
```
In a large room nobody tells anything before speaking: a thousand devices that greet each other are a million messages,
and whoever never says a word needs no name there. The name goes with the first text; who comes later hears it with the
next one, so that a join costs the room nothing but its commit and Welcome.

Who was told what is in the store, written with the message that tells it: a crash neither forgets nor repeats. The
account's device with the lowest leaf tells at once; its others wait whether it does. Strangers are told after their
room was accepted, and devices that do not know the kind never.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from byre.client.context import Context
from byre.client.delivery.fan_out import Recipient
from byre.client.delivery.sending import Sending
from byre.client.events import ContactChanged, Event, MessageSent, RoomChanged
from byre.client.names import changed_at_of, clean_name
from byre.client.peers import Peers, shown_account
from byre.client.room_keeper import AfterCommit
from byre.client.rooms.groups import Groups
from byre.client.rooms.live_room import LiveRoom, recipient_of
from byre.client.views import RoomId
from byre.store import RoomRow, Transaction
from byre.wire.content_bodies import Profile

OTHERS_WAIT_S: Final = 30.0
QUIET_DEVICES: Final = 50
"""Up to so many devices everybody tells its name unasked; in a larger room only who speaks."""


class Names:
    """Tells the own name, takes others'."""

    def __init__(self, context: Context, groups: Groups, sending: Sending, peers: Peers) -> None:
        self._context = context
        self._groups = groups
        self._sending = sending
        self._peers = peers
        self._unsubscribe = context.events.subscribe(self._spoke)

    def close(self) -> None:
        """Hear of no more texts: the session ends."""
        self._unsubscribe()

    def take(
        self, tx: Transaction, row: RoomRow, account_id: bytes, profile: Profile, received_at: int
    ) -> list[AfterCommit]:
        """Keep what a member calls itself, in the transaction that received it. A time ahead of ours counts as now."""
        changed_at = min(profile.changed_at_ms, received_at)
        if self._peers.is_own(account_id):
            told = [member.device_id for member in tx.members.of_room(row.id)]
            tx.peers.note_told(row.id, told, profile.changed_at_ms)
            return []
        known, name = tx.peers.get(account_id), clean_name(profile.name)
        if known is None or changed_at < known.name_at or (changed_at == known.name_at and name == known.name):
            return []
        tx.peers.put(dataclasses.replace(known, name=name, name_at=max(changed_at, 1)))
        group_id, publish = row.group_id, self._context.events.publish

        def after() -> None:
            publish(ContactChanged(shown_account(account_id)))
            publish(RoomChanged(RoomId(group_id.hex())))

        return [after]

    async def tell_everywhere(self, speaker: bool | None = None) -> None:
        """Tell the own name in every room where somebody has not heard it.

        Args:
            speaker: True where this device changed the name, False where it heard of the change.
        """

        def find(tx: Transaction) -> list[bytes]:
            untold = tx.peers.rooms_untold(self._context.own.account_id, changed_at_of(tx))
            return [row.group_id for row in tx.rooms.all(with_hidden=True) if row.id in untold]

        # Of the other rooms no state is read: after an unlock, somebody waits for the first one to open.
        for group_id in await self._context.store.read(find):
            self.tell(group_id, speaker)

    def tell(self, group_id: bytes, speaker: bool | None = None) -> None:
        """Tell the devices of one room that have not heard the own name, in the background."""
        task = f"name in {group_id.hex()[:8]}"
        if speaker or not self._context.tasks.is_running(task):
            self._context.tasks.spawn(self._tell(group_id, speaker), task)

    def _spoke(self, event: Event) -> None:
        """After a text of this device: who hears it hears the name as well."""
        if isinstance(event, MessageSent):
            group_id = bytes.fromhex(event.message.room_id)
            task = f"name with a text in {group_id.hex()[:8]}"
            if not self._context.tasks.is_running(task):
                self._context.tasks.spawn(self._tell_large(group_id), task)

    async def _tell_large(self, group_id: bytes) -> None:
        room = await self._groups.current(group_id)
        if room is not None and _is_large(room) and await self._is_anybody_untold(group_id):
            await self._sending.chosen(group_id, self._choose)

    async def _tell(self, group_id: bytes, speaker: bool | None) -> None:
        room = await self._groups.current(group_id)
        if room is not None and _is_large(room) and not (speaker and await self._has_spoken(group_id)):
            return
        if not await self._is_anybody_untold(group_id):
            return
        is_speaker = room is None or _is_lowest(room) if speaker is None else speaker
        if not is_speaker:
            await self._context.clock.sleep(OTHERS_WAIT_S)
        await self._sending.chosen(group_id, self._choose)

    async def _has_spoken(self, group_id: bytes) -> bool:
        """Whether anybody in the room knows an own name that a new one replaces."""

        def work(tx: Transaction) -> bool:
            row = tx.rooms.get(group_id)
            return row is not None and bool(tx.peers.told(row.id))

        return await self._context.store.read(work)

    async def _is_anybody_untold(self, group_id: bytes) -> bool:
        room = await self._groups.current(group_id)

        def work(tx: Transaction) -> bool:
            row = tx.rooms.get(group_id)
            return row is not None and room is not None and self._choose(tx, row, room, is_telling=False) is not None

        return await self._context.store.read(work)

    def _choose(
        self, tx: Transaction, row: RoomRow, room: LiveRoom, *, is_telling: bool = True
    ) -> tuple[Profile, list[Recipient]] | None:
        own, changed_at = self._context.own, changed_at_of(tx)
        if not changed_at or row.state != "active" or row.kind in ("device", "note"):
            return None
        told = tx.peers.told(row.id)
        leaves = [
            leaf
            for leaf in room.facts.leaves
            if leaf.device_id != own.device_id
            and Profile.KIND in leaf.info.content_kinds
            and told.get(leaf.device_id, 0) < changed_at
        ]
        if all(leaf.account_id == own.account_id for leaf in leaves):
            return None  # own devices hear it in the device room; here they hear who has been told
        if is_telling:
            everybody = [leaf for leaf in room.facts.leaves if leaf.account_id == own.account_id]
            leaves += [leaf for leaf in everybody if leaf not in leaves and leaf.device_id != own.device_id]
            tx.peers.note_told(row.id, [leaf.device_id for leaf in leaves], changed_at)
        return Profile(own.name, changed_at), [recipient_of(leaf) for leaf in leaves]


def _is_large(room: LiveRoom) -> bool:
    return len(room.facts.leaves) > QUIET_DEVICES


def _is_lowest(room: LiveRoom) -> bool:
    own = room.own_seat
    return own.leaf_index == min(seat.leaf_index for seat in room.seats() if seat.account_id == own.account_id)
