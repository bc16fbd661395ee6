"""One spelling per relay."""

import pytest

from byre.errors import PeerError
from byre.wire.relay_url import authority_of, is_loopback, parse_authority, parse_relay_url


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("https://relay.example", "https://relay.example"),
        (" HTTPS://Relay.Example/ ", "https://relay.example"),
        ("https://relay.example:443", "https://relay.example"),
        ("https://relay.example:8443/", "https://relay.example:8443"),
        ("http://127.0.0.1:8440", "http://127.0.0.1:8440"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://localhost:8440", "http://localhost:8440"),
        ("http://a.localhost", "http://a.localhost"),
        ("http://[0:0:0:0:0:0:0:1]:8440", "http://[::1]:8440"),
        ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
        ("https://a", "https://a"),
    ],
)
def test_spellings_of_one_relay_become_one(typed: str, canonical: str) -> None:
    assert parse_relay_url(typed) == canonical
    assert parse_relay_url(canonical) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "relay.example",
        "ftp://relay.example",
        "https://",
        "https://relay.example/path",
        "https://relay.example?q",
        "https://relay.example#f",
        "https://user@relay.example",
        "https://relay..example",
        "https://-relay.example",
        "https://relay.example:0",
        "https://relay.example:65536",
        "https://relay.example:99999999",
        "https://[::zz]",
        "https://[1.2.3.4]",
        "https://relay.exam\u212ale",
        "https://외양간.example",
        "https://" + "a" * 300,
        "http://relay.example",
        "http://10.0.0.1",
        "http://[2001:db8::1]",
    ],
)
def test_other_text_is_no_relay(text: str) -> None:
    with pytest.raises(PeerError) as caught:
        parse_relay_url(text)
    assert caught.value.code == "bad_relay_url"


def test_the_authority_names_the_relay_in_an_address() -> None:
    assert authority_of("http://127.0.0.1:8440/") == "127.0.0.1:8440"
    assert parse_authority(" Relay.Example:8443") == "relay.example:8443"
    assert parse_authority("relay.example") == "relay.example"


@pytest.mark.parametrize("text", ["", "a b", "é", "x" * 256])
def test_other_text_is_no_authority(text: str) -> None:
    with pytest.raises(PeerError):
        parse_authority(text)


def test_loopback_is_this_machine() -> None:
    assert is_loopback("127.8.9.1")
    assert is_loopback("[::1]")
    assert not is_loopback("relay.example")
