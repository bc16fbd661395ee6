"""The profile that the store's benchmark measures: an account of the real engine, filled with the corpus.

Built once where a folder is given, and copied for each run: what is inserted and wiped never changes the original.
The passphrase costs what it costs users (Argon2id, 256 MiB, 3 passes), so that unlocking can be measured in it.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

from byre.client.engine import Engine, open_engine
from byre.client.views import RoomId
from byre.crypto.random import system_random
from byre.db import Pragmas, open_connection
from byre.relay.settings import Limits
from byre.store import ProfileVault
from byre.store.vault_change import stretched
from byre.store.vault_key_file import PassphraseCosts
from byre.store.vault_key_store import KeyStore
from byre.store.vault_profile import ProfileFiles
from tests.bench.store_corpus import LARGE_ROOM, fill, group_id
from tests.bench.timing import percentile, summary
from tests.fakes.clock import JumpingClock
from tests.fakes.world import MemoryKeyStore, RunningRelay

PASSPHRASE = "외양간의 열쇠말"
_ROOMS_WITH_STATE = 20
_LATEST = 50
_BUILT = "built"


async def profile_at(folder: Path, count: int) -> float:
    """Build the profile in `folder` unless it is there; returns how long the filling took, 0 if it was there."""
    built = folder / _BUILT
    if built.exists() and built.read_text() == f"{count:d}":
        return 0.0
    shutil.rmtree(folder / "profile", ignore_errors=True)
    await _found(folder)
    vault = ProfileVault(folder / "profile", random=system_random)
    await vault.unlock(PASSPHRASE)
    start = time.perf_counter()
    connection = open_connection(vault.database_path, vault.database_key, pragmas=Pragmas(synchronous="OFF"))
    fill(connection, count)
    connection.close()
    vault.lock()
    built.write_text(f"{count:d}")
    return time.perf_counter() - start


def copied(folder: Path, target: Path) -> Path:
    """A copy of the profile that was built in `folder`, to be changed at will."""
    shutil.copytree(folder / "profile", target / "profile", dirs_exist_ok=True)
    return target / "profile"


async def unlocking(profile: Path, rounds: int) -> dict[str, Any]:
    """Seconds from the passphrase to the unlocked engine, and to its list of rooms, in modes C and B.

    Beside them what Argon2id alone takes: the rest is ours. The relay is away, as on a train. Then what the window asks
    when the large room is chosen: its row and the latest 50 lines with their senders' names.
    """
    found: dict[str, Any] = {"argon2id_s": _stretching(profile, rounds)}
    found["mode_c"] = await _unlocking(profile, None, rounds)
    key_store = MemoryKeyStore()
    vault = ProfileVault(profile, random=system_random, key_store=key_store)
    await vault.unlock(PASSPHRASE)
    await vault.change(PASSPHRASE, passphrase=PASSPHRASE)
    vault.lock()
    found["mode_b"] = await _unlocking(profile, key_store, rounds)
    await vault.unlock(PASSPHRASE)
    await vault.change(PASSPHRASE, passphrase=PASSPHRASE, use_key_store=False)
    vault.lock()
    return found


async def _unlocking(profile: Path, key_store: KeyStore | None, rounds: int) -> dict[str, Any]:
    engine = await open_engine(profile, key_store=key_store, device_name="bench")
    unlocked, spent, listed, opened, again = [], [], [], [], []
    large = RoomId(group_id(LARGE_ROOM).hex())
    try:
        await engine.start()
        for _ in range(rounds + 1):
            start, cpu = time.perf_counter(), time.process_time()
            await engine.account.unlock(PASSPHRASE)
            unlocked.append(time.perf_counter() - start)
            spent.append(time.process_time() - cpu)
            rooms = await engine.rooms.list()
            listed.append(time.perf_counter() - start)
            for times in (opened, again):
                start = time.perf_counter()
                await engine.rooms.get(large)
                await engine.messages.list(large, _LATEST)
                times.append((time.perf_counter() - start) * 1000)
            await engine.lock()
    finally:
        await engine.stop()
    # The first one loads what the process had not loaded yet.
    return {
        "unlock_s": summary(unlocked[1:]),
        "unlock_cpu_s": summary(spent[1:]),
        "and_list_of_rooms_s": summary(listed[1:]),
        "then_large_room_and_latest_50_ms": {"first": summary(opened[1:]), "again": summary(again[1:])},
        "rooms": len(rooms),
    }


def _stretching(profile: Path, rounds: int) -> dict[str, float]:
    """Wall time, and the CPU's median: one thread, so both are the same on an idle machine."""
    files = ProfileFiles(profile, system_random)
    key_file = files.read_key_file(files.read_manifest())
    times, spent = [], []
    for _ in range(rounds):
        start, cpu = time.perf_counter(), time.process_time()
        stretched(PASSPHRASE, key_file.salt, key_file.costs)
        times.append(time.perf_counter() - start)
        spent.append(time.process_time() - cpu)
    return {**summary(times), "cpu_p50": percentile(spent, 50)}


async def _found(folder: Path) -> None:
    """An account with a few rooms that have MLS state, its peer and its relay in this process."""
    relay = RunningRelay(folder / "relay", JumpingClock(), Limits())
    await relay.start()
    people: list[Engine] = []
    try:
        for name, costs in (("bench", None), ("peer", PassphraseCosts(memory_kib=8, passes=1))):
            where = folder / ("profile" if name == "bench" else name)
            engine = await open_engine(where, key_store=None, passphrase_costs=costs, device_name=name)
            people.append(engine)
            await engine.start()
            await engine.account.create(handle=name, name=name.title(), relay=relay.url, passphrase=PASSPHRASE)
        await people[0].contacts.add("peer")
        for number in range(_ROOMS_WITH_STATE):
            await people[0].rooms.create(["peer"], f"room {number}")
    finally:
        for engine in people:
            await engine.stop()
        await relay.stop()
        for name in ("peer", "relay"):
            shutil.rmtree(folder / name, ignore_errors=True)
