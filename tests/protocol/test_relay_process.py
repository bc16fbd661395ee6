"""`byre relay` as a process: blobs under kill -9, a certificate renewed while it runs, a configuration file."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import signal
import ssl
from pathlib import Path

import aiohttp
import pytest

from byre.wire.frames import BLOB_CHUNK_BYTES
from tests.fakes.blob_client import BlobClient, blob_client
from tests.fakes.relay_user import User, until
from tests.protocol.test_relay_killed import HastyClock, RelayProcess, relay_process
from tests.unit.relay.test_certificate import issue

KILLS = 40 if os.environ.get("BYRE_SOAK") else 4


async def patient(client: BlobClient, made: object, index: int, chunk: bytes) -> None:
    """PUT a chunk until the relay says that it has it, whatever happens to the relay meanwhile."""
    for _ in range(400):
        try:
            answer = await client.put(made, index, chunk)  # type: ignore[arg-type]
        except (aiohttp.ClientError, OSError):
            await asyncio.sleep(0.05)
            continue
        if answer.status == 204:
            return
        assert answer.status == 503, answer
        await asyncio.sleep(0.05)
    raise AssertionError("the chunk never arrived")


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.xdist_group("kill")
async def test_an_upload_survives_kills_and_is_whole(tmp_path: Path) -> None:
    dice = random.Random(20261122)
    data = dice.randbytes(12 * BLOB_CHUNK_BYTES + 77)
    chunks = [data[place : place + BLOB_CHUNK_BYTES] for place in range(0, len(data), BLOB_CHUNK_BYTES)]
    async with relay_process(tmp_path / "relay") as relay, blob_client(relay.url) as client:
        user = User(relay.url, 1, HastyClock())
        await user.network.start()
        await user.register()
        made = await client.made(user.mailbox, user.token, len(data), readers=2)
        confirmed: set[int] = set()

        async def upload() -> None:
            order = list(range(len(chunks)))
            dice.shuffle(order)
            for index in order:
                await patient(client, made, index, chunks[index])
                confirmed.add(index)
                await asyncio.sleep(0.05)

        uploading = asyncio.create_task(upload())
        for _ in range(KILLS):
            await asyncio.sleep(dice.random() * 0.15)
            await relay.end(signal.SIGKILL)
            before = set(confirmed)
            await relay.start()
            bits = int.from_bytes((await client.state(made)).chunks, "little")
            assert all(bits >> index & 1 for index in before)  # what was confirmed is there
        await uploading
        answer = await client.get(made)
        assert hashlib.sha256(answer.body).digest() == hashlib.sha256(data).digest()
        for capability in made.read_capabilities:
            assert (await client.finish(made, capability)).status == 204
        await relay.end(signal.SIGKILL)
        await relay.start()
        assert (await client.get(made)).refusal == (404, "absent")
        assert list((tmp_path / "relay").glob("blobs/*")) == []
        await user.network.stop()
        assert await relay.end(signal.SIGTERM) == (0, b"")


def shown(port: int) -> bytes:
    return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port), timeout=5))


async def test_a_certificate_is_renewed_by_a_signal_and_a_file_configures(tmp_path: Path) -> None:
    first = issue(tmp_path, "127.0.0.1")
    (tmp_path / "relay.toml").write_text(
        f'tls_cert = "{tmp_path}/chain.pem"\ntls_key = "{tmp_path}/key.pem"\n[limits]\nping_s = 3\n'
    )
    async with relay_process(tmp_path / "relay", "--config", str(tmp_path / "relay.toml")) as relay:
        assert relay.process is not None
        assert await asyncio.to_thread(shown, relay.port) == first
        second = issue(tmp_path, "127.0.0.1")
        relay.process.send_signal(signal.SIGHUP)
        for _ in range(100):
            if await asyncio.to_thread(shown, relay.port) == second:
                break
            await asyncio.sleep(0.02)
        assert await asyncio.to_thread(shown, relay.port) == second
        assert await relay.end(signal.SIGTERM) == (0, b"")


async def test_a_reload_without_a_certificate_changes_nothing(tmp_path: Path) -> None:
    relay = RelayProcess(tmp_path / "relay")
    await relay.start()
    assert relay.process is not None
    relay.process.send_signal(signal.SIGHUP)
    async with aiohttp.ClientSession() as session, session.get(relay.url + "/healthz") as answer:
        assert answer.status == 200
    await until(lambda: relay.process is not None and relay.process.returncode is None)
    assert await relay.end(signal.SIGTERM) == (0, b"")
