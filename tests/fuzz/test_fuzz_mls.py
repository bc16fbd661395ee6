"""MLS bytes from outside: whatever arrives parses or is a `PeerError`, and no group is hurt by it.

Two kinds of junk per decoder: any bytes, and a valid value damaged in a few places, which gets further in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byre.errors import PeerError
from byre.mls import AddProposal, Group, PendingCommit, RemoveProposal, WireFormat
from byre.mls.commit import Commit
from byre.mls.extension import Extension, RequiredCapabilities, decode_extensions, encode_extensions
from byre.mls.framing import AuthenticatedContent
from byre.mls.group.external import export_group_info, join_external
from byre.mls.group.message import frame_handshake
from byre.mls.group.pending import decode_pending
from byre.mls.group.persist import decode_epoch, decode_ratchets
from byre.mls.group_context import GroupContext
from byre.mls.group_info import GroupInfo
from byre.mls.key_package import KeyPackage, KeyPackageBundle
from byre.mls.leaf_node import LeafNode
from byre.mls.mls_message import MLSMessage, decode_header
from byre.mls.private_message import PrivateMessage
from byre.mls.proposals import decode_proposal
from byre.mls.psk import PreSharedKeyId, PskType
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.update_path import UpdatePath
from byre.mls.welcome import GroupSecrets
from tests.fakes.mls import NOW_S, Room, person, seeded
from tests.fuzz.damage import recipes, refusing, spoiled

EXAMPLES = 2000
MESSAGES = ("application", "commit_message", "public_commit", "external_commit", "proposal_message", "welcome")

Decoder = Callable[[bytes], object]


@lru_cache(maxsize=1)
def story() -> dict[str, bytes]:
    """Return one valid value of each kind, from one small group with a committed, an updated and a leaving member."""
    room = Room.of("a", "b", "c")
    room.commit("b")
    room.propose("c", room["c"].propose_update(random=room.random))
    room.receive("b", room.send("a", b"first"))
    bundle = person("d").package()
    group = room["a"]
    pending = group.commit(
        [AddProposal(bundle.key_package), RemoveProposal(1)], now_s=NOW_S, random=room.random, authenticated_data=b"x"
    )
    public = group.commit(now_s=NOW_S, random=room.random, wire_format=WireFormat.PUBLIC_MESSAGE)
    message = MLSMessage.decode(public.message).message
    content = getattr(message, "content")  # noqa: B009
    commit = content.content.body
    info = MLSMessage.decode(export_group_info(group)).message
    state = group._state
    update = group.pending_proposals[0].proposal
    return {
        "application": room.send("a", b"text"),
        "commit_message": pending.message,
        "public_commit": public.message,
        "external_commit": external_commit(room),
        "proposal_message": room["b"].propose_remove(0, random=room.random)[1],
        "welcome": pending.welcomes[0].message,
        "group_info_message": export_group_info(group),
        "commit": commit.encode(),
        "path": commit.path.encode(),
        "content": frame_handshake(state.epoch, update, b"aad", WireFormat.PRIVATE_MESSAGE).encode(),
        "proposal": update.encode(),
        "package": bundle.key_package.encoded,
        "bundle": bundle.to_bytes(),
        "leaf": bundle.key_package.leaf_node.encoded,
        "tree": group.ratchet_tree,
        "context": state.epoch.context.encoded,
        "info": getattr(info, "encoded"),  # noqa: B009
        "secrets": GroupSecrets(bytes(32), bytes(32), (PreSharedKeyId(PskType.EXTERNAL, b"a", b"b"),)).encode(),
        "extensions": encode_extensions([Extension(1, b"a"), Extension(0x0A0A, b"")]),
        "required": RequiredCapabilities((1,), (2,), (3,)).encode(),
        "epoch": group.epoch_bytes(),
        "ratchets": group.ratchet_bytes(),
        "pending": pending.to_bytes(),
    }


def external_commit(room: Room) -> bytes:
    newcomer = person("x")
    return join_external(
        export_group_info(room["a"]),
        signature_key=newcomer.key,
        credential=room["a"].members[0].credential,
        leaf_extensions=(),
        now_s=NOW_S,
        random=seeded(3),
    )[1]


@lru_cache(maxsize=1)
def group() -> Group:
    """Return the group of the story, as b holds it."""
    room = Room.of("a", "b", "c")
    room.commit("b")
    room.propose("c", room["c"].propose_update(random=room.random))
    room.receive("b", room.send("a", b"first"))
    return room["b"]


DECODERS: dict[str, tuple[Decoder, tuple[str, ...]]] = {
    "byre.mls.commit:Commit.decode": (Commit.decode, ("commit",)),
    "byre.mls.extension:RequiredCapabilities.decode": (RequiredCapabilities.decode, ("required",)),
    "byre.mls.extension:decode_extensions": (decode_extensions, ("extensions",)),
    "byre.mls.framing:AuthenticatedContent.decode": (AuthenticatedContent.decode, ("content",)),
    "byre.mls.group.group:PendingCommit.from_bytes": (
        lambda data: PendingCommit.from_bytes(data, before=group()),
        ("pending",),
    ),
    "byre.mls.group.pending:decode_pending": (lambda data: decode_pending(data, group()._state), ("pending",)),
    "byre.mls.group.persist:decode_epoch": (decode_epoch, ("epoch",)),
    "byre.mls.group.persist:decode_ratchets": (
        lambda data: decode_ratchets(group()._state.epoch, data),
        ("ratchets",),
    ),
    "byre.mls.group_context:GroupContext.decode": (GroupContext.decode, ("context",)),
    "byre.mls.group_info:GroupInfo.decode": (GroupInfo.decode, ("info",)),
    "byre.mls.key_package:KeyPackage.decode": (KeyPackage.decode, ("package",)),
    "byre.mls.key_package:KeyPackageBundle.from_bytes": (KeyPackageBundle.from_bytes, ("bundle",)),
    "byre.mls.leaf_node:LeafNode.decode": (LeafNode.decode, ("leaf",)),
    "byre.mls.mls_message:MLSMessage.decode": (
        MLSMessage.decode,
        ("application", "public_commit", "welcome", "group_info_message", "external_commit"),
    ),
    "byre.mls.private_message:PrivateMessage.decode": (
        PrivateMessage.decode,
        ("application", "commit_message", "proposal_message"),
    ),
    "byre.mls.mls_message:decode_header": (decode_header, ("application", "public_commit")),
    "byre.mls.proposals:decode_proposal": (decode_proposal, ("proposal",)),
    "byre.mls.ratchet_tree:RatchetTree.decode": (RatchetTree.decode, ("tree",)),
    "byre.mls.update_path:UpdatePath.decode": (UpdatePath.decode, ("path",)),
    "byre.mls.welcome:GroupSecrets.decode": (GroupSecrets.decode, ("secrets",)),
}


@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(recipe=recipes)
def test_a_decoder_parses_or_refuses(recipe: bytes) -> None:
    for name, (decode, kinds) in DECODERS.items():
        with refusing(name):
            decode(spoiled(story()[kinds[sum(recipe) % len(kinds)]], recipe))


@pytest.mark.parametrize("name", list(DECODERS))
def test_what_is_not_damaged_parses(name: str) -> None:
    decode, names = DECODERS[name]
    for each in names:
        decode(story()[each])


@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(st.sampled_from(MESSAGES), recipes)
def test_no_message_hurts_a_group(kind: str, recipe: bytes) -> None:
    before = group().ratchet_bytes()
    try:
        group().process(spoiled(story()[kind], recipe), now_s=NOW_S, public_handshakes=True)
    except PeerError:
        pass
    assert group().ratchet_bytes() == before


@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(recipes, recipes)
def test_no_welcome_hurts_a_joiner(recipe: bytes, tree_recipe: bytes) -> None:
    stored = KeyPackageBundle.from_bytes(story()["bundle"])
    tree = spoiled(story()["tree"], tree_recipe)
    try:
        Group.join(
            spoiled(story()["welcome"], recipe),
            bundle=stored,
            signature_key=person("d").key,
            ratchet_tree=tree,
            now_s=NOW_S,
        )
    except PeerError:
        return
