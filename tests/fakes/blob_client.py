"""A client of /b that does what it is told, right or wrong."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from byre.wire.frames import BLOB_CHUNK_BYTES, BlobMade, BlobNew, BlobState, Err, Frame, decode_frame, encode_frame


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `frame` when the body is one."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def frame(self) -> Frame | None:
        """Return the frame in the body."""
        return decode_frame(self.body) if self.headers.get("Content-Type") == "application/vnd.byre.frame" else None

    @property
    def refusal(self) -> tuple[int, str]:
        """Return status and code of a refusal."""
        assert isinstance(self.frame, Err), self
        return self.status, self.frame.code


class BlobClient:
    """Requests to one relay's /b."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def request(
        self, method: str, path: str, *, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request as it is."""
        async with self._session.request(method, self._url + path, data=body, headers=headers) as answer:
            return Answer(answer.status, dict(answer.headers), await answer.read())

    async def create(self, frame: Frame, **headers: str) -> Answer:
        """POST /b."""
        return await self.request("POST", "/b", body=encode_frame(frame), headers=headers)

    async def made(self, mailbox: bytes, token: bytes, size_bytes: int, readers: int = 1, ttl_s: int = 0) -> BlobMade:
        """POST /b, and expect it to be made."""
        request_id = hashlib.sha256(repr((token, size_bytes, readers, id(self))).encode()).digest()[:16]
        answer = await self.create(BlobNew(request_id, mailbox, token, size_bytes, ttl_s, readers))
        assert answer.status == 201, answer
        assert isinstance(answer.frame, BlobMade)
        return answer.frame

    async def put(self, made: BlobMade, index: int, chunk: bytes, **headers: str) -> Answer:
        """PUT one chunk."""
        sent = {**bearer(made.write_capability), "Byre-SHA-256": hashlib.sha256(chunk).hexdigest(), **headers}
        return await self.request("PUT", f"/b/{made.blob_id.hex()}/{index}", body=chunk, headers=sent)

    async def upload(self, made: BlobMade, data: bytes) -> None:
        """PUT every chunk."""
        for index in range(-(-len(data) // BLOB_CHUNK_BYTES)):
            chunk = data[index * BLOB_CHUNK_BYTES : (index + 1) * BLOB_CHUNK_BYTES]
            answer = await self.put(made, index, chunk)
            assert answer.status == 204, answer

    async def state(self, made: BlobMade) -> BlobState:
        """GET the state, and expect to get it."""
        answer = await self.request("GET", f"/b/{made.blob_id.hex()}/state", headers=bearer(made.write_capability))
        assert isinstance(answer.frame, BlobState), answer
        return answer.frame

    async def get(self, made: BlobMade, capability: bytes | None = None, **headers: str) -> Answer:
        """GET the blob (or a Range of it) by its first, or another, read capability."""
        sent = {**bearer(capability or made.read_capabilities[0]), **headers}
        return await self.request("GET", f"/b/{made.blob_id.hex()}", headers=sent)

    async def finish(self, made: BlobMade, capability: bytes) -> Answer:
        """DELETE by a capability."""
        return await self.request("DELETE", f"/b/{made.blob_id.hex()}", headers=bearer(capability))


def bearer(capability: bytes) -> dict[str, str]:
    """Return the header that shows a capability."""
    return {"Authorization": "Bearer " + capability.hex()}


@asynccontextmanager
async def blob_client(url: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[BlobClient]:
    """Open a client for the length of the block."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls or True)) as session:
        yield BlobClient(session, url)
