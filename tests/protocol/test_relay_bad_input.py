"""Whatever a client sends, the relay answers with an error code, closes, or both; it serves everybody else on."""

from __future__ import annotations

import asyncio
import random
import statistics
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from byre.client.connection import Progress
from byre.crypto.hashes import sha256
from byre.identity.mailbox import MailboxKeys
from byre.wire.frames import (
    MAX_BODY_BYTES,
    MAX_FRAME_BYTES,
    RECORD_ACCOUNT,
    Ack,
    Auth,
    Claim,
    Credit,
    Detach,
    DirectoryPut,
    Done,
    Err,
    Frame,
    KeyPackageCount,
    KeyPackageTake,
    MailboxNew,
    Msg,
    Ping,
    Pong,
    Ready,
    Relayed,
    RendezvousGet,
    RendezvousPut,
    Send,
    TokenPut,
    encode_frame,
)
from tests.fakes.raw_socket import RawSocket, raw_socket
from tests.fakes.relay import TEST_LIMITS, RunningRelay, running_relay, seeded
from tests.fakes.relay_user import until, users
from tests.golden.frames import EXAMPLES

ID, TOKEN = bytes(16), bytes(32)
TOKEN_HASH = sha256(TOKEN)


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RunningRelay]:
    async with running_relay(tmp_path / "relay") as running:
        yield running


async def still_serves(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob):
        mid = alice.send(bob)
        await until(lambda: alice.told.has(mid, Progress.ACKED))


def signed(keys: MailboxKeys, socket: RawSocket, url: str, *, as_new: bool = False) -> bytes:
    sign = keys.sign_mbnew if as_new else keys.sign_auth
    return sign(relay_id=socket.hello.relay_id, origin=url, nonce=socket.hello.nonce)


async def attached(socket: RawSocket, keys: MailboxKeys, url: str, *, messages: int = 0) -> list[Msg]:
    """Attach a mailbox and return the messages that it gets at once; its count of key packages may come among them."""
    await socket.send(MailboxNew(ID, keys.mailbox_id, keys.auth_public, signed(keys, socket, url, as_new=True)))
    assert await socket.receive() == Done(ID)
    await socket.send(Auth(((keys.mailbox_id, keys.auth_public, signed(keys, socket, url)),)))
    assert isinstance(await socket.receive(), Ready)
    frames = [await socket.receive() for _ in range(messages + 1)]
    assert sum(isinstance(frame, KeyPackageCount) for frame in frames) == 1
    return [frame for frame in frames if isinstance(frame, Msg)]


@pytest.mark.parametrize("path", ["/r", "/s"])
@pytest.mark.parametrize("message", ["text", b"", b"\xc1", b"\x91\xff", b"\x92\x01\x02"])
async def test_what_is_no_frame_gets_proto(relay: RunningRelay, path: str, message: str | bytes) -> None:
    async with raw_socket(relay.url, path) as socket:
        await socket.send(message)
        assert await socket.receive() == Err("proto", 0, None)
        await socket.send(Ping(5))
        assert await socket.receive() == Pong(5)
        for _ in range(7):
            await socket.send(message)
            assert await socket.receive() == Err("proto", 0, None)
        assert await socket.receive() == 4400
    await still_serves(relay)


async def test_an_oversized_frame_gets_size_and_a_huge_one_is_cut_off(relay: RunningRelay) -> None:
    async with raw_socket(relay.url, "/s") as socket:
        await socket.send(bytes(MAX_FRAME_BYTES + 1))
        assert await socket.receive() == Err("size", 0, None)
        await socket.send(bytes(1_000_000))
        assert await socket.receive() == 1009
    await still_serves(relay)


async def test_an_oversized_body_gets_size_by_its_name_and_its_mailbox_takes_the_largest(relay: RunningRelay) -> None:
    async with users(relay.url, 1) as (bob,), raw_socket(relay.url, "/s") as socket:
        for over in (1, 100, 1700):
            await socket.send(Send(ID, bob.mailbox, bob.token, 0, 0, bytes(MAX_BODY_BYTES + over)))
            assert await socket.receive() == Err("size", 0, ID)
        await socket.send(Claim(ID, ID, 0, ID, bytes(48), bytes(32), bytes(64), bytes(MAX_BODY_BYTES + 1)))
        assert await socket.receive() == Err("size", 0, ID)
        await socket.send(Send(ID, bob.mailbox, bob.token, 0, 0, bytes(MAX_BODY_BYTES)))
        assert await socket.receive() == Relayed(ID)
        await until(lambda: bob.told.envelopes == [(ID, bytes(MAX_BODY_BYTES))])


