"""What goes wrong outside, seen through the process boundary: a stable code, no traceback, nothing lost or replaced."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from byre.demo.process import RpcError, RpcProcess
from byre.demo.stage import Device, eventually
from byre.demo.words import new_handle, new_text
from tests.end2end.conftest import Cast

NOWHERE = "http://127.0.0.1:9"
SMALL_DISK = ("unshare", "--mount", "--map-root-user", "sh", "-c")
LIMITED = """
import dataclasses, sys
from byre.__main__ import main
from byre.db import connection, database, pragmas

limited = dataclasses.replace(pragmas.CLIENT_PRAGMAS, max_page_count=700)
for function in (connection.open_connection, database.Database.open.__func__):
    function.__kwdefaults__["pragmas"] = limited
sys.exit(main(sys.argv[1:]))
"""


async def code_of(device: Device | RpcProcess, method: str, **params: object) -> str:
    """The `data.code` that `method` is refused with."""
    with pytest.raises(RpcError) as caught:
        await device.call(method, **params)
    assert caught.value.sentence
    assert "Traceback" not in caught.value.sentence
    return caught.value.code


def logs_of(cast: Cast) -> str:
    return "".join(path.read_text(errors="replace") for path in cast.logs.glob("*.log"))


def files_of(profile: Path) -> dict[str, bytes]:
    return {str(p.relative_to(profile)): p.read_bytes() for p in sorted(profile.rglob("*")) if p.is_file()}


def profile_of(device: Device) -> Path:
    return Path(device.arguments[device.arguments.index("--profile") + 1])


async def start_locked(device: Device) -> RpcProcess:
    """Start a device's process without unlocking it."""
    device.process = await RpcProcess.start(device.name, device.arguments, logs=device.logs, env=device.env)
    return device.process


async def test_a_wrong_passphrase_is_said_and_changes_nothing(cast: Cast) -> None:
    anna = await cast.account("anna")
    await anna.rpc.stop()
    process = await start_locked(anna)
    assert (await process.call("status"))["state"] == "locked"
    before = files_of(profile_of(anna))
    assert await code_of(process, "room.list") == "locked"
    assert await code_of(process, "unlock", passphrase="not it") == "wrong_passphrase"
    assert files_of(profile_of(anna)) == before
    await process.call("unlock", passphrase=anna.passphrase)
    assert (await process.call("status"))["state"] == "ready"
    assert "Traceback" not in logs_of(cast)


async def test_a_second_instance_on_one_profile_is_refused(cast: Cast) -> None:
    anna = await cast.account("anna")
    second = await RpcProcess.start("second", anna.arguments, logs=cast.logs)
    try:
        assert await code_of(second, "status") == "profile_in_use"
        assert await code_of(second, "unlock", passphrase=anna.passphrase) == "profile_in_use"
    finally:
        assert await second.stop() == 0
    assert (await anna.call("status"))["state"] == "ready"
    assert "Traceback" not in logs_of(cast)


async def test_sigterm_closes_the_profile_before_the_process_ends(cast: Cast) -> None:
    anna = await cast.account("anna")
    room_id = (await anna.call("room.list"))["rooms"][0]["room_id"]
    text = new_text()
    await anna.call("message.send", room_id=room_id, text=text)
    anna.rpc.process.terminate()
    assert await anna.rpc.process.wait() == 128 + signal.SIGTERM
    assert not list(profile_of(anna).glob("*-wal"))  # closed in order: nothing is left to be recovered
    assert logs_of(cast) == ""
    await anna.start()
    (message,) = (await anna.call("message.list", room_id=room_id, limit=5))["messages"]
    assert message["text"] == text


@pytest.mark.timeout(300)
async def test_an_unreachable_relay_is_said_and_texts_wait_for_it(cast: Cast) -> None:
    lost = cast.phone("lost")
    await lost.start()
    created = {"handle": new_handle("lost"), "name": "lost", "relay": NOWHERE, "passphrase": lost.passphrase}
    assert await code_of(lost, "account.create", **created) == "relay_unreachable"

    anna, bela = await cast.account("anna"), await cast.account("bela")
    room_id = await cast.room(anna, [bela])
    assert cast.relay is not None
    await cast.relay.kill_and_wait()
    text = new_text()
    message_id = (await anna.call("message.send", room_id=room_id, text=text))["message_id"]
    shown = (await anna.call("message.list", room_id=room_id, limit=1))["messages"]
    assert [(m["message_id"], m["state"]) for m in shown] == [(message_id, "queued")]
    cast.relay = await cast.relay.restart()

    async def arrived() -> bool:
        return text in await bela.texts(room_id)

    await eventually("the text arrives once the relay is back", arrived, 120)
    assert "Traceback" not in logs_of(cast)


