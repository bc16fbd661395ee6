"""The same way through `byre rpc`: every step a line in, every result a line out, on three real engines."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from byre.rpc import run_rpc
from tests.fakes.world import Client, World


class RpcCaller:
    """The other end of one `run_rpc`: requests by method, notifications by name."""

    def __init__(self, to_rpc: int, reader: asyncio.StreamReader) -> None:
        self._to_rpc, self._reader = to_rpc, reader
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._notices: list[tuple[str, Any]] = []
        self._arrived = asyncio.Event()
        self._next_id = 0
        self.reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        while line := await self._reader.readline():
            message = json.loads(line)
            if "id" in message:
                self._answers.pop(message["id"]).set_result(message)
            else:
                self._notices.append((message["method"], message["params"]))
                self._arrived.set()

    async def send(self, method: str, **params: Any) -> asyncio.Future[Any]:
        self._next_id += 1
        answer = self._answers[self._next_id] = asyncio.get_running_loop().create_future()
        request = {"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": params}
        os.write(self._to_rpc, json.dumps(request).encode() + b"\n")
        return answer

    async def __call__(self, method: str, **params: Any) -> Any:
        async with asyncio.timeout(20):
            answer = await (await self.send(method, **params))
        return answer["result"] if "result" in answer else answer["error"]["data"]["code"]

    async def notice(self, method: str, **expected: Any) -> Any:
        async with asyncio.timeout(20):
            while True:
                for name, params in self._notices:
                    if name == method and all(params[key] == value for key, value in expected.items()):
                        return params
                self._arrived.clear()
                await self._arrived.wait()


@asynccontextmanager
async def rpc_of(client: Client) -> AsyncIterator[RpcCaller]:
    stdin_read, to_rpc = os.pipe()
    from_rpc, stdout_write = os.pipe()
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    with (
        open(stdin_read, "rb", buffering=0) as stdin,  # noqa: ASYNC230
        open(stdout_write, "wb", buffering=0) as stdout,  # noqa: ASYNC230
    ):
        pipe = open(from_rpc, "rb", buffering=0)  # noqa: ASYNC230, SIM115
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        serving = asyncio.ensure_future(run_rpc(client.engine, stdin, stdout))
        caller = RpcCaller(to_rpc, reader)
        try:
            yield caller
        finally:
            os.close(to_rpc)
            await serving
            caller.reading.cancel()
            await asyncio.gather(caller.reading, return_exceptions=True)
            transport.close()
            await asyncio.sleep(0)


async def test_two_accounts_a_pc_a_contact_and_messages(tmp_path: Path) -> None:
    async with World(tmp_path) as world, AsyncExitStack() as stack:
        phone, pc, ox = [
            await stack.enter_async_context(rpc_of(await world.client(name))) for name in ("phone", "pc", "ox")
        ]
        relay = world.relay.url
        assert await phone("status") == {"state": "new", "role": None, "connected": False}
        assert await phone("room.list") == "wrong_state"
        created = await phone("account.create", handle="cow", name="소", relay=relay)
        assert set(created) == {"account_id", "device_id", "recovery_code"}
        assert await ox("account.create", handle="cow", name="Ox", relay=relay) == "handle_taken"
        of_ox = await ox("account.create", handle="ox", name="Ox", relay=relay)
        assert await phone("status") == {"state": "ready", "role": "primary", "connected": True}

        offer = await pc("link.offer", relay=relay, device_name="외양간 PC")
        asked = await phone("link.accept", uri=offer["uri"])
        assert asked == {"device_name": "외양간 PC", "platform": asked["platform"]}
        shown = await pc.notice("link.code", handle="cow")
        wrong = f"{(int(shown['code']) + 1) % 1_000_000:06}"
        assert await phone("link.confirm", code=wrong) == "code_mismatch"
        assert await phone("link.confirm", code=shown["code"]) == {}
        await pc.notice("link.ready", handle="cow", account_id=created["account_id"])
        assert await pc("status") == {"state": "new", "role": None, "connected": False}
        finished = await pc("link.finish", accept=True)
        linked = {"device_id": finished["device_id"], "name": "외양간 PC"}
        assert await pc.notice("device.linked") == linked
        assert await phone.notice("device.linked") == linked
        assert await pc("status") == {"state": "ready", "role": "linked", "connected": True}
        devices = (await phone("device.list"))["devices"]
        assert [(d["name"], d["role"], d["current"]) for d in devices] == [
            ("phone", "primary", True),
            ("외양간 PC", "linked", False),
        ]

        contact = await phone("contact.add", handle="ox")
        assert (contact["account_id"], contact["handle"]) == (of_ox["account_id"], "ox")
        back = await ox("contact.add", handle="cow")
        assert back["safety_number"] == contact["safety_number"]
        assert await phone("contact.add", handle="nobody") == "no_such_handle"

        room_id = (await phone("room.create", members=["ox"]))["room_id"]
        await ox.notice("room.changed", room_id=room_id)
        await pc.notice("room.changed", room_id=room_id)
        sent = await ox("message.send", room_id=room_id, text="소 잃고 외양간 고친다")
        for each in (phone, pc):
            received = await each.notice("message.received", message_id=sent["message_id"])
            assert received["text"] == "소 잃고 외양간 고친다"
            assert received["sender"]["account_id"] == of_ox["account_id"]
        await ox.notice("message.state", message_id=sent["message_id"], state="delivered")
        assert await pc("message.read", room_id=room_id, up_to=sent["message_id"]) == {}
        await ox.notice("message.state", message_id=sent["message_id"], state="read")
        found = await pc("message.search", query="외양간")
        assert [message["message_id"] for message in found["messages"]] == [sent["message_id"]]
        members = (await ox("room.members", room_id=room_id))["members"]
        counts = {member["account_id"]: len(member["devices"]) for member in members}
        assert counts == {created["account_id"]: 2, of_ox["account_id"]: 1}

        assert await pc("device.remove", device_id=finished["device_id"]) == {}
        assert await phone.notice("device.revoked") == {"device_id": finished["device_id"]}
        assert await pc.notice("device.revoked") == {"device_id": finished["device_id"]}
