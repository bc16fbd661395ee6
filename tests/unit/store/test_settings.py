"""Settings."""

from __future__ import annotations

from byre.store import Transaction


def test_values_are_json_and_overwritten(tx: Transaction) -> None:
    assert tx.settings.get("theme") is None
    tx.settings.put("theme", "dark")
    tx.settings.put("theme", {"이름": [1, True, None]})
    assert tx.settings.get("theme") == {"이름": [1, True, None]}
    tx.settings.put("a", 0)
    assert tx.settings.names() == ["a", "theme"]
    tx.settings.delete("theme")
    assert tx.settings.get("theme") is None
