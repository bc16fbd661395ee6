"""Who plays: the relay, the two phones and the PC, with what the story must remember of each."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from byre.demo.process import Json, RelayProcess, RpcProcess
from byre.demo.words import new_passphrase

POLL_S = 0.05
SETTLE_S = 60.0


@dataclass(slots=True)
class Device:
    """One device across restarts of its process."""

    name: str
    arguments: tuple[str, ...]
    logs: Path
    env: dict[str, str]
    passphrase: str = field(default_factory=new_passphrase)
    handle: str = ""
    account_id: str = ""
    device_id: str = ""
    process: RpcProcess | None = None

    @property
    def rpc(self) -> RpcProcess:
        assert self.process is not None
        return self.process

    async def start(self) -> RpcProcess:
        """Start its process; an existing profile is unlocked."""
        self.process = await RpcProcess.start(self.name, self.arguments, logs=self.logs, env=self.env)
        status = await self.process.call("status")
        if status["state"] == "locked":
            await self.process.call("unlock", passphrase=self.passphrase)
        return self.process

    async def stop(self) -> int:
        """End its process in an orderly way: a window is closed, a process without one sees the end of its input."""
        if self.arguments[0] != "rpc":
            await self.rpc.call("ui.close")
        return await self.rpc.stop()

    async def call(self, method: str, **params: Any) -> Json:
        """Call `method` on its process."""
        return await self.rpc.call(method, **params)

    async def texts(self, room_id: str) -> list[str]:
        """All texts of a room as this device shows them, oldest first."""
        pages: list[dict[str, Any]] = []
        while True:
            before = {"before": pages[-1]["message_id"]} if pages else {}
            found = (await self.call("message.list", room_id=room_id, limit=200, **before))["messages"]
            pages += found
            if len(found) < 200:
                return [message["text"] for message in reversed(pages)]

    async def wait_until_connected(self) -> None:
        """Return once it is connected to its relay."""
        await eventually(f"{self.name} is connected", self._is_connected)

    async def _is_connected(self) -> bool:
        return bool((await self.call("status"))["connected"])


async def eventually(what: str, holds: Any, timeout_s: float = SETTLE_S) -> None:
    """Ask `holds` (async) again and again until it is true.

    Raises:
        TimeoutError: it did not become true; the sentence names `what`.
    """
    try:
        async with asyncio.timeout(timeout_s):
            while not await holds():  # noqa: ASYNC110 - what is asked for lies in another process
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise TimeoutError(f"after {timeout_s:g} s it does not hold that {what}") from None


@dataclass(slots=True)
class Stage:
    """All players of one run, in one throw-away folder."""

    folder: Path
    with_windows: bool
    relay: RelayProcess | None = None
    devices: list[Device] = field(default_factory=list)

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    async def open(self) -> RelayProcess:
        """Start the relay."""
        self.logs.mkdir(parents=True, exist_ok=True)
        self.relay = await RelayProcess.start(self.folder / "relay", logs=self.logs)
        return self.relay

    def phone(self, name: str) -> Device:
        """A phone: the same engine in role primary; a window of its own only where there is a display."""
        return self._device(name, ("phone", "--rpc") if self.with_windows else ("rpc",))

    def pc(self, name: str) -> Device:
        """A PC window with RPC on its engine. It is told no relay: its own offers would compete with the story's."""
        return self._device(name, ("--rpc",))

    def _device(self, name: str, start: tuple[str, ...]) -> Device:
        assert self.relay is not None
        arguments = [*start, "--profile", str(self.folder / name)]
        env: dict[str, str] = {}
        if start[0] == "phone":
            arguments += ["--relay", self.relay.url]
        if not self.with_windows and "QT_QPA_PLATFORM" not in os.environ:
            env["QT_QPA_PLATFORM"] = "offscreen"
        device = Device(name, tuple(arguments), self.logs, env)
        self.devices.append(device)
        return device

    async def close(self) -> None:
        """End every process that is still there."""
        running = [d.process for d in self.devices if d.process is not None and d.process.is_running]
        for process in running:
            process.kill()
        await asyncio.gather(*(process.kill_and_wait() for process in running))
        if self.relay is not None and self.relay.process.returncode is None:
            await self.relay.stop()
