"""The blob client against a server that does what the test says: chunks, ranges, busy relays, lies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from byre.client.connection.blobs import LARGEST_BLOB_BYTES, Blobs
from byre.client.connection.dialer import Dialer
from byre.crypto.hashes import sha256
from byre.errors import EnvironmentFault, PeerError
from byre.wire.frames import BlobMade, BlobNew, Err, Frame, decode_frame, encode_frame
from tests.fakes.relay import seeded

CHUNK = 1000
BLOB = bytes(range(256)) * 10
BLOB_ID, WRITE, READ = b"i" * 16, b"w" * 32, (b"1" * 32, b"2" * 32)


@dataclass(frozen=True)
class Refused:
    status: int
    frame: Frame | None = None
    body: bytes = b"?"

    def response(self) -> web.Response:
        return web.Response(status=self.status, body=self.body if self.frame is None else encode_frame(self.frame))


@dataclass
class PaperRelay:
    """One blob; `refusals` are answered first, one per request; `cut_at` ends the first GET early."""

    url: str = ""
    chunks: dict[int, bytes] = field(default_factory=dict)
    made: list[BlobNew] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)
    readers: int = len(READ)
    cut_at: int | None = None
    answers_cut: int = 0
    content: bytes = BLOB

    @asynccontextmanager
    async def running(self) -> AsyncIterator[PaperRelay]:
        app = web.Application()
        app.router.add_post("/b", self._make)
        app.router.add_put("/b/{id}/{index}", self._put)
        app.router.add_get("/b/{id}", self._get, allow_head=False)
        app.router.add_delete("/b/{id}", self._delete)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert runner.addresses
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _make(self, request: web.Request) -> web.Response:
        frame = decode_frame(await request.read())
        assert isinstance(frame, BlobNew)
        self.made.append(frame)
        if self.refusals:
            return self.refusals.pop(0).response()
        made = encode_frame(BlobMade(frame.req_id, BLOB_ID, WRITE, READ[: self.readers], CHUNK, 1))
        response = web.StreamResponse(status=201, headers={"Content-Length": str(len(made))})
        await response.prepare(request)
        await response.write(made[:50])
        if self.answers_cut:
            self.answers_cut -= 1
            assert request.transport is not None
            request.transport.close()
        else:
            await response.write(made[50:])
        return response

    async def _put(self, request: web.Request) -> web.Response:
        if self.refusals:
            return self.refusals.pop(0).response()
        assert request.headers["Authorization"] == f"Bearer {WRITE.hex()}"
        chunk = await request.read()
        assert request.headers["Byre-SHA-256"] == sha256(chunk).hex()
        self.chunks[int(request.match_info["index"])] = chunk
        return web.Response(status=204)

    async def _get(self, request: web.Request) -> web.StreamResponse:
        self.ranges.append(request.headers.get("Range"))
        if self.refusals:
            return self.refusals.pop(0).response()
        start = int(request.headers["Range"][6:].partition("-")[0]) if "Range" in request.headers else 0
        body = self.content[start:]
        response = web.StreamResponse(status=206 if start else 200, headers={"Content-Length": str(len(body))})
        await response.prepare(request)
        if self.cut_at is not None:
            await response.write(body[: self.cut_at])
            self.cut_at = None
            assert request.transport is not None
            request.transport.close()
            return response
        await response.write(body)
        return response

    async def _delete(self, request: web.Request) -> web.Response:
        if self.refusals:
            return self.refusals.pop(0).response()
        self.finished.append(request.headers["Authorization"])
        return web.Response(status=204 if len(self.finished) == 1 else 404)


@asynccontextmanager
async def pair(relay: PaperRelay | None = None) -> AsyncIterator[tuple[PaperRelay, Blobs]]:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    dialer = Dialer(random=seeded(1))
    async with (relay or PaperRelay()).running() as running:
        try:
            yield running, Blobs(dialer, random=seeded(2), sleep=sleep)
        finally:
            await dialer.close()


async def test_a_blob_is_put_in_chunks() -> None:
    async with pair() as (relay, blobs):
        stored = await blobs.put(relay.url, BLOB, mailbox=b"m" * 16, token=b"t" * 32, readers=2, ttl_s=60)
        assert (stored.blob_id, stored.write_capability, stored.read_capabilities) == (BLOB_ID, WRITE, READ)
        assert b"".join(relay.chunks[index] for index in sorted(relay.chunks)) == BLOB
        assert len(relay.chunks) == 3
        asked = relay.made[0]
        assert (asked.mailbox, asked.token, asked.size_bytes, asked.readers) == (b"m" * 16, b"t" * 32, len(BLOB), 2)


async def test_a_busy_relay_is_waited_out() -> None:
    relay = PaperRelay(refusals=[Refused(503, Err("busy", 10, None)), Refused(429, Err("rate", 10, None))])
    async with pair(relay) as (relay, blobs):
        await blobs.put(relay.url, BLOB, mailbox=b"m" * 16, token=b"t" * 32, readers=2, ttl_s=60)
        assert [each.req_id for each in relay.made] == [relay.made[0].req_id] * 3
        relay.refusals += [Refused(503)]
        assert await blobs.get(relay.url, BLOB_ID, READ[0], len(BLOB)) == BLOB
        relay.refusals += [Refused(503)] * 5
        with pytest.raises(EnvironmentFault) as caught:
            await blobs.finish(relay.url, BLOB_ID, READ[0])
        assert caught.value.code == "relay_busy"


async def test_a_cut_transfer_goes_on_where_it_was() -> None:
    async with pair(PaperRelay(cut_at=1500)) as (relay, blobs):
        assert await blobs.get(relay.url, BLOB_ID, READ[0], len(BLOB)) == BLOB
        assert relay.ranges[0] is None
        assert len(relay.ranges) == 2


async def test_an_answer_that_is_cut_off_is_no_lie_and_asked_for_again() -> None:
    async with pair(PaperRelay(answers_cut=2)) as (relay, blobs):
        stored = await blobs.put(relay.url, BLOB, mailbox=b"m" * 16, token=b"t" * 32, readers=2, ttl_s=60)
        assert stored.read_capabilities == READ
        assert [each.req_id for each in relay.made] == [relay.made[0].req_id] * 3


async def test_an_answer_longer_than_any_is_a_lie() -> None:
    async with pair(PaperRelay(refusals=[Refused(404, body=bytes(80_000))])) as (relay, blobs):
        with pytest.raises(PeerError) as caught:
            await blobs.get(relay.url, BLOB_ID, READ[0], len(BLOB))
        assert caught.value.code == "relay_lied"


async def test_fetched_is_said_and_may_be_repeated() -> None:
    async with pair() as (relay, blobs):
        for _ in range(2):
            await blobs.finish(relay.url, BLOB_ID, READ[0])
        assert relay.finished == [f"Bearer {READ[0].hex()}"] * 2


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Refused(403, Err("token", 0, None)), "relay_token"),
        (Refused(404, Err("absent", 0, None)), "relay_absent"),
        (Refused(400, Err("never heard of", 0, None)), "relay_lied"),
        (Refused(500), "relay_lied"),
        (Refused(302), "relay_lied"),
    ],
)
async def test_a_refusal_is_told_by_its_code(answer: Refused, code: str) -> None:
    async with pair(PaperRelay(refusals=[answer])) as (relay, blobs):
        with pytest.raises(PeerError) as caught:
            await blobs.get(relay.url, BLOB_ID, READ[0], len(BLOB))
        assert caught.value.code == code


async def test_a_relay_that_makes_something_else_lies() -> None:
    async with pair(PaperRelay(readers=1)) as (relay, blobs):
        with pytest.raises(PeerError) as caught:
            await blobs.put(relay.url, BLOB, mailbox=b"m" * 16, token=b"t" * 32, readers=2, ttl_s=60)
        assert caught.value.code == "relay_lied"
        relay.refusals = [Refused(201, Err("busy", 0, None))]
        with pytest.raises(PeerError) as caught:
            await blobs.put(relay.url, BLOB, mailbox=b"m" * 16, token=b"t" * 32, readers=2, ttl_s=60)
        assert caught.value.code == "relay_lied"


async def test_more_than_was_promised_is_a_lie() -> None:
    async with pair() as (relay, blobs):
        with pytest.raises(PeerError) as caught:
            await blobs.get(relay.url, BLOB_ID, READ[0], len(BLOB) - 1)
        assert caught.value.code == "relay_lied"


@pytest.mark.parametrize("size_bytes", [0, LARGEST_BLOB_BYTES + 1])
async def test_a_pointer_to_anything_huge_is_not_followed(size_bytes: int) -> None:
    async with pair() as (relay, blobs):
        with pytest.raises(PeerError) as caught:
            await blobs.get(relay.url, BLOB_ID, READ[0], size_bytes)
        assert caught.value.code == "blob_too_large"
        assert not relay.ranges


async def test_a_relay_that_is_away_is_unreachable() -> None:
    async with pair() as (relay, blobs):
        pass
    dialer = Dialer(random=seeded(1))
    blobs = Blobs(dialer, random=seeded(2), sleep=_no_time)
    for work in (
        blobs.get(relay.url, BLOB_ID, READ[0], 10),
        blobs.finish(relay.url, BLOB_ID, READ[0]),
    ):
        with pytest.raises(EnvironmentFault) as caught:
            await work
        assert caught.value.code == "relay_unreachable"
    await dialer.close()


async def _no_time(_: float) -> None:
    return
