"""Request heads: what asks for a WebSocket rightly, wrongly, or not at all."""

from __future__ import annotations

import pytest

from byre.relay.http_head import refusing, switching, upgrade_in

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
RIGHT = {
    "Host": "relay.example",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}


def head(*, request: str = "GET /r HTTP/1.1", without: str = "", **changed: str) -> bytes:
    headers = {**RIGHT, **{name.replace("_", "-"): value for name, value in changed.items()}}
    headers.pop(without, None)
    return "\r\n".join([request, *(f"{name}: {value}" for name, value in headers.items())]).encode("latin-1")


def test_the_example_of_the_standard() -> None:
    found = upgrade_in(head())
    assert found is not None
    assert (found.path, found.fault) == ("/r", "")
    assert found.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455, 1.3


def test_names_and_lists_are_read_as_http_says() -> None:
    found = upgrade_in(
        b"GET /s?x=1 HTTP/1.1\r\nHOST: relay.example\r\nUPGRADE: h2c, WebSocket\r\nconnection:keep-alive , UPGRADE\r\n"
        b"sec-websocket-key: " + KEY.encode() + b"\r\nSec-WebSocket-Version:13\r\n"
        b"Sec-WebSocket-Protocol: rly.2, rly.1\r\nSec-WebSocket-Protocol: other\r\n"
        b"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 198.51.100.1"
    )
    assert found is not None
    assert (found.path, found.fault) == ("/s", "")
    assert found.subprotocols == ("rly.2", "rly.1", "other")
    assert found.forwarded_for == "203.0.113.9,198.51.100.1"


@pytest.mark.parametrize(
    "other",
    [
        b"",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /healthz HTTP/1.1\r\nHost: relay.example",
        b"GET /r HTTP/1.1\r\nHost: relay.example\r\nUpgrade: websocket",
        head(Upgrade="h2c"),
        head(Connection="keep-alive"),
        head() + b"\r\nno colon",
        head() + b"\r\n folded: line",
        head() + b"\r\nName : value",
    ],
)
def test_what_does_not_ask_for_a_websocket_is_somebody_elses(other: bytes) -> None:
    assert upgrade_in(other) is None


@pytest.mark.parametrize(
    "wrong",
    [
        head(request="POST /r HTTP/1.1"),
        head(request="GET /r HTTP/1.0"),
        head(without="Sec-WebSocket-Key"),
        head(Sec_WebSocket_Key="short"),
        head(Sec_WebSocket_Key="\xff\xff"),
        head(Sec_WebSocket_Key="AAAA"),
        head(Sec_WebSocket_Version="8"),
        head(without="Sec-WebSocket-Version"),
        head(Content_Length="5"),
        head(Transfer_Encoding="chunked"),
        head() + b"\r\nSec-WebSocket-Key: " + KEY.encode(),
        head(without="Host"),
        head(Host=""),
        head() + b"\r\nHost: other.example",
        head(X_Note="a\0b"),
        head(X_Note="a\nUpgrade: h2c"),
        head(X_Note="a\rb"),
    ],
)
def test_a_wrong_handshake_is_a_fault(wrong: bytes) -> None:
    found = upgrade_in(wrong)
    assert found is not None
    assert (found.fault, found.accept) == ("handshake", "")


def test_answers() -> None:
    assert b"Sec-WebSocket-Protocol: rly.1\r\n" in switching("accept", "rly.1")
    assert b"Protocol" not in switching("accept", "").replace(b"Switching Protocols", b"")
    assert switching("accept", "").endswith(b"\r\n\r\n")
    answer = refusing("429 Too Many Requests", b"body", retry_after_s=10)
    assert answer.startswith(b"HTTP/1.1 429 Too Many Requests\r\n")
    assert b"Retry-After: 10\r\n" in answer
    assert b"Content-Length: 4\r\n" in answer
    assert answer.endswith(b"\r\n\r\nbody")
