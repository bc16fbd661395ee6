"""Joins and rejoins."""

from __future__ import annotations

from dataclasses import replace

from byre.store import JoiningRow, RejoiningRow, Transaction
from tests.unit.store.profile import ALICE, LAPTOP, NOW, PHONE

JOIN = JoiningRow(b"g", LAPTOP, ALICE, "wanted", NOW, NOW + 10, NOW + 100)


def test_joins_fall_due_until_given_up(tx: Transaction) -> None:
    tx.joins.put(JOIN)
    tx.joins.put(replace(JOIN, device_id=PHONE, state="joined"))
    assert tx.joins.due(NOW + 9) == []
    assert tx.joins.due(NOW + 10) == [JOIN]
    tx.joins.put(replace(JOIN, state="given", key_package=b"kp", tries=1))
    assert tx.joins.get(b"g", LAPTOP) == replace(JOIN, state="given", key_package=b"kp", tries=1)
    assert tx.joins.due(NOW + 100) == []


def test_joins_by_group_and_device(tx: Transaction) -> None:
    other = replace(JOIN, group_id=b"h", started_at=NOW - 1)
    tx.joins.put(JOIN)
    tx.joins.put(other)
    assert tx.joins.of_group(b"g") == [JOIN]
    later = replace(JOIN, device_id=b"M" * 16)
    first = replace(JOIN, device_id=b"A" * 16)
    for row in (later, first):
        tx.joins.put(row)
    assert tx.joins.of_group(b"g") == [first, JOIN, later]
    assert tx.joins.of_device(LAPTOP) == [other, JOIN]
    tx.joins.delete(b"g", LAPTOP)
    assert tx.joins.of_device(LAPTOP) == [other]


def test_one_rejoin_per_group(tx: Transaction) -> None:
    row = RejoiningRow(b"g", b"hash", b"ref", NOW, NOW + 5)
    tx.joins.put_rejoining(row)
    tx.joins.put_rejoining(replace(row, tries=1))
    assert tx.joins.rejoining(b"g") == replace(row, tries=1)
    assert tx.joins.rejoins_due(NOW) == []
    assert tx.joins.rejoins_due(NOW + 5) == [replace(row, tries=1)]
    tx.joins.delete_rejoining(b"g")
    assert tx.joins.rejoining(b"g") is None
