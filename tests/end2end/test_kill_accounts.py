"""kill -9 while an account is made, restored or linked, on either side, or its recovery code is replaced.

It is whole, or it can be begun again, and one code opens it.
One instant of each kind in the suite; BYRE_KILL_ACCOUNTS=50 takes so many of each, BYRE_KILL_SEED other ones.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections.abc import Awaitable
from typing import Any

import pytest

from byre.demo.process import ProcessGone, RpcError
from byre.demo.stage import Device, eventually
from byre.demo.words import new_handle, new_mark
from tests.end2end.conftest import Cast

SEED = int(os.environ.get("BYRE_KILL_SEED", "20261122"))
INSTANTS = int(os.environ.get("BYRE_KILL_ACCOUNTS", "1"))
SLOWEST_S = 3.0
NEW_CODE_S = 0.2
SETTLE_S = 90.0

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kill"), pytest.mark.timeout(180 + 180 * INSTANTS)]


async def killed(device: Device, work: Awaitable[Any], rng: random.Random, slowest_s: float = SLOWEST_S) -> None:
    """Kill the device at some instant of the work, and start it again."""
    task = asyncio.ensure_future(work)
    await asyncio.sleep(rng.uniform(0.0, slowest_s))
    await device.rpc.kill_and_wait()
    with contextlib.suppress(ProcessGone, RpcError, ConnectionError, TimeoutError):
        async with asyncio.timeout(5):
            await task
    await device.start()


async def is_ready(device: Device) -> bool:
    status = await device.call("status")
    assert status["state"] in ("new", "ready"), status
    return bool(status["state"] == "ready")


async def test_accounts_that_are_made_linked_and_restored_when_the_power_goes(cast: Cast) -> None:
    rng = random.Random(SEED)
    for number in range(INSTANTS):
        phone, code = await a_phone(cast, f"phone{number}", rng)
        for who in ("pc", "phone"):
            await a_pc(cast, phone, f"{who}{number}-link", who, rng)
        codes = await a_new_code(phone, code, rng)
        await phone.stop()
        await a_restored_phone(cast, phone, f"restored{number}", codes, rng)


async def a_phone(cast: Cast, name: str, rng: random.Random) -> tuple[Device, str]:
    """An account whose making was cut off, and its recovery code: the one that was shown last opens it."""
    assert cast.relay is not None
    phone = cast.phone(name)
    await phone.start()
    phone.handle = new_handle(name)
    params = {"handle": phone.handle, "relay": cast.relay.url, "passphrase": phone.passphrase, "name": "소"}
    answers: list[dict[str, Any]] = []

    async def make() -> None:
        answers.append(await phone.call("account.create", **params))

    await killed(phone, make(), rng)
    if not await is_ready(phone):
        await make()
    await expect_one_device(phone)
    return phone, answers[-1]["recovery_code"] if answers else ""


async def a_new_code(phone: Device, old: str, rng: random.Random) -> list[str]:
    """Codes of which one opens the account: the new one alone once that was said, else it or the one before."""
    new = (await phone.call("account.new_code"))["recovery_code"]
    answers: list[dict[str, Any]] = []

    async def confirm() -> None:
        answers.append(await phone.call("account.confirm_code", code=new))

    await killed(phone, confirm(), rng, NEW_CODE_S)
    return [new] if answers and answers[-1]["in_force"] else [each for each in (new, old) if each]


async def a_restored_phone(cast: Cast, lost: Device, name: str, codes: list[str], rng: random.Random) -> None:
    """A restoring that was cut off is done again with the same code."""
    assert cast.relay is not None
    phone = cast.phone(name)
    await phone.start()
    params = {"handle": lost.handle, "relay": cast.relay.url, "passphrase": phone.passphrase}
    await killed(phone, phone.call("account.restore", **params, code=codes[0]), rng)
    refused = 0
    for code in codes:
        if not await is_ready(phone):
            try:
                await phone.call("account.restore", **params, code=code)
            except RpcError as error:
                if error.code != "wrong_recovery_code":
                    raise
                refused += 1
    assert refused < len(codes), "no code opens the account any more"
    assert await is_ready(phone)
    await expect_one_device(phone)
    await phone.stop()


async def expect_one_device(phone: Device) -> None:
    status = await phone.call("status")
    assert (status["state"], status["role"]) == ("ready", "primary")
    (device,) = (await phone.call("device.list"))["devices"]
    assert (device["role"], device["current"]) == ("primary", True)


async def link_through(cast: Cast, phone: Device, pc: Device) -> None:
    """The whole handshake, as its two users go through it."""
    assert cast.relay is not None
    since = len(pc.rpc.notices)
    offer = await pc.call("link.offer", relay=cast.relay.url, device_name=pc.name, passphrase=pc.passphrase)
    await phone.call("link.accept", uri=offer["uri"])
    code = await pc.rpc.wait_for("link.code", since=since)
    await phone.call("link.confirm", code=code["code"])
    await pc.rpc.wait_for("link.ready", since=since)
    await pc.call("link.finish", accept=True)


async def linked_in_the_end(cast: Cast, phone: Device, pc: Device) -> None:
    """What was cut off after the PC's yes is gone on with by itself; anything earlier is begun again."""

    async def is_settled() -> bool:
        if await is_ready(pc):
            return True
        try:
            await link_through(cast, phone, pc)
        except RpcError as error:
            if error.code not in ("wrong_state", "offer_used", "offer_expired", "relay_unreachable"):
                raise
            return False  # still finishing, or the phone has only just come back
        return True

    await eventually("the PC is linked", is_settled, SETTLE_S)


async def a_pc(cast: Cast, phone: Device, name: str, who: str, rng: random.Random) -> None:
    """A PC whose linking was cut off on one side: in the end it is linked, and nothing of the first try is left."""
    pc = cast.phone(name)
    await pc.start()
    await killed({"pc": pc, "phone": phone}[who], link_through(cast, phone, pc), rng)
    await linked_in_the_end(cast, phone, pc)
    rooms = (await phone.call("room.list"))["rooms"]
    notes = next(room["room_id"] for room in rooms if room["kind"] == "note")

    async def is_in() -> bool:
        return notes in [room["room_id"] for room in (await pc.call("room.list"))["rooms"]]

    await eventually(f"{name} is in the notes", is_in, SETTLE_S)
    await talk(phone, pc, notes)
    devices = (await phone.call("device.list"))["devices"]
    assert sorted((each["role"], each["current"]) for each in devices) == [("linked", False), ("primary", True)]
    linked = next(each["device_id"] for each in devices if not each["current"])
    await phone.call("device.remove", device_id=linked)
    await pc.stop()


async def talk(phone: Device, pc: Device, room_id: str) -> None:
    """Both ends show what either writes."""
    for sender, reader in ((phone, pc), (pc, phone)):
        text = new_mark()

        async def can_send(sender: Device = sender, text: str = text) -> bool:
            with contextlib.suppress(RpcError):
                await sender.call("message.send", room_id=room_id, text=text)
                return True
            return False

        await eventually(f"{sender.name} is in the room", can_send, SETTLE_S)

        async def shows(reader: Device = reader, text: str = text) -> bool:
            with contextlib.suppress(RpcError):
                return text in await reader.texts(room_id)
            return False

        await eventually(f"{reader.name} shows it", shows, SETTLE_S)
