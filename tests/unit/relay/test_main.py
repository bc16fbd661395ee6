"""`byre relay` as an operator meets it: flags, addresses, health, metrics, clear refusals."""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from byre.errors import EnvironmentFault, UsageError
from byre.relay.listening import Address, Listening, listen_address
from byre.relay.main import add_arguments, run_relay
from byre.relay.server import Relay
from tests.fakes.relay import TEST_LIMITS, RelayClock, running_relay, seeded

APP = Path(__file__).resolve().parents[3] / "app"


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run_relay(parser.parse_args(words))


@asynccontextmanager
async def with_admin(path: Path) -> AsyncIterator[tuple[Relay, str]]:
    relay = await Relay.open(
        path, origins=("http://127.0.0.1:1",), limits=TEST_LIMITS, clock=RelayClock(), random=seeded(1)
    )
    listening = await Listening.start(relay, Address("127.0.0.1", 0), admin=Address("127.0.0.1", 0), tls=None)
    try:
        yield relay, f"http://127.0.0.1:{listening.ports[1]}"
    finally:
        await relay.drain()
        await listening.stop()
        await relay.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("127.0.0.1:8440", Address("127.0.0.1", 8440)), ("[::1]:0", Address("::1", 0)), ("host:1", Address("host", 1))],
)
def test_addresses_are_host_and_port(text: str, expected: Address) -> None:
    assert listen_address(text) == expected


@pytest.mark.parametrize("text", ["", "8440", ":8440", "host:", "host:x", "host:65536", "host:-1"])
def test_anything_else_is_no_address(text: str) -> None:
    with pytest.raises(UsageError):
        listen_address(text)


def ends(*words: str) -> tuple[int, str]:
    """Run `byre relay` as a process; return its exit status and the one line that it says."""
    command = [sys.executable, "-m", "byre", "relay", *words]
    done = subprocess.run(command, cwd=APP, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == ""
    (said,) = done.stderr.splitlines()
    return done.returncode, said


@pytest.mark.parametrize(
    "words",
    [
        ("--listen", "nonsense"),
        ("--listen", "192.0.2.1:8440"),
        ("--listen", "0.0.0.0:8440", "--trusted-proxy"),
        ("--tls-cert", "a.pem"),
        ("--tls-cert", "missing.pem", "--tls-key", "missing.pem"),
        ("--admin", "192.0.2.1:1"),
        ("--limit-ttl-cap-s", "999999"),
        ("disclose",),
    ],
    ids=" ".join,
)
def test_wrong_flags_are_one_clear_sentence(tmp_path: Path, words: tuple[str, ...]) -> None:
    listen = () if "--listen" in words else ("--listen", "127.0.0.1:0")
    with pytest.raises(UsageError) as caught:
        run("--data", str(tmp_path / "data"), *listen, *words)
    assert re.fullmatch(r"[^\n]+\.", caught.value.sentence)


def test_a_data_directory_that_is_a_file_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EnvironmentFault) as caught:
        run("--data", str(tmp_path / "file"), "--listen", "127.0.0.1:0")
    assert caught.value.code == "io_error"


def test_exit_statuses_and_messages_are_those_of_every_command(tmp_path: Path) -> None:
    status, said = ends("--listen", "127.0.0.1:0")
    assert (status, said) == (2, "byre: A relay needs --data DIR. (bad_params)")
    (tmp_path / "file").write_bytes(b"")
    status, said = ends("--data", str(tmp_path / "file"))
    assert (status, said) == (3, "byre: The relay's data directory cannot be used. (io_error)")


def test_disclosing_needs_a_relay_and_a_known_account(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as missing:
        run("disclose", "--data", str(tmp_path), "--account", "farmer")
    assert missing.value.code == "db_missing"

    async def found() -> None:
        async with running_relay(tmp_path / "relay"):
            pass

    asyncio.run(found())
    with pytest.raises(UsageError) as unknown:
        run("disclose", "--data", str(tmp_path / "relay"), "--account", "farmer")
    assert unknown.value.code == "no_such_handle"


async def test_health_readiness_counters_and_metrics(tmp_path: Path) -> None:
    async with with_admin(tmp_path) as (relay, url), aiohttp.ClientSession() as session:
        for path in ("/healthz", "/readyz"):
            async with session.get(url + path) as answer:
                assert answer.status == 200
        async with session.get(url + "/counters") as answer:
            counters = await answer.json()
        assert counters == relay.services.counters.snapshot()
        assert {"accepted", "live", "stored", "acked", "expired", "dup", "spill", "held_now"} <= set(counters)
        async with session.get(url + "/metrics") as answer:
            text = await answer.text()
        assert set(re.findall(r"[{,](\w+)=", text)) == {"le"}
        assert re.search(r"^byre_relay_accepted_total 0(\.0)?$", text, re.M)
        async with session.get(url + "/report") as answer:
            assert (await answer.json())["accounts"] == 0
        relay.services.clock.break_wall(3600)
        async with session.get(url + "/readyz") as answer:
            assert (answer.status, await answer.text()) == (503, "not ready: clock\n")
        relay.services.clock.break_wall(-3600)
        await relay.drain()
        async with session.get(url + "/readyz") as answer:
            assert (answer.status, await answer.text()) == (503, "not ready: drain\n")
        async with session.get(url + "/counters") as answer:
            assert (await answer.json())["drain_state"] == 1


async def test_metrics_without_their_library_are_a_clear_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "byre.relay.metrics", raising=False)
    with pytest.raises(EnvironmentFault) as caught:
        async with running_relay(tmp_path / "relay") as relay:
            await Listening.start(relay.relay, Address("127.0.0.1", 0), admin=Address("127.0.0.1", 0), tls=None)
    assert caught.value.code == "missing_package"


async def test_a_store_that_cannot_write_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with with_admin(tmp_path) as (relay, _):

        async def full(name: str, value: int) -> None:
            raise EnvironmentFault("the disk is full", code="disk_full")

        with monkeypatch.context() as patch:
            patch.setattr(relay._durable, "set_setting", full)
            assert await relay.not_ready() == ["store"]
            patch.setattr(relay._directory, "free_percent", lambda: -1.0)
            assert await relay.not_ready() == ["disk"]
        assert await relay.not_ready() == []


async def test_a_draining_relay_takes_no_sockets(tmp_path: Path) -> None:
    async with running_relay(tmp_path / "relay") as relay, aiohttp.ClientSession() as session:
        await relay.relay.drain()
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(relay.url + "/s")
        assert caught.value.status == 503


async def test_a_taken_port_is_a_clear_fault(tmp_path: Path) -> None:
    async with running_relay(tmp_path / "relay") as relay:
        with pytest.raises(EnvironmentFault) as caught:
            await Listening.start(relay.relay, Address("127.0.0.1", relay.port), admin=None, tls=None)
        assert caught.value.code == "address_in_use"
