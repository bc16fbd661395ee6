"""Dialling a relay: one HTTP session per socket kind and relay, over the route that the user chose.

aiohttp is imported on the first dial, after the window's first paint. No environment variable, cookie or redirect
changes where a connection goes. An error says what has to be done about it: `relay_unreachable` (wait),
`proxy_unreachable` (start the proxy), `relay_certificate` (somebody is in between, or a setting is missing).
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from byre.client.connection.route import ProxyAddress, Route, load_authorities, parse_proxy
from byre.client.connection.websocket import HEARTBEAT_S, Wire, unreachable
from byre.errors import EnvironmentFault
from byre.wire.frames import MAX_FRAME_BYTES, SUBPROTOCOL
from byre.wire.relay_url import authority_of

if TYPE_CHECKING:
    import aiohttp

CONNECT_S: Final = 15.0
_CIRCUIT_BYTES: Final = 16


class Dialer:
    """Opens connections to relays.

    Args:
        random: source of the credentials that keep circuits apart.
    """

    def __init__(self, route: Route | None = None, *, random: Callable[[int], bytes]) -> None:
        self._route = route or Route()
        self._random = random
        self._sessions: dict[tuple[str, str], aiohttp.ClientSession] = {}
        self._context: ssl.SSLContext | None = None

    @property
    def route(self) -> Route:
        """The route of later dials."""
        return self._route

    async def change(self, route: Route) -> None:
        """Take another route from now on; open connections are the caller's to drop."""
        self._route, self._context = route, None
        await self.close()

    async def dial(self, url: str) -> Wire:
        """Open the WebSocket at `url` (http or https), whose path names the socket kind.

        Raises:
            EnvironmentFault: code relay_unreachable, relay_certificate or proxy_unreachable.
        """
        base, _, kind = url.rpartition("/")
        try:
            async with asyncio.timeout(CONNECT_S):
                websocket = await self.session(base, kind).ws_connect(
                    url,
                    protocols=(SUBPROTOCOL,),
                    heartbeat=HEARTBEAT_S,
                    compress=0,
                    max_msg_size=2 * MAX_FRAME_BYTES,
                    ssl=self.trust(base),
                )
        except BaseException as error:
            fault = as_fault(error)
            if fault is None:
                raise
            raise fault from None
        return Wire(websocket)

    def session(self, relay_url: str, kind: str) -> aiohttp.ClientSession:
        """Return the HTTP session for one kind of connection (`r`, `s`, `b`) to one relay; over a proxy, one circuit.

        Requests give `ssl=trust(relay_url)` and `allow_redirects=False`.
        """
        import aiohttp

        session = self._sessions.get((relay_url, kind))
        if session is None:
            session = self._sessions[relay_url, kind] = aiohttp.ClientSession(
                connector=self._connector(kind), cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            )
        return session

    def trust(self, relay_url: str) -> Any:
        """Return what aiohttp takes as `ssl`: the pinned certificate of this relay, or the authorities believed."""
        import aiohttp

        if urlsplit(relay_url).scheme != "https":
            return True
        pin = self._route.pin_of(authority_of(relay_url))
        if pin is not None:
            return aiohttp.Fingerprint(pin)
        if self._context is None:
            self._context = load_authorities(self._route.ca_pem)
        return self._context

    async def close(self) -> None:
        """Close all sessions; the next dial makes new ones, over new circuits."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    def _connector(self, kind: str) -> aiohttp.BaseConnector:
        import aiohttp

        if self._route.proxy is None:
            return aiohttp.TCPConnector()
        return self._proxied(parse_proxy(self._route.proxy), kind)

    def _proxied(self, proxy: ProxyAddress, kind: str) -> aiohttp.BaseConnector:
        from aiohttp_socks import ProxyConnector, ProxyType

        username, password = proxy.username, proxy.password
        if proxy.is_socks and username is None:
            username, password = f"byre-{kind}", self._random(_CIRCUIT_BYTES).hex()
        connector: aiohttp.BaseConnector = ProxyConnector(
            host=proxy.host,
            port=proxy.port,
            proxy_type=ProxyType.SOCKS5 if proxy.is_socks else ProxyType.HTTP,
            username=username,
            password=password,
            rdns=True,
        )
        return connector


def as_fault(error: BaseException) -> EnvironmentFault | None:
    """Return our error for one of aiohttp's, of TLS or of the proxy; None for what is none of these."""
    import aiohttp

    if isinstance(error, aiohttp.ServerFingerprintMismatch):
        return untrusted("it is not the pinned one")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return untrusted(getattr(error.certificate_error, "verify_message", ""))
    if isinstance(error, ssl.SSLCertVerificationError):
        return untrusted(getattr(error, "verify_message", ""))
    if _is_of_proxy(error):
        return proxy_unreachable()
    if isinstance(error, aiohttp.ClientError | OSError | TimeoutError | ssl.SSLError):
        return unreachable()
    return unreachable() if type(error).__module__.startswith(("aiohttp_socks", "python_socks")) else None


def untrusted(why: str = "") -> EnvironmentFault:
    """Return the error of a relay whose certificate is not believed, with OpenSSL's reason."""
    reason = f": {why.rstrip('.')}" if why else ""
    return EnvironmentFault(f"The relay's certificate is not to be trusted{reason}.", code="relay_certificate")


def proxy_unreachable() -> EnvironmentFault:
    """Return the error of a proxy that does not answer or does not let us through."""
    return EnvironmentFault("The proxy cannot be reached.", code="proxy_unreachable")


def _is_of_proxy(error: BaseException) -> bool:
    """Whether the proxy itself is away or does not let us in: not that it could not reach the relay."""
    if "aiohttp_socks" not in sys.modules:
        return False
    from aiohttp_socks import ProxyConnectionError, ProxyError

    return isinstance(error, ProxyConnectionError) or (isinstance(error, ProxyError) and error.error_code is None)
