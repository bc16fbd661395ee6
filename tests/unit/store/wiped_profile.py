"""A profile with two rooms, one to be wiped, and the check that it was."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from byre.store import ProfileVault, Store, Transaction, WipeReport, wipe
from tests.fakes.key_store import FakeKeyStore
from tests.patience import WAIT_S
from tests.unit.store.examiner import Examiner
from tests.unit.store.profile import LAPTOP, NOW, RUN, found, open_store, room, seeded, text, vault_at

GONE = [f"지울 방의 비밀 이야기 {n:03d} {seeded(f'gone {n}')(4).hex()}" for n in range(60)]
KEPT = [f"남는 방의 다른 이야기 {n:03d} {seeded(f'kept {n}')(4).hex()}" for n in range(60)]
STEP_NAMES = (
    *("journalled", "rebuilt", "scanned", "secret_kept", "caught_up", "key_file_written"),
    *("switched", "reopened", "destroyed", "certified", "truncated"),
)


@dataclass
class Reports:
    """A certifier that keeps what it was told."""

    seen: list[WipeReport] = field(default_factory=list)

    def certify(self, tx: Transaction, report: WipeReport) -> tuple[str, bytes]:
        self.seen.append(report)
        return f"document {report.wipe_id.hex()}", b"signature"


def fill(tx: Transaction) -> None:
    for number, texts in ((1, GONE), (2, KEPT)):
        tx.rooms.add(room(number, title=f"방 {number}"))
        for n, body in enumerate(texts):
            message = tx.messages.add(text(1000 * number + n, body, in_room=number, at=n))
            assert message is not None
            tx.seen.accept(number, LAPTOP, RUN, n)
        tx.drafts.put(number, f"{texts[0]} (draft)", NOW)


async def profile_with_rooms(
    directory: Path, key_store: FakeKeyStore | None, *, passphrase: str = "pass"
) -> tuple[ProfileVault, Store]:
    vault = vault_at(directory, key_store)
    await vault.create(None if key_store else passphrase)
    store = await open_store(vault)
    await store.write(fill)
    return vault, store


async def reopened(directory: Path, key_store: FakeKeyStore | None, reports: Reports) -> tuple[ProfileVault, Store]:
    vault = vault_at(directory, key_store, seed="again")
    await vault.unlock(None if key_store else "pass")
    store = await Store.open(vault, certify=reports.certify, clock_ms=lambda: NOW + 1, random=seeded("again"))
    return vault, store


def held_at(monkeypatch: pytest.MonkeyPatch, step: str) -> tuple[asyncio.Event, threading.Event]:
    """Hold a wipe where it calls `step`: set once it is there; to be set so that it goes on."""
    loop, has_begun, may_go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    real = getattr(wipe, step)

    def held(*arguments: Any, **named: Any) -> Any:
        loop.call_soon_threadsafe(has_begun.set)
        assert may_go_on.wait(WAIT_S)
        return real(*arguments, **named)

    monkeypatch.setattr(wipe, step, held)
    return has_begun, may_go_on


def needles_of(texts: list[str]) -> list[bytes]:
    return [body.encode()[12:40] for body in texts]


def readable(vault: ProfileVault, texts: list[str]) -> int:
    """How many texts an examiner with today's key reads in any database file or finds in plain in any file."""
    image = b"\n".join(path.read_bytes() for path in sorted(vault.directory.rglob("*")) if path.is_file())
    for path in vault.directory.glob("store.*.db"):
        image += Examiner(path, vault.database_key.reveal()).image()
    return sum(needle in image for needle in needles_of(texts))


async def check_completed(vault: ProfileVault, store: Store, generation: int = 2) -> None:
    """Room 1 is empty and shown, room 2 whole, nothing of the old generation left."""

    def state(tx: Transaction) -> tuple[Any, ...]:
        return (
            tx.wipes.journal(),
            [row.id for row in tx.rooms.all()],
            [row.body for row in reversed(tx.messages.page(2, 99))],
            tx.messages.page(1, 99),
            len(found(tx, "이야기", 999)),
            tx.drafts.get(1),
            len(tx.wipes.certificates()),
        )

    assert await store.read(state) == (None, [2, 1], KEPT, [], len(KEPT), "", 1)
    names = {path.name for path in vault.directory.iterdir()}
    mine = {f"store.{generation}.db", f"key.{generation}", "manifest"}
    assert names - {f"store.{generation}.db-wal", f"store.{generation}.db-shm"} == mine
    assert store.generation == generation
    assert readable(vault, GONE) == 0
    assert readable(vault, KEPT) == len(KEPT)
