"""Dialling: sessions of their own per socket kind and relay, nothing from the environment, errors by what to do."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import aiohttp
import aiohttp_socks
import pytest

from byre.client.connection.dialer import Dialer, as_fault
from byre.client.connection.route import Route
from tests.fakes.authority import Authority
from tests.fakes.relay import seeded

RELAY = "https://relay.test"


async def test_each_kind_and_relay_has_a_session_that_the_environment_cannot_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    dialer = Dialer(random=seeded(1))
    sessions = [dialer.session(url, kind) for url in (RELAY, "https://other.test") for kind in ("r", "s", "b")]
    assert len({id(session) for session in sessions}) == 6
    assert dialer.session(RELAY, "r") is sessions[0]
    assert not any(session.trust_env for session in sessions)
    assert not any(isinstance(session.connector, aiohttp_socks.ProxyConnector) for session in sessions)
    await dialer.close()
    assert all(session.closed for session in sessions)


async def test_circuits_are_kept_apart_by_credentials_and_change_with_each_start() -> None:
    dialer = Dialer(Route(proxy="socks5h://127.0.0.1:9050"), random=seeded(1))
    seen = set()
    for kind in ("r", "s", "r"):
        connector = dialer.session(RELAY, kind).connector
        assert isinstance(connector, aiohttp_socks.ProxyConnector)
        assert connector._rdns
        seen.add((connector._proxy_username, connector._proxy_password))
    await dialer.change(dialer.route)
    connector = dialer.session(RELAY, "r").connector
    assert isinstance(connector, aiohttp_socks.ProxyConnector)
    seen.add((connector._proxy_username, connector._proxy_password))
    assert len(seen) == 3
    await dialer.close()


async def test_what_is_trusted_follows_the_route(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    dialer = Dialer(Route(ca_pem=authority.pem, pins=(("pinned.test", "ab" * 32),)), random=seeded(1))
    pinned, believed = dialer.trust("https://pinned.test"), dialer.trust(RELAY)
    assert isinstance(pinned, aiohttp.Fingerprint)
    assert isinstance(believed, ssl.SSLContext)
    assert believed.verify_mode is ssl.CERT_REQUIRED
    assert believed.check_hostname
    assert dialer.trust(RELAY) is believed
    assert dialer.trust("http://127.0.0.1:8440") is True


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ssl.SSLCertVerificationError("x"), "relay_certificate"),
        (aiohttp.ServerFingerprintMismatch(b"", b"", "h", 1), "relay_certificate"),
        (ssl.SSLError("x"), "relay_unreachable"),
        (ConnectionRefusedError(), "relay_unreachable"),
        (TimeoutError(), "relay_unreachable"),
        (aiohttp.ClientError(), "relay_unreachable"),
        (aiohttp_socks.ProxyConnectionError(), "proxy_unreachable"),
        (aiohttp_socks.ProxyError("auth"), "proxy_unreachable"),
        (aiohttp_socks.ProxyError("host unreachable", 4), "relay_unreachable"),
        (aiohttp_socks.ProxyTimeoutError(), "relay_unreachable"),
        (asyncio.CancelledError(), None),
        (ZeroDivisionError(), None),
    ],
)
def test_an_error_says_what_to_do(error: BaseException, code: str | None) -> None:
    fault = as_fault(error)
    assert (None if fault is None else fault.code) == code
