"""The secret tree: keys once, in any order, within bounds."""

from __future__ import annotations

import pytest

from byre.errors import PeerError, UsageError
from byre.mls.cipher_suite import suite_by_id
from byre.mls.profile import MAX_FORWARD_STEPS, MAX_SKIPPED_KEYS
from byre.mls.secret_tree import APPLICATION, HANDSHAKE, Ratchet, SecretTree, sender_data_key_nonce
from byre.wire.tls import Reader

SUITE = suite_by_id(1)


def fresh(leaf_count: int = 8) -> SecretTree:
    return SecretTree.from_encryption_secret(leaf_count, bytes(range(32)))


def test_sealing_and_opening_give_the_same_keys() -> None:
    sender, receiver = fresh(), fresh()
    for kind in (HANDSHAKE, APPLICATION):
        for expected in range(3):
            sender, generation, key = sender.seal_key(SUITE, 5, kind)
            assert generation == expected
            receiver, opened = receiver.open_key(SUITE, 5, kind, generation)
            assert opened == key


def test_all_keys_differ() -> None:
    tree, keys = fresh(), set()
    for leaf in range(8):
        for kind in (HANDSHAKE, APPLICATION):
            for _ in range(2):
                tree, _, key = tree.seal_key(SUITE, leaf, kind)
                keys.add(key)
    assert len(keys) == 32


def test_messages_may_arrive_in_any_order() -> None:
    tree, straight = fresh(), fresh()
    keys = {}
    for generation in range(6):
        straight, _, keys[generation] = straight.seal_key(SUITE, 1, APPLICATION)
    for generation in (4, 0, 5, 2, 1, 3):
        tree, key = tree.open_key(SUITE, 1, APPLICATION, generation)
        assert key == keys[generation]


def test_rule_1_a_key_is_given_out_once() -> None:
    tree, _ = fresh().open_key(SUITE, 1, APPLICATION, 3)
    tree, _ = tree.open_key(SUITE, 1, APPLICATION, 2)
    for generation in (2, 3):
        with pytest.raises(PeerError) as caught:
            tree.open_key(SUITE, 1, APPLICATION, generation)
        assert caught.value.code == "replayed"


def test_rule_1_the_tree_that_was_passed_in_stays_good() -> None:
    tree = fresh()
    _, key = tree.open_key(SUITE, 1, APPLICATION, 3)
    assert tree.open_key(SUITE, 1, APPLICATION, 3)[1] == key


@pytest.mark.parametrize("generation", [MAX_FORWARD_STEPS + 1, 0xFFFFFFFF])
def test_rule_11_a_generation_too_far_ahead_is_refused(generation: int) -> None:
    with pytest.raises(PeerError, match="Rule 11"):
        fresh().open_key(SUITE, 1, APPLICATION, generation)


def test_rule_11_at_most_so_many_skipped_keys_are_kept() -> None:
    tree, _ = fresh().open_key(SUITE, 1, APPLICATION, 10)
    tree, _ = tree.open_key(SUITE, 1, APPLICATION, MAX_SKIPPED_KEYS + 15)
    assert len(tree.ratchets[1][APPLICATION].skipped) == MAX_SKIPPED_KEYS
    with pytest.raises(PeerError):
        tree.open_key(SUITE, 1, APPLICATION, 3)
    with pytest.raises(PeerError):
        tree.open_key(SUITE, 1, APPLICATION, 13)
    tree.open_key(SUITE, 1, APPLICATION, 20)


def test_older_skipped_keys_go_first() -> None:
    tree, _ = fresh().open_key(SUITE, 1, APPLICATION, 1000)
    tree, _ = tree.open_key(SUITE, 1, APPLICATION, 2501)
    kept = tree.ratchets[1][APPLICATION].skipped
    assert len(kept) == MAX_SKIPPED_KEYS
    assert min(kept) == 500


def test_a_ratchet_ends() -> None:
    with pytest.raises(UsageError) as caught:
        Ratchet(bytes(32), 0xFFFFFFFF).next_key(SUITE)
    assert caught.value.code == "ratchet_exhausted"


def test_a_sender_beyond_the_tree_is_malformed() -> None:
    with pytest.raises(PeerError) as caught:
        fresh().open_key(SUITE, 8, APPLICATION, 0)
    assert caught.value.code == "malformed"


def test_used_up_nodes_are_gone() -> None:
    tree, _, _ = fresh().seal_key(SUITE, 0, APPLICATION)
    assert sorted(tree.nodes) == [2, 5, 11]
    for leaf in range(1, 8):
        tree, _, _ = tree.seal_key(SUITE, leaf, APPLICATION)
    assert tree.nodes == {}


def test_a_leaf_whose_keys_are_gone_reads_nothing() -> None:
    with pytest.raises(PeerError) as caught:
        SecretTree(2, {}, {}).open_key(SUITE, 1, APPLICATION, 0)
    assert caught.value.code == "replayed"


def test_the_tree_reads_back() -> None:
    tree, _ = fresh().open_key(SUITE, 1, APPLICATION, 3)
    tree, _, _ = tree.seal_key(SUITE, 4, HANDSHAKE)
    assert SecretTree.read(Reader(tree.encode())) == tree


def test_rule_18_the_sample_is_the_first_hash_length_bytes() -> None:
    same = sender_data_key_nonce(SUITE, bytes(32), bytes(32) + b"tail")
    assert same == sender_data_key_nonce(SUITE, bytes(32), bytes(32) + b"other")
    assert same != sender_data_key_nonce(SUITE, bytes(32), bytes(31) + b"x")


def test_nothing_prints() -> None:
    tree, _, key = fresh().seal_key(SUITE, 0, APPLICATION)
    assert repr(key[0]) not in repr(tree)
    assert repr(tree.ratchets[0][APPLICATION].secret) not in repr(tree.ratchets[0][APPLICATION])


def test_rule_11_bounds_are_what_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("byre.mls.secret_tree.MAX_FORWARD_STEPS", 10)
    assert Ratchet(bytes(32)).key_of(SUITE, 10)[0].generation == 11
    with pytest.raises(PeerError) as caught:
        Ratchet(bytes(32)).key_of(SUITE, 11)
    assert caught.value.code == "generation_too_far"


def test_rule_11_the_last_generation_is_refused_wherever_the_ratchet_stands() -> None:
    last = 0xFFFFFFFF
    for standing in (last - 1, last):
        with pytest.raises(PeerError) as caught:
            Ratchet(bytes(32), standing).key_of(SUITE, last)
        assert caught.value.code == "generation_too_far"
