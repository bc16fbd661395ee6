"""One server under test: a process (with all its children) apart from the load, its CPU time and its memory."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

START_S = 60.0
TICKS = os.sysconf("SC_CLK_TCK")
SERVER_FOLDERS = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"


class ServerProcess:
    """A started server. Its output goes to `log`."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self.log = log

    @classmethod
    async def start(
        cls, command: Sequence[str], *, log: Path, port: int, environment: Mapping[str, str] | None = None
    ) -> ServerProcess:
        """Start a server and wait until its port answers."""
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        made = cls(process, log)
        try:
            async with asyncio.timeout(START_S):
                while not answers(port):
                    if process.returncode is not None:
                        raise ServerFault(f"it ended with {process.returncode}: {made.last_words()}")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            await made.stop()
            raise ServerFault(f"port {port} never answered: {made.last_words()}") from None
        except BaseException:
            await made.stop()
            raise
        return made

    def last_words(self) -> str:
        """Return the end of what it printed."""
        return self.log.read_text(errors="replace")[-300:].strip()

    def cpu_s(self) -> float:
        """Return user and system seconds of the process and all its children."""
        return sum(_cpu_s(each) for each in self._family())

    def memory_kib(self) -> int:
        """Return the memory that only the process and its children have: it would be free without them."""
        return sum(_own_kib(each) for each in self._family())

    async def stop(self) -> None:
        """End the process group that this started, and nothing else."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, how)
            except ProcessLookupError:
                break
            try:
                async with asyncio.timeout(15):
                    await self._process.wait()
            except TimeoutError:
                continue
        await self._process.wait()

    def _family(self) -> list[int]:
        parents: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parents[int(entry.name)] = int(_stat(int(entry.name))[1])
                except OSError:  # ended while we looked
                    continue
        found = [self._process.pid]
        for each in found:
            found += [child for child, parent in parents.items() if parent == each]
        return found


def program(name: str, how_to_install: str) -> str:
    """Return the path of a program, in the folders of servers too.

    Raises:
        ServerFault: it is not installed.
    """
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SERVER_FOLDERS}")
    if found is None:
        raise ServerFault(f"{name} is not installed ({how_to_install})")
    return found


def version_of(command: Sequence[str], pattern: str) -> str:
    """Return what a program says of its version."""
    said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout
    found = re.search(pattern, said)
    return found[1] if found else "unknown"


class ServerFault(Exception):
    """A server could not be measured; the text says why."""


def answers(port: int) -> bool:
    """Tell whether something listens on this port of the loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _stat(process: int) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def _cpu_s(process: int) -> float:
    try:
        fields = _stat(process)
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def _own_kib(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_", "Swap:")))
