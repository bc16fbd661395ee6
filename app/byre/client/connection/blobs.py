"""Blobs at a relay: what no envelope holds is put there in chunks and fetched by whoever has a read capability.

    POST /b ──made──> PUT chunk 0 … n ──all there──> the pointers may leave        GET (by ranges) ──> DELETE "fetched"

HTTP over the same route as the sockets, on a session of its own (`relay/README.md`, Blobs). Requests carry a delivery
token or a capability and no identity. The bytes are encrypted by the caller; here they are bytes. What a relay answers
is believed as far as its shape goes: the caller checks the hash.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from byre.client.connection.dialer import Dialer, as_fault
from byre.crypto.hashes import sha256
from byre.errors import EnvironmentFault, PeerError
from byre.wire.frames import BlobMade, BlobNew, Err, Frame, decode_frame, encode_frame

if TYPE_CHECKING:
    import aiohttp

CONTENT_TYPE: Final = "application/vnd.byre.frame"
LARGEST_BLOB_BYTES: Final = 16 * 1024 * 1024
"""More than the tree or commit of a room of a thousand devices; a pointer that says more is not followed."""
STALL_S: Final = 30.0
_TRIES: Final = 5
_PAUSE_S: Final = 1.0
_WAITED_OUT: Final = (429, 503)
_REFUSALS: Final = ("proto", "token", "absent", "taken", "size", "disk")
_SLICE_BYTES: Final = 64 * 1024
_ANSWER_BYTES: Final = 72 * 1024


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A complete blob at a relay: one read capability per reader, and the right to withdraw it."""

    relay_url: str
    blob_id: bytes
    write_capability: bytes = field(repr=False)
    read_capabilities: tuple[bytes, ...] = field(repr=False)


