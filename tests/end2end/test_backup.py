"""Backups and salvage with real processes, as a script would do it."""

from __future__ import annotations

import os

import pytest

from byre.demo.process import RpcError, RpcProcess
from byre.demo.stage import Device, eventually
from byre.demo.words import new_text
from tests.end2end.conftest import Cast


async def code_of(device: Device, method: str, **params: object) -> str:
    with pytest.raises(RpcError) as caught:
        await device.call(method, **params)
    return str(caught.value.code)


@pytest.mark.slow
async def test_a_backup_moves_a_device_and_a_damaged_profile_comes_back(cast: Cast) -> None:
    anna, bela = await cast.account("anna"), await cast.account("bela")
    room_id = await cast.room(anna, [bela])
    first = new_text()
    await bela.call("message.send", room_id=room_id, text=first)
    await eventually("anna shows the text", lambda: shows(anna, room_id, first))
    backup = str(cast.folder / "anna.byre")
    code = (await anna.call("backup.export", path=backup))["code"]
    await anna.stop()

    moved = cast.phone("anna-elsewhere")
    await moved.start()
    assert await code_of(moved, "backup.import", path=backup, code="nonsense") == "wrong_backup_code"
    assert (await moved.call("status"))["state"] == "new"
    answer = await moved.call("backup.import", path=backup, code=code, passphrase=moved.passphrase)
    assert answer == {"account_id": anna.account_id, "device_id": anna.device_id}
    assert await moved.texts(room_id) == [first]
    assert await code_of(moved, "profile.salvage") == "wrong_state"
    await moved.stop()

    (database,) = (cast.folder / "anna-elsewhere").glob("store.*.db")
    damaged = bytearray(database.read_bytes())
    damaged[-4096 * 2 :] = os.urandom(4096 * 2)
    database.write_bytes(damaged)
    moved.process = await RpcProcess.start(moved.name, moved.arguments, logs=moved.logs, env=moved.env)
    assert (await moved.call("status"))["state"] == "locked"
    assert await code_of(moved, "profile.salvage", passphrase="not it") == "wrong_passphrase"
    done = await moved.call("profile.salvage", passphrase=moved.passphrase)
    assert done["from_snapshot"] == 0  # a snapshot is taken after some minutes
    assert (await moved.call("status"))["state"] == "ready"
    assert database.with_name("damaged.1.1.db").read_bytes() == damaged


async def shows(device: Device, room_id: str, text: str) -> bool:
    """Whether a device shows the text in the room."""
    return text in await device.texts(room_id)
