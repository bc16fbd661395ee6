"""Whom a wipe reaches: the rooms that go together, the devices that are asked, and what they are told.

Runs inside a store transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from byre.client.context import OwnIdentity
from byre.client.wiping.parts import in_parts
from byre.store import RoomRow, Transaction
from byre.wire.content_bodies import Watermark, Wipe
from byre.wire.ids import AccountId, DeviceId, GroupId, RunId, WipeId

_UNTOLD = "wiping.untold"
"""Setting: wipes of this device that the others have not been told of yet."""


def of_room(tx: Transaction, row: RoomRow, own: OwnIdentity) -> tuple[list[RoomRow], int, int]:
    """Return the rooms that go together, how many messages relays hold, and how many own other devices are told."""
    rooms = with_twins(tx, row)
    held = sum(1 for room in rooms for one in tx.outbox.of_kind("message", room=room.id) if one.state == "stored")
    return rooms, held, len(devices(tx, row, own, others=False)) if own.is_listed else 0


def with_twins(tx: Transaction, row: RoomRow) -> list[RoomRow]:
    """Return a room and those that are shown in it."""
    twins = [] if row.peer_account is None else tx.rooms.direct_with(row.peer_account)
    return [row, *(twin for twin in twins if twin.superseded_by == row.group_id)]


def numbers_and_sends(tx: Transaction, row: RoomRow) -> tuple[list[int], list[tuple[str, bytes]]]:
    """Return the rooms to wipe and the envelopes with their content that still wait at the connection."""
    rooms = with_twins(tx, row)
    waiting = [one for room in rooms for one in tx.outbox.of_kind("message", room=room.id)]
    return [room.id for room in rooms], [(one.relay, one.mid) for one in waiting if one.mid is not None]


def devices(tx: Transaction, row: RoomRow, own: OwnIdentity, *, others: bool) -> list[tuple[bytes, bytes]]:
    """Return (account, device) of the own other devices in the room, and with `others` of all members' devices."""
    return [
        (member.account_id, member.device_id)
        for member in tx.members.of_room(row.id)
        if member.device_id != own.device_id and (others or member.account_id == own.account_id)
    ]


def may_ask(tx: Transaction, row: RoomRow, account_id: bytes) -> bool:
    """Whether an account may ask the other members to erase the room: either of two, and the admins of a group."""
    mine = [member for member in tx.members.of_room(row.id) if member.account_id == account_id]
    return bool(mine) and (row.kind == "direct" or (row.kind == "group" and any(member.is_admin for member in mine)))


def is_primary(tx: Transaction, device_id: bytes) -> bool:
    """Whether an own device is the phone."""
    row = tx.own_devices.get(device_id)
    return row is not None and row.role == "primary"


def orders_of(tx: Transaction, row: RoomRow, own: OwnIdentity, wipe_id: WipeId) -> list[Wipe]:
    """Return the order for others, in parts: per sending device and run the highest counter that this device has seen.

    Whoever wrote counts, also who has left since. Twins have counters of their own: the highest counts for all, rather
    too much than a remnant. Those of whom something is shown go first.
    """
    accounts, shown = tx.seen.accounts(), {bytes(own.device_id)}
    highest: dict[tuple[bytes, bytes], int] = {}
    for room in with_twins(tx, row):
        accounts.update({member.device_id: member.account_id for member in tx.members.of_room(room.id)})
        shown |= tx.seen.senders(room.id)
        for mark in tx.seen.current(room.id):
            key = (mark.device_id, mark.run_id)
            highest[key] = max(mark.counter, highest.get(key, 0))
        if room.next_counter:
            key = (bytes(own.device_id), bytes(own.run_id))
            highest[key] = max(room.next_counter - 1, highest.get(key, 0))
    accounts[own.device_id] = own.account_id
    marks = [
        Watermark(AccountId(accounts[device]), DeviceId(device), RunId(run), counter)
        for (device, run), counter in sorted(highest.items(), key=lambda item: item[0][0] not in shown)
        if device in accounts
    ]
    return in_parts(wipe_id, GroupId(row.group_id), marks)


def note_untold(tx: Transaction, orders: Sequence[Wipe], *, others: bool) -> None:
    """Keep what the others are to be told, before the wipe begins: a crash must not forget it."""
    entries = [
        {
            "wipe_id": order.wipe_id.hex(),
            "done": orders[0].wipe_id.hex(),
            "group_id": order.group_id.hex(),
            "marks": [[m.account_id.hex(), m.device_id.hex(), m.run_id.hex(), m.counter] for m in order.watermarks],
            "others": others,
        }
        for order in orders
    ]
    tx.settings.put(_UNTOLD, [*_read(tx), *entries])


def untold(tx: Transaction) -> list[tuple[Wipe, bool]]:
    """Return the wipes that are done here and not told yet, and whether the members are to be asked."""
    found = []
    for item in _read(tx):
        wipe_id = WipeId(_b(item["wipe_id"]))
        if tx.wipes.certificate(_b(item.get("done", item["wipe_id"]))) is None:  # absent: kept by an earlier version
            continue
        marks = [
            Watermark(AccountId(_b(account)), DeviceId(_b(device)), RunId(_b(run)), counter)
            for account, device, run, counter in item["marks"]
        ]
        found.append((Wipe(wipe_id, GroupId(_b(item["group_id"])), tuple(marks)), bool(item["others"])))
    return found


def told(tx: Transaction, wipe_id: bytes) -> None:
    """The others know."""
    tx.settings.put(_UNTOLD, [item for item in _read(tx) if item["wipe_id"] != wipe_id.hex()])


def _read(tx: Transaction) -> list[dict[str, Any]]:
    value = tx.settings.get(_UNTOLD)
    return cast(list[dict[str, Any]], value) if isinstance(value, list) else []


def _b(text: str) -> bytes:
    return bytes.fromhex(text)
