"""The route: what is a proxy, an authority, a pin, and what is refused before anything is dialled."""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path

import pytest

from byre.client.connection.dialer import as_fault
from byre.client.connection.route import LARGEST_CA, MOST_PINS, ProxyAddress, Route, load_authorities, parse_proxy
from byre.errors import UsageError
from tests.fakes.authority import Authority

NO_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("socks5h://127.0.0.1:9050", ProxyAddress(True, "127.0.0.1", 9050)),
        ("socks5://proxy.test:1080/", ProxyAddress(True, "proxy.test", 1080)),
        ("http://[::1]:3128", ProxyAddress(False, "::1", 3128)),
        ("socks5h://a%40b:c%3Ad@proxy.test:1", ProxyAddress(True, "proxy.test", 1, "a@b", "c:d")),
    ],
)
def test_a_proxy_is_named_by_a_url(url: str, address: ProxyAddress) -> None:
    assert parse_proxy(url) == address


@pytest.mark.parametrize(
    "url",
    [
        *("", "proxy.test:1080", "socks4://proxy.test:1", "https://proxy.test:1", "socks5h://proxy.test"),
        *("socks5h://:1080", "socks5h://proxy.test:99999", "socks5h://proxy.test:1/path", "socks5h://proxy.test:1?a"),
        *("socks5h://name@proxy.test:1", "socks5h://proxy.test:1\n", "http://[::1:1"),
    ],
)
def test_what_names_no_proxy_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Route(proxy=url)
    assert caught.value.code == "bad_proxy"


def test_a_route_does_not_print_what_is_secret() -> None:
    assert "word" not in repr(Route(proxy="socks5h://name:word@proxy.test:1"))
    assert "word" not in repr(parse_proxy("socks5h://name:word@proxy.test:1"))


def test_authorities_are_believed_beside_the_systems(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    theirs = {each["serialNumber"] for each in load_authorities(authority.pem).get_ca_certs()}
    ours = {each["serialNumber"] for each in load_authorities("").get_ca_certs()}
    assert len(theirs - ours) == 1
    assert Route(ca_pem=authority.pem).ca_pem == authority.pem


@pytest.mark.parametrize("pem", ["x", NO_CERTIFICATE, "한글", "x" * (LARGEST_CA + 1)])
def test_what_is_no_certificate_is_refused(pem: str) -> None:
    with pytest.raises(UsageError) as caught:
        Route(ca_pem=pem)
    assert caught.value.code == "bad_certificate"


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, host: str) -> None:
    """Let a client and a server meet in memory; raises what the client says of the certificate."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for end in ends:
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()


@pytest.mark.parametrize("is_new_python", [False, True])
def test_a_named_authority_is_believed_alike_under_every_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_new_python: bool
) -> None:
    default = ssl.create_default_context

    def made() -> ssl.SSLContext:
        context = default()
        context.verify_flags &= ~(ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN)
        if is_new_python:
            context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
        return context

    monkeypatch.setattr(ssl, "create_default_context", made)
    assert load_authorities("").verify_flags & ssl.VERIFY_X509_STRICT
    plain, full = Authority(tmp_path, has_usage=False), Authority(tmp_path)
    for authority in (plain, full):
        context = load_authorities(authority.pem)
        assert context.verify_flags & ssl.VERIFY_X509_PARTIAL_CHAIN
        shake_hands(context, authority.server("relay.test").context, "relay.test")
        for wrong, host in ((authority.server("relay.test", days=-1), "relay.test"), (authority.server("a.test"), "b")):
            with pytest.raises(ssl.SSLCertVerificationError):
                shake_hands(context, wrong.context, host)
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        shake_hands(load_authorities(""), full.server("relay.test").context, "relay.test")
    fault = as_fault(caught.value)
    assert fault is not None
    assert fault.code == "relay_certificate"
    assert fault.sentence.startswith("The relay's certificate is not to be trusted: ")
    assert "issuer certificate" in fault.sentence


def test_a_pin_is_one_certificate_of_one_relay() -> None:
    route = Route(pins=(("relay.test:8443", "ab" * 32),))
    assert route.pin_of("relay.test:8443") == b"\xab" * 32
    assert route.pin_of("relay.test") is None
    for authority, digest in (
        *(("relay.test", "ab" * 31), ("relay.test", "AB" * 32), ("relay.test", "zz" * 32)),
        *(("Relay.test", "ab" * 32), ("https://relay.test", "ab" * 32), ("", "ab" * 32)),
    ):
        with pytest.raises(UsageError) as caught:
            Route(pins=((authority, digest),))
        assert caught.value.code == "bad_certificate"
    with pytest.raises(UsageError):
        Route(pins=(("relay.test", "ab" * 32),) * (MOST_PINS + 1))