@pytest.mark.parametrize(
    "uri", ["", "byre://link#", "byre://link#%%%", "https://example.org", "byre://link#" + "A" * 5000]
)
async def test_a_malformed_link_uri_is_refused(cast: Cast, uri: str) -> None:
    anna = await cast.account("anna")
    assert await code_of(anna, "link.accept", uri=uri) in {"bad_link", "bad_params"}
    assert (await anna.call("status"))["state"] == "ready"
    assert "Traceback" not in logs_of(cast)


async def test_malformed_rpc_lines_are_answered_and_the_next_one_works(cast: Cast) -> None:
    device = cast.phone("robot")
    process = await device.start()
    for line in (
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"jsonrpc": "2.0", "id": "x"}',
        b'{"jsonrpc": "1.0", "id": 1, "method": "status"}',
    ):
        since = len(process.notices)
        process.write_line(line)
        answer = await process.wait_for("", since=since)
        assert answer["error"]["data"]["code"] in {"parse_error", "invalid_request"}
    assert await code_of(device, "no.such.method") == "no_such_method"
    assert await code_of(device, "account.create", handle=7) == "bad_params"
    assert (await device.call("status"))["state"] == "new"
    assert "Traceback" not in logs_of(cast)


@pytest.mark.parametrize("damage", ["database", "key file"])
async def test_a_damaged_profile_is_said_and_never_replaced(cast: Cast, damage: str) -> None:
    anna = await cast.account("anna")
    await anna.rpc.stop()
    profile = profile_of(anna)
    files = sorted((p for p in profile.rglob("*") if p.is_file() and p.stat().st_size), key=lambda p: p.stat().st_size)
    victim = files[-1] if damage == "database" else next(p for p in files if "key" in p.name)
    victim.write_bytes(os.urandom(len(victim.read_bytes())))
    damaged = victim.read_bytes()
    process = await start_locked(anna)
    codes = set()
    for method, params in (("status", {}), ("unlock", {"passphrase": anna.passphrase}), ("room.list", {})):
        try:
            result = await process.call(method, **params)
            assert result.get("state") != "new", "an empty profile took the damaged one's place"
        except RpcError as error:
            codes.add(error.code)
    assert codes & {"db_damaged", "wrong_passphrase", "key_unavailable"}, codes
    new = {
        "handle": new_handle("anna"),
        "name": "a",
        "relay": cast.relay.url if cast.relay else "",
        "passphrase": "x" * 12,
    }
    assert await code_of(process, "account.create", **new)
    assert victim.read_bytes() == damaged
    assert "Traceback" not in logs_of(cast)


def can_mount(folder: Path) -> bool:
    """Whether a process may mount a small disk of its own (root or user namespaces, and util-linux)."""
    if not shutil.which("unshare"):
        return False
    command = [*SMALL_DISK, f'mount -t tmpfs -o size=3m none "{folder}"']
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


async def fill(process: RpcProcess, room_id: str, kept: list[str]) -> None:
    """Send large texts until one is refused; those that were taken are in `kept`."""
    for number in range(4000):
        text = f"{number} {new_text()} " + os.urandom(2000).hex()
        await process.call("message.send", room_id=room_id, text=text)
        kept.append(text)


def command_on_small_disk(kind: str, folder: Path) -> list[str]:
    """`byre rpc` on a disk of 3 MB of its own, or with a database that may not grow beyond as much."""
    words = ["rpc", "--profile", str(folder / "p")]
    if kind == "limited":
        return [sys.executable, "-c", LIMITED, *words]
    script = f'mount -t tmpfs -o size=3m none "{folder}" && exec "$@"'
    return [*SMALL_DISK, script, "sh", sys.executable, "-m", "byre", *words]


@pytest.mark.parametrize("kind", ["limited", "mounted"])
async def test_a_full_disk_is_said_and_nothing_is_lost(cast: Cast, tmp_path: Path, kind: str) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if kind == "mounted" and not can_mount(small):
        kind = "limited"  # nobody may mount a small disk of their own here: SQLite's own limit stands for it
    assert cast.relay is not None
    bela = await cast.account("bela")
    pipe = asyncio.subprocess.PIPE
    command = command_on_small_disk(kind, small)
    with (cast.logs / "small.log").open("wb") as log:
        process = RpcProcess(
            "small", await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=log, limit=2**24)
        )
    try:
        handle, passphrase = new_handle("small"), "a passphrase"
        await process.call("account.create", handle=handle, name="small", relay=cast.relay.url, passphrase=passphrase)
        room_id = (await process.call("room.create", members=[bela.handle]))["room_id"]
        kept: list[str] = []
        with pytest.raises(RpcError) as caught:
            await fill(process, room_id, kept)
        assert caught.value.code == "disk_full"
        assert kept, "there was no room for a single text"
        shown = (await process.call("message.list", room_id=room_id, limit=20))["messages"]
        assert [message["text"] for message in reversed(shown)][-1] == kept[-1]
    finally:
        await process.kill_and_wait()
    assert "Traceback" not in logs_of(cast)