async def test_frames_of_the_other_side_are_misplaced(relay: RunningRelay) -> None:
    for frame in EXAMPLES:
        async with raw_socket(relay.url, "/s") as socket:
            await socket.send(frame)
            await socket.send(Ping(9))
            answer = await socket.receive()
            while not isinstance(answer, Pong):  # every frame is answered, or ignored, and the socket lives on
                assert not isinstance(answer, int), frame
                answer = await socket.receive()
    await still_serves(relay)


async def test_nothing_works_on_a_receive_socket_before_authentication(relay: RunningRelay) -> None:
    async with raw_socket(relay.url, "/r") as socket:
        for frame in (Ack(ID, (ID,)), Credit(1, 1), Detach(ID), TokenPut(ID, ID, ((TOKEN, 0),))):
            await socket.send(frame)
            answer = await socket.receive()
            assert isinstance(answer, Err)
            assert answer.code == "auth"


async def test_every_failed_authentication_is_the_same(relay: RunningRelay) -> None:
    async with users(relay.url, 1) as (alice,), raw_socket(relay.url, "/r") as socket:
        stranger = MailboxKeys.generate(seeded(1))
        good = signed(alice.keys, socket, relay.url)
        tries = [
            (alice.mailbox, alice.keys.auth_public, bytes(64)),
            (
                alice.mailbox,
                stranger.auth_public,
                signed(replace(stranger, mailbox_id=alice.mailbox), socket, relay.url),
            ),
            (alice.mailbox, alice.keys.auth_public, signed(alice.keys, socket, "https://relay.example")),
            (stranger.mailbox_id, stranger.auth_public, signed(stranger, socket, relay.url)),
            (stranger.mailbox_id, alice.keys.auth_public, good),
        ]
        for entry in tries:
            await socket.send(Auth((entry,)))
            assert await socket.receive() == Err("auth", 0, entry[0])


async def test_a_signature_of_one_socket_is_worthless_on_another(relay: RunningRelay) -> None:
    async with (
        users(relay.url, 1) as (alice,),
        raw_socket(relay.url, "/r") as first,
        raw_socket(relay.url, "/r") as second,
    ):
        entry = (alice.mailbox, alice.keys.auth_public, signed(alice.keys, first, relay.url))
        await second.send(Auth((entry,)))
        assert await second.receive() == Err("auth", 0, alice.mailbox)


async def test_who_does_not_authenticate_in_time_or_talks_too_much_is_closed(tmp_path: Path) -> None:
    hasty = replace(TEST_LIMITS, auth_deadline_s=0)
    async with running_relay(tmp_path / "relay", limits=hasty) as relay, raw_socket(relay.url, "/r") as socket:
        assert await socket.receive() == Err("auth", 0, None)
        assert await socket.receive() == 4401
    async with running_relay(tmp_path / "other") as relay, raw_socket(relay.url, "/r") as socket:
        await socket.send(bytes(5000))
        assert await socket.receive() == Err("auth", 0, None)
        assert await socket.receive() == 4401


@pytest.mark.parametrize(
    ("path", "message", "codes", "close"), [("/s", b"junk", ["proto"] * 8, 4400), ("/r", bytes(4097), ["auth"], 4401)]
)
async def test_who_goes_on_without_waiting_is_told_all_the_same(
    relay: RunningRelay, path: str, message: bytes, codes: list[str], close: int
) -> None:
    async with raw_socket(relay.url, path) as socket:
        for _ in range(12):
            await socket.send(message)
        assert [await socket.receive() for _ in codes] == [Err(code, 0, None) for code in codes]
        assert await socket.receive() == close


async def test_acknowledging_the_unknown_the_foreign_and_the_same_twice_is_fine(relay: RunningRelay) -> None:
    async with users(relay.url, 2) as (alice, bob), raw_socket(relay.url, "/r") as socket:
        mine = MailboxKeys.generate(seeded(4))
        await attached(socket, mine, relay.url)
        mid = alice.send(bob)
        await until(lambda: alice.told.has(mid, Progress.ACKED))
        for frame in (Ack(mine.mailbox_id, (mid, ID)), Ack(bob.mailbox, (mid,)), Ack(ID, (ID,))):
            await socket.send(frame)
            await socket.send(frame)
        await socket.send(Ping(1))
        assert await socket.receive() == Pong(1)
        assert relay.counters["acked"] == 1


