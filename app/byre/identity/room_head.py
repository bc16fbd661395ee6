"""The head of a room at its home relay: one commit per epoch is chosen, and only members choose.

    claim key   Ed25519 from seed MLS-Exporter("byre claim key v1", "", 32): each member of an epoch has it, nobody else
    CREATE      signature over "byre head create v1" ‖ opaque relay_id<V> ‖ group_tag[16] ‖ claim_public[32]
    CLAIM       ends epoch e, signature by e's key over
                "byre claim v1" ‖ opaque relay_id<V> ‖ group_tag[16] ‖ u64 e ‖ claim_id[16] ‖ SHA-384(commit)[48]
                ‖ next_claim_public[32]
    GETC        signature by e's key over "byre get commit v1" ‖ opaque relay_id<V> ‖ group_tag[16] ‖ u64 e
    claim body  nonce[24] ‖ XChaCha20-Poly1305(key MLS-Exporter("byre claim body v1", "", 32) of epoch e,
                u32 length ‖ commit ‖ zeros, aad group_tag ‖ u64 e)                  all of it fills a bucket

SHA-384(commit) is over the MLSMessage bytes; the relay stores and compares it but never sees the commit: members check
it (`expect_commit`). The relay learns a random tag, an epoch number, sizes and times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from byre.crypto import aead
from byre.crypto.hashes import sha384
from byre.crypto.random import Random
from byre.crypto.secret import Secret, same
from byre.crypto.signature import SigningKey
from byre.errors import PeerError
from byre.identity import domains
from byre.wire import ids
from byre.wire.fields import need_blob, need_bytes, need_uint
from byre.wire.ids import ClaimId, GroupTag
from byre.wire.padding import expect_bucket, expect_zeros, pad
from byre.wire.tls import Reader, Writer

Exporter = Callable[[str, bytes, int], Secret]
"""MLS-Exporter of one epoch: (label, context, length in bytes) -> secret."""

CLAIM_KEY_LABEL: Final = "byre claim key v1"
CLAIM_BODY_LABEL: Final = "byre claim body v1"
HASH_SIZE: Final = 48
LARGEST_RELAY_ID: Final = 64

_OVERHEAD: Final = aead.XCHACHA_NONCE_LENGTH + aead.TAG_LENGTH


def claim_key(export: Exporter) -> SigningKey:
    """Return the claim key of the epoch that `export` belongs to."""
    return SigningKey(export(CLAIM_KEY_LABEL, b"", 32))


def commit_hash(commit: bytes) -> bytes:
    """Return SHA-384 of a commit's MLSMessage bytes."""
    return sha384(commit)


def expect_commit(commit: bytes, expected_hash: bytes) -> None:
    """Check a commit against the hash of the relay's head.

    Raises:
        PeerError: code wrong_commit; the relay, or the claimer, shows different commits to different members.
    """
    if not same(commit_hash(commit), expected_hash):
        raise PeerError("a commit is not the one that the room's head names", code="wrong_commit")


def sign_create(key: SigningKey, *, relay_id: bytes, group_tag: GroupTag) -> bytes:
    """Return the signature that opens a head under `key`."""
    return domains.sign(key, domains.HEAD_CREATE, _head(relay_id, group_tag).fixed(key.public).done())


def verify_create(claim_public: bytes, *, relay_id: bytes, group_tag: GroupTag, signature: bytes) -> None:
    """Verify a signature of `sign_create`, or raise PeerError(code="bad_signature")."""
    structure = _head(relay_id, group_tag).fixed(claim_public).done()
    domains.verify(claim_public, domains.HEAD_CREATE, structure, signature)


def sign_claim(
    key: SigningKey,
    *,
    relay_id: bytes,
    group_tag: GroupTag,
    epoch: int,
    claim_id: ClaimId,
    commit_hash: bytes,
    next_claim_public: bytes,
) -> bytes:
    """Return the signature of a claim that ends `epoch`; `key` is that epoch's claim key."""
    structure = _claim(relay_id, group_tag, epoch, claim_id, commit_hash, next_claim_public)
    return domains.sign(key, domains.CLAIM, structure)


