"""What both sides of a commit compute alike."""

from __future__ import annotations

from dataclasses import replace

from byre.mls.commit import Commit
from byre.mls.extension import Extension
from byre.mls.framing import WireFormat
from byre.mls.group.advance import NextEpoch, advance, enter, provisional_context
from byre.mls.group.message import frame_handshake
from tests.fakes.mls import Room

EPOCH = Room.of("a", "b")["a"]._state.epoch
CONTENT = frame_handshake(EPOCH, Commit((), None), b"", WireFormat.PRIVATE_MESSAGE)
SECRETS = {"init_secret": bytes(32), "commit_secret": bytes(32), "psk_secret": bytes(32)}


def following(**changes: bytes) -> NextEpoch:
    provisional = provisional_context(EPOCH.context, b"new tree", (Extension(9, b""),))
    return advance(EPOCH, CONTENT, provisional, **{**SECRETS, **changes})


def test_rule_4_the_provisional_context_is_new_but_for_the_transcript() -> None:
    provisional = provisional_context(EPOCH.context, b"new tree", (Extension(9, b""),))
    assert (provisional.epoch, provisional.tree_hash) == (EPOCH.context.epoch + 1, b"new tree")
    assert provisional.extensions == (Extension(9, b""),)
    assert provisional.confirmed_transcript_hash == EPOCH.context.confirmed_transcript_hash


def test_rule_8_the_final_context_carries_the_commit() -> None:
    final = following().context
    assert final.confirmed_transcript_hash != EPOCH.context.confirmed_transcript_hash
    other = replace(CONTENT, signature=bytes(64))
    provisional = provisional_context(EPOCH.context, b"new tree", ())
    assert (
        advance(EPOCH, other, provisional, **SECRETS).context != advance(EPOCH, CONTENT, provisional, **SECRETS).context
    )


def test_every_secret_counts() -> None:
    tags = {following(**{name: b"\x01" * 32}).confirmation_tag for name in SECRETS}
    assert len(tags | {following().confirmation_tag}) == 4


def test_the_next_epoch_begins_with_a_fresh_secret_tree() -> None:
    state = enter(EPOCH, following(), EPOCH.tree, {0: b"key"})
    assert state.epoch.context == following().context
    assert state.secret_tree.ratchets == {}
    assert state.proposals == ()
    assert state.epoch.private_keys == {0: b"key"}
