"""Rule 9 case by case, and what a list makes of the tree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.errors import PeerError
from byre.mls import proposal_list
from byre.mls.capabilities import Capabilities
from byre.mls.credential import Credential
from byre.mls.extension import Extension, RequiredCapabilities
from byre.mls.key_package import KeyPackage, generate_key_package
from byre.mls.leaf_node import LeafContext, LeafNode, LeafPlace, LeafSource, replace_leaf
from byre.mls.profile import REQUIRED_CAPABILITIES, ROOM_CONTEXT
from byre.mls.proposal_list import AppliedList, ListedProposal, apply_list, check_list, check_psk
from byre.mls.proposals import (
    AddProposal,
    ExternalInitProposal,
    GroupContextExtensionsProposal,
    PreSharedKeyProposal,
    Proposal,
    ReInitProposal,
    RemoveProposal,
    UpdateProposal,
)
from byre.mls.psk import PreSharedKeyId, PskType, ResumptionUsage
from byre.mls.ratchet_tree import RatchetTree
from tests.fakes.mls import Room, person, seeded

ROOM = Room.of("a", "b", "c", "d")
GROUP = ROOM["a"]
SUITE = GROUP.suite
TREE = RatchetTree.decode(GROUP.ratchet_tree)
PSK = PreSharedKeyId(PskType.EXTERNAL, b"id", bytes(32))


def package(name: str) -> KeyPackage:
    return person(name).package().key_package


def update_of(name: str, **changes: object) -> UpdateProposal:
    old = TREE.leaf(ROOM.leaf(name))
    assert old is not None
    values: dict[str, object] = {
        "encryption_key": bytes(range(32)),
        "extensions": None,
        "credential": None,
        "source": LeafSource.UPDATE,
        "group_id": GROUP.group_id,
        "leaf_index": ROOM.leaf(name),
    }
    return UpdateProposal(replace_leaf(SUITE, ROOM.people[name].key, old, **{**values, **changes}))  # type: ignore[arg-type]


def listed(*proposals: Proposal | tuple[Proposal, int]) -> list[ListedProposal]:
    """By value from leaf 0, or by reference from the leaf given beside."""
    return [
        ListedProposal(each[0], each[1], by_reference=True) if isinstance(each, tuple) else ListedProposal(each, 0)
        for each in proposals
    ]


def apply(*proposals: Proposal | tuple[Proposal, int], **changes: object) -> AppliedList:
    items = listed(*proposals)
    check_list(items, 0)
    values: dict[str, object] = {"group_id": GROUP.group_id, "validate": None, "now_s": 0}
    return apply_list(TREE, SUITE, (), items, **{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "proposals",
    [
        (RemoveProposal(0),),
        (RemoveProposal(2), RemoveProposal(2)),
        (RemoveProposal(2), (update_of("c"), 2)),
        ((update_of("c"), 2), (update_of("c"), 2)),
        (update_of("a"),),
        (GroupContextExtensionsProposal(()), GroupContextExtensionsProposal(())),
        (PreSharedKeyProposal(PSK), PreSharedKeyProposal(PSK)),
        (ExternalInitProposal(b"kem"),),
        (ReInitProposal(b"group", 1, 1, ()),),
    ],
)
def test_rule_9_what_may_not_stand_in_a_members_commit(proposals: tuple[Proposal, ...]) -> None:
    with pytest.raises(PeerError, match="Rule 9"):
        apply(*proposals)


@pytest.mark.parametrize(
    "items",
    [
        [],
        [ListedProposal(RemoveProposal(1), None)],
        [ListedProposal(ExternalInitProposal(b""), None), ListedProposal(ExternalInitProposal(b""), None)],
        [ListedProposal(ExternalInitProposal(b""), None), ListedProposal(AddProposal(package("x")), None)],
        [ListedProposal(ExternalInitProposal(b""), None), ListedProposal(update_of("b"), None)],
        [
            ListedProposal(ExternalInitProposal(b""), None),
            ListedProposal(RemoveProposal(1), None),
            ListedProposal(RemoveProposal(2), None),
        ],
        [ListedProposal(ExternalInitProposal(b""), None), ListedProposal(RemoveProposal(1), 1, by_reference=True)],
    ],
)
def test_rule_9_what_may_not_stand_in_an_external_commit(items: list[ListedProposal]) -> None:
    with pytest.raises(PeerError, match="Rule 9"):
        check_list(items, None)


def test_an_external_commit_may_resync_and_use_psks() -> None:
    check_list(
        [
            ListedProposal(ExternalInitProposal(b"kem"), None),
            ListedProposal(RemoveProposal(1), None),
            ListedProposal(PreSharedKeyProposal(PSK), None),
        ],
        None,
    )
    applied = apply_list(
        TREE,
        SUITE,
        (),
        [ListedProposal(ExternalInitProposal(b"kem"), None)],
        group_id=GROUP.group_id,
        validate=None,
        now_s=0,
    )
    assert applied.external_init == ExternalInitProposal(b"kem")
    assert applied.needs_path


def test_rule_9_the_order_is_the_rfcs_whatever_the_commits() -> None:
    applied = apply(AddProposal(package("x")), (update_of("d"), 3), RemoveProposal(1))
    assert [index for index, leaf in applied.tree.leaves() if leaf.credential.identity == b"x"] == [1]
    assert applied.applied[0].leaf_index == 1
    assert applied.added_leaves == {1}
    assert applied.removed == {1}
    leaf = applied.tree.leaf(3)
    assert leaf is not None
    assert leaf.encryption_key == bytes(range(32))


def test_rule_9_a_path_is_needed_unless_all_is_add_or_psk() -> None:
    assert apply().needs_path
    assert not apply(AddProposal(package("x"))).needs_path
    assert not apply(PreSharedKeyProposal(PSK)).needs_path
    assert apply(AddProposal(package("x")), RemoveProposal(1)).needs_path
    assert apply(GroupContextExtensionsProposal(())).needs_path


def test_rule_9_re_adding_one_client_in_one_commit_is_legal() -> None:
    again = ROOM.people["c"].package().key_package
    applied = apply(AddProposal(again), RemoveProposal(2))
    leaf = applied.tree.leaf(2)
    assert leaf is not None
    assert leaf.encoded == again.leaf_node.encoded


def test_rule_12_adding_one_client_twice_is_refused() -> None:
    again = ROOM.people["c"].package().key_package
    other = ROOM.people["c"].package().key_package
    for proposals in ((AddProposal(again),), (AddProposal(again), AddProposal(other), RemoveProposal(2))):
        with pytest.raises(PeerError, match="Rule 12"):
            apply(*proposals)


def test_rule_12_a_key_that_stands_or_stood_in_the_tree_is_refused() -> None:
    standing, gone = TREE.leaf(1), TREE.leaf(2)
    assert standing is not None
    assert gone is not None
    for bad in (
        apply_with(update_of("d", encryption_key=standing.encryption_key)),
        apply_with(update_of("d", encryption_key=gone.encryption_key), RemoveProposal(2)),
    ):
        with pytest.raises(PeerError, match="Rule 12"):
            bad()


def test_rule_12_two_new_leaves_of_one_commit_bring_two_keys() -> None:
    with pytest.raises(PeerError, match="two nodes would have one encryption key"):
        apply((update_of("c"), 2), (update_of("d"), 3))


def apply_with(update: UpdateProposal, *others: Proposal):  # type: ignore[no-untyped-def]
    return lambda: apply((update, 3), *others)


def test_rule_12_an_update_is_signed_for_its_place_and_kind() -> None:
    with pytest.raises(PeerError) as caught:
        apply((update_of("d", leaf_index=2), 3))
    assert caught.value.code == "bad_signature"
    with pytest.raises(PeerError, match="Rule 12"):
        apply((update_of("d", source=LeafSource.COMMIT), 3))


def test_rule_9_proposals_about_nobody_are_refused() -> None:
    for proposals in ((RemoveProposal(9),), ((update_of("d"), 9),)):
        with pytest.raises(PeerError, match="Rule 9"):
            apply(*proposals)


def test_rule_16_an_added_package_is_verified() -> None:
    bad = replace(package("x"), suite_id=3)
    with pytest.raises(PeerError, match="Rule 16"):
        apply(AddProposal(bad))


def test_rule_12_new_members_support_what_the_group_requires() -> None:
    required = Extension(REQUIRED_CAPABILITIES, RequiredCapabilities((0x1234,)).encode())
    with pytest.raises(PeerError, match="Rule 12"):
        apply(GroupContextExtensionsProposal((required,)))
    lacking = generate_key_package(
        SUITE,
        signature_key=person("x").key,
        credential=Credential(b"x"),
        leaf_extensions=(),
        not_before_s=0,
        not_after_s=1,
        random=seeded(1),
        capabilities=Capabilities(extensions=()),
    ).key_package
    asked = Extension(REQUIRED_CAPABILITIES, RequiredCapabilities((ROOM_CONTEXT,)).encode())
    items = [ListedProposal(AddProposal(each), 0) for each in (package("y"), lacking)]
    for extensions in ((asked,), (Extension(ROOM_CONTEXT, b"room"),)):
        rest = {"group_id": GROUP.group_id, "validate": None, "now_s": 0}
        assert apply_list(TREE, SUITE, extensions, items[:1], **rest).added  # type: ignore[arg-type]
        with pytest.raises(PeerError, match="Rule 12"):
            apply_list(TREE, SUITE, extensions, items, **rest)  # type: ignore[arg-type]
    extensions = (Extension(0xF0B2, b"room"),)
    assert apply(GroupContextExtensionsProposal(extensions)).extensions == extensions


def test_rule_15_the_validator_sees_adds_and_updates() -> None:
    seen: list[tuple[LeafNode, LeafContext]] = []
    apply(AddProposal(package("x")), (update_of("d"), 3), validate=lambda leaf, place: seen.append((leaf, place)))
    assert [place.place for _, place in seen] == [LeafPlace.UPDATE, LeafPlace.KEY_PACKAGE]
    assert (seen[0][1].leaf_index, seen[0][1].previous) == (3, TREE.leaf(3))

    def refuse(leaf: LeafNode, place: LeafContext) -> None:
        raise PeerError("a ghost", code="not_in_list")

    with pytest.raises(PeerError, match="ghost"):
        apply(AddProposal(package("x")), validate=refuse)


def test_psks_keep_their_order_and_form() -> None:
    other = PreSharedKeyId(PskType.RESUMPTION, b"group", bytes(32), ResumptionUsage.APPLICATION, 1)
    assert apply(PreSharedKeyProposal(other), PreSharedKeyProposal(PSK)).psk_ids == (other, PSK)
    for bad, code in (
        (replace(PSK, nonce=b"short"), "invalid_commit"),
        (replace(other, usage=ResumptionUsage.BRANCH), "unsupported_proposal"),
    ):
        with pytest.raises(PeerError) as caught:
            check_psk(SUITE, bad)
        assert caught.value.code == code


def test_the_module_names_its_rule() -> None:
    assert "Rule 9" in (proposal_list.__doc__ or "")
