"""How relays are reached: directly or through a proxy, and whose certificates are believed.

With a proxy every connection goes through it, to loopback relays too, and it resolves the names: this machine never
asks for the address of a relay. SOCKS proxies get other credentials per socket kind and relay, made anew at each
start, so that Tor (IsolateSOCKSAuth) builds a circuit for each: who receives and who sends meet at no exit.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from byre.errors import PeerError, UsageError
from byre.wire.relay_url import parse_authority

SCHEMES: Final = ("socks5", "socks5h", "http")
LARGEST_CA: Final = 256 * 1024
MOST_PINS: Final = 64
_PIN_DIGITS: Final = 64


@dataclass(frozen=True, slots=True)
class ProxyAddress:
    """A parsed proxy. `is_socks` False: HTTP CONNECT. Without `username` each circuit gets credentials of its own."""

    is_socks: bool
    host: str
    port: int
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Route:
    """What the user decided about connections.

    proxy: `socks5h://[user:password@]host:port` (`socks5` means the same: the proxy resolves names) or
        `http://…`; None: directly.
    ca_pem: certificates of authorities that are believed beside the system's, as PEM.
    pins: (relay authority, SHA-256 of its certificate in hex): that certificate and no other, whoever signed it.
    """

    proxy: str | None = field(default=None, repr=False)
    ca_pem: str = field(default="", repr=False)
    pins: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.proxy is not None:
            parse_proxy(self.proxy)
        if self.ca_pem:
            load_authorities(self.ca_pem)
        if len(self.pins) > MOST_PINS:
            raise UsageError("There are too many pinned certificates.")
        for authority, digest in self.pins:
            _need_pin(authority, digest)

    def pin_of(self, authority: str) -> bytes | None:
        """Return the SHA-256 of the one certificate that the relay at `authority` may show."""
        return next((bytes.fromhex(digest) for known, digest in self.pins if known == authority), None)


def parse_proxy(url: str) -> ProxyAddress:
    """Return a proxy's parts.

    Raises:
        UsageError: code bad_proxy.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise bad_proxy() from None
    has_more = parts.path not in ("", "/") or parts.query or parts.fragment
    if parts.scheme not in SCHEMES or not parts.hostname or not port or has_more or not url.isprintable():
        raise bad_proxy()
    if (parts.username is None) != (parts.password is None):
        raise bad_proxy()
    return ProxyAddress(
        is_socks=parts.scheme != "http",
        host=parts.hostname,
        port=port,
        username=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


def load_authorities(pem: str) -> ssl.SSLContext:
    """Return a TLS context that believes the system's authorities and those of `pem` (none when empty).

    The rules are the same under every Python: 3.13 began to refuse certificates that leave out what RFC 5280 asks for
    (`VERIFY_X509_STRICT`). Public authorities leave nothing out, so that this holds for them everywhere. One that its
    user has named is believed as it is: what `openssl req -x509` makes on Debian has no key usage. An authority in the
    middle of a chain may be named as well.

    Raises:
        UsageError: code bad_certificate.
    """
    context = ssl.create_default_context()
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    if pem:
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if len(pem) > LARGEST_CA:
            raise bad_certificate()
        try:
            context.load_verify_locations(cadata=pem)
        except (ssl.SSLError, ValueError, TypeError):
            raise bad_certificate() from None
    return context


def bad_proxy() -> UsageError:
    """Return the error of a text that names no proxy."""
    return UsageError("This is no proxy's address: socks5h://host:port or http://host:port.", code="bad_proxy")


def bad_certificate() -> UsageError:
    """Return the error of a text that holds no certificate."""
    return UsageError("This is no certificate in PEM, or no SHA-256 of one.", code="bad_certificate")


def _need_pin(authority: str, digest: str) -> None:
    try:
        is_authority = parse_authority(authority) == authority
        is_digest = len(bytes.fromhex(digest)) * 2 == _PIN_DIGITS == len(digest) and digest == digest.lower()
    except (PeerError, ValueError):
        raise bad_certificate() from None
    if not is_authority or not is_digest:
        raise bad_certificate()
