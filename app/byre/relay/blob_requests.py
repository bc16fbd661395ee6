"""HTTP at /b: blobs made, written, read and used up. See README.md, Blobs.

Bodies that are no blob bytes are frames (`wire/frames_blobs.py`); a refusal is an ERR frame under a fitting status.
Capabilities come in the Authorization header, never in the address: addresses end up in the logs of proxies. Nothing of
a body is read before the capability was found good. Each transfer holds at most one chunk in memory, and there are only
so many transfers, together and per address; one that stalls is cut off.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from byre.crypto.hashes import sha256
from byre.crypto.secret import same
from byre.errors import EnvironmentFault, PeerError
from byre.relay.blob_files import chunk_count, chunk_size
from byre.relay.blob_rows import Blob
from byre.relay.blobs import Blobs
from byre.relay.rates import Rates
from byre.relay.refusal import Refusal, refusal_of
from byre.relay.services import Services
from byre.wire.frames import (
    BLOB_CHUNK_BYTES,
    MAX_FRAME_BYTES,
    BlobNew,
    BlobState,
    Err,
    Frame,
    decode_frame,
    encode_frame,
)

CONTENT_TYPE: Final = "application/vnd.byre.frame"
HASH_HEADER: Final = "Byre-SHA-256"
SLICE_BYTES: Final = 64 * 1024
STATUS: Final = {
    "proto": 400,
    "token": 403,
    "absent": 404,
    "taken": 409,
    "size": 413,
    "rate": 429,
    "quota": 429,
    "busy": 503,
    "disk": 507,
}
_ID: Final = re.compile("[0-9a-f]{32}")
_BEARER: Final = re.compile("Bearer ([0-9a-f]{64})")
_HASH: Final = re.compile("[0-9a-f]{64}")
_INDEX: Final = re.compile("0|[1-9][0-9]{0,3}")

Handler = Callable[[web.Request, str | None], Awaitable[web.StreamResponse]]


class BlobRequests:
    """The handlers at /b.

    Args:
        address_of: the client's address as limits count it, None for one that they skip.
        is_draining: whether nothing new may begin.
    """

    def __init__(
        self,
        services: Services,
        *,
        address_of: Callable[[web.Request], str | None],
        is_draining: Callable[[], bool],
    ) -> None:
        self._services = services
        self._blobs: Blobs = services.blobs
        self._limits = services.limits
        self._address_of = address_of
        self._is_draining = is_draining
        self._rates = Rates(services.limits.requests_burst, services.limits.requests_per_s, services.clock.monotonic_s)
        self._transfers = 0
        self._by_address: Counter[str] = Counter()

    def routes(self) -> list[web.RouteDef]:
        """Return what an application serves."""
        return [
            web.post("/b", self._guarded(self._create)),
            web.get("/b/{id}/state", self._guarded(self._state), allow_head=False),
            web.put("/b/{id}/{index}", self._guarded(self._put)),
            web.head("/b/{id}", self._guarded(self._head)),
            web.get("/b/{id}", self._guarded(self._get), allow_head=False),
            web.delete("/b/{id}", self._guarded(self._finish)),
        ]

    def transfers_now(self) -> int:
        """Return how many transfers are under way."""
        return self._transfers

    # --- one request --------------------------------------------------------------------------------------------

    def _guarded(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            loop = asyncio.get_running_loop()
            arrived_s = loop.time()
            try:
                if self._is_draining():
                    raise Refusal("busy", retry_after_ms=5000)
                address = self._address_of(request)
                wait_ms = self._rates.take(address) if address is not None else 0
                if wait_ms:
                    self._services.counters.count("rate_fail")
                    raise Refusal("rate", retry_after_ms=wait_ms)
                return await handler(request, address)
            except (PeerError, EnvironmentFault) as error:
                refusal = refusal_of(error)
                if refusal.code in ("token", "absent"):  # at one time after arrival, whatever was wrong
                    await asyncio.sleep(max(0.0, arrived_s + self._limits.refusal_delay_ms / 1000 - loop.time()))
                return _refused(refusal)

        return answer

    async def _create(self, request: web.Request, address: str | None) -> web.StreamResponse:
        try:
            frame = decode_frame(await self._body(request, MAX_FRAME_BYTES))
        except PeerError as error:
            raise error if isinstance(error, Refusal) else Refusal("proto") from None
        if not isinstance(frame, BlobNew):
            raise Refusal("proto")
        try:
            made = await self._blobs.create(frame, address)
        except Refusal as refusal:
            if refusal.code == "token":
                raise
            return _refused(refusal, frame.req_id)
        return _answer(made, status=201)

    async def _state(self, request: web.Request, address: str | None) -> web.StreamResponse:
        blob = await self._blobs.open_for_writing(_blob_id(request), _capability(request))
        return _answer(BlobState(blob.blob_id, blob.size_bytes, BLOB_CHUNK_BYTES, blob.bitmap, blob.expires_at))

    async def _put(self, request: web.Request, address: str | None) -> web.StreamResponse:
        blob_id, capability = _blob_id(request), _capability(request)
        index_text, hash_text = request.match_info["index"], request.headers.get(HASH_HEADER, "")
        if not _INDEX.fullmatch(index_text) or not _HASH.fullmatch(hash_text):
            raise Refusal("proto")
        index, digest = int(index_text), bytes.fromhex(hash_text)
        blob = await self._blobs.open_for_writing(blob_id, capability)
        if index >= chunk_count(blob.size_bytes):
            raise Refusal("size")
        there = blob.chunks.get(index)
        if there is not None:
            if not same(there, digest):
                raise Refusal("taken")
            return web.Response(status=204)
        size_bytes = chunk_size(blob.size_bytes, index)
        if request.content_length is not None and request.content_length != size_bytes:
            raise Refusal("size")
        async with self._transfer(address):
            chunk = await self._body(request, size_bytes)
            if len(chunk) != size_bytes:
                raise Refusal("size")
            if not same(await asyncio.to_thread(sha256, chunk), digest):
                raise Refusal("proto")
            await self._blobs.put_chunk(blob, index, digest, chunk)
        return web.Response(status=204)

    async def _head(self, request: web.Request, address: str | None) -> web.StreamResponse:
        blob = await self._blobs.open_for_reading(_blob_id(request), _capability(request))
        return web.Response(headers={"Content-Length": str(blob.size_bytes), **_BYTES}, content_type=_OCTETS)

    async def _get(self, request: web.Request, address: str | None) -> web.StreamResponse:
        blob_id, capability = _blob_id(request), _capability(request)
        try:
            wanted = request.http_range
        except ValueError:
            raise Refusal("proto") from None
        blob = await self._blobs.open_for_reading(blob_id, capability)
        start, stop, _ = wanted.indices(blob.size_bytes)
        is_part = wanted.start is not None or wanted.stop is not None
        if start >= stop:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{blob.size_bytes}"})
        async with self._transfer(address):
            index = start // BLOB_CHUNK_BYTES
            try:
                chunk = await self._blobs.read_chunk(blob, index, chunk_size(blob.size_bytes, index))
            except EnvironmentFault:
                raise Refusal("absent") from None
            response = web.StreamResponse(status=206 if is_part else 200, headers=dict(_BYTES))
            response.content_type = _OCTETS
            response.content_length = stop - start
            if is_part:
                response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{blob.size_bytes}"
            await response.prepare(request)
            try:
                await self._write_out(response, blob, start, stop, chunk)
            except (TimeoutError, EnvironmentFault):  # stalled, erased or expired on the way: no orderly end
                if request.transport is not None:
                    request.transport.abort()
        return response

    async def _write_out(self, response: web.StreamResponse, blob: Blob, start: int, stop: int, chunk: bytes) -> None:
        """Write the bytes from `start` to `stop`, of which `chunk` holds the first."""
        index = start // BLOB_CHUNK_BYTES
        while True:
            first = index * BLOB_CHUNK_BYTES
            part = memoryview(chunk)[max(0, start - first) : stop - first]
            async with asyncio.timeout(self._limits.blob_stall_s):
                for place in range(0, len(part), SLICE_BYTES):
                    await response.write(bytes(part[place : place + SLICE_BYTES]))
            index += 1
            if index * BLOB_CHUNK_BYTES >= stop:
                break
            if blob.expires_at <= self._services.expiry.now_ms():
                raise EnvironmentFault("a blob expired", code="io_error")
            chunk = await self._blobs.read_chunk(blob, index, chunk_size(blob.size_bytes, index))
        await response.write_eof()

    async def _finish(self, request: web.Request, address: str | None) -> web.StreamResponse:
        await self._blobs.finish(_blob_id(request), _capability(request))
        return web.Response(status=204)

    # --- parts --------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _transfer(self, address: str | None) -> AsyncIterator[None]:
        if self._transfers >= self._limits.blob_transfers or (
            address is not None and self._by_address[address] >= self._limits.blob_transfers_per_address
        ):
            raise Refusal("busy", retry_after_ms=1000)
        self._transfers += 1
        if address is not None:
            self._by_address[address] += 1
        try:
            yield
        finally:
            self._transfers -= 1
            if address is not None:
                self._by_address[address] -= 1
                if self._by_address[address] <= 0:
                    del self._by_address[address]

    async def _body(self, request: web.Request, most_bytes: int) -> bytes:
        """Return the request's body, refused when it is longer or slower than it may be, or compressed."""
        if request.headers.get("Content-Encoding", "identity") != "identity":
            raise Refusal("proto")
        if request.content_length is not None and request.content_length > most_bytes:
            raise Refusal("size")
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.blob_stall_s):
                while data := await request.content.readany():
                    body += data
                    if len(body) > most_bytes:
                        raise Refusal("size")
        except TimeoutError:
            raise Refusal("busy", retry_after_ms=1000) from None
        except web.PayloadAccessError:
            raise Refusal("proto") from None
        return bytes(body)


_OCTETS: Final = "application/octet-stream"
_BYTES: Final = {"Accept-Ranges": "bytes", "Cache-Control": "no-store"}


def _blob_id(request: web.Request) -> bytes:
    text = request.match_info["id"]
    if not _ID.fullmatch(text):
        raise Refusal("proto")
    return bytes.fromhex(text)


def _capability(request: web.Request) -> bytes:
    match = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    if match is None:
        raise Refusal("proto")
    return bytes.fromhex(match[1])


def _answer(frame: Frame, *, status: int = 200) -> web.Response:
    return web.Response(
        status=status, body=encode_frame(frame), content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"}
    )


def _refused(refusal: Refusal, subject: bytes | None = None) -> web.Response:
    response = _answer(Err(refusal.code, refusal.retry_after_ms, subject), status=STATUS.get(refusal.code, 400))
    if refusal.retry_after_ms:
        response.headers["Retry-After"] = str(-(-refusal.retry_after_ms // 1000))
    return response
