"""The front proxy as it is shipped: nginx itself, with packaging/relay/nginx.conf, before a relay on loopback.

Only what belongs to a machine is put in its place: ports, the certificate, folders. Skipped where there is no nginx.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from byre.client.connection import Progress
from byre.client.connection.route import Route
from byre.relay.main import free_port
from byre.wire.frames import BLOB_CHUNK_BYTES, SUBPROTOCOL
from tests.fakes.authority import Authority
from tests.fakes.blob_client import blob_client
from tests.fakes.relay import TEST_LIMITS, RunningRelay, running_relay
from tests.fakes.relay_user import until, users

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
SHIPPED = Path(__file__).resolve().parents[2] / "packaging" / "relay" / "nginx.conf"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
START_S = 10.0

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (apt install nginx-light)")


def in_place(folder: Path, *, port: int, relay_port: int, certificate: Path) -> Path:
    """Write the shipped file with this machine's ports and paths, and what nginx wants around it."""
    text = SHIPPED.read_text()
    for shipped, here in {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "    listen [::]:443 ssl;\n": "",
        "server_name relay.example;": "server_name localhost;",
        "/etc/letsencrypt/live/relay.example/fullchain.pem": str(certificate),
        "/etc/letsencrypt/live/relay.example/privkey.pem": str(certificate),
        "http://127.0.0.1:8440": f"http://127.0.0.1:{relay_port}",
    }.items():
        assert text.count(shipped) == 1, shipped
        text = text.replace(shipped, here)
    paths = "".join(f"{name}_temp_path {folder}/tmp-{name};\n" for name in TEMPORARY)
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log info;\n"
        f"events {{ worker_connections 256; }}\nhttp {{\n{paths}{text}}}\n"
    )
    return whole


class Front:
    """A running nginx."""

    def __init__(self, folder: Path, port: int, authority: Authority) -> None:
        self.folder = folder
        self.port = port
        self.url = f"https://localhost:{port}"
        self.trusted = ssl.create_default_context(cadata=authority.pem)
        self.route = Route(ca_pem=authority.pem)

    def written(self) -> list[Path]:
        """Every file that nginx made, but its own error log and pid."""
        return [
            path
            for path in self.folder.rglob("*")
            if path.is_file() and path.name not in ("nginx.conf", "nginx.pid", "error.log")
        ]


@asynccontextmanager
async def fronted(folder: Path, *, sockets_per_address: int = 64) -> AsyncIterator[tuple[RunningRelay, Front]]:
    assert NGINX is not None
    authority, port = Authority(folder), free_port("127.0.0.1")
    certificate = await asyncio.to_thread(certificate_of, authority, folder)
    limits = replace(TEST_LIMITS, sockets_per_address=sockets_per_address, handshake_burst=1000)
    async with running_relay(
        folder / "relay", limits=limits, trusts_proxy=True, origin=f"https://localhost:{port}"
    ) as relay:
        place = folder / "nginx"
        place.mkdir()
        configuration = in_place(place, port=port, relay_port=relay.port, certificate=certificate)
        process = await asyncio.create_subprocess_exec(
            NGINX, "-p", str(place), "-c", str(configuration),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        front = Front(place, port, authority)
        try:
            async with asyncio.timeout(START_S):
                while not await answers(port):
                    assert process.returncode is None, (await process.communicate())[1].decode()
            yield relay, front
        finally:
            if process.returncode is None:
                process.terminate()
            await process.communicate()


def certificate_of(authority: Authority, folder: Path) -> Path:
    authority.server("localhost")
    (path,) = folder.glob("server-*.pem")
    return path


async def answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        await asyncio.sleep(0.02)
        return False
    writer.close()
    return True


async def test_devices_and_blobs_pass_and_nginx_writes_nothing(tmp_path: Path) -> None:
    async with fronted(tmp_path) as (relay, front):
        async with users(front.url, 2, route=front.route) as (alice, bob):
            live = alice.send(bob, bytes(60_000))
            await until(lambda: alice.told.has(live, Progress.ACKED))
            bob.detach()
            await until(lambda: relay.relay.services.mailboxes.cached(bob.mailbox).socket is None)  # type: ignore[union-attr]
            held = alice.send(bob)
            await until(lambda: alice.told.has(held, Progress.STORED))
            bob.attach()
            await until(lambda: bob.told.mids == [live, held])
            async with blob_client(front.url, front.trusted) as client:
                data = bytes(range(256)) * (BLOB_CHUNK_BYTES // 256) + b"and a rest"
                made = await client.made(bob.mailbox, bob.token, len(data))
                await client.upload(made, data)
                assert (await client.get(made)).body == data
                answer = await client.request("PUT", f"/b/{made.blob_id.hex()}/0", body=io.BytesIO(bytes(3 << 20)))
                assert answer.status == 413  # nginx's own limit, twice a chunk
        assert front.written() == []  # no body was buffered in a file, no request logged


async def test_what_belongs_to_the_operator_is_not_reachable(tmp_path: Path) -> None:
    async with fronted(tmp_path) as (_, front), blob_client(front.url, front.trusted) as client:
        assert (await client.request("GET", "/healthz")).status == 200
        for path in ("/metrics", "/counters", "/report", "/readyz", "/", "/../metrics", "/healthz/../metrics"):
            answer = await client.request("GET", path)
            assert (path, answer.status) == (path, 404)
            assert b"byre_" not in answer.body


async def test_old_tls_is_refused(tmp_path: Path) -> None:
    async with fronted(tmp_path) as (_, front):
        old = ssl.create_default_context()
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises(ssl.SSLError):
            await asyncio.open_connection("127.0.0.1", front.port, ssl=old)


async def test_a_client_cannot_say_who_it_is(tmp_path: Path) -> None:
    async with fronted(tmp_path, sockets_per_address=1) as (relay, front), aiohttp.ClientSession() as session:

        def opening(forged: str) -> aiohttp.client._WSRequestContextManager:
            headers = {"X-Forwarded-For": forged, "Forwarded": f"for={forged}", "X-Real-IP": forged}
            return session.ws_connect(front.url + "/s", protocols=(SUBPROTOCOL,), ssl=front.trusted, headers=headers)

        async with opening("203.0.113.9"):
            assert dict(relay.relay.sockets.addresses._open) == {"127.0.0.1": 1}
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                async with opening("203.0.113.10"):
                    pass
            assert caught.value.status == 429
        await until(lambda: not relay.relay.sockets.addresses._open)


async def test_a_relay_that_goes_down_says_so_through_the_proxy_and_is_found_again(tmp_path: Path) -> None:
    async with fronted(tmp_path) as (relay, front):
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(front.url + "/s", protocols=(SUBPROTOCOL,), ssl=front.trusted) as websocket,
        ):
            reading = asyncio.create_task(until_closed(websocket))
            await asyncio.gather(relay.stop(), reading)
            assert websocket.close_code == 1012
        await relay.start_again()
        async with users(front.url, 2, route=front.route) as (alice, bob):
            mid = alice.send(bob)
            await until(lambda: alice.told.has(mid, Progress.ACKED))


async def until_closed(websocket: aiohttp.ClientWebSocketResponse) -> None:
    while (await websocket.receive(timeout=10)).type is aiohttp.WSMsgType.BINARY:
        pass
