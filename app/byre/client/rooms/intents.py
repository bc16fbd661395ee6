"""What this device wants changed in a room's membership, and what that means in the epoch at hand.

An intent says what is to be true afterwards and survives crashes and lost races in the store; a plan is the one
commit that brings it about in one epoch. After a CONFLICT the winner is processed and the plan made anew: what
somebody else already did is dropped, what became impossible is refused with a code.

```
 intent ──plan──> Commit ──stage──> pending ──CLAIM──> GRANT ──merge──> done
   ^  └─> Done (already true)                     └──> CONFLICT ──process the winner──┐
   │  └─> Refused (never)                                                             │
   └──────────────────────────────────────────────────────────────────────────────────┘
```
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from byre.identity.room_context import AccountRole, RoomContext
from byre.wire.ids import AccountId

MAX_DEVICES = 1000
"""Leaves of a room: what we measured and what a blob has readers for (1,024)."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One leaf: whose device sits there."""

    leaf_index: int
    account_id: bytes
    device_id: bytes
    device_key: bytes
    package_key: bytes  # the leaf's HPKE key: tells a re-Add that happened from one that did not


@dataclass(frozen=True, slots=True)
class Package:
    """A KeyPackage taken for one device."""

    account_id: bytes
    device_id: bytes
    package_key: bytes
    key_package: bytes


@dataclass(frozen=True, slots=True)
class AddDevices:
    """Add these devices: new accounts with all their devices, or a device of an account already there."""

    packages: tuple[Package, ...]


@dataclass(frozen=True, slots=True)
class RemoveAccount:
    """Remove all leaves of an account, by role."""

    account_id: bytes


@dataclass(frozen=True, slots=True)
class RemoveDevices:
    """Remove leaves of devices that `signed_list`, newer than theirs, no longer names."""

    account_id: bytes
    device_ids: frozenset[bytes]
    signed_list: bytes


@dataclass(frozen=True, slots=True)
class ReAdd:
    """Remove and Add the same device in one commit: rejoin, or a Welcome that was never answered."""

    package: Package


@dataclass(frozen=True, slots=True)
class CommitLeaving:
    """Commit the self-remove proposals that members sent by reference."""


@dataclass(frozen=True, slots=True)
class RenewLeaf:
    """Replace this device's leaf, whose HPKE key is `package_key`: it came by the last-resort package, whose token is
    slow and known to others."""

    package_key: bytes


@dataclass(frozen=True, slots=True)
class Retitle:
    """Give the room another title."""

    title: str


@dataclass(frozen=True, slots=True)
class SetRole:
    """Give an account of the room another role (a number of `AccountRole`)."""

    account_id: bytes
    role: int


@dataclass(frozen=True, slots=True)
class SetRetention:
    """Keep messages for so many seconds; 0 keeps them for ever."""

    seconds: int


ContextIntent = Retitle | SetRole | SetRetention
Intent = AddDevices | RemoveAccount | RemoveDevices | ReAdd | CommitLeaving | RenewLeaf | ContextIntent


@dataclass(frozen=True, slots=True)
class Situation:
    """What of a room's epoch decides: the seats, and the seats whose removal was proposed by reference.

    `context`: what the room is; needed for what changes it.
    `is_whole`: every account that leaves does so with all its seats. Only then may the proposals be committed; half
    an account's leaving (its other proposal is still on the way) would be unlawful.
    """

    seats: Sequence[Seat]
    leaving: frozenset[int] = field(default_factory=frozenset)
    is_whole: bool = True
    context: RoomContext | None = None


@dataclass(frozen=True, slots=True)
class CommitPlan:
    """One commit: leaves to remove, packages to add, the signed list it is justified by, the room's new context."""

    removes: tuple[int, ...] = ()
    adds: tuple[Package, ...] = ()
    signed_list: bytes = b""
    include_leaving: bool = True
    context: RoomContext | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The intent is already true."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The intent can never become true; `code` says why."""

    code: str


