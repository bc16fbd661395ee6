"""kill -9 of real processes while a wipe order goes out in parts: it reaches every own device, each part once.

An order names a mark per run of a sending device; of more than 512 it is sent in parts. BYRE_WIPE_KILLS says how many
wipes are ordered: in the first one the linked PC dies as soon as it has carried out one part, and the phone in the same
moment; in the others one or both of them at random instants. The seed is told, BYRE_SEED repeats it. Within one process
`tests/protocol/test_rooms_wipe_cut_off.py` cuts between the parts.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from functools import partial
from pathlib import Path

import pytest

from byre.crypto.random import system_random
from byre.db import open_connection
from byre.demo.process import ProcessGone
from byre.demo.stage import Device, eventually
from byre.store import ProfileVault, SystemKeyStore
from tests.end2end.conftest import Cast

KILLS = int(os.environ.get("BYRE_WIPE_KILLS", "0"))
RUNS = 1100
PARTS = 3
LATEST_S = 0.6


async def has_spoken_in_many_runs(device: Device, folder: Path, room_id: str, sender: Device) -> None:
    """Put into a closed profile what it would have kept of a sender that began a run of counters very often."""
    vault = ProfileVault(folder, random=system_random, key_store=SystemKeyStore())
    await vault.unlock(device.passphrase)
    connection = open_connection(vault.database_path, vault.database_key)
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO seen_window (room, device_id, run_id, highest, bitmap)"
        " SELECT id, ?, ?, 0, zeroblob(512) FROM room WHERE group_id = ?",
        [(bytes.fromhex(sender.device_id), n.to_bytes(8, "big"), bytes.fromhex(room_id)) for n in range(1, RUNS + 1)],
    )
    connection.execute("COMMIT")
    connection.close()
    vault.lock()


@pytest.mark.skipif(not KILLS, reason="BYRE_WIPE_KILLS=6 asks for it")
@pytest.mark.xdist_group("kill")
@pytest.mark.timeout(900)
async def test_a_wipe_in_parts_reaches_every_own_device_whoever_is_killed_between_them(cast: Cast) -> None:
    seed = int(os.environ.get("BYRE_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    anna, ben = await asyncio.gather(cast.account("anna"), cast.account("ben"))
    pc = await cast.linked("pc", anna)
    room_id = await cast.room(anna, [pc, ben], title="team")
    await anna.stop()
    await has_spoken_in_many_runs(anna, cast.folder / "anna", room_id, pc)
    await anna.start()
    known: set[str] = set()
    for round_ in range(KILLS):
        for device in (anna, ben):
            await device.call("message.send", room_id=room_id, text=f"erased {round_} of {device.name}")
        await eventually("the texts have come", lambda: shows(room_id, 2, anna, pc))
        wiping = asyncio.ensure_future(anna.call("room.wipe", room_id=room_id))
        if round_ == 0:
            await eventually("the first part is carried out", partial(has_certificates, pc, 1))
            dying = [pc, anna]
        else:
            await asyncio.sleep(dice.random() * LATEST_S)
            dying = dice.choice(([anna], [pc], [anna, pc]))
        await asyncio.gather(*(device.rpc.kill_and_wait() for device in dying))
        with contextlib.suppress(ProcessGone):
            await wiping
        await asyncio.gather(*(device.start() for device in dying))
        if await anna.texts(room_id):  # killed before the wipe began: from then on it is always completed
            await anna.call("room.wipe", room_id=room_id)
        await eventually("the wipe is whole", partial(has_certificates, pc, len(known) + PARTS))
        await eventually("every part is reported", lambda: is_reported(anna))
        certificates = [each["wipe_id"] for each in (await pc.call("wipe.list"))["wipes"]]
        assert len(set(certificates)) == len(certificates) == len(known) + PARTS
        assert (await anna.call("wipe.list"))["wipes"][0]["wipe_id"] in set(certificates) - known
        known = set(certificates)
        for device in (anna, pc):
            assert await device.texts(room_id) == []
    await ben.call("message.send", room_id=room_id, text="later")
    await eventually("what is said later is shown", lambda: shows(room_id, 1, anna, pc))
    assert len(await ben.texts(room_id)) == 2 * KILLS + 1, "nobody asked him to erase anything"


async def shows(room_id: str, count: int, *devices: Device) -> bool:
    return all([len(await device.texts(room_id)) == count for device in devices])


async def has_certificates(device: Device, count: int) -> bool:
    with contextlib.suppress(ProcessGone):
        return len((await device.call("wipe.list"))["wipes"]) >= count
    return False


async def is_reported(device: Device) -> bool:
    """Whether the other device has reported every part of the last wipe: only then it counts as erased."""
    last = (await device.call("wipe.list"))["wipes"][0]
    reports = (await device.call("wipe.reports", wipe_id=last["wipe_id"]))["reports"]
    return {report["state"] for report in reports} == {"erased"}
