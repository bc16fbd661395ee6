"""The window as a process: a second start hands over to the first, a link is shown and never accepted by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from byre.demo.process import RpcProcess
from byre.demo.stage import eventually
from tests.end2end.conftest import Cast


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A session folder of its own, short enough for a socket's path."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    return folder


async def start_window(cast: Cast, *arguments: str) -> RpcProcess:
    return await RpcProcess.start("window", [*arguments, "--rpc", "--profile", str(cast.folder / "w")], logs=cast.logs)


def start_again(cast: Cast, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "byre", *arguments, "--profile", str(cast.folder / "w")]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def sockets(runtime: Path) -> list[Path]:
    return list(runtime.rglob("*.sock"))


async def close(window: RpcProcess) -> None:
    await window.call("ui.close")
    assert await window.stop() == 0


async def test_a_second_start_brings_the_first_window_to_the_front(cast: Cast, runtime: Path) -> None:
    window = await start_window(cast)
    assert (await window.call("status"))["state"] == "new"
    again = start_again(cast)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    await close(window)
    assert sockets(runtime) == []


async def test_a_link_handed_over_is_shown_and_not_accepted(cast: Cast, runtime: Path) -> None:
    assert cast.relay is not None
    pc, phone = cast.phone("pc"), await start_window(cast, "phone")
    await phone.call("account.create", handle="linker", name="Linker", relay=cast.relay.url, passphrase="a passphrase")
    await pc.start()
    offer = await pc.call("link.offer", relay=cast.relay.url, device_name="handed PC", passphrase=pc.passphrase)
    assert start_again(cast, "phone", offer["uri"]).returncode == 0

    async def is_shown() -> bool:
        return "link" in str((await phone.call("ui.state"))["page"])

    await eventually("the phone shows the page for linking", is_shown, 20)
    assert [name for name, _ in pc.rpc.notices if name == "link.code"] == []
    assert len((await phone.call("device.list"))["devices"]) == 1
    await close(phone)
