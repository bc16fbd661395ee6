"""Key packages and delivery tokens."""

from __future__ import annotations

from dataclasses import replace

from byre.crypto.secret import Secret
from byre.store import KeyPackageRow, TokenRow, Transaction
from tests.unit.store.profile import NOW

PACKAGE = KeyPackageRow(b"ref1", Secret(b"bundle"), Secret(b"token"), "made", NOW, NOW + 1000)
TOKEN = TokenRow(b"t" * 32, b"m" * 16, "normal", "made", NOW)


def test_packages_by_state(tx: Transaction) -> None:
    last = replace(PACKAGE, reference=b"ref2", is_last_resort=True, created_at=NOW + 1, purpose="public")
    tx.key_packages.put(last)
    tx.key_packages.put(PACKAGE)
    assert tx.key_packages.in_state("made") == [PACKAGE, last]
    assert tx.key_packages.in_state("made", last_resort=True) == [last]
    assert tx.key_packages.in_state("made", last_resort=False) == [PACKAGE]
    tx.key_packages.set_state(b"ref1", "published")
    assert tx.key_packages.get(b"ref1") == replace(PACKAGE, state="published")
    assert "bundle=<Secret>, token=<Secret>" in repr(tx.key_packages.get(b"ref1"))
    tx.key_packages.delete(b"ref1")
    assert tx.key_packages.get(b"ref1") is None


def test_private_parts_die_in_time(tx: Transaction) -> None:
    for number in range(3):
        tx.key_packages.put(replace(PACKAGE, reference=bytes([number]), expires_at=NOW + 100 * number))
    tx.key_packages.set_state(b"\x02", "replaced", delete_at=NOW + 50)
    assert tx.key_packages.drop_due(NOW - 1) == 0
    assert tx.key_packages.drop_due(NOW + 60) == 2
    assert tx.key_packages.get(b"\x01") is not None
    assert tx.key_packages.drop_due(NOW + 99) == 0
    assert tx.key_packages.drop_due(NOW + 100) == 1


def test_tokens_belong_to_rooms_and_retire(tx: Transaction) -> None:
    newer = replace(TOKEN, token=b"u" * 32, created_at=NOW + 1)
    tx.tokens.put(newer)
    tx.tokens.put(TOKEN)
    assert tx.tokens.in_state("made") == [TOKEN, newer]
    tx.tokens.set_state(TOKEN.token, "registered")
    for token in (TOKEN, newer):
        tx.tokens.bind(token.token, b"g")
    assert [row.token for row in tx.tokens.of_group(b"g")] == [newer.token, TOKEN.token]
    assert [row.token for row in tx.tokens.in_state("registered")] == [TOKEN.token]
    tx.tokens.set_state(TOKEN.token, "retiring", delete_at=NOW + 72)
    assert tx.tokens.due(NOW + 71) == []
    assert tx.tokens.due(NOW + 72) == [replace(TOKEN, group_id=b"g", state="retiring", delete_at=NOW + 72)]
    tx.tokens.set_state(newer.token, "retiring", delete_at=NOW + 71)
    assert [row.token for row in tx.tokens.due(NOW + 72)] == [newer.token, TOKEN.token]
    tx.tokens.delete(TOKEN.token)
    assert tx.tokens.get(TOKEN.token) is None
