"""Where a relay is: its base URL in one canonical spelling, and the authority that names it in `name@host`.

    https://relay.example        https://relay.example:8443        http://127.0.0.1:8440        http://[::1]:8440

Scheme, host and, if not the scheme's own, port; lower case, no path, query, user or trailing slash. Signatures cover
this text, so that two spellings of one relay must not exist. Plain http is for this machine only.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from byre.errors import PeerError

LARGEST_URL_BYTES: Final = 255

_URL: Final = re.compile(r"(https?)://([^/?#@\s]+)/?", re.ASCII)
_AUTHORITY: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([1-9][0-9]{0,4}))?", re.ASCII)
_OWN_PORT: Final = {"http": 80, "https": 443}


def parse_relay_url(text: str) -> str:
    """Return the canonical spelling of a relay's base URL.

    Raises:
        PeerError: code bad_relay_url; not such a URL, or plain http beyond loopback.
    """
    match = _URL.fullmatch(text.strip().lower()) if text.isascii() and len(text) <= LARGEST_URL_BYTES else None
    if match is None:
        raise _bad("a relay is named by a URL such as https://relay.example")
    scheme = match[1]
    host, port = _split(match[2])
    if scheme == "http" and not is_loopback(host):
        raise _bad("plain http is for a relay on this machine only")
    return f"{scheme}://{host}" + (f":{port}" if port not in (None, _OWN_PORT[scheme]) else "")


def authority_of(relay_url: str) -> str:
    """Return `host` or `host:port` of a base URL: the part after the @ of a handle.

    Raises:
        PeerError: code bad_relay_url.
    """
    return parse_relay_url(relay_url).partition("://")[2]


def parse_authority(text: str) -> str:
    """Return the canonical spelling of `host[:port]`.

    Raises:
        PeerError: code bad_relay_url.
    """
    if not text.isascii() or len(text) > LARGEST_URL_BYTES:
        raise _bad("a relay's host is plain ASCII of at most 255 characters")
    host, port = _split(text.strip().lower())
    return host if port is None else f"{host}:{port}"


def is_loopback(host: str) -> bool:
    """Tell whether `host` (no port; IPv6 in brackets) is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _split(authority: str) -> tuple[str, int | None]:
    match = _AUTHORITY.fullmatch(authority)
    if match is None or ".." in authority:
        raise _bad("a relay's host is not a name or an address")
    host, port = match[1], int(match[2]) if match[2] else None
    if port is not None and port > 65535:
        raise _bad("a port number is too large")
    if host.startswith("["):
        try:
            host = f"[{ipaddress.IPv6Address(host[1:-1])}]"
        except ValueError:
            raise _bad("a relay's address is not IPv6") from None
    return host, port


def _bad(sentence: str) -> PeerError:
    return PeerError(sentence, code="bad_relay_url")
