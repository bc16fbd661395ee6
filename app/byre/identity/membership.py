"""Who may change a room: the judgement of a commit by the group's state and its own bytes, and by nothing else.

A relay that withheld a device list from some members would split a room whose members judged by what they happen to
know. So `judge` takes the facts of the epoch that the commit ends and the commit's content; every member reaches the
same verdict. (MLS's own validation, and that signatures hold, comes before.)

    new leaf     leaf key = certificate's key; device in the newest list that any leaf of its account carries in this
                 epoch, its own included; an Update or path keeps account, device and key, and never lowers its list
    Add          account new to the room: by the room's policy. Device of an account in the room: proposed by any leaf
                 of that account, or rejoin (d)
    Remove       (a) the account leaves altogether, and the proposer's role may remove it or it is the proposer's own
                 (b) the proposer is a primary device of the same account
                 (c) the commit's authenticated data hold that account's list, newer than the leaf's, without the device
                 (d) the same commit Adds the same account, device id and device key again
    context      `room_policy.py`
    external commits and every other proposal are refused by policy version 1

A list that is newer than the group's never invalidates a commit: `unlisted_leaves` is what clients show and wait for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from byre.errors import PeerError
from byre.identity.certificate import DeviceRole
from byre.identity.commit_data import CommitData
from byre.identity.device_list import DeviceList
from byre.identity.room_facts import Add, CommitFacts, ContextChange, MemberLeaf, Remove, RoomFacts, Unsupported, Update
from byre.identity.room_policy import judge_context, judge_shape, may_invite, may_remove
from byre.wire.ids import AccountId
from byre.wire.tls import malformed


def judge(before: RoomFacts, commit: CommitFacts) -> RoomFacts:
    """Return the facts after a commit that the room's law allows.

    Args:
        before: the epoch that the commit ends.
        commit: what it says; leaves in it are verified (`MemberLeaf.read`).

    Raises:
        PeerError: code external_commit, unsupported_proposal, no_such_leaf, wrong_leaf_key, not_listed, list_fork,
            list_rollback, identity_changed, duplicate_device, not_allowed, no_admin, room_too_many_accounts,
            policy_unsupported, malformed, newer_version or bad_signature.
    """
    if commit.is_external:
        raise PeerError("rooms take no external commits", code="external_commit")
    lists = _justifying_lists(before, commit.authenticated_data)
    adds = [change for change in commit.changes if isinstance(change, Add)]
    removes = [change for change in commit.changes if isinstance(change, Remove)]
    updates = [change for change in commit.changes if isinstance(change, Update)]
    if commit.path_leaf is not None:
        updates.append(Update(commit.path_leaf))
        if commit.path_leaf.leaf_index != commit.committer_leaf:
            raise malformed("a path belongs to the committer's leaf")
    before.leaf(commit.committer_leaf)
    for change in commit.changes:
        if isinstance(change, Unsupported):
            raise PeerError("rooms take no such proposal", code="unsupported_proposal")
    after = _after(before, commit, adds, removes, updates)
    for update in updates:
        _judge_update(before.leaf(update.leaf.leaf_index), update.leaf)
    for leaf in (*(update.leaf for update in updates), *(add.leaf for add in adds)):
        _judge_new_leaf(before, leaf)
    for add in adds:
        _judge_add(before, add, removes)
    for remove in removes:
        _judge_remove(before, after, remove, adds, lists)
    for change in commit.changes:
        if isinstance(change, ContextChange):
            judge_context(before, after, before.leaf(change.proposer_leaf).account_id)
    judge_shape(after)
    return after


def judge_joined(facts: RoomFacts) -> None:
    """Judge the room that a Welcome brings, as far as a newcomer can.

    A leaf that a newer list no longer names is no reason to refuse: it is shown as revoked until somebody removes it.

    Raises:
        PeerError: code wrong_leaf_key, duplicate_device, room_too_many_accounts or policy_unsupported.
    """
    for leaf in facts.leaves:
        _expect_leaf_key(leaf)
    judge_shape(facts)


def unlisted_leaves(facts: RoomFacts, known: Mapping[AccountId, DeviceList] | None = None) -> tuple[int, ...]:
    """Return the leaves whose device is not in the newest list: of their room, or of `known` where that is newer.

    Clients show these devices as revoked and hold outgoing text until they are removed. An account whose newest
    lists contradict each other has no listed device at all.
    """
    newest = {}
    for account_id, lists in facts.all_lists().items():
        extra = (known or {}).get(account_id)
        newest[account_id] = _newest(lists if extra is None else [*lists, extra])
    return tuple(leaf.leaf_index for leaf in facts.leaves if not is_listed(leaf, newest[leaf.account_id]))


def is_listed(leaf: MemberLeaf, lists: Iterable[DeviceList]) -> bool:
    """Tell whether a leaf's device stands in the newest of its account's `lists`; a fork has no listed device."""
    return all(each.has(leaf.credential.certificate) for each in _newest(lists))


def _justifying_lists(before: RoomFacts, authenticated_data: bytes) -> dict[AccountId, DeviceList]:
    """Verify the lists that the commit carries for accounts of the room; others mean nothing here."""
    keys = {leaf.account_id: leaf.credential.account_public for leaf in before.leaves}
    carried = CommitData.decode(authenticated_data).lists
    return {account: DeviceList.decode(data, keys[account]) for account, data in carried if account in keys}


def _after(
    before: RoomFacts, commit: CommitFacts, adds: Sequence[Add], removes: Sequence[Remove], updates: Sequence[Update]
) -> RoomFacts:
    gone = {remove.leaf_index for remove in removes}
    changed = {update.leaf.leaf_index: update.leaf for update in updates}
    if len(gone) != len(removes) or len(changed) != len(updates) or gone & changed.keys():
        raise malformed("two proposals of a commit touch one leaf")
    for leaf_index in gone | changed.keys():
        before.leaf(leaf_index)
    leaves = [changed.get(leaf.leaf_index, leaf) for leaf in before.leaves if leaf.leaf_index not in gone]
    contexts = [change for change in commit.changes if isinstance(change, ContextChange)]
    if len(contexts) > 1:
        raise malformed("a commit changes the context twice")
    after = RoomFacts((*leaves, *(add.leaf for add in adds)), before.context, before.other_extensions)
    return after.with_extensions(contexts[0].extensions) if contexts else after


def _judge_update(old: MemberLeaf, new: MemberLeaf) -> None:
    if (old.account_id, old.device_id, old.signature_key) != (new.account_id, new.device_id, new.signature_key):
        raise PeerError("a leaf must keep its account, device and key", code="identity_changed")
    if new.credential.device_list.version < old.credential.device_list.version:
        raise PeerError("a leaf went back to an older device list", code="list_rollback")


def _judge_new_leaf(before: RoomFacts, leaf: MemberLeaf) -> None:
    _expect_leaf_key(leaf)
    newest = _newest([*before.lists_of(leaf.account_id), leaf.credential.device_list])
    if len({each.hash for each in newest}) > 1:
        raise PeerError("an account's leaves carry contradicting device lists", code="list_fork")
    if not newest[0].has(leaf.credential.certificate):
        raise PeerError("the newest device list does not name this device", code="not_listed")


def _expect_leaf_key(leaf: MemberLeaf) -> None:
    if leaf.signature_key != leaf.credential.device_key:
        raise PeerError("a leaf's key is not its certificate's", code="wrong_leaf_key")


def _judge_add(before: RoomFacts, add: Add, removes: Sequence[Remove]) -> None:
    proposer = before.leaf(add.proposer_leaf)
    if not before.has_account(add.leaf.account_id):
        may_invite(before, proposer.account_id, add.leaf.account_id)
        return
    is_rejoin = any(_is_same_device(before.leaf(remove.leaf_index), add.leaf) for remove in removes)
    if proposer.account_id != add.leaf.account_id and not is_rejoin:
        raise PeerError("only an account itself adds its further devices", code="not_allowed")


def _judge_remove(
    before: RoomFacts,
    after: RoomFacts,
    remove: Remove,
    adds: Sequence[Add],
    lists: Mapping[AccountId, DeviceList],
) -> None:
    leaf, proposer = before.leaf(remove.leaf_index), before.leaf(remove.proposer_leaf)
    is_own = proposer.account_id == leaf.account_id
    if not after.has_account(leaf.account_id) and (
        is_own or may_remove(before.context, proposer.account_id, leaf.account_id)
    ):
        return  # (a)
    if is_own and proposer.credential.role == DeviceRole.PRIMARY:
        return  # (b)
    carried = lists.get(leaf.account_id)
    if carried is not None and _delists(carried, leaf):
        return  # (c)
    if any(_is_same_device(leaf, add.leaf) for add in adds):
        return  # (d)
    raise PeerError("this member may not remove that device", code="not_allowed")


def _delists(carried: DeviceList, leaf: MemberLeaf) -> bool:
    return carried.version > leaf.credential.device_list.version and not carried.has_device(leaf.device_id)


def _is_same_device(one: MemberLeaf, other: MemberLeaf) -> bool:
    return (one.account_id, one.device_id, one.signature_key) == (
        other.account_id,
        other.device_id,
        other.signature_key,
    )


def _newest(lists: Iterable[DeviceList]) -> list[DeviceList]:
    """Return the lists of the highest version; more than one hash among them is a fork."""
    known = list(lists)
    highest = max(each.version for each in known)
    return [each for each in known if each.version == highest]
