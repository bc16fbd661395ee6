"""Joining by a Welcome (RFC 9420 section 12.4.3.1): nothing in it is believed before it is checked.

Order of trust: the init key opens the secrets, they open the GroupInfo, its tree hash fixes the tree, the tree gives
the signer's key, the signature and the confirmation tag close the circle. The tree may come inside or beside.
"""

from __future__ import annotations

from byre.crypto.secret import same
from byre.crypto.signature import SigningKey
from byre.errors import PeerError, UsageError
from byre.mls import tree_math
from byre.mls.cipher_suite import CipherSuite, suite_by_id
from byre.mls.group.state import EpochState, GroupState
from byre.mls.group_info import GroupInfo
from byre.mls.key_package import KeyPackageBundle
from byre.mls.key_schedule import epoch_secrets, member_secret, welcome_key_nonce, welcome_secret
from byre.mls.leaf_node import LeafValidator
from byre.mls.mls_message import MLSMessage
from byre.mls.proposal_list import check_psk
from byre.mls.psk import PskLookup, psk_secret
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.rules import Rule, violation
from byre.mls.secret_tree import SecretTree
from byre.mls.transcript import confirmation_tag, interim_transcript_hash
from byre.mls.tree_validation import check_tree
from byre.mls.treekem import derive_upwards
from byre.mls.welcome import GroupSecrets, Welcome, open_group_secrets


def join_group(
    message: bytes | MLSMessage,
    *,
    bundle: KeyPackageBundle,
    signature_key: SigningKey,
    ratchet_tree: bytes | None,
    validate: LeafValidator | None,
    psks: PskLookup,
    now_s: int,
) -> GroupState:
    """Return the group that a Welcome opens for `bundle`.

    Raises:
        PeerError: codes not_for_us, malformed, bad_ciphertext, bad_signature, invalid_tree, invalid_leaf,
            invalid_welcome, missing_tree, or what `validate` raises.
        UsageError: `signature_key` is not the bundle's.
    """
    parsed = message if isinstance(message, MLSMessage) else MLSMessage.decode(message)
    welcome = parsed.message
    if not isinstance(welcome, Welcome):
        raise PeerError("this message is no Welcome", code="malformed")
    package = bundle.key_package
    if signature_key.public != package.leaf_node.signature_key:
        raise UsageError("the signature key is not the one of the key package")
    suite = suite_by_id(package.suite_id)
    if welcome.suite_id != suite.suite_id:
        raise violation(Rule.KEY_PACKAGE, "a Welcome is of another suite", code="invalid_welcome")
    entry = welcome.secrets_for(package.reference(suite))
    if entry is None:
        raise PeerError("this Welcome is not for this key package", code="not_for_us")
    secrets = open_group_secrets(suite, entry, bundle.init_private.reveal(), welcome.encrypted_group_info)
    psk_pairs = [(check_psk(suite, psk_id), psks(psk_id)) for psk_id in secrets.psks]
    member = member_secret(suite, secrets.joiner_secret, psk_secret(suite, psk_pairs))
    info = open_group_info(suite, member, welcome.encrypted_group_info)
    tree = trusted_tree(suite, info, ratchet_tree, validate=validate, now_s=now_s)
    own_leaf_index = next((index for index, leaf in tree.leaves() if leaf.encoded == package.leaf_node.encoded), None)
    if own_leaf_index is None:
        raise violation(Rule.LEAF_NODE, "our leaf is not in the tree", code="invalid_welcome")
    return _enter(suite, info, tree, own_leaf_index, member, secrets, bundle, signature_key)


def open_group_info(suite: CipherSuite, member: bytes, encrypted_group_info: bytes) -> GroupInfo:
    """Return the GroupInfo of a Welcome; `member` is the secret between joiner and epoch secret.

    Raises:
        PeerError: codes bad_ciphertext, malformed, invalid_welcome.
    """
    key, nonce = welcome_key_nonce(suite, welcome_secret(suite, member))
    info = GroupInfo.decode(suite.aead.open(key, nonce, b"", encrypted_group_info))
    if info.group_context.suite_id != suite.suite_id:
        raise violation(Rule.KEY_PACKAGE, "a group is of another suite than its Welcome", code="invalid_welcome")
    return info


def trusted_tree(
    suite: CipherSuite, info: GroupInfo, beside: bytes | None, *, validate: LeafValidator | None, now_s: int
) -> RatchetTree:
    """Return the tree of a GroupInfo, checked, with its signer's signature verified.

    Raises:
        PeerError: codes missing_tree, invalid_tree, invalid_leaf, bad_signature, malformed.
    """
    encoded = info.ratchet_tree if info.ratchet_tree is not None else beside
    if encoded is None:
        raise PeerError("a group came without its tree", code="missing_tree")
    context = info.group_context
    tree = RatchetTree.decode(encoded)
    if tree.tree_hash(suite) != context.tree_hash:
        raise violation(Rule.TREE_SHAPE, "a tree is not the one of its group", code="invalid_tree")
    signer = tree.leaf(info.signer)
    if signer is None:
        raise violation(Rule.TREE_SHAPE, "a GroupInfo is signed by nobody in the tree", code="invalid_welcome")
    info.verify(suite, signer.signature_key)
    check_tree(tree, suite, group_id=context.group_id, extensions=context.extensions, validate=validate, now_s=now_s)
    return tree


def _enter(
    suite: CipherSuite,
    info: GroupInfo,
    tree: RatchetTree,
    own_leaf_index: int,
    member: bytes,
    secrets: GroupSecrets,
    bundle: KeyPackageBundle,
    signature_key: SigningKey,
) -> GroupState:
    context = info.group_context
    private_keys = {2 * own_leaf_index: bundle.leaf_private.reveal()}
    if secrets.path_secret is not None:
        private_keys.update(_path_keys(suite, tree, own_leaf_index, info.signer, secrets.path_secret))
    epoch_keys, encryption_secret = epoch_secrets(suite, member, context)
    tag = confirmation_tag(suite, epoch_keys.confirmation_key, context.confirmed_transcript_hash)
    if not same(tag, info.confirmation_tag):
        raise violation(Rule.TRANSCRIPT, "a Welcome's confirmation tag is wrong", code="invalid_welcome")
    epoch = EpochState(
        suite=suite,
        context=context,
        tree=tree,
        own_leaf_index=own_leaf_index,
        private_keys=private_keys,
        signature_key=signature_key,
        secrets=epoch_keys,
        interim_transcript_hash=interim_transcript_hash(suite, context.confirmed_transcript_hash, tag),
        confirmation_tag=tag,
        welcomed_by=info.signer,
    )
    return GroupState(epoch, SecretTree.from_encryption_secret(tree.leaf_count, encryption_secret))


def _path_keys(
    suite: CipherSuite, tree: RatchetTree, own_leaf_index: int, signer: int, path_secret: bytes
) -> dict[int, bytes]:
    """Return our keys from where the committer's path meets ours up to the root (Rule 7)."""
    meeting = tree_math.common_ancestor(2 * own_leaf_index, 2 * signer)
    above = []
    for node_index in (meeting, *tree_math.direct_path(meeting, tree.leaf_count)):
        node = tree.node(node_index)
        if node is not None:
            above.append((node_index, node.encryption_key))
    if tree.node(meeting) is None:
        raise violation(Rule.PATH_KEYS, "a Welcome's path secret is for a blank node", code="invalid_welcome")
    return derive_upwards(suite, path_secret, above)[1]
