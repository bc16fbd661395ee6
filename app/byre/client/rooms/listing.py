"""Which devices of a room are no longer listed by their accounts: shown as revoked, and text waits until they are gone.

Runs inside a store transaction. A list newer than any leaf's never invalidates a commit, but it decides whether this
device still speaks while a listed-out one listens.
"""

from __future__ import annotations

from byre.client.context import OwnIdentity
from byre.client.rooms.live_room import LiveRoom
from byre.identity.device_list import DeviceList
from byre.identity.membership import is_listed, unlisted_leaves
from byre.identity.room_facts import MemberLeaf
from byre.store import Transaction
from byre.wire.ids import AccountId


def unlisted_devices(tx: Transaction, room: LiveRoom, own: OwnIdentity) -> tuple[MemberLeaf, ...]:
    """Return the other leaves whose device the newest list that this device knows does not name."""
    known: dict[AccountId, DeviceList] = {}
    for account_id, lists in room.facts.all_lists().items():
        carried = max(each.version for each in lists)
        newer = newest_list(tx, account_id, own, above=carried)
        if newer is not None:
            known[account_id] = newer
    leaves = unlisted_leaves(room.facts, known)
    return tuple(room.facts.leaf(index) for index in leaves if index != room.group.own_leaf_index)


def is_listed_out(tx: Transaction, room: LiveRoom, leaf_index: int, own: OwnIdentity) -> bool:
    """Tell whether the newest list that this device knows does not name the device of a leaf any more."""
    leaf = room.facts.leaf(leaf_index)
    carried = room.facts.lists_of(leaf.account_id)
    newer = newest_list(tx, leaf.account_id, own, above=max(each.version for each in carried))
    return not is_listed(leaf, carried if newer is None else [*carried, newer])


def newest_list(tx: Transaction, account_id: bytes, own: OwnIdentity, *, above: int = 0) -> DeviceList | None:
    """Return the newest known list of an account if its version is above `above`; verifies only then."""
    if account_id == own.account_id:
        return own.device_list if own.device_list.version > above else None
    peer = tx.peers.get(account_id)
    if peer is None or peer.list_version <= above or not peer.device_list:
        return None
    return DeviceList.decode(peer.device_list, peer.account_public)
