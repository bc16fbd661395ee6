"""A new group of one (RFC 9420 section 11)."""

from __future__ import annotations

from collections.abc import Sequence

from byre.crypto.random import Random
from byre.crypto.signature import SigningKey
from byre.mls.capabilities import Capabilities
from byre.mls.cipher_suite import CipherSuite
from byre.mls.credential import Credential
from byre.mls.extension import Extension
from byre.mls.group.state import EpochState, GroupState
from byre.mls.group_context import GroupContext
from byre.mls.key_schedule import secrets_from_epoch_secret
from byre.mls.leaf_node import LeafSource, Lifetime, build_leaf
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.secret_tree import SecretTree
from byre.mls.transcript import confirmation_tag, interim_transcript_hash
from byre.mls.tree_validation import check_support


def create_group(
    suite: CipherSuite,
    *,
    group_id: bytes,
    signature_key: SigningKey,
    credential: Credential,
    capabilities: Capabilities,
    leaf_extensions: Sequence[Extension],
    extensions: Sequence[Extension],
    lifetime: Lifetime,
    random: Random,
) -> GroupState:
    """Return epoch 0 with ourselves at leaf 0; its secrets come from a random epoch secret."""
    private, public = suite.derive_key_pair(random(suite.hash_length))
    leaf = build_leaf(
        suite,
        signature_key,
        encryption_key=public,
        credential=credential,
        capabilities=capabilities.with_grease(random),
        extensions=leaf_extensions,
        source=LeafSource.KEY_PACKAGE,
        lifetime=lifetime,
    )
    leaf.check(suite)
    tree = RatchetTree.single(leaf)
    check_support(tree, extensions)
    context = GroupContext(suite.suite_id, group_id, 0, tree.tree_hash(suite), b"", tuple(extensions))
    secrets, encryption_secret = secrets_from_epoch_secret(suite, random(suite.hash_length))
    tag = confirmation_tag(suite, secrets.confirmation_key, b"")
    epoch = EpochState(
        suite=suite,
        context=context,
        tree=tree,
        own_leaf_index=0,
        private_keys={0: private},
        signature_key=signature_key,
        secrets=secrets,
        interim_transcript_hash=interim_transcript_hash(suite, b"", tag),
        confirmation_tag=tag,
    )
    return GroupState(epoch, SecretTree.from_encryption_secret(tree.leaf_count, encryption_secret))
