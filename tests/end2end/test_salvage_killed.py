"""kill -9 of a process while it salvages its damaged profile: whatever the instant, the next one has everything.

BYRE_SALVAGE_KILLS=20 kills it more often; its seed is told, BYRE_SEED repeats it.
"""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

from byre.crypto.random import system_random
from byre.db import open_connection
from byre.demo.process import RpcProcess
from byre.demo.stage import Device
from byre.store import ProfileVault, SystemKeyStore
from byre.store.messages import author_number
from tests.end2end.conftest import Cast

KILLS = int(os.environ.get("BYRE_SALVAGE_KILLS", "1"))
TEXTS = 3000
LATEST_S = 2.5
"""Unlocking takes the first part of it, the salvage the rest."""
PAGE = 4096
GROUP = b"g" * 32


async def filled(folder: Path, passphrase: str) -> bytes:
    """Put texts into the closed profile, then damage the root of their table; returns the damaged file."""
    vault = ProfileVault(folder, random=system_random, key_store=SystemKeyStore())
    await vault.unlock(passphrase)
    connection = open_connection(vault.database_path, vault.database_key)
    connection.execute("BEGIN")
    connection.execute(
        "INSERT INTO room (id, group_id, kind, title, state, relay, group_tag, last_activity, created_at)"
        " VALUES (900, ?, 'group', 'old', 'left', 'http://relay.test', zeroblob(16), 1, 1)",
        (GROUP,),
    )
    author = author_number(connection, b"a" * 32, b"d" * 16)
    connection.executemany(
        "INSERT INTO message (id, room, message_id, author, kind, state, is_own, sent_at, received_at, body)"
        " VALUES (?, 900, ?, ?, 'text', 'received', 0, 1, 1, ?)",
        [((n + 1) << 20, n.to_bytes(16, "big"), author, f"text {n}") for n in range(TEXTS)],
    )
    connection.execute("COMMIT")
    ((root,),) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'message'").fetchall()
    connection.close()
    path = vault.database_path
    vault.lock()
    raw = bytearray(path.read_bytes())
    raw[(root - 1) * PAGE : root * PAGE] = bytes(PAGE)
    path.write_bytes(raw)
    return bytes(raw)


async def test_a_salvage_killed_at_any_instant_loses_nothing(cast: Cast) -> None:
    seed = int(os.environ.get("BYRE_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    anna = await cast.account("anna")
    await anna.stop()
    folder = cast.folder / "anna"
    damaged = await filled(folder, anna.passphrase)
    for snapshot in folder.glob("snapshot.*"):
        snapshot.unlink()
    for _ in range(KILLS):
        await started(anna)
        salvaging = asyncio.ensure_future(anna.call("profile.salvage", passphrase=anna.passphrase))
        await asyncio.sleep(dice.random() * LATEST_S)
        await anna.rpc.kill_and_wait()
        await asyncio.gather(salvaging, return_exceptions=True)
    await started(anna)
    done = await anna.call("profile.salvage", passphrase=anna.passphrase)  # of what was salvaged, if the kill came late
    assert done["from_database"] >= TEXTS
    assert done["lost_messages"] == 0
    assert await anna.texts(GROUP.hex()) == [f"text {n}" for n in range(TEXTS)]
    assert damaged in [path.read_bytes() for path in folder.glob("damaged.1.*.db")]
    assert not list(folder.glob("salvage.*"))
    assert not (folder / "damaged.1").exists()


async def started(device: Device) -> None:
    """Start the process and leave its profile locked."""
    device.process = await RpcProcess.start(device.name, device.arguments, logs=device.logs, env=device.env)
