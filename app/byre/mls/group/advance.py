"""From one epoch to the next (RFC 9420 section 8): what the sender and the receivers of a commit compute alike.

The commit's own content enters the transcript hash, the hash enters the new GroupContext, the context enters every
secret, and the confirmation tag proves that all of it agrees (Rule 8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from byre.mls.extension import Extension
from byre.mls.framing import AuthenticatedContent
from byre.mls.group.state import EpochState, GroupState
from byre.mls.group_context import GroupContext
from byre.mls.key_schedule import EpochSecrets, epoch_secrets, joiner_secret, member_secret
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.secret_tree import SecretTree
from byre.mls.transcript import confirmation_tag, confirmed_transcript_hash, interim_transcript_hash


@dataclass(frozen=True, slots=True, repr=False)
class NextEpoch:
    """The secrets and hashes of the epoch that a commit begins. `member` opens its Welcome's GroupInfo."""

    context: GroupContext
    secrets: EpochSecrets
    encryption_secret: bytes
    joiner: bytes
    member: bytes
    interim_transcript_hash: bytes
    confirmation_tag: bytes


def provisional_context(context: GroupContext, tree_hash: bytes, extensions: tuple[Extension, ...]) -> GroupContext:
    """Return the context that a path is sealed under: new epoch, tree and extensions, old transcript (Rule 4)."""
    return GroupContext(
        context.suite_id, context.group_id, context.epoch + 1, tree_hash, context.confirmed_transcript_hash, extensions
    )


def advance(
    epoch: EpochState,
    content: AuthenticatedContent,
    provisional: GroupContext,
    *,
    init_secret: bytes,
    commit_secret: bytes,
    psk_secret: bytes,
) -> NextEpoch:
    """Return what the commit `content` makes of `epoch`."""
    suite = epoch.suite
    confirmed = confirmed_transcript_hash(
        suite, epoch.interim_transcript_hash, content.wire_format, content.content.encoded, content.signature
    )
    context = GroupContext(
        provisional.suite_id,
        provisional.group_id,
        provisional.epoch,
        provisional.tree_hash,
        confirmed,
        provisional.extensions,
    )
    joiner = joiner_secret(suite, init_secret, commit_secret, context)
    member = member_secret(suite, joiner, psk_secret)
    secrets, encryption_secret = epoch_secrets(suite, member, context)
    tag = confirmation_tag(suite, secrets.confirmation_key, confirmed)
    interim = interim_transcript_hash(suite, confirmed, tag)
    return NextEpoch(context, secrets, encryption_secret, joiner, member, interim, tag)


def enter(epoch: EpochState, following: NextEpoch, tree: RatchetTree, private_keys: Mapping[int, bytes]) -> GroupState:
    """Return our state at the beginning of the next epoch."""
    state = EpochState(
        suite=epoch.suite,
        context=following.context,
        tree=tree,
        own_leaf_index=epoch.own_leaf_index,
        private_keys=private_keys,
        signature_key=epoch.signature_key,
        secrets=following.secrets,
        interim_transcript_hash=following.interim_transcript_hash,
        confirmation_tag=following.confirmation_tag,
    )
    return GroupState(state, SecretTree.from_encryption_secret(tree.leaf_count, following.encryption_secret))
