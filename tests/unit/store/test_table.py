"""Rows as values."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, fields, is_dataclass
from pkgutil import iter_modules

import pytest

from byre import store
from byre.crypto.secret import Secret
from byre.db import Connection
from byre.store.table import Table


@dataclass(frozen=True, slots=True)
class ThingRow:
    name: str
    is_good: bool
    seed: Secret | None = None


THING = Table.of("thing", ThingRow)


@pytest.fixture
def things(connection: Connection) -> Connection:
    connection.execute("CREATE TABLE thing (seed BLOB, name TEXT PRIMARY KEY, is_good INTEGER NOT NULL) STRICT")
    return connection


def test_flags_and_secrets_come_back_as_such(things: Connection) -> None:
    assert THING.insert(things, ThingRow("a", True, Secret(b"seed"))) == 1
    assert THING.insert(things, ThingRow("b", False)) == 1
    assert THING.all(things, "ORDER BY name") == [ThingRow("a", True, Secret(b"seed")), ThingRow("b", False)]
    assert things.execute("SELECT seed, is_good FROM thing WHERE name = 'a'").fetchone() == (b"seed", 1)


def test_put_overwrites_by_key(things: Connection) -> None:
    THING.put(things, ThingRow("a", True), "name")
    THING.put(things, ThingRow("a", False), "name")
    assert THING.one(things, "WHERE name = ?", ("a",)) == ThingRow("a", False)
    assert THING.one(things, "WHERE name = ?", ("c",)) is None


def test_many_are_inserted_at_once(things: Connection) -> None:
    THING.insert_many(things, [ThingRow(name, True) for name in "xyz"])
    assert len(THING.all(things)) == 3
    assert THING.insert(things, ThingRow("x", False), "ON CONFLICT DO NOTHING") == 0


CONTENT = {
    *("body", "content", "ciphertext", "envelope", "payload", "note", "token", "address", "key_package"),
    *("epoch_bytes", "ratchet_bytes", "pending", "message", "claim", "welcome", "fan_out"),
}


def test_no_row_shows_what_it_holds_when_it_is_printed() -> None:
    shown, looked_at = set(), set()
    for module in map(
        importlib.import_module, (f"{store.__name__}.{each.name}" for each in iter_modules(store.__path__))
    ):
        for row_type in filter(is_dataclass, vars(module).values()):
            for each in fields(row_type):
                if each.name in CONTENT and str(each.type).split(" ")[0] in ("bytes", "str"):
                    looked_at.add(each.name)
                    shown |= {(row_type, each.name)} if each.repr else set()
    assert looked_at == CONTENT
    assert shown == set()