async def test_a_socket_cannot_use_a_mailbox_that_is_not_its_own(relay: RunningRelay) -> None:
    async with users(relay.url, 1) as (alice,), raw_socket(relay.url, "/r") as socket:
        await attached(socket, MailboxKeys.generate(seeded(4)), relay.url)
        await socket.send(TokenPut(b"r" * 16, alice.mailbox, ((TOKEN, 0),)))
        assert await socket.receive() == Err("auth", 0, b"r" * 16)


async def test_unknown_mailbox_and_bad_token_are_the_same_in_bytes_and_time(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, refusal_delay_ms=25)
    async with (
        running_relay(tmp_path / "relay", limits=limits) as relay,
        users(relay.url, 1) as (alice,),
        raw_socket(relay.url, "/s") as socket,
    ):
        loop = asyncio.get_running_loop()
        times: dict[str, list[float]] = {"unknown": [], "known": []}
        for number in range(40):
            name = ("unknown", "known")[number % 2]
            mailbox = alice.mailbox if name == "known" else number.to_bytes(16)
            started = loop.time()
            await socket.send(Send(ID, mailbox, TOKEN, 0, 0, b""))
            assert await socket.receive() == Err("token", 0, ID)
            times[name].append(loop.time() - started)
        medians = [statistics.median(each) for each in times.values()]
        assert min(medians) >= 0.024
        assert abs(medians[0] - medians[1]) < 0.01


async def test_a_socket_that_does_not_read_is_closed_and_its_messages_are_kept(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, unread_bytes=300_000, window_bytes=10**9, window_frames=10**6)
    async with (
        running_relay(tmp_path / "relay", limits=limits) as relay,
        users(relay.url, 1) as (alice,),
        raw_socket(relay.url, "/r") as socket,
    ):
        keys = MailboxKeys.generate(seeded(4))
        await attached(socket, keys, relay.url)
        await socket.send(TokenPut(ID, keys.mailbox_id, ((TOKEN_HASH, 0),)))
        assert await socket.receive() == Done(ID)
        mids = []
        for _ in range(400):  # 26 MB: more than the kernel's buffers take
            mid = alice.random(16)
            mids.append(mid)
            alice.relay.send(mid=mid, mailbox=keys.mailbox_id, token=TOKEN, ttl_s=0, body=bytes(65536))
        await until(lambda: relay.counters["slow_closed"] == 1)
        await until(lambda: relay.counters["held_now"] == 400)
        await until(lambda: all(alice.told.has(mid, Progress.STORED) for mid in mids))


async def test_too_many_requests_at_once_are_told_to_wait(relay: RunningRelay) -> None:
    async with raw_socket(relay.url, "/s") as socket:
        for number in range(40):
            await socket.send(RendezvousGet(number.to_bytes(16), ID, 1, 30_000))
        answers = [await socket.receive() for _ in range(8)]
        assert {answer.code for answer in answers if isinstance(answer, Err)} == {"busy"}
        assert all(isinstance(answer, Err) and answer.retry_after_ms > 0 for answer in answers)


async def test_a_flood_of_sends_is_told_its_rate(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, socket_burst=5, socket_per_s=1)
    async with running_relay(tmp_path / "relay", limits=limits) as relay, raw_socket(relay.url, "/s") as socket:
        for number in range(8):
            await socket.send(Send(number.to_bytes(16), ID, TOKEN, 0, 0, b""))
        answers = [await socket.receive() for _ in range(8)]
        codes = sorted(answer.code for answer in answers if isinstance(answer, Err))
        assert codes == ["rate"] * 3 + ["token"] * 5


