"""The route to relays: through a proxy and never beside it, names that only the proxy knows, TLS that is checked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from byre.client.connection import Route
from byre.client.events import ConnectionChanged
from byre.errors import EnvironmentFault, UsageError
from tests.fakes.authority import Authority
from tests.fakes.proxies import FakeProxy, proxy
from tests.fakes.world import World
from tests.protocol.room_steps import joined, shows

NAME = "relay.test"


class Watch:
    """Sees every name that this process looks up and every port that it connects to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: set[str] = set()
        self.ports: set[int] = set()
        look_up, connect = socket.getaddrinfo, asyncio.SelectorEventLoop.sock_connect

        def seen(host: Any, *args: Any, **kwargs: Any) -> Any:
            self.names.add(str(host))
            return look_up(host, *args, **kwargs)

        async def connected(loop: Any, sock: Any, address: Any) -> Any:
            self.ports.add(address[1])
            return await connect(loop, sock, address)

        monkeypatch.setattr(socket, "getaddrinfo", seen)
        monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", connected)


@pytest.mark.parametrize("is_socks", [True, False], ids=["socks5", "http"])
async def test_two_people_talk_through_a_proxy_that_alone_knows_the_relays_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_socks: bool
) -> None:
    authority = Authority(tmp_path)
    async with proxy(is_socks=is_socks) as way, World(tmp_path, host=NAME, tls=authority.server(NAME).context) as world:
        way.names[NAME] = world.relay.port
        watch = Watch(monkeypatch)
        route = Route(proxy=way.url, ca_pem=authority.pem)
        anna, ben = await world.account("anna", route=route), await world.account("ben", route=route)
        for client, other in ((anna, "ben"), (ben, "anna")):
            await client.engine.contacts.add(other)
        speaker = await world.linked_pc(anna, route=route) if is_socks else anna
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben, speaker), room)
        await speaker.engine.messages.send(room, "음매")
        await shows(world, ben, room, "음매")
        assert set(way.asked) == {(NAME, world.relay.port)}
        # beside the fake proxy's own connections, nothing dials the relay and nobody asks where it is
        assert NAME not in watch.names
        if is_socks:
            _expect_separate_circuits(way)


def _expect_separate_circuits(way: FakeProxy) -> None:
    assert {username for username, _ in way.circuits} == {"byre-r", "byre-s"}
    assert len({password for _, password in way.circuits}) == len(set(way.circuits)) >= 6


async def test_a_profile_keeps_its_proxy_and_another_route_drops_what_is_open(tmp_path: Path) -> None:
    async with proxy() as first, proxy() as second, World(tmp_path) as world:
        anna = await world.account("anna", route=Route(proxy=first.url))
        anna.options.pop("route")
        before = len(first.asked)
        anna = await world.restart(anna)
        await world.until(lambda: anna.engine.account.status().connected)
        assert len(first.asked) > before
        assert anna.engine.network.get().proxy == first.url
        await anna.engine.network.put(proxy=second.url)
        await world.until(lambda: len(second.asked) >= 2 and anna.engine.account.status().connected)
        await anna.engine.network.put(proxy="")
        assert anna.engine.network.get().proxy is None
        await world.until(lambda: anna.engine.account.status().connected)
        for bad in ("socks4://127.0.0.1:9", "127.0.0.1:9050", "socks5h://127.0.0.1", "socks5h://a@b:1"):
            with pytest.raises(UsageError) as caught:
                await anna.engine.network.put(proxy=bad)
            assert caught.value.code == "bad_proxy"


async def test_a_proxy_that_is_away_or_refuses_us_has_a_code_of_its_own(tmp_path: Path) -> None:
    async with proxy(password="open sesame") as way, World(tmp_path) as world:
        client = await world.client("anna", route=Route(proxy=way.url))
        await _refused(lambda: client.engine.account.create(handle="anna", name="A", relay=world.relay.url), "proxy")
        await client.engine.network.put(proxy=f"socks5h://byre:open%20sesame@127.0.0.1:{way.port}")
        await client.engine.account.create(handle="anna", name="Anna", relay=world.relay.url)
        assert set(way.circuits) == {("byre", "open sesame")}
        far = await world.client("far", route=Route(proxy=f"socks5h://127.0.0.1:{_closed_port()}"))
        await _refused(lambda: far.engine.account.create(handle="far", name="F", relay=world.relay.url), "proxy")
        near = await world.client("near", route=Route(proxy=f"socks5h://a:open%20sesame@127.0.0.1:{way.port}"))
        relay = f"http://127.0.0.1:{_closed_port()}"
        await _refused(lambda: near.engine.account.create(handle="near", name="N", relay=relay), "relay_unreachable")


async def test_a_certificate_that_nobody_vouches_for_is_told_as_such(tmp_path: Path) -> None:
    authority, stranger = Authority(tmp_path), Authority(tmp_path)
    shown = authority.server("127.0.0.1")
    async with World(tmp_path, tls=shown.context) as world:
        for number, route in enumerate((None, Route(ca_pem=stranger.pem), Route(pins=(_pin(world, "00" * 32),)))):
            client = await world.client(f"anna-{number}", route=route)
            await _refused(
                lambda c=client: c.engine.account.create(handle="anna", name="Anna", relay=world.relay.url),
                "relay_certificate",
            )
        anna = await world.account("anna", route=Route(ca_pem=authority.pem))
        ben = await world.account("ben", route=Route(pins=(_pin(world, shown.sha256),)))
        await anna.engine.contacts.add("ben")
        room = await anna.engine.rooms.create(["ben"])
        await joined((ben,), room)
        await ben.engine.network.put(pins={_pin(world, "")[0]: "11" * 32})
        await ben.wait(ConnectionChanged, lambda event: event.reason == "relay_certificate")
        assert not ben.engine.account.status().connected
        await ben.engine.network.put(pins={}, ca_pem=authority.pem)
        await world.until(lambda: ben.engine.account.status().connected)


@pytest.mark.parametrize("made_for", [("127.0.0.1", -1), ("other.test", 1)], ids=["expired", "another host"])
async def test_a_certificate_that_is_over_or_of_another_host_is_refused(
    tmp_path: Path, made_for: tuple[str, int]
) -> None:
    authority = Authority(tmp_path)
    host, days = made_for
    async with World(tmp_path, tls=authority.server(host, days=days).context) as world:
        client = await world.client("anna", route=Route(ca_pem=authority.pem))
        await _refused(
            lambda: client.engine.account.create(handle="anna", name="Anna", relay=world.relay.url), "relay_certificate"
        )


async def _refused(work: Callable[[], Any], code: str) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        await work()
    assert caught.value.code.startswith(code)


def _pin(world: World, digest: str) -> tuple[str, str]:
    return f"{world.relay.host}:{world.relay.port}", digest


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
