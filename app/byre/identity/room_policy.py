"""Room policy version 1: who may invite, and who may change what of the room context (0xF0B2).

kind, predecessor                          nobody, ever
title, picture                             every member, in groups and notes
retention                                  admins and owners: 0 (for ever), or 5 seconds to 4 weeks
home, who may invite                       admins and owners
policy version                             admins and owners, upwards, and only to what every leaf understands
roles                                      admins and owners, in groups: neither from above nor to above their own
                                           role, and never so that nobody present is an admin
other extensions of the group context      nobody in version 1

accounts in a room: direct at most the two that its roles name, device and note exactly the one, group any number
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from byre.errors import PeerError
from byre.identity.room_context import AccountRole, Inviters, RoomContext, RoomKind
from byre.identity.room_facts import RoomFacts
from byre.wire.ids import AccountId

SHORTEST_RETENTION_S: Final = 5
LONGEST_RETENTION_S: Final = 28 * 24 * 3600


def is_lawful_retention(seconds: int) -> bool:
    """Whether a room may agree on it: for ever, or 5 seconds to 4 weeks."""
    return seconds == 0 or SHORTEST_RETENTION_S <= seconds <= LONGEST_RETENTION_S


def kept_retention(seconds: int) -> int:
    """Return what a device goes by in a room that was opened outside of the law: the nearest lawful time."""
    return 0 if seconds == 0 else min(max(seconds, SHORTEST_RETENTION_S), LONGEST_RETENTION_S)


def may_remove(context: RoomContext, remover: AccountId, removed: AccountId) -> bool:
    """Whether an account's role lets it remove another account altogether: rule (a) of `membership`."""
    role = context.role_of(remover)
    return context.kind == RoomKind.GROUP and role >= AccountRole.ADMIN and role >= context.role_of(removed)


def roles_to_give(facts: RoomFacts, giver: AccountId, account: AccountId) -> tuple[AccountRole, ...]:
    """Return the other roles that `giver` may give to `account` in this epoch, ascending."""
    return tuple(role for role in AccountRole if _may_give(facts, giver, account, role))


def _may_give(facts: RoomFacts, giver: AccountId, account: AccountId, role: AccountRole) -> bool:
    if facts.context.role_of(account) == role:
        return False
    roles = {**dict(facts.context.roles), account: role}
    named = tuple(sorted((each, kept) for each, kept in roles.items() if kept is not AccountRole.MEMBER))
    try:
        judge_context(facts, replace(facts, context=facts.context.replaced(roles=named)), giver)
    except PeerError:
        return False
    return True


def may_invite(before: RoomFacts, proposer: AccountId, invited: AccountId) -> None:
    """Return if `proposer` may add the account `invited`, which is not in the room.

    An account that was an admin before it went comes back as one: only an equal brings it back.

    Raises:
        PeerError: code not_allowed.
    """
    context = before.context
    role = context.role_of(proposer)
    if context.kind == RoomKind.DIRECT:
        if invited not in dict(context.roles):
            raise _not_allowed("a direct room has its two accounts only")
        return
    if context.kind != RoomKind.GROUP:
        raise _not_allowed("a room of devices or notes is one account's")
    if context.who_may_invite == Inviters.ADMINS and role < AccountRole.ADMIN:
        raise _not_allowed("only admins invite into this room")
    if context.role_of(invited) > max(role, AccountRole.MEMBER):
        raise _not_allowed("who comes in must not stand above who invites")


def judge_context(before: RoomFacts, after: RoomFacts, proposer: AccountId) -> None:
    """Judge the change of a room's context that `proposer` proposed.

    Raises:
        PeerError: code not_allowed, no_admin or policy_unsupported.
    """
    old, new = before.context, after.context
    if (old.kind, old.predecessor) != (new.kind, new.predecessor):
        raise _not_allowed("a room's kind and predecessor never change")
    if before.other_extensions != after.other_extensions:
        raise _not_allowed("the other extensions of a room do not change in policy version 1")
    has_named = (old.title, old.picture) != (new.title, new.picture)
    if has_named and old.kind not in (RoomKind.GROUP, RoomKind.NOTE):
        raise _not_allowed("only groups and notes have a title")
    if new.policy_version < old.policy_version:
        raise _not_allowed("a room's policy version never falls")
    if _settings(old) != _settings(new) and old.role_of(proposer) < AccountRole.ADMIN:
        raise _not_allowed("only admins change this")
    if old.retention_s != new.retention_s and not is_lawful_retention(new.retention_s):
        raise _not_allowed("messages live for ever, or for 5 seconds to 4 weeks")
    _judge_roles(old, new, old.role_of(proposer))
    if old.roles != new.roles and all(new.role_of(account) < AccountRole.ADMIN for account in after.accounts()):
        raise PeerError("nobody in the room would be an admin", code="no_admin")


def judge_shape(facts: RoomFacts) -> None:
    """Judge what must hold of every room after every commit.

    Raises:
        PeerError: code duplicate_device, room_too_many_accounts or policy_unsupported.
    """
    devices = {(leaf.account_id, leaf.device_id) for leaf in facts.leaves}
    if len(devices) != len(facts.leaves):
        raise PeerError("a device has two leaves in a room", code="duplicate_device")
    if any(leaf.info.highest_policy_version < facts.context.policy_version for leaf in facts.leaves):
        raise PeerError("a device does not understand the room's policy", code="policy_unsupported")
    named = set(dict(facts.context.roles))
    if facts.context.kind != RoomKind.GROUP and not facts.accounts() <= named:
        raise PeerError("a room holds an account that it does not name", code="room_too_many_accounts")
    if len(named) > _MOST_ACCOUNTS.get(facts.context.kind, len(named)):
        raise PeerError("a room of this kind names too many accounts", code="room_too_many_accounts")


_MOST_ACCOUNTS = {RoomKind.DIRECT: 2, RoomKind.DEVICE: 1, RoomKind.NOTE: 1}


def _settings(context: RoomContext) -> tuple[object, ...]:
    return (
        context.retention_s,
        context.home_url,
        context.group_tag,
        context.who_may_invite,
        context.policy_version,
        context.roles,
    )


def _judge_roles(old: RoomContext, new: RoomContext, own_role: AccountRole) -> None:
    if old.roles == new.roles:
        return
    if old.kind != RoomKind.GROUP:
        raise _not_allowed("only groups have roles that change")
    for account_id in dict(old.roles).keys() | dict(new.roles).keys():
        was, becomes = old.role_of(account_id), new.role_of(account_id)
        if was != becomes and max(was, becomes) > own_role:
            raise _not_allowed("nobody changes a role above their own")


def _not_allowed(sentence: str) -> PeerError:
    return PeerError(sentence, code="not_allowed")