def verify_claim(
    claim_public: bytes,
    *,
    relay_id: bytes,
    group_tag: GroupTag,
    epoch: int,
    claim_id: ClaimId,
    commit_hash: bytes,
    next_claim_public: bytes,
    signature: bytes,
) -> None:
    """Verify a signature of `sign_claim` under the head's key, or raise PeerError(code="bad_signature")."""
    structure = _claim(relay_id, group_tag, epoch, claim_id, commit_hash, next_claim_public)
    domains.verify(claim_public, domains.CLAIM, structure, signature)


def sign_get_commit(key: SigningKey, *, relay_id: bytes, group_tag: GroupTag, epoch: int) -> bytes:
    """Return the signature that asks for the commit which ended `epoch`; `key` is that epoch's claim key."""
    return domains.sign(key, domains.GET_COMMIT, _head(relay_id, group_tag).u64(_epoch(epoch)).done())


def verify_get_commit(
    claim_public: bytes, *, relay_id: bytes, group_tag: GroupTag, epoch: int, signature: bytes
) -> None:
    """Verify a signature of `sign_get_commit`, or raise PeerError(code="bad_signature")."""
    structure = _head(relay_id, group_tag).u64(_epoch(epoch)).done()
    domains.verify(claim_public, domains.GET_COMMIT, structure, signature)


def seal_claim_body(export: Exporter, *, group_tag: GroupTag, epoch: int, commit: bytes, random: Random) -> bytes:
    """Return a commit sealed for the members of the epoch that it ends, exactly one bucket long.

    Raises:
        UsageError: code too_large.
    """
    nonce = random(aead.XCHACHA_NONCE_LENGTH)
    padded = pad(Writer().u32(len(commit)).fixed(commit).done(), overhead=_OVERHEAD)
    return nonce + aead.seal(_body_key(export), padded, _aad(group_tag, epoch), nonce)


def open_claim_body(export: Exporter, *, group_tag: GroupTag, epoch: int, body: bytes) -> bytes:
    """Return the commit in a claim body of the epoch that `export` belongs to.

    Raises:
        PeerError: code bad_ciphertext (a jam, if the relay's head names it) or malformed.
    """
    expect_bucket(len(body))
    nonce, sealed = body[: aead.XCHACHA_NONCE_LENGTH], body[aead.XCHACHA_NONCE_LENGTH :]
    reader = Reader(aead.open(_body_key(export), sealed, _aad(group_tag, epoch), nonce))
    commit = reader.fixed(reader.u32())
    expect_zeros(reader.rest())
    return commit


def _body_key(export: Exporter) -> Secret:
    return export(CLAIM_BODY_LABEL, b"", 32)


def _aad(group_tag: GroupTag, epoch: int) -> bytes:
    need_bytes(group_tag, ids.GROUP_TAG_SIZE, "a group tag")
    return Writer().fixed(group_tag).u64(_epoch(epoch)).done()


def _head(relay_id: bytes, group_tag: GroupTag) -> Writer:
    need_blob(relay_id, LARGEST_RELAY_ID, "a relay id")
    need_bytes(group_tag, ids.GROUP_TAG_SIZE, "a group tag")
    return Writer().opaque_v(relay_id).fixed(group_tag)


def _claim(
    relay_id: bytes, group_tag: GroupTag, epoch: int, claim_id: ClaimId, commit_hash: bytes, next_claim_public: bytes
) -> bytes:
    need_bytes(claim_id, ids.CLAIM_ID_SIZE, "a claim id")
    need_bytes(commit_hash, HASH_SIZE, "a commit's hash")
    need_bytes(next_claim_public, 32, "a claim key")
    writer = _head(relay_id, group_tag).u64(_epoch(epoch)).fixed(claim_id)
    return writer.fixed(commit_hash).fixed(next_claim_public).done()


def _epoch(epoch: int) -> int:
    return need_uint(epoch, 64, "an epoch")