def plan(intent: Intent, situation: Situation, own_leaf: int) -> CommitPlan | Done | Refused:
    """Return the commit that makes `intent` true in `situation`."""
    if own_leaf in situation.leaving:
        return Done() if isinstance(intent, CommitLeaving) else Refused("wrong_state")
    if not situation.is_whole:
        made = _plan(intent, replace(situation, leaving=frozenset()), own_leaf)
        return replace(made, include_leaving=False) if isinstance(made, CommitPlan) else made
    return _plan(intent, situation, own_leaf)


def _plan(intent: Intent, situation: Situation, own_leaf: int) -> CommitPlan | Done | Refused:
    if isinstance(intent, AddDevices):
        return _plan_add(intent, situation)
    if isinstance(intent, RemoveAccount):
        return _plan_removal(
            {s.leaf_index for s in situation.seats if s.account_id == intent.account_id}, situation, own_leaf
        )
    if isinstance(intent, RemoveDevices):
        gone = {s.leaf_index for s in situation.seats if _names(intent, s)}
        return _plan_removal(gone, situation, own_leaf, intent.signed_list)
    if isinstance(intent, ReAdd):
        return _plan_readd(intent.package, situation)
    if isinstance(intent, ContextIntent):
        return _plan_context(intent, situation)
    if isinstance(intent, RenewLeaf):
        is_old = any(s.package_key == intent.package_key for s in situation.seats)
        return CommitPlan() if is_old else Done()
    return CommitPlan() if situation.leaving else Done()


def _names(intent: RemoveDevices, seat: Seat) -> bool:
    return seat.account_id == intent.account_id and seat.device_id in intent.device_ids


def _plan_add(intent: AddDevices, situation: Situation) -> CommitPlan | Done | Refused:
    seated = {(s.account_id, s.device_id) for s in situation.seats if s.leaf_index not in situation.leaving}
    adds = tuple(p for p in intent.packages if (p.account_id, p.device_id) not in seated)
    if not adds:
        return Done()
    staying = [s for s in situation.seats if s.leaf_index not in situation.leaving]
    if len(staying) + len(adds) > MAX_DEVICES:
        return Refused("room_too_large")
    return CommitPlan(adds=adds)


def _plan_removal(
    gone: set[int], situation: Situation, own_leaf: int, signed_list: bytes = b""
) -> CommitPlan | Done | Refused:
    if not gone:
        return Done()
    if own_leaf in gone:
        return Refused("not_allowed")
    # A leaf whose removal is proposed already goes with the proposals: two proposals on one leaf are invalid.
    return CommitPlan(removes=tuple(sorted(gone - situation.leaving)), signed_list=signed_list)


def _plan_context(intent: ContextIntent, situation: Situation) -> CommitPlan | Done | Refused:
    before = situation.context
    if before is None:
        return Refused("wrong_state")
    if isinstance(intent, Retitle):
        after = before.replaced(title=intent.title)
    elif isinstance(intent, SetRetention):
        after = before.replaced(retention_s=intent.seconds)
    elif all(seat.account_id != intent.account_id for seat in situation.seats):
        return Refused("not_member")
    else:
        after = before.replaced(roles=_roles_with(before, AccountId(intent.account_id), AccountRole(intent.role)))
    return Done() if after == before else CommitPlan(context=after)


def _roles_with(
    context: RoomContext, account: AccountId, role: AccountRole
) -> tuple[tuple[AccountId, AccountRole], ...]:
    roles = {**dict(context.roles), account: role}
    return tuple(sorted((each, kept) for each, kept in roles.items() if kept is not AccountRole.MEMBER))


def _plan_readd(package: Package, situation: Situation) -> CommitPlan | Done | Refused:
    if any(s.package_key == package.package_key for s in situation.seats):
        return Done()
    for seat in situation.seats:
        if (seat.account_id, seat.device_id) == (package.account_id, package.device_id):
            if seat.leaf_index in situation.leaving:
                return Refused("not_member")
            return CommitPlan(removes=(seat.leaf_index,), adds=(package,))
    return Refused("not_member")
