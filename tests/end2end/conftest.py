"""A cast of real processes for the end-to-end tests, driven as the demo drives them."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from byre.demo.stage import Device, Stage, eventually
from byre.demo.words import new_handle

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the demo's processes are POSIX")


THRIFTY = Path(__file__).parent / "thrifty"


class Cast(Stage):
    """A stage on which every device is `byre rpc`, and no passphrase costs what it should."""

    def phone(self, name: str) -> Device:
        device = super().phone(name)
        device.env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(THRIFTY), os.environ.get("PYTHONPATH", "")]))
        return device

    async def account(self, name: str) -> Device:
        """A phone with an account on the relay."""
        assert self.relay is not None
        phone = self.phone(name)
        await phone.start()
        phone.handle = new_handle(name)
        created = await phone.call(
            "account.create", handle=phone.handle, name=name, relay=self.relay.url, passphrase=phone.passphrase
        )
        phone.account_id, phone.device_id = created["account_id"], created["device_id"]
        return phone

    async def linked(self, name: str, phone: Device) -> Device:
        """A PC linked by the phone through the whole handshake."""
        assert self.relay is not None
        pc = self.phone(name)
        await pc.start()
        offer = await pc.call("link.offer", relay=self.relay.url, device_name=name, passphrase=pc.passphrase)
        await phone.call("link.accept", uri=offer["uri"])
        code = (await pc.rpc.wait_for("link.code"))["code"]
        await phone.call("link.confirm", code=code)
        await pc.rpc.wait_for("link.ready")
        pc.device_id = (await pc.call("link.finish", accept=True))["device_id"]
        await pc.rpc.wait_for("device.linked")
        pc.handle, pc.account_id = phone.handle, phone.account_id
        return pc

    async def room(self, first: Device, others: list[Device], title: str | None = None) -> str:
        """A room of `first`'s account with the accounts of `others`, joined and accepted by every device."""
        handles = sorted({device.handle for device in others} - {first.handle})
        created = await first.call("room.create", members=handles, **({"title": title} if title else {}))
        room_id: str = created["room_id"]
        wanted = {device.device_id for device in [first, *others]}
        for device in others:
            if device.handle != first.handle:
                await device.rpc.wait_for("room.request", lambda params: params["room_id"] == room_id)
                await device.call("room.accept", room_id=room_id)
        for device in [first, *others]:

            async def complete(asked: Device = device) -> bool:
                rooms = (await asked.call("room.list"))["rooms"]
                if room_id not in [room["room_id"] for room in rooms]:
                    return False
                members = (await asked.call("room.members", room_id=room_id))["members"]
                return {d["device_id"] for member in members for d in member["devices"]} == wanted

            await eventually(f"{device.name} is in the room", complete)
        return room_id


@pytest.fixture
async def cast(tmp_path: Path) -> AsyncIterator[Cast]:
    stage = Cast(tmp_path, with_windows=False)
    await stage.open()
    yield stage
    await stage.close()
