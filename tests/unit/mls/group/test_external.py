"""External commits: entering, resync, and what the members refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.errors import PeerError, UsageError
from byre.mls import (
    ROOM_CONTEXT,
    Capabilities,
    Credential,
    Extension,
    Group,
    LeafContext,
    LeafNode,
    LeafPlace,
    LeafSource,
    MLSMessage,
    StagedCommit,
)
from byre.mls.commit import Commit
from byre.mls.framing import AuthenticatedContent, FramedContent, Sender, SenderType, WireFormat, sign_content
from byre.mls.group.external import export_group_info, join_external
from byre.mls.group_info import GroupInfo
from byre.mls.leaf_node import replace_leaf
from byre.mls.mls_message import frame
from byre.mls.profile import GREASE, HYBRID
from byre.mls.proposals import AddProposal, ExternalInitProposal
from byre.mls.public_message import PublicMessage
from tests.fakes.mls import NOW_S, Person, Room, person, seeded


def enter(room: Room, newcomer: Person, info: bytes | None = None, **changes: object) -> tuple[Group, bytes]:
    values: dict[str, object] = {
        "signature_key": newcomer.key,
        "credential": Credential(newcomer.name.encode()),
        "leaf_extensions": (),
        "now_s": NOW_S,
        "random": seeded(5),
    }
    return join_external(info or export_group_info(room["a"]), **{**values, **changes})  # type: ignore[arg-type]


def follow(room: Room, name: str, group: Group, message: bytes) -> None:
    for member in list(room.groups):
        staged = room.stage(member, message)
        assert staged.is_external
        if staged.self_removed:
            del room.groups[member]
        else:
            room.groups[member] = staged.merge()
    room.groups[name] = group


@pytest.mark.parametrize("suite_id", [1, 3, HYBRID])
@pytest.mark.parametrize("others", [("a",), ("a", "b", "c")])
def test_a_newcomer_enters_and_all_agree(suite_id: int, others: tuple[str, ...]) -> None:
    room = Room.of(*others, suite_id=suite_id)
    group, message = enter(room, person("x", suite_id))
    follow(room, "x", group, message)
    room.assert_agreement()
    room.commit("x")
    room.commit("a")
    room.assert_agreement()


def test_resync_replaces_ones_own_old_leaf() -> None:
    room = Room.of("a", "b", "c", "d")
    del room.groups["c"]
    group, message = enter(room, room.people["c"])
    staged = room.stage("a", message)
    assert [member.credential.identity for member in staged.after] == [b"a", b"b", b"c", b"d"]
    assert staged.committer_leaf == group.own_leaf_index == 2
    assert set(staged.after[2].leaf_node.capabilities.proposals) & set(GREASE)
    follow(room, "c", group, message)
    room.assert_agreement()


def test_the_old_device_is_out_after_a_resync() -> None:
    room = Room.of("a", "b", "c")
    group, message = enter(room, room.people["c"])
    follow(room, "c2", group, message)
    assert sorted(room.groups) == ["a", "b", "c2"]


def test_the_tree_may_come_beside() -> None:
    room = Room.of("a", "b")
    info = export_group_info(room["a"], with_tree=False)
    with pytest.raises(PeerError) as caught:
        enter(room, person("x"), info)
    assert caught.value.code == "missing_tree"
    group, message = enter(room, person("x"), info, ratchet_tree=room["b"].ratchet_tree)
    follow(room, "x", group, message)
    room.assert_agreement()


def test_a_group_info_without_the_external_key_is_not_enough() -> None:
    room = Room.of("a", "b")
    parsed = MLSMessage.decode(export_group_info(room["a"])).message
    assert isinstance(parsed, GroupInfo)
    epoch = room["a"]._state.epoch
    without = GroupInfo.sign(
        epoch.suite,
        epoch.signature_key,
        group_context=parsed.group_context,
        extensions=parsed.extensions[1:],
        confirmation_tag=parsed.confirmation_tag,
        signer=0,
    )
    with pytest.raises(PeerError) as caught:
        enter(room, person("x"), frame(WireFormat.GROUP_INFO, without.encoded))
    assert caught.value.code == "missing_external_pub"


def test_another_message_is_no_group_info() -> None:
    room = Room.of("a", "b")
    with pytest.raises(PeerError) as caught:
        enter(room, person("x"), room.send("a", b"text"))
    assert caught.value.code == "malformed"


def test_a_past_epoch_invites_nobody() -> None:
    with pytest.raises(UsageError):
        export_group_info(Room.of("a", "b")["a"].as_past())


def test_rule_15_the_validator_judges_the_newcomer() -> None:
    room = Room.of("a", "b")
    _, message = enter(room, person("x"))
    seen: list[LeafContext] = []

    def look(leaf: LeafNode, place: LeafContext) -> None:
        assert leaf.credential == Credential(b"x")
        seen.append(place)

    assert isinstance(room["b"].process(message, validate=look, now_s=3, public_handshakes=True), StagedCommit)
    assert seen == [LeafContext(LeafPlace.COMMIT, room["b"].group_id, 3, 2, None)]


def test_rule_12_a_newcomer_with_a_members_key_is_refused() -> None:
    room = Room.of("a", "b")
    _, message = enter(room, room.people["b"])
    commit = commit_of(message)
    twin = replace(commit, proposals=commit.proposals[:1])
    with pytest.raises(PeerError):
        room["a"].process(resigned(room, room.people["b"], twin), now_s=NOW_S, public_handshakes=True)


def test_rule_15_the_validator_sees_which_leaf_a_resync_replaces() -> None:
    room = Room.of("a", "b", "c")
    old = room["a"].members[2].leaf_node
    _, message = enter(room, room.people["c"])
    seen: list[LeafContext] = []
    room["b"].process(message, validate=lambda leaf, place: seen.append(place), public_handshakes=True)
    assert [place.previous for place in seen] == [old]


def test_rule_7_a_resync_brings_a_new_encryption_key() -> None:
    room = Room.of("a", "b", "c")
    old = room["a"].members[2].leaf_node
    _, message = enter(room, room.people["c"])
    commit = commit_of(message)
    assert commit.path is not None
    leaf = replace_leaf(
        room["a"].suite,
        room.people["c"].key,
        old,
        encryption_key=old.encryption_key,
        extensions=None,
        credential=None,
        source=LeafSource.COMMIT,
        group_id=room["a"].group_id,
        leaf_index=2,
        parent_hash=commit.path.leaf_node.parent_hash,
    )
    kept = replace(commit, path=replace(commit.path, leaf_node=leaf))
    with pytest.raises(PeerError, match="Rule 7") as caught:
        room["a"].process(resigned(room, room.people["c"], kept), now_s=NOW_S, public_handshakes=True)
    assert caught.value.code == "invalid_path"


def test_rule_12_a_newcomer_supports_what_the_group_carries() -> None:
    room = Room.of("a", "b", extensions=[Extension(ROOM_CONTEXT, b"room")])
    with pytest.raises(PeerError) as caught:
        enter(room, person("x"), capabilities=Capabilities(extensions=()))
    assert caught.value.code == "invalid_leaf"


def test_rule_9_a_newcomer_adds_nobody() -> None:
    room = Room.of("a", "b")
    _, message = enter(room, person("x"))
    commit = commit_of(message)
    added = AddProposal(person("y").package().key_package)
    with pytest.raises(PeerError, match="Rule 9"):
        room["a"].process(
            resigned(room, person("x"), replace(commit, proposals=(*commit.proposals, added))), public_handshakes=True
        )


def test_rule_8_another_external_secret_does_not_confirm() -> None:
    room = Room.of("a", "b")
    _, message = enter(room, person("x"))
    commit = commit_of(message)
    other = replace(commit, proposals=(ExternalInitProposal(bytes(range(32))),))
    with pytest.raises(PeerError) as caught:
        room["a"].process(resigned(room, person("x"), other), public_handshakes=True)
    assert caught.value.code == "bad_confirmation_tag"


def test_a_newcomers_signature_is_verified() -> None:
    room = Room.of("a", "b")
    _, message = enter(room, person("x"))
    with pytest.raises(PeerError) as caught:
        room["a"].process(resigned(room, person("y"), commit_of(message)), public_handshakes=True)
    assert caught.value.code == "bad_signature"


def commit_of(message: bytes) -> Commit:
    parsed = MLSMessage.decode(message).message
    assert isinstance(parsed, PublicMessage)
    body = parsed.content.content.body
    assert isinstance(body, Commit)
    return body


def resigned(room: Room, newcomer: Person, commit: Commit) -> bytes:
    context = room["a"]._state.epoch.context
    content = FramedContent.make(context.group_id, context.epoch, Sender(SenderType.NEW_MEMBER_COMMIT), b"", commit)
    signature = sign_content(newcomer.suite, newcomer.key, WireFormat.PUBLIC_MESSAGE, content, context.encoded)
    signed = AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, content, signature, bytes(32))
    return frame(WireFormat.PUBLIC_MESSAGE, PublicMessage(signed).encode())


@pytest.mark.parametrize(("by", "code"), [(1, "future_epoch"), (-1, "wrong_epoch")])
def test_rule_17_an_external_commit_is_of_this_epoch(by: int, code: str) -> None:
    room = Room.of("a", "b")
    newcomer = person("n")
    _, message = enter(room, newcomer)
    public = MLSMessage.decode(message).message
    assert isinstance(public, PublicMessage)
    content = public.content.content
    for group_id, epoch, expected in (
        (content.group_id, content.epoch + by, code),
        (b"another group", content.epoch, "unknown_group"),
    ):
        forged = FramedContent.make(group_id, epoch, content.sender, b"", content.body)
        group = room["a"]
        signature = sign_content(
            group.suite, newcomer.key, WireFormat.PUBLIC_MESSAGE, forged, group._state.epoch.context.encoded
        )
        signed = AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, forged, signature, public.content.confirmation_tag)
        with pytest.raises(PeerError) as caught:
            group.process(frame(WireFormat.PUBLIC_MESSAGE, PublicMessage(signed).encode()), public_handshakes=True)
        assert caught.value.code == expected
