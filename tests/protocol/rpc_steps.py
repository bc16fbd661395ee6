"""The other end of `byre rpc`'s lines, for playbooks: requests by method, notifications by name."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from byre.rpc import run_rpc
from tests.fakes.world import Client
from tests.patience import WAIT_S


class RpcCaller:
    """The other end of one `run_rpc`: requests by method, notifications by name."""

    def __init__(self, to_rpc: int, reader: asyncio.StreamReader) -> None:
        self._to_rpc, self._reader = to_rpc, reader
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.notices: list[tuple[str, Any]] = []
        self._arrived = asyncio.Event()
        self._next_id = 0
        self.reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        while line := await self._reader.readline():
            message = json.loads(line)
            if "id" in message:
                self._answers.pop(message["id"]).set_result(message)
            else:
                self.notices.append((message["method"], message["params"]))
                self._arrived.set()

    async def send(self, method: str, **params: Any) -> asyncio.Future[Any]:
        self._next_id += 1
        answer = self._answers[self._next_id] = asyncio.get_running_loop().create_future()
        request = {"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": params}
        os.write(self._to_rpc, json.dumps(request).encode() + b"\n")
        return answer

    async def __call__(self, method: str, **params: Any) -> Any:
        async with asyncio.timeout(WAIT_S):
            answer = await (await self.send(method, **params))
        return answer["result"] if "result" in answer else answer["error"]["data"]["code"]

    async def notice(self, method: str, **expected: Any) -> Any:
        async with asyncio.timeout(WAIT_S):
            while True:
                for name, params in self.notices:
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
