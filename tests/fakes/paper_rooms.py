"""Real rooms of paper people: MLS groups with identities and a context, a store without a thread, no network."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar

from byre.client.leaf_check import validate_leaf
from byre.client.rooms.live_room import LiveRoom
from byre.client.stretch import Turns
from byre.client.tasks import TaskSupervisor
from byre.identity.room_context import RoomContext, RoomKind
from byre.mls import (
    HYBRID,
    LEAF_PROFILE,
    ROOM_CONTEXT,
    AddProposal,
    Credential,
    Extension,
    Group,
    KeyPackageBundle,
    StagedCommit,
    generate_key_package,
    suite_by_id,
)
from byre.store import Transaction
from byre.wire.ids import GroupTag
from tests.fakes.clock import FrozenClock
from tests.fakes.identities import NOW_MS, RELAY, Device, Person

T = TypeVar("T")
NOW_S = NOW_MS // 1000
DAY_S = 24 * 3600


class PaperStore:
    """A store whose transactions run at once, on the test's own connection."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def read(self, work: Callable[[Transaction], T]) -> T:
        return work(self._tx)

    async def write(self, work: Callable[[Transaction], T]) -> T:
        return work(self._tx)


def context_of(person: Person, tx: Transaction, **more: Any) -> Any:
    """What services of one device share, as far as a test needs it."""
    own = SimpleNamespace(
        account_id=person.account_id,
        device_id=person.primary.id,
        device_key=person.primary.key,
        mailbox=person.primary.mailbox,
        relay=RELAY,
    )
    values = {"own": own, "store": PaperStore(tx), "clock": FrozenClock(NOW_MS), "random": person.random}
    return SimpleNamespace(**{**values, "tasks": TaskSupervisor(), "turns": Turns(), **more})


def package_of(person: Person, device: Device | None = None) -> KeyPackageBundle:
    """Return a KeyPackage of a device, the primary by default."""
    device = device or person.primary
    return generate_key_package(
        suite_by_id(HYBRID),
        signature_key=device.key,
        credential=Credential(person.credential(device)),
        leaf_extensions=(Extension(LEAF_PROFILE, device.info().encode()),),
        not_before_s=NOW_S - DAY_S,
        not_after_s=NOW_S + 90 * DAY_S,
        random=person.random,
    )


def room_of(owner: Person, *others: Person) -> dict[str, LiveRoom]:
    """Return a group room as the primary device of each person holds it, by handle."""
    context = RoomContext.owned(
        RoomKind.GROUP, owner.account_id, home_url=RELAY, group_tag=GroupTag(bytes(16)), title="a room"
    )
    group = Group.create(
        suite_by_id(HYBRID),
        group_id=b"g" * 32,
        signature_key=owner.primary.key,
        credential=Credential(owner.credential(owner.primary)),
        leaf_extensions=(Extension(LEAF_PROFILE, owner.primary.info().encode()),),
        extensions=(Extension(ROOM_CONTEXT, context.encode()),),
        not_before_s=NOW_S - DAY_S,
        not_after_s=NOW_S + 90 * DAY_S,
        random=owner.random,
    )
    bundles = {person.handle: package_of(person) for person in others}
    rooms = {owner.handle: LiveRoom.read(group)}
    if others:
        adds = [AddProposal(bundle.key_package) for bundle in bundles.values()]
        pending = group.commit(adds, validate=validate_leaf, now_s=NOW_S, random=owner.random)
        rooms[owner.handle] = LiveRoom.read(pending.group)
        for person in others:
            joined = Group.join(
                pending.welcomes[0].message,
                bundle=bundles[person.handle],
                signature_key=person.primary.key,
                validate=validate_leaf,
                now_s=NOW_S,
            )
            rooms[person.handle] = LiveRoom.read(joined)
    return rooms


def staged(room: LiveRoom, message: bytes) -> StagedCommit:
    """Return a commit as a member of the room stages it."""
    result = room.group.process(message, validate=validate_leaf, now_s=NOW_S)
    assert isinstance(result, StagedCommit)
    return result
