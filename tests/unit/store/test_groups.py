"""MLS state as opaque bytes."""

from __future__ import annotations

from dataclasses import replace

from byre.store import EpochRow, IntentRow, PendingCommitRow, Transaction
from byre.store.groups import PAST_BYTES
from tests.unit.store.profile import NOW

G, H = b"g" * 32, b"h" * 32


def test_ratchets_change_without_the_epoch(tx: Transaction) -> None:
    assert tx.groups.current(G) is None
    tx.groups.save_epoch(G, 0, b"tree", b"r0")
    tx.groups.save_epoch(H, 4, b"another tree", b"r4")
    tx.groups.save_ratchets(G, 0, b"r1")
    assert tx.groups.current(G) == EpochRow(G, 0, b"tree", b"r1")
    assert tx.groups.at(G, 1) is None
    assert "tree" not in repr(tx.groups.current(G))


def test_past_epochs_are_bounded(tx: Transaction) -> None:
    for epoch in range(8):
        if epoch:
            tx.groups.end_epoch(G, epoch - 1, expires_at=NOW + epoch, epoch_bytes=b"stripped", keep=3)
        tx.groups.save_epoch(G, epoch, b"tree", b"r")
    assert tx.groups.current(G) == EpochRow(G, 7, b"tree", b"r")
    assert [(row.epoch, row.epoch_bytes) for row in tx.groups.past(G)] == [(n, b"stripped") for n in (6, 5, 4)]
    assert tx.groups.at(G, 5) == EpochRow(G, 5, b"stripped", b"r", NOW + 6)
    assert tx.groups.at(G, 2) is None


def test_of_large_rooms_fewer_past_epochs_are_kept(tx: Transaction) -> None:
    for epoch in range(1, 31):
        size = PAST_BYTES // 10 if epoch > 15 else 1
        tx.groups.save_epoch(G, epoch, b"e", b"r")
        tx.groups.end_epoch(G, epoch, expires_at=1, epoch_bytes=bytes(size))
        if epoch == 15:
            assert len(tx.groups.past(G)) == 15
    assert [row.epoch for row in tx.groups.past(G)] == list(range(30, 20, -1))

    tx.groups.save_epoch(G, 31, b"e", b"r")
    tx.groups.end_epoch(G, 31, expires_at=1, epoch_bytes=bytes(PAST_BYTES))
    assert [row.epoch for row in tx.groups.past(G)] == [31, 30, 29, 28, 27]


def test_a_past_epoch_names_the_commit_that_ended_it(tx: Transaction) -> None:
    for epoch in range(2):
        tx.groups.save_epoch(G, epoch, b"tree", b"r")
    tx.groups.end_epoch(G, 0, expires_at=NOW, ended_by=b"hash")
    assert [tx.groups.ended_by(G, epoch) for epoch in range(3)] == [b"hash", None, None]


def test_past_epochs_expire(tx: Transaction) -> None:
    tx.groups.save_epoch(G, 0, b"a", b"r")
    tx.groups.end_epoch(G, 0, expires_at=NOW, ratchet_bytes=b"stripped")
    tx.groups.save_epoch(G, 1, b"b", b"r")
    assert tx.groups.at(G, 0) == EpochRow(G, 0, b"a", b"stripped", NOW)
    assert tx.groups.expiries(G) == [NOW]
    assert tx.groups.drop_expired(NOW - 1) == 0
    assert tx.groups.drop_expired(NOW) == 1
    assert tx.groups.past(G) == []
    assert tx.groups.current(G) is not None


def test_erasing_the_past_keeps_the_present(tx: Transaction) -> None:
    for epoch in range(3):
        tx.groups.save_epoch(G, epoch, b"e", b"r")
    tx.groups.end_epoch(G, 0, expires_at=NOW)
    tx.groups.end_epoch(G, 1, expires_at=NOW)
    assert tx.groups.erase_past(G) == 2
    assert tx.groups.current(G) == EpochRow(G, 2, b"e", b"r")


def test_one_pending_commit_per_group(tx: Transaction) -> None:
    row = PendingCommitRow(G, 4, b"c" * 16, "built", b"next", b"commit", b"claim", b"welcome", b"fan", NOW)
    tx.groups.put_pending(row)
    tx.groups.put_pending(replace(row, state="sent"))
    tx.groups.put_pending(replace(row, group_id=H, created_at=NOW + 1, welcome=None))
    assert tx.groups.pending(G) == replace(row, state="sent")
    assert [pending.group_id for pending in tx.groups.all_pending()] == [G, H]
    tx.groups.delete_pending(G)
    assert tx.groups.pending(G) is None


def test_deleting_a_group_leaves_the_others(tx: Transaction) -> None:
    for group in (G, H):
        tx.groups.save_epoch(group, 0, b"e", b"r")
        tx.groups.put_pending(PendingCommitRow(group, 0, b"c", "sent", b"n", b"m", b"c", None, b"f", NOW))
    tx.groups.delete(G)
    assert tx.groups.at(G, 0) is None
    assert tx.groups.pending(G) is None
    assert tx.groups.at(H, 0) is not None
    assert tx.groups.pending(H) is not None


def test_intents_wait_their_turn(tx: Transaction) -> None:
    first = tx.intents.add(IntentRow(0, G, "add", b"1", NOW, NOW))
    second = tx.intents.add(IntentRow(0, G, "remove", b"2", NOW, NOW + 10))
    tx.intents.add(IntentRow(0, H, "add", b"3", NOW, NOW))
    assert [row.payload for row in tx.intents.of_group(G)] == [b"1", b"2"]
    assert [row.payload for row in tx.intents.due(NOW)] == [b"1", b"3"]
    tx.intents.postpone(first, NOW + 20)
    assert [row.payload for row in tx.intents.due(NOW + 10)] == [b"2", b"3"]
    assert tx.intents.of_group(G)[0].attempts == 1
    tx.intents.delete(second)
    tx.intents.delete_group(H)
    assert [row.id for row in tx.intents.due(NOW + 99)] == [first]
