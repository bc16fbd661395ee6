"""One transaction over all repositories."""

from __future__ import annotations

from byre.store import Transaction


def test_it_has_every_repository(tx: Transaction) -> None:
    assert all(type(getattr(tx, name)).__name__.endswith("Repository") for name in Transaction.__annotations__)