async def test_addresses_have_limits_when_a_proxy_names_them(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, sockets_per_address=2, handshake_burst=100)
    async with (
        running_relay(tmp_path / "relay", limits=limits, trusts_proxy=True) as relay,
        aiohttp.ClientSession() as session,
    ):
        headers = {"X-Forwarded-For": "203.0.113.9"}
        opened = [await session.ws_connect(relay.url + "/s", headers=headers) for _ in range(2)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(relay.url + "/s", headers=headers)
        assert caught.value.status == 429
        other = await session.ws_connect(relay.url + "/s", headers={"X-Forwarded-For": "203.0.113.10"})
        for websocket in [*opened, other]:
            await websocket.close()


async def test_random_frames_on_both_sockets_never_break_the_relay(relay: RunningRelay) -> None:
    source = random.Random(20261122)
    for path in ("/r", "/s"):
        for _ in range(40):
            async with raw_socket(relay.url, path) as socket:
                for _ in range(30):
                    frame: Frame = source.choice(EXAMPLES)
                    data = bytearray(encode_frame(frame))
                    if source.random() < 0.6:
                        data[source.randrange(len(data))] ^= 1 << source.randrange(8)
                    try:
                        await socket.send(bytes(data))
                    except ConnectionError:
                        break
    await still_serves(relay)


async def test_a_take_of_an_unknown_mailbox_is_refused_like_a_wrong_token(relay: RunningRelay) -> None:
    async with users(relay.url, 1) as (alice,), raw_socket(relay.url, "/s") as socket:
        for mailbox in (alice.mailbox, ID):
            await socket.send(KeyPackageTake(b"q" * 16, mailbox, TOKEN))
            assert await socket.receive() == Err("token", 0, b"q" * 16)


async def test_records_that_stay_are_limited_per_address(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, records_per_address_day=2, mailboxes_per_address_day=1)
    async with (
        running_relay(tmp_path / "relay", limits=limits, trusts_proxy=True) as relay,
        raw_socket(relay.url, "/s") as anonymous,
        raw_socket(relay.url, "/r") as owner,
    ):
        for number in range(3):
            await anonymous.send(RendezvousPut(number.to_bytes(16), number.to_bytes(16), 1, b"blob"))
        answers = {
            answer.code if isinstance(answer, Err) else "" for answer in [await anonymous.receive() for _ in "abc"]
        }
        assert answers == {"", "rate"}
        for seed, expected in ((1, Done), (2, Err)):
            keys = MailboxKeys.generate(seeded(seed))
            signature = signed(keys, owner, relay.url, as_new=True)
            await owner.send(MailboxNew(ID, keys.mailbox_id, keys.auth_public, signature))
            assert isinstance(await owner.receive(), expected)
        await owner.send(DirectoryPut(ID, RECORD_ACCOUNT, b"whatever", None))  # the same count on either kind of socket
        answer = await owner.receive()
        assert isinstance(answer, Err)
        assert (answer.code, answer.subject) == ("rate", ID)


async def test_bodies_of_commits_are_limited_per_address(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, commit_bytes_per_address_day=100)
    async with (
        running_relay(tmp_path / "relay", limits=limits, trusts_proxy=True) as relay,
        raw_socket(relay.url, "/s") as socket,
    ):
        codes = []
        for size in (101, 60, 60, 40):
            await socket.send(Claim(ID, ID, 1, ID, bytes(48), bytes(32), bytes(64), bytes(size)))
            answer = await socket.receive()
            assert isinstance(answer, Err)
            codes.append(answer.code)
        assert codes == ["quota", "auth", "quota", "auth"]  # there is no such room


async def test_tokens_that_come_at_once_do_not_pass_their_number_together(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, tokens_per_mailbox=10)
    async with running_relay(tmp_path / "relay", limits=limits) as relay:
        mailboxes = relay.relay.services.mailboxes
        await mailboxes.create(ID, bytes(32))
        lane = await mailboxes.lane(ID)
        assert lane is not None
        lots = [[(bytes([lot, number]) * 16, 0) for number in range(6)] for lot in range(4)]
        outcomes = await asyncio.gather(*(mailboxes.put_tokens(lane, lot) for lot in lots), return_exceptions=True)
        assert sorted(getattr(outcome, "code", "") for outcome in outcomes) == ["", "quota", "quota", "quota"]
        assert len(lane.tokens) == 6


async def test_only_so_many_linkings_are_under_way(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, rendezvous_blobs=1)
    async with running_relay(tmp_path / "relay", limits=limits) as relay, raw_socket(relay.url, "/s") as socket:
        await socket.send(RendezvousPut(ID, ID, 1, b"blob"))
        assert await socket.receive() == Done(ID)
        await socket.send(RendezvousPut(ID, b"o" * 16, 1, b"blob"))
        assert await socket.receive() == Err("busy", 10_000, ID)
