"""Real processes killed (SIGKILL) in the middle of a wipe of each kind: it is completed at the next start, never half,
and every message that was acknowledged meanwhile is there.

By default some steps of each kind; BYRE_KILL_EVERYWHERE=1 takes every step.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from byre.store import PeerRow, Store, Transaction, VaultState
from tests.unit.store.killed_wipe import FIRST, SCOPES
from tests.unit.store.profile import BOB, NOW, vault_at
from tests.unit.store.wiped_profile import (
    GONE,
    KEPT,
    STEP_NAMES,
    Reports,
    profile_with_rooms,
    readable,
    reopened,
)

ROOT = Path(__file__).parents[3]
SOME = {
    "rooms": ("journalled", "switched", "certified"),
    "before": ("rebuilt", "destroyed"),
    "contact": ("scanned", "reopened"),
    "rotation": ("key_file_written", "switched"),
}
STEPS = dict.fromkeys(SOME, STEP_NAMES) if os.environ.get("BYRE_KILL_EVERYWHERE") else SOME


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed profile with two rooms and a contact."""
    folder = tmp_path_factory.mktemp("killed") / "p"

    async def make() -> None:
        _, store = await profile_with_rooms(folder, None)
        await store.write(
            lambda tx: tx.peers.put(PeerRow(BOB, b"public", "bob", "host", NOW, name="밥", is_contact=True))
        )
        await store.close()

    asyncio.run(make())
    return folder


async def killed(profile: Path, kind: str, step: str) -> list[int]:
    """Run the process until it kills itself; returns the numbers of the messages that it acknowledged."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.unit.store.killed_wipe", str(profile), kind, step,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed, _ = await process.communicate()
    assert process.returncode == -signal.SIGKILL
    return [int(line) for line in printed.split()]


def gone(kind: str) -> list[str]:
    return {"rooms": GONE, "contact": GONE, "before": GONE + KEPT, "rotation": []}[kind]


@pytest.mark.parametrize(("kind", "step"), [(kind, step) for kind, steps in STEPS.items() for step in steps])
async def test_a_wipe_killed_at_a_step_is_completed(original: Path, tmp_path: Path, kind: str, step: str) -> None:
    shutil.copytree(original, tmp_path / "p")
    acknowledged = await killed(tmp_path / "p", kind, step)
    vault, store = await reopened(tmp_path / "p", None, reports := Reports())
    assert await store.read(lambda tx: tx.wipes.journal()) is None
    assert vault.generation == 2
    assert readable(vault, gone(kind)) == 0
    assert all(report.remnants == () for report in reports.seen)
    kept = KEPT if kind in ("rooms", "contact") else [] if kind == "before" else KEPT + GONE
    assert readable(vault, kept) == len(kept)
    numbers = await store.read(_numbers)
    assert set(acknowledged) <= set(numbers)
    assert await store.read(lambda tx: len(tx.search.find("löschung", 500))) == len(numbers)
    assert await store.read(lambda tx: len(tx.wipes.certificates())) == (0 if kind == "rotation" else 1)
    if kind == "contact":
        assert await store.read(lambda tx: tx.peers.get(BOB)) is None
    await _goes_on(store)


def _numbers(tx: Transaction) -> list[int]:
    ids = (int.from_bytes(row.message_id, "big") for row in tx.messages.page(2, 500))
    return [number for number in ids if number >= FIRST]


async def _goes_on(store: Store) -> None:
    await store.write(lambda tx: tx.drafts.put(2, "goes on", NOW))
    assert await store.read(lambda tx: tx.drafts.get(2)) == "goes on"
    await store.close()


async def test_a_single_erasure_killed_before_the_wal_was_folded_stays_erased(original: Path, tmp_path: Path) -> None:
    shutil.copytree(original, tmp_path / "p")
    await killed(tmp_path / "p", "message", "erased")
    vault, store = await reopened(tmp_path / "p", None, Reports())
    assert await store.read(lambda tx: [len(tx.messages.page(room, 99)) for room in (1, 2)]) == [59, 60]
    await store.fold()
    assert readable(vault, GONE[7:8]) == 0
    assert readable(vault, GONE) == 59
    await store.close()


async def test_a_panic_killed_after_the_keys_is_finished_by_the_next_start(original: Path, tmp_path: Path) -> None:
    shutil.copytree(original, tmp_path / "p")
    await killed(tmp_path / "p", "panic", "keys")
    assert (tmp_path / "p" / "store.1.db").exists()
    vault = vault_at(tmp_path / "p")
    assert vault.state() is VaultState.NEW
    await vault.destroy(to_finish=True)
    assert [path.name for path in (tmp_path / "p").iterdir()] == []


def test_every_kind_has_its_kill() -> None:
    assert set(SOME) == set(SCOPES)
    assert {step for steps in SOME.values() for step in steps} <= set(STEP_NAMES)
