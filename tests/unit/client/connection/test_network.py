"""The network: one client per canonical URL, nothing in the clear beyond this machine, aiohttp only when it dials."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from byre.client.clock import SystemClock
from byre.client.connection import Network
from byre.client.stretch import Turns
from byre.errors import EnvironmentFault, UsageError
from byre.relay.main import free_port
from tests.fakes.clock import FrozenClock
from tests.fakes.relay import seeded
from tests.fakes.relay_user import Told

APP = Path(__file__).resolve().parents[4] / "app"


@pytest.fixture
def network() -> Network:
    return Network(callbacks=Told(), clock=FrozenClock(), random=seeded(1), turns=Turns())


async def test_two_spellings_are_one_relay(network: Network) -> None:
    assert network.relay("https://Relay.Example/") is network.relay("https://relay.example:443")
    assert network.relay("https://relay.example").url == "https://relay.example"


@pytest.mark.parametrize("url", ["http://relay.example", "ftp://127.0.0.1", "relay.example", "", "https://"])
async def test_anything_but_tls_or_loopback_is_refused(network: Network, url: str) -> None:
    with pytest.raises(UsageError) as caught:
        network.relay(url)
    assert caught.value.code == "bad_relay_url"


def test_importing_the_connection_does_not_import_aiohttp() -> None:
    code = "import sys, byre.client.connection; sys.exit('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(APP)}, check=False)
    assert done.returncode == 0


async def test_a_port_where_nothing_listens_is_told_within_three_seconds() -> None:
    network = Network(callbacks=Told(), clock=SystemClock(), random=seeded(1), turns=Turns())
    await network.start()
    relay = network.relay(f"http://127.0.0.1:{free_port('127.0.0.1')}")
    started = time.monotonic()
    for asking in (relay.directory_get(handle="nobody"), relay.relay_id()):
        with pytest.raises(EnvironmentFault) as caught:
            await asking
        assert caught.value.code == "relay_unreachable"
        assert time.monotonic() - started < 3
        started = time.monotonic()
    await network.stop()
