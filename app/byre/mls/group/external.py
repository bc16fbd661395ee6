"""External commits (RFC 9420 section 12.4.3.2): entering without a Welcome, and resync.

Whoever holds a GroupInfo with the tree and the external public key can seat itself by a commit of its own, and may
remove its own old leaf by the same commit. The engine speaks it for vectors and foreign groups; our rooms refuse it
by policy (`StagedCommit.is_external`), and bring devices back by re-add.
"""

from __future__ import annotations

from collections.abc import Sequence

from byre.crypto.random import Random
from byre.crypto.signature import SigningKey
from byre.errors import PeerError
from byre.mls.capabilities import Capabilities
from byre.mls.cipher_suite import CipherSuite, suite_by_id
from byre.mls.commit import Commit
from byre.mls.credential import Credential
from byre.mls.extension import Extension, external_pub_extension, ratchet_tree_extension
from byre.mls.framing import AuthenticatedContent, FramedContent, Sender, SenderType, WireFormat, sign_content
from byre.mls.group.advance import advance, enter, provisional_context
from byre.mls.group.group import Group
from byre.mls.group.join import trusted_tree
from byre.mls.group.state import EpochState
from byre.mls.group_info import GroupInfo
from byre.mls.key_schedule import EpochSecrets, external_init_send, external_key_pair
from byre.mls.leaf_node import LeafNode, LeafSource, LeafValidator, build_leaf
from byre.mls.mls_message import MLSMessage, frame
from byre.mls.proposal_list import ListedProposal, apply_list, check_list
from byre.mls.proposals import ExternalInitProposal, Proposal, RemoveProposal
from byre.mls.psk import psk_secret
from byre.mls.public_message import PublicMessage
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.transcript import interim_transcript_hash
from byre.mls.tree_validation import check_leaf_in_tree
from byre.mls.treekem import create_path, seal_path


def export_group_info(group: Group, *, with_tree: bool = True) -> bytes:
    """Return the GroupInfo of the present epoch as an MLSMessage: what a newcomer needs for an external commit."""
    state = group._state
    state.need_current()
    epoch = state.epoch
    extensions = [external_pub_extension(external_key_pair(epoch.suite, epoch.secrets.external_secret)[1])]
    if with_tree:
        extensions.append(ratchet_tree_extension(epoch.tree.encode()))
    info = GroupInfo.sign(
        epoch.suite,
        epoch.signature_key,
        group_context=epoch.context,
        extensions=extensions,
        confirmation_tag=epoch.confirmation_tag,
        signer=epoch.own_leaf_index,
    )
    return frame(WireFormat.GROUP_INFO, info.encoded)


def join_external(
    group_info: bytes,
    *,
    signature_key: SigningKey,
    credential: Credential,
    leaf_extensions: Sequence[Extension],
    capabilities: Capabilities | None = None,
    ratchet_tree: bytes | None = None,
    validate: LeafValidator | None = None,
    now_s: int,
    random: Random,
) -> tuple[Group, bytes]:
    """Return (group, MLSMessage): the epoch that we begin, pending until the commit is ordered (Rule 10).

    A leaf with our signature key that stands in the tree already is removed by the same commit (resync).

    Raises:
        PeerError: codes malformed, unsupported_suite, missing_tree, missing_external_pub, invalid_tree,
            invalid_leaf, invalid_key, bad_signature, or what `validate` raises.
    """
    info = MLSMessage.decode(group_info).message
    if not isinstance(info, GroupInfo):
        raise PeerError("this message is no GroupInfo", code="malformed")
    context, suite = info.group_context, suite_by_id(info.group_context.suite_id)
    tree = trusted_tree(suite, info, ratchet_tree, validate=validate, now_s=now_s)
    external_pub = info.external_pub
    if external_pub is None:
        raise PeerError("a GroupInfo has no external key", code="missing_external_pub")
    kem_output, init_secret = external_init_send(suite, external_pub)
    proposals: list[Proposal] = [ExternalInitProposal(kem_output)]
    proposals += [RemoveProposal(index) for index, leaf in tree.leaves() if leaf.signature_key == signature_key.public]
    listed = [ListedProposal(proposal, None) for proposal in proposals]
    check_list(listed, None)
    applied = apply_list(
        tree, suite, context.extensions, listed, group_id=context.group_id, validate=validate, now_s=now_s
    )

    greased = (capabilities or Capabilities()).with_grease(random)

    def build(encryption_key: bytes, parent_hash: bytes) -> LeafNode:
        return build_leaf(
            suite,
            signature_key,
            encryption_key=encryption_key,
            credential=credential,
            capabilities=greased,
            extensions=leaf_extensions,
            source=LeafSource.COMMIT,
            parent_hash=parent_hash,
            group_id=context.group_id,
            leaf_index=leaf_index,
        )

    seated, leaf_index = _seat(applied.tree, suite, signature_key, credential, random)
    new = create_path(seated, suite, leaf_index, build, random)
    check_leaf_in_tree(new.tree, leaf_index, applied.extensions)
    provisional = provisional_context(context, new.tree.tree_hash(suite), applied.extensions)
    path = seal_path(seated, suite, leaf_index, new, added=(), group_context=provisional.encoded)
    sender = Sender(SenderType.NEW_MEMBER_COMMIT)
    content = FramedContent.make(context.group_id, context.epoch, sender, b"", Commit(tuple(proposals), path))
    signature = sign_content(suite, signature_key, WireFormat.PUBLIC_MESSAGE, content, context.encoded)
    outside = EpochState(
        suite=suite,
        context=context,
        tree=tree,
        own_leaf_index=leaf_index,
        private_keys={},
        signature_key=signature_key,
        secrets=EpochSecrets(*(b"" for _ in EpochSecrets.__slots__)),
        interim_transcript_hash=interim_transcript_hash(
            suite, context.confirmed_transcript_hash, info.confirmation_tag
        ),
        confirmation_tag=info.confirmation_tag,
    )
    following = advance(
        outside,
        AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, content, signature),
        provisional,
        init_secret=init_secret,
        commit_secret=new.commit_secret,
        psk_secret=psk_secret(suite, []),
    )
    signed = AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, content, signature, following.confirmation_tag)
    group = Group(enter(outside, following, new.tree, new.private_keys))
    return group, frame(WireFormat.PUBLIC_MESSAGE, PublicMessage(signed).encode())


def _seat(
    tree: RatchetTree, suite: CipherSuite, key: SigningKey, credential: Credential, random: Random
) -> tuple[RatchetTree, int]:
    """Return the tree with a stand-in at our future leaf, and its index: the path replaces it and all above it."""
    stand_in = build_leaf(
        suite,
        key,
        encryption_key=suite.derive_key_pair(random(suite.hash_length))[1],
        credential=credential,
        capabilities=Capabilities(),
        extensions=(),
        source=LeafSource.KEY_PACKAGE,
    )
    edit = tree.edit()
    leaf_index = edit.add_leaf(stand_in)
    return edit.finish(), leaf_index
