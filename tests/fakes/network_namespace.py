"""A second network on this machine, joined by one cable that can be pulled: root and `ip` only.

A socket belongs for life to the network in which its thread made it; so the test's own process stands at both ends.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

IP: Final = shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin")
CLONE_NEWNET: Final = 0x40000000


def unavailable() -> str:
    """Return why there can be none here; nothing when there can."""
    if IP is None or os.geteuid() != 0:
        return "network namespaces need root and iproute2"
    name = f"byre-try-{os.getpid()}"
    if subprocess.run([IP, "netns", "add", name], capture_output=True, check=False).returncode:
        return "this machine does not let us make network namespaces"
    subprocess.run([IP, "netns", "del", name], capture_output=True, check=False)
    return ""


class Cable:
    """`near` is this side's address, `far` the other's."""

    def __init__(self, number: int) -> None:
        self._name = f"byre-{os.getpid()}"
        self._ends = (f"byre{number}a", f"byre{number}b")
        self.near, self.far = (f"198.18.{number % 250}.{host}" for host in (1, 2))

    def lay(self) -> None:
        """Make the other network and the cable."""
        near, far = self._ends
        _ip("netns", "add", self._name)
        _ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", self._name)
        _ip("addr", "add", f"{self.near}/24", "dev", near)
        _ip("link", "set", near, "up")
        _ip("-n", self._name, "addr", "add", f"{self.far}/24", "dev", far)
        _ip("-n", self._name, "link", "set", far, "up")

    def pull(self) -> None:
        """From now on nothing comes through, and nobody is told."""
        _ip("-n", self._name, "link", "set", self._ends[1], "down")

    def remove(self) -> None:
        """Take everything away."""
        assert IP is not None
        subprocess.run([IP, "netns", "del", self._name], capture_output=True, check=False)
        subprocess.run([IP, "link", "del", self._ends[0]], capture_output=True, check=False)

    def far_socket(self) -> socket.socket:
        """Return a TCP socket of the other network."""
        made: list[socket.socket] = []

        def make() -> None:
            handle = os.open(Path("/run/netns") / self._name, os.O_RDONLY)
            try:
                if ctypes.CDLL(None, use_errno=True).setns(handle, CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "setns")
                made.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            finally:
                os.close(handle)

        thread = threading.Thread(target=make)  # of its own: a thread stays where it went
        thread.start()
        thread.join()
        made[0].setblocking(False)
        return made[0]


@contextmanager
def cable() -> Iterator[Cable]:
    """Lay a cable for the length of the block."""
    laid = Cable(os.getpid() % 10_000)
    try:
        laid.lay()
        yield laid
    finally:
        laid.remove()


def _ip(*words: str) -> None:
    assert IP is not None
    subprocess.run([IP, *words], check=True, capture_output=True)
