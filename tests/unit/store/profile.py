"""Profiles for the store's tests: seeded randomness, a clock that stands, rooms with texts."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.db import Connection, open_connection
from byre.store import (
    MessageRow,
    NewMessage,
    PassphraseCosts,
    ProfileVault,
    RoomRow,
    SearchFilter,
    Store,
    Transaction,
    WipeReport,
)
from byre.store.schema import create_database
from tests.fakes.key_store import FakeKeyStore

T = TypeVar("T")
NOW = 1_760_000_000_000
CHEAP = PassphraseCosts(memory_kib=8, passes=1)
ALICE, BOB = b"A" * 32, b"B" * 32
PHONE, LAPTOP = b"P" * 16, b"L" * 16
RUN = b"r" * 8


def seeded(seed: str) -> Random:
    """A reproducible source of bytes."""
    numbers = itertools.count()

    def random(length: int) -> bytes:
        return hashlib.shake_256(f"{seed}/{next(numbers)}".encode()).digest(length)

    return random


def open_memory(tmp_path: Path) -> Connection:
    """A connection to a new database with the client's schema."""
    path = tmp_path / "rows.db"
    create_database(path, Secret(b"k" * 32))
    return open_connection(path, Secret(b"k" * 32))


def room(number: int = 1, **columns: object) -> RoomRow:
    """A room row for `rooms.add`."""
    values: dict[str, object] = {
        "id": 0,
        "group_id": bytes([number]) * 32,
        "kind": "group",
        "state": "active",
        "relay": "http://relay.test",
        "group_tag": bytes([number]) * 16,
        "created_at": NOW,
        "last_activity": NOW,
    }
    return RoomRow(**{**values, **columns})  # type: ignore[arg-type]


def text(number: int, body: str, *, in_room: int = 1, at: int = 0, own: bool = False, **columns: object) -> NewMessage:
    """A text message whose id is its number."""
    values: dict[str, object] = {
        "room": in_room,
        "message_id": number.to_bytes(16, "big"),
        "account_id": ALICE if own else BOB,
        "device_id": PHONE if own else LAPTOP,
        "kind": "text",
        "state": "queued" if own else "received",
        "is_own": own,
        "sent_at": NOW + at,
        "received_at": NOW + at,
        "body": body,
    }
    return NewMessage(**{**values, **columns})  # type: ignore[arg-type]


def found(
    tx: Transaction, query: str, limit: int, *, room: int | None = None, before: int | None = None
) -> list[MessageRow]:
    """The messages that hold `query`, newest first."""
    return [hit.message for hit in tx.search.find(query, limit, where=SearchFilter(room=room), before=before)]


def sign(tx: Transaction, report: WipeReport) -> tuple[str, bytes]:
    """A certifier that keeps the report as text."""
    return repr(report), b"signature"


def vault_at(directory: Path, key_store: FakeKeyStore | None = None, seed: str = "vault") -> ProfileVault:
    return ProfileVault(directory, random=seeded(seed), key_store=key_store, costs=CHEAP)


async def open_store(vault: ProfileVault, on_progress: Callable[[str, float], None] = lambda *_: None) -> Store:
    return await Store.open(vault, certify=sign, clock_ms=lambda: NOW, random=seeded("store"), on_progress=on_progress)


async def opened_and_read(vault: ProfileVault, first: Callable[[Transaction], T]) -> tuple[Store, T]:
    return await Store.open_and_read(vault, first, certify=sign, clock_ms=lambda: NOW, random=seeded("store"))
