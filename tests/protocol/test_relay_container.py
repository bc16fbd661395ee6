"""The container file built and run: read-only, as nobody of weight, messages held over a restart, drained on SIGTERM.

Takes minutes and a base image, so only when asked for: `BYRE_CONTAINER_BASE=base.tar` names a root file system of the
Debian that the file names (`mmdebstrap --variant=minbase bookworm base.tar`), which is imported under that name: no
registry is asked. Needs podman and root. What a machine wants besides comes by `BYRE_CONTAINER_BUILD` (a proxy, pip's
authorities) and `BYRE_CONTAINER_RUN` (limits that it cannot raise).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from byre.client.connection import Progress
from tests.fakes.relay_user import User, until

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "packaging" / "relay" / "Containerfile"
BASE = os.environ.get("BYRE_CONTAINER_BASE", "")
PORT = 18440
URL = f"http://127.0.0.1:{PORT}"
TOML = f"""
data = "/data"
listen = "0.0.0.0:8440"
admin = "127.0.0.1:8441"
origins = ["{URL}"]
trusted_proxy = true
"""

pytestmark = [
    pytest.mark.skipif(not BASE, reason="BYRE_CONTAINER_BASE names no root file system to build on"),
    pytest.mark.skipif(shutil.which("podman") is None, reason="needs podman"),
    pytest.mark.timeout(1200),
]


class Podman:
    """Podman over a store of its own, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._command = ["podman", "--root", str(folder / "root"), "--runroot", str(folder / "run")]

    async def __call__(self, *words: str, status: int = 0) -> str:
        """Run it; return what it prints.

        Raises:
            AssertionError: it ended otherwise than with `status`.
        """
        process = await asyncio.create_subprocess_exec(
            *self._command, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        said, complained = await process.communicate()
        assert process.returncode == status, complained.decode()[-2000:]
        return said.decode().strip()


def documented() -> list[str]:
    """Return the options of `podman run` that the file's head tells an operator to use, without volumes and ports."""
    (told,) = re.findall(r"^#   podman run (.*?) byre-relay$", FILE.read_text(encoding="utf-8"), re.M | re.S)
    words = shlex.split(re.sub(r"\\\n#", " ", told))
    return [word for at, word in enumerate(words) if word not in ("-v", "-p") and words[at - 1] not in ("-v", "-p")]


@pytest.fixture
async def podman(tmp_path: Path) -> AsyncIterator[Podman]:
    place = tempfile.TemporaryDirectory(prefix="b")  # podman refuses a long path
    runner = Podman(Path(place.name))
    base = re.findall(r"^ARG BASE=(\S+)$", FILE.read_text(encoding="utf-8"), re.M)[0]
    await runner("import", BASE, f"docker.io/library/{base}")
    extra = shlex.split(os.environ.get("BYRE_CONTAINER_BUILD", ""))
    context = tmp_path / "context"
    shutil.copytree(ROOT / "app", context / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "packaging", context / "packaging")
    building = ["build", "--format", "docker", "--pull=never", "--isolation=chroot", *extra, "-t", "byre-relay"]
    await runner(*building, "-f", str(context / "packaging/relay/Containerfile"), str(context))
    yield runner
    await runner("rm", "--force", "--all")
    await runner("rmi", "--force", "--all")
    place.cleanup()


async def start(podman: Podman, folder: Path) -> None:
    (folder / "relay.toml").write_text(TOML)
    extra = shlex.split(os.environ.get("BYRE_CONTAINER_RUN", ""))
    volumes = ["-v", "byre-relay:/data", "-v", f"{folder}/relay.toml:/etc/byre/relay.toml:ro"]
    published = ["-p", f"127.0.0.1:{PORT}:8440"]
    await podman("run", "--detach", "--name", "relay", *documented(), *extra, *volumes, *published, "byre-relay")
    for _ in range(100):
        if "listening" in await podman("logs", "relay"):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(await podman("logs", "relay"))


async def stop(podman: Podman) -> None:
    """SIGTERM, as the file's STOPSIGNAL says; the relay drains and ends of its own accord."""
    await podman("stop", "--time", "15", "relay")
    assert (await podman("inspect", "--format", "{{.State.ExitCode}} {{.State.OOMKilled}}", "relay")) == "0 false"
    await podman("rm", "relay")


def process_of(pid: str) -> dict[str, list[str]]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}


async def test_the_container_keeps_what_the_unit_promises_and_what_it_holds(podman: Podman, tmp_path: Path) -> None:
    (image,) = json.loads(await podman("inspect", "--type", "image", "byre-relay"))
    assert image["Config"]["User"] == "byre"
    assert image["Healthcheck"]["Test"] == ["CMD", "/opt/byre/healthy"]
    assert image["Config"]["StopSignal"] == "SIGTERM"
    await start(podman, tmp_path)
    status = process_of(await podman("inspect", "--format", "{{.State.Pid}}", "relay"))
    assert set(status["Uid"]) == {"10440"}
    assert {status[name][0] for name in ("CapEff", "CapPrm", "CapBnd")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == (["1"], ["2"])
    await podman("exec", "relay", "sh", "-c", "touch /opt/byre/x", status=1)
    assert await podman("exec", "relay", "sh", "-c", "stat -c %U:%a /data /data/relay.keys") == "byre:700\nbyre:600"
    asked = "import sys, urllib.request as r; print(r.urlopen('http://127.0.0.1:8441' + sys.argv[1]).read().decode())"
    assert await podman("exec", "relay", "python3", "-c", asked, "/healthz") == "ok"
    assert await podman("exec", "relay", "python3", "-c", asked, "/readyz") == "ready"

    alice, bob = User(URL, 1), User(URL, 2)
    for user in (alice, bob):
        await user.network.start()
        await user.register()
    live = alice.send(bob)
    await until(lambda: alice.told.has(live, Progress.ACKED), "live")
    bob.detach()
    held = [alice.send(bob) for _ in range(5)]
    await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in held), "held")
    metrics = await podman("exec", "relay", "python3", "-c", asked, "/metrics")
    assert re.search(r"^byre_relay_stored_total 5(\.0)?$", metrics, re.M)
    await stop(podman)
    await start(podman, tmp_path)  # another container over the same volume
    bob.attach()
    await until(lambda: bob.told.mids == [live, *held], "what was held")
    await podman("exec", "relay", "/opt/byre/healthy")
    for user in (alice, bob):
        await user.network.stop()
    await stop(podman)
