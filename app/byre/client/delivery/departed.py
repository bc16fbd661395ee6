"""Whether a sender still has a say: a device that was removed keeps the keys of the epochs in which it was a member.

```
 present epoch ─┬─ device room: only what own listed devices say
                └─ other rooms: all; orders and names only of devices that their account still lists
 past epoch ────┬─ still a member: as in the present one
                └─ gone since: nothing in the device room; elsewhere texts and receipts, which may have been on their
                   way, for fifteen minutes after that epoch ended here, and nothing that changes anything
```
Epochs that ended are kept for 72 hours, so that late messages can be read. Without this, whoever has stolen a PC could
go on for as long after its removal: have other devices removed, rooms erased, contacts exchanged.
"""

from __future__ import annotations

from byre.client.context import OwnIdentity
from byre.client.delivery.burst import Burst
from byre.client.rooms.listing import is_listed_out
from byre.client.rooms.live_room import LiveRoom
from byre.errors import PeerError
from byre.identity.room_context import RoomKind
from byre.wire.content import Content
from byre.wire.content_bodies import Profile, Receipt, Text, Wipe, WipeReport

GRACE_MS = 15 * 60 * 1000
"""How long after the end of an epoch here what was said in it by a device that has gone since is taken."""
_ON_ITS_WAY = (Text, Receipt, WipeReport)
_IN_THE_ACCOUNTS_NAME = (Profile, Wipe)


def has_a_say(
    burst: Burst, room: LiveRoom, sender_leaf: int, content: Content | PeerError, own: OwnIdentity, now_ms: int
) -> bool:
    """Tell whether what a leaf of `room`, the epoch in which it spoke, says is taken now."""
    body = None if isinstance(content, PeerError) else content.body
    is_own_devices = room.context.kind is RoomKind.DEVICE
    present, leaf = burst.group(room.group_id), sender_leaf
    if present is not None and present is not room and present.epoch != room.epoch:
        at = present.leaf_of(burst.seat(room, sender_leaf).device_id)
        if at is None:
            ended_at = burst.ended_at(room.group_id, room.epoch)
            return not is_own_devices and isinstance(body, _ON_ITS_WAY) and now_ms - ended_at <= GRACE_MS
        room, leaf = present, at
    if is_own_devices or isinstance(body, _IN_THE_ACCOUNTS_NAME):
        return not is_listed_out(burst.tx, room, leaf, own)
    return True
