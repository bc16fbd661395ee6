"""The head of an HTTP request as far as the door needs it: is it an upgrade to one of our WebSockets, and is it right.

Everything else is handed to the HTTP library with every byte that came, so that nothing here decides how ordinary
requests are read (no smuggling between two parsers: after an upgrade there is no second request).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

END: Final = b"\r\n\r\n"
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # RFC 9110, 5.5: a line break alone among them
_ACCEPT_KEY: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A request to open a WebSocket; `fault` says in one word why it cannot be, "" when it can."""

    path: str
    accept: str
    subprotocols: tuple[str, ...]
    forwarded_for: str
    fault: str


def upgrade_in(head: bytes) -> Upgrade | None:
    """Read a request head (without its END); None for anything that does not ask for a WebSocket."""
    lines = head.split(b"\r\n")
    request = lines[0].split(b" ")
    headers: dict[bytes, list[bytes]] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip():
            return None
        headers.setdefault(name.lower(), []).append(value.strip())
    if b"websocket" not in _tokens(headers, b"upgrade") or b"upgrade" not in _tokens(headers, b"connection"):
        return None
    if len(request) != 3:
        return None
    method, target, version = request
    keys = headers.get(b"sec-websocket-key", [])
    is_right = (
        method == b"GET"
        and version == b"HTTP/1.1"
        and headers.get(b"sec-websocket-version") == [b"13"]
        and len(headers.get(b"host", [])) == 1  # RFC 9112, 3.2
        and headers[b"host"][0] != b""
        and not _CONTROL.search(head.replace(b"\r\n", b""))
        and len(keys) == 1
        and _is_key(keys[0])
        and b"content-length" not in headers
        and b"transfer-encoding" not in headers
    )
    return Upgrade(
        path=target.partition(b"?")[0].decode("latin-1"),
        accept=_accept(keys[0]) if is_right else "",
        subprotocols=tuple(
            part.strip().decode("latin-1")
            for value in headers.get(b"sec-websocket-protocol", [])
            for part in value.split(b",")
        ),
        forwarded_for=b",".join(headers.get(b"x-forwarded-for", [])).decode("latin-1"),
        fault="" if is_right else "handshake",
    )


def switching(accept: str, subprotocol: str) -> bytes:
    """Return the answer that opens the WebSocket."""
    chosen = f"Sec-WebSocket-Protocol: {subprotocol}\r\n" if subprotocol else ""
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n{chosen}\r\n"
    ).encode("latin-1")


def refusing(status: str, body: bytes = b"", *, retry_after_s: int = 0) -> bytes:
    """Return an answer after which the connection is closed; `status` is e.g. "429 Too Many Requests"."""
    retry = f"Retry-After: {retry_after_s}\r\n" if retry_after_s else ""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{retry}\r\n"
    return head.encode("latin-1") + body


def _tokens(headers: dict[bytes, list[bytes]], name: bytes) -> set[bytes]:
    return {part.strip().lower() for value in headers.get(name, []) for part in value.split(b",")}


def _is_key(key: bytes) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except (binascii.Error, ValueError):
        return False


def _accept(key: bytes) -> str:
    return base64.b64encode(hashlib.sha1(key + _ACCEPT_KEY, usedforsecurity=False).digest()).decode()
