"""A group's bytes in the store, in two parts that change at different times (a message never rewrites the tree).

    epoch     u8 version = 2 ‖ flags ‖ context ‖ tree ‖ own leaf ‖ private keys ‖ signature seed ‖ secrets
              ‖ transcript hash ‖ tag ‖ who welcomed us ‖ tree hashes (not in version 1; empty when not all are known)
    ratchets  u8 version = 1 ‖ secret tree ‖ pending proposals ‖ own Updates' private keys

Both are secret as a whole. A version that is not known is refused, an old one is read for ever.
"""

from __future__ import annotations

from byre.crypto.signature import SigningKey
from byre.mls.cipher_suite import suite_by_id
from byre.mls.group.state import EpochState, GroupState, PendingProposal
from byre.mls.group_context import GroupContext
from byre.mls.key_schedule import EpochSecrets
from byre.mls.proposals import decode_proposal
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.secret_tree import SecretTree
from byre.wire.tls import Reader, Writer, malformed, opaque

EPOCH_VERSION = 2
_WITHOUT_HASHES = 1
RATCHETS_VERSION = 1
_NOBODY = 0xFFFFFFFF


def encode_epoch(epoch: EpochState) -> bytes:
    """Return the epoch part."""
    keys = [node.to_bytes(4) + opaque(key) for node, key in sorted(epoch.private_keys.items())]
    writer = Writer().u8(EPOCH_VERSION).u8(epoch.is_past).opaque_v(epoch.context.encoded)
    writer.opaque_v(epoch.tree.encode()).u32(epoch.own_leaf_index).vector(keys)
    writer.opaque_v(b"" if epoch.is_past else epoch.signature_key.seed.reveal()).opaque_v(epoch.secrets.encode())
    writer.opaque_v(epoch.interim_transcript_hash).opaque_v(epoch.confirmation_tag)
    writer.u32(_NOBODY if epoch.welcomed_by is None else epoch.welcomed_by)
    return writer.opaque_v(epoch.tree.encode_hashes()).done()


def decode_epoch(data: bytes) -> EpochState:
    """Read what `encode_epoch` wrote, or raise PeerError(code="malformed")."""
    reader = Reader(data)
    version = reader.u8()
    if version not in (EPOCH_VERSION, _WITHOUT_HASHES):
        raise malformed("a stored epoch has an unknown version")
    is_past = reader.u8() == 1
    context = GroupContext.decode(reader.opaque_v())
    encoded_tree = reader.opaque_v()
    own_leaf_index = reader.u32()
    keys = dict(reader.vector(_read_private_key))
    seed = reader.opaque_v()
    if len(seed) != (0 if is_past else 32):
        raise malformed("a stored epoch's signature key has the wrong length")
    secrets_reader = Reader(reader.opaque_v())
    secrets = EpochSecrets.read(secrets_reader)
    secrets_reader.end()
    interim, tag, welcomed_by = reader.opaque_v(), reader.opaque_v(), reader.u32()
    hashes = b"" if version == _WITHOUT_HASHES else reader.opaque_v()
    reader.end()
    return EpochState(
        suite=suite_by_id(context.suite_id),
        context=context,
        tree=_tree(encoded_tree, hashes, context),
        own_leaf_index=own_leaf_index,
        private_keys=keys,
        signature_key=SigningKey(seed or bytes(32)),
        secrets=secrets,
        interim_transcript_hash=interim,
        confirmation_tag=tag,
        welcomed_by=None if welcomed_by == _NOBODY else welcomed_by,
        is_past=is_past,
    )


def encode_ratchets(state: GroupState) -> bytes:
    """Return the ratchet part."""
    proposals = [
        opaque(each.reference) + opaque(each.proposal.encode()) + each.proposer_leaf.to_bytes(4)
        for each in state.proposals
    ]
    updates = [opaque(public) + opaque(private) for public, private in state.own_updates.items()]
    writer = Writer().u8(RATCHETS_VERSION).fixed(state.secret_tree.encode())
    return writer.vector(proposals).vector(updates).done()


def decode_ratchets(epoch: EpochState, data: bytes) -> GroupState:
    """Read what `encode_ratchets` wrote, beside its epoch, or raise PeerError(code="malformed")."""
    reader = Reader(data)
    if reader.u8() != RATCHETS_VERSION:
        raise malformed("stored ratchets have an unknown version")
    secret_tree = SecretTree.read(reader)
    proposals = tuple(reader.vector(_read_pending))
    updates = dict(reader.vector(_read_update))
    reader.end()
    if secret_tree.leaf_count != epoch.tree.leaf_count and not epoch.is_past:
        raise malformed("stored ratchets are of another epoch")
    return GroupState(epoch, secret_tree, proposals, updates)


def _tree(encoded: bytes, hashes: bytes, context: GroupContext) -> RatchetTree:
    tree = RatchetTree.decode(encoded, hashes)
    if hashes and tree.tree_hash(suite_by_id(context.suite_id)) != context.tree_hash:
        raise malformed("stored tree hashes are of another tree")
    return tree


def _read_private_key(reader: Reader) -> tuple[int, bytes]:
    return reader.u32(), reader.opaque_v()


def _read_update(reader: Reader) -> tuple[bytes, bytes]:
    return reader.opaque_v(), reader.opaque_v()


def _read_pending(reader: Reader) -> PendingProposal:
    return PendingProposal(reader.opaque_v(), decode_proposal(reader.opaque_v()), reader.u32())