class Blobs:
    """The blob endpoint of every relay.

    Args:
        sleep: waits out a relay that is busy.
    """

    def __init__(
        self, dialer: Dialer, *, random: Callable[[int], bytes], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._dialer = dialer
        self._random = random
        self._sleep = sleep

    async def put(
        self, relay_url: str, data: bytes, *, mailbox: bytes, token: bytes, readers: int, ttl_s: int
    ) -> StoredBlob:
        """Upload a blob and return when the relay has all of it.

        Args:
            mailbox, token: a mailbox at that relay and a delivery token of it, the right to leave something there.
            readers: how many read capabilities are wanted, 1 to 1,024.

        Raises:
            EnvironmentFault: code relay_unreachable, relay_certificate or proxy_unreachable.
            PeerError: "relay_" + what the relay refuses with, or relay_lied.
        """
        made = await self._make(relay_url, BlobNew(self._random(16), mailbox, token, len(data), ttl_s, readers))
        if len(made.read_capabilities) != readers:
            raise _lied()
        for index, start in enumerate(range(0, len(data), made.chunk_bytes)):
            chunk = data[start : start + made.chunk_bytes]
            headers = {**_bearer(made.write_capability), "Byre-SHA-256": (await asyncio.to_thread(sha256, chunk)).hex()}
            path = f"/b/{made.blob_id.hex()}/{index}"
            await self._insist(relay_url, "PUT", path, headers=headers, body=chunk, expected=(204,))
        return StoredBlob(relay_url, made.blob_id, made.write_capability, made.read_capabilities)

    async def get(self, relay_url: str, blob_id: bytes, capability: bytes, size_bytes: int) -> bytes:
        """Fetch a blob of exactly `size_bytes`; what was fetched before a lost connection is not fetched again.

        Raises:
            EnvironmentFault: as `put`.
            PeerError: code relay_absent (gone, or never there), relay_lied, blob_too_large.
        """
        if not 0 < size_bytes <= LARGEST_BLOB_BYTES:
            raise PeerError("a blob is larger than anything that we take", code="blob_too_large")
        found = bytearray()
        fault: EnvironmentFault | None = None
        for number in range(_TRIES):
            if number:
                await self._pause(number)
            try:
                await self._fetch(relay_url, blob_id, capability, size_bytes, found)
            except EnvironmentFault as error:
                fault = error
                continue
            if len(found) != size_bytes:
                raise _lied()
            return bytes(found)
        assert fault is not None, "every try returns, raises or leaves a fault"
        raise fault

    async def finish(self, relay_url: str, blob_id: bytes, capability: bytes) -> None:
        """Say that a blob was fetched and is durable here; the capability is dead then. Repeating it is no error."""
        await self._insist(relay_url, "DELETE", f"/b/{blob_id.hex()}", headers=_bearer(capability), expected=(204, 404))

    async def _make(self, relay_url: str, request: BlobNew) -> BlobMade:
        body = encode_frame(request)
        headers = {"Content-Type": CONTENT_TYPE}
        answer = await self._insist(relay_url, "POST", "/b", headers=headers, body=body, expected=(201,))
        made = _frame(answer)
        if not isinstance(made, BlobMade) or made.req_id != request.req_id:
            raise _lied()
        return made

    async def _fetch(
        self, relay_url: str, blob_id: bytes, capability: bytes, size_bytes: int, found: bytearray
    ) -> None:
        headers = _bearer(capability)
        if found:
            headers["Range"] = f"bytes={len(found)}-{size_bytes - 1}"
        async with self._request(relay_url, "GET", f"/b/{blob_id.hex()}", headers=headers) as response:
            if response.status in _WAITED_OUT:
                raise _busy()
            if response.status != (206 if found else 200):
                raise await _refusal(response)
            async for part in response.content.iter_chunked(_SLICE_BYTES):
                found += part
                if len(found) > size_bytes:
                    raise _lied()
            if len(found) != size_bytes:
                raise EnvironmentFault("A transfer was cut off.", code="relay_unreachable")

    async def _insist(
        self,
        relay_url: str,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        body: bytes | None = None,
        expected: tuple[int, ...],
    ) -> bytes:
        """Make one small request, again while the relay is busy or the connection breaks: all may be repeated."""
        fault: EnvironmentFault | None = None
        for number in range(_TRIES):
            if number:
                await self._pause(number)
            try:
                async with self._request(relay_url, method, path, headers=headers, body=body) as response:
                    if response.status in expected:
                        return await _body(response)
                    if response.status not in _WAITED_OUT:
                        raise await _refusal(response)
                    fault = _busy()
            except EnvironmentFault as error:
                fault = error
        assert fault is not None, "every try returns, raises or leaves a fault"
        raise fault

    @asynccontextmanager
    async def _request(
        self, relay_url: str, method: str, path: str, *, headers: dict[str, str], body: bytes | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        import aiohttp

        try:
            async with self._dialer.session(relay_url, "b").request(
                method,
                relay_url + path,
                data=body,
                headers=headers,
                ssl=self._dialer.trust(relay_url),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, connect=STALL_S, sock_read=STALL_S),
            ) as response:
                yield response
        except (EnvironmentFault, PeerError):
            raise
        except BaseException as error:
            fault = as_fault(error)
            if fault is None:
                raise
            raise fault from None

    async def _pause(self, number: int) -> None:
        await self._sleep(_PAUSE_S * number)


def _bearer(capability: bytes) -> dict[str, str]:
    return {"Authorization": f"Bearer {capability.hex()}"}


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """Return the whole of a small answer: one read would give what has come so far."""
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > _ANSWER_BYTES:
            raise _lied()
    return bytes(body)


def _frame(body: bytes) -> Frame:
    try:
        return decode_frame(body)
    except PeerError:
        raise _lied() from None


async def _refusal(response: aiohttp.ClientResponse) -> PeerError:
    """Return the relay's refusal as an error; what is no refusal of ours is a lie."""
    frame = _frame(await _body(response))
    if not isinstance(frame, Err) or frame.code not in _REFUSALS:
        return _lied()
    return PeerError("The relay refused.", code=f"relay_{frame.code}")


def _busy() -> EnvironmentFault:
    return EnvironmentFault("The relay is busy.", code="relay_busy")


def _lied() -> PeerError:
    return PeerError("The relay does not keep to the protocol.", code="relay_lied")
