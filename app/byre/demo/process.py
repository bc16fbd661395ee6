"""The program's own processes as the demo and the end-to-end tests drive them: over pipes, by the documented RPC.

`RpcProcess` is one device (`byre rpc`, or a window with `--rpc`), `RelayProcess` one relay. Both can be ended in an
orderly way or killed. Nothing here looks inside: what these classes can see, a bot's author can see.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import itertools
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from byre.errors import EnvironmentFault, PeerError

Json = dict[str, Any]
Predicate = Callable[[Json], bool]

CALL_TIMEOUT_S = 60.0
END_TIMEOUT_S = 20.0
_LINE_LIMIT = 16 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded here: between fork and exec nothing is loaded


class RpcError(PeerError):
    """A JSON-RPC error answer; `code` is its `data.code`."""


class ProcessGone(EnvironmentFault):
    """The process ended while something was awaited from it."""

    default_code = "process_gone"


async def spawn(arguments: Sequence[str], *, env: Mapping[str, str] | None, stderr: Path) -> asyncio.subprocess.Process:
    """Start `byre ARGUMENTS` with pipes on stdin and stdout, its stderr appended to a file."""
    with stderr.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "byre",
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env={**os.environ, **(env or {})},
            limit=_LINE_LIMIT,
            preexec_fn=_end_with_parent if _LIBC is not None else None,
        )


def _end_with_parent() -> None:
    """In the new process: have the kernel end it when the demo dies, a kill included."""
    assert _LIBC is not None
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


class RpcProcess:
    """One device behind JSON-RPC. Make it with `start`; every notification is kept in `notices`."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.process = process
        self.notices: list[tuple[str, Json]] = []
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._changed = asyncio.Event()
        self._reader = asyncio.create_task(self._read(), name=f"{name}-reader")

    @classmethod
    async def start(
        cls, name: str, arguments: Sequence[str], *, logs: Path, env: Mapping[str, str] | None = None
    ) -> RpcProcess:
        """Start `byre ARGUMENTS`, which must speak RPC on its pipes."""
        return cls(name, await spawn(arguments, env=env, stderr=logs / f"{name}.log"))

    async def call(self, method: str, /, *, timeout_s: float = CALL_TIMEOUT_S, **params: Any) -> Json:
        """Call `method` and return its result.

        Raises:
            RpcError: the answer is an error.
            ProcessGone: the process ended before it answered.
            TimeoutError: no answer in `timeout_s`.
        """
        number = next(self._ids)
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        self.write_line(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode())
        try:
            async with asyncio.timeout(timeout_s):
                return await answer
        except TimeoutError:
            raise TimeoutError(f"{self.name} did not answer {method} in {timeout_s:g} s") from None
        finally:
            self._answers.pop(number, None)

    def write_line(self, line: bytes) -> None:
        """Write one raw line, well-formed or not."""
        if self._reader.done() or self.process.stdin is None:
            raise ProcessGone(f"{self.name} has ended")
        self.process.stdin.write(line + b"\n")

    async def wait_for(
        self, method: str, accept: Predicate = lambda params: True, *, since: int = 0, timeout_s: float = CALL_TIMEOUT_S
    ) -> Json:
        """Return the first notification `method` from `notices[since]` on whose params are accepted."""
        position = since
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    for name, params in self.notices[position:]:
                        if name == method and accept(params):
                            return params
                    position = len(self.notices)
                    if self._reader.done():
                        raise ProcessGone(f"{self.name} has ended")
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise TimeoutError(f"{self.name} did not say {method} in {timeout_s:g} s") from None

    @property
    def is_running(self) -> bool:
        return self.process.returncode is None

    async def stop(self) -> int:
        """End the process in an orderly way (its stdin is closed); kill it if it does not. Returns its exit status."""
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                await self.process.wait()
        except TimeoutError:
            self.kill()
        return await self._end()

    def kill(self) -> None:
        """Kill it without warning (SIGKILL)."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def kill_and_wait(self) -> None:
        """Kill it and wait until it is gone, so that its profile is free again."""
        self.kill()
        await self._end()

    async def _end(self) -> int:
        status = await self.process.wait()
        await self._reader
        if self.process.stdin is not None:  # what was not written any more is nobody's fault, and is not to be reported
            self.process.stdin.close()
            with contextlib.suppress(OSError):
                await self.process.stdin.wait_closed()
        return status

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while (line := await self.process.stdout.readline()).endswith(b"\n"):  # what a kill cut off is no message
            message = json.loads(line)
            if "method" in message:
                self.notices.append((message["method"], message["params"]))
                self._changed.set()
                continue
            answer = self._answers.get(message["id"]) if isinstance(message["id"], int) else None
            if answer is None or answer.done():
                self.notices.append(("", message))  # an answer to a raw line
                self._changed.set()
            elif "error" in message:
                error = message["error"]
                answer.set_exception(RpcError(error["message"], code=error["data"]["code"]))
            else:
                answer.set_result(message["result"])
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ProcessGone(f"{self.name} has ended"))
        self._changed.set()


class RelayProcess:
    """One relay on loopback. `url` is what clients are told, `admin` where its counters are read."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, admin: str, data: Path, logs: Path) -> None:
        self.process = process
        self.url = url
        self.admin = admin
        self.data = data
        self._logs = logs

    @classmethod
    async def start(cls, data: Path, *, logs: Path, port: int = 0, more: Sequence[str] = ()) -> RelayProcess:
        """Start a relay and wait until it listens; port 0 takes a free one.

        Raises:
            EnvironmentFault: `relay_failed`: it ended or said something else instead.
        """
        arguments = ["relay", "--data", str(data), "--listen", f"127.0.0.1:{port}", "--admin", "127.0.0.1:0"]
        # a demo is played on whatever disk there is; a real relay keeps its reserve
        arguments += ["--limit-free-disk-new-percent=0", "--limit-free-disk-store-percent=0", *more]
        process = await spawn(arguments, env=None, stderr=logs / "relay.log")
        assert process.stdout is not None
        found: dict[str, str] = {}
        async with asyncio.timeout(CALL_TIMEOUT_S):
            while len(found) < 2:
                line = (await process.stdout.readline()).decode()
                if not line:
                    raise EnvironmentFault("the relay did not start", code="relay_failed")
                words = line.split()
                found["admin" if "admin" in words else "listening"] = words[-1]
        return cls(process, found["listening"], found["admin"], data, logs)

    async def restart(self) -> RelayProcess:
        """Start it again on the same data and port, after it ended or was killed."""
        return await RelayProcess.start(self.data, logs=self._logs, port=int(self.url.rsplit(":", 1)[1]))

    async def counters(self) -> dict[str, int]:
        """The relay's own counters, from its admin address."""
        host, port = self.admin.removeprefix("http://").rsplit(":", 1)
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(f"GET /counters HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise EnvironmentFault("the relay does not tell its counters", code="relay_failed")
        counters: dict[str, int] = json.loads(body)
        return counters

    def disk_write_bytes(self) -> int:
        """Bytes that the process has caused to be written to a disk so far, as the kernel counts them."""
        for line in Path(f"/proc/{self.process.pid}/io").read_text().splitlines():
            name, _, value = line.partition(": ")
            if name == "write_bytes":
                return int(value)
        raise EnvironmentFault("this kernel does not count a process's writes", code="no_io_accounting")

    async def stop(self) -> int:
        """End it in an orderly way (SIGTERM: it drains)."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                return await self.process.wait()
        except TimeoutError:
            return await self.kill_and_wait()

    async def kill_and_wait(self) -> int:
        """Kill it without warning (SIGKILL)."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        return await self.process.wait()
