"""One `byre rpc` loop on two real pipes, driven as a script would."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from byre.rpc import run_rpc
from tests.unit.rpc.stub import StubEngine


class Session:
    """One `run_rpc` on two pipes."""

    def __init__(self, engine: StubEngine, **options: Any) -> None:
        stdin_read, self._to_rpc = os.pipe()
        self._from_rpc, stdout_write = os.pipe()
        self._stdin = open(stdin_read, "rb", buffering=0)  # noqa: SIM115
        self._stdout = open(stdout_write, "wb", buffering=0)  # noqa: SIM115
        self._reader = open(self._from_rpc, "rb")  # noqa: SIM115
        self.task = asyncio.create_task(run_rpc(engine, self._stdin, self._stdout, **options))  # type: ignore[arg-type]
        self._next_id = 0

    def write(self, data: bytes) -> None:
        os.write(self._to_rpc, data)

    async def read(self) -> Any:
        line = await asyncio.get_running_loop().run_in_executor(None, self._reader.readline)
        return json.loads(line) if line else None

    async def request(self, method: str, **params: Any) -> Any:
        self._next_id += 1
        self.write(
            json.dumps({"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": params}).encode() + b"\n"
        )
        answer = await self.read()
        assert answer["id"] == self._next_id
        return answer["result"] if "result" in answer else answer["error"]

    def end_input(self) -> None:
        if self._to_rpc >= 0:
            os.close(self._to_rpc)
            self._to_rpc = -1

    def close_output(self) -> None:
        """Go away without having read the rest."""
        self._reader.close()

    async def close(self) -> None:
        self.end_input()
        await self.task
        self._stdin.close()
        self._stdout.close()
        self._reader.close()


@asynccontextmanager
async def rpc(engine: StubEngine, **options: Any) -> AsyncIterator[Session]:
    session = Session(engine, **options)
    await asyncio.sleep(0)
    try:
        yield session
    finally:
        await session.close()
