"""The directory's promises: a handle that nobody can imitate; nothing learnt from a refusal, by bytes or by work."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from byre.db import Connection
from byre.identity.handle import Binding
from byre.identity.mailbox import MailboxKeys
from byre.identity.records import AccountRecord
from byre.identity.recovery import fetch_key, new_recovery_code, seal_recovery_file
from byre.relay import receive_socket
from byre.relay.durable import Durable
from byre.wire.frames import BY_ACCOUNT, BY_HANDLE, Auth, DirectoryFound, DirectoryGet, Err, encode_frame
from byre.wire.relay_url import authority_of
from tests.fakes.identities import NOW_MS, Person
from tests.fakes.raw_socket import RawSocket, raw_socket
from tests.fakes.relay import TEST_LIMITS, RunningRelay, running_relay, seeded
from tests.fakes.relay_user import User, users
from tests.protocol.test_relay_records import record_of, refused

ID = bytes(16)


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RunningRelay]:
    async with running_relay(tmp_path / "relay") as running:
        yield running


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *(("coco", "сосо"), ("modern", "rnodern"), ("paypal", "paypa1"), ("Farmer", "farmer"), ("b0b", "bob")),
        *(("minsu", "m1nsu"), ("minsu", "mìnsu"), ("m1nsu", "minsu"), ("wool", "vvool")),
    ],
)
async def test_a_handle_that_looks_like_anothers_is_taken(relay: RunningRelay, first: str, second: str) -> None:
    owner, imitator = Person(first), Person(second)
    async with users(relay.url, 1) as (user,):
        await user.relay.directory_put_account(record_of(owner, relay).encoded)
        async with refused("taken"):
            await user.relay.directory_put_account(record_of(imitator, relay).encoded)
        await user.relay.directory_put_account(record_of(owner, relay).encoded)


async def test_handles_from_before_stay_and_keep_their_lookalikes_away(tmp_path: Path) -> None:
    """Given out while `1` and accents counted as seen by everybody, as form 1 of the skeletons did."""
    older = {"minsu": "minsu", "m1nsu": "mlnsu", "zoë": "zoe\u0308", "cow": "cow"}
    people = {handle: Person(handle) for handle in (*older, "mìnsu", "zoe", "cöw", "ox")}
    async with running_relay(tmp_path / "relay") as relay, users(relay.url, 1) as (user,):
        put = user.relay.directory_put_account
        await put(record_of(people["ox"], relay).encoded)  # the present rules are noted with the first account

        def as_before(connection: Connection) -> None:
            connection.execute("DELETE FROM setting WHERE name = 'skeleton_form'")
            connection.execute("DELETE FROM account")

        durable = relay.relay._durable  # type: ignore[union-attr]
        await durable.write(as_before)
        relay.relay.services.directory._renew_skeletons = lambda connection: None  # type: ignore[union-attr]
        for handle, skeleton in older.items():
            await put(record_of(people[handle], relay).encoded)
            await durable.write(
                lambda connection, row=(skeleton, handle): (
                    connection.execute("UPDATE account SET skeleton = ? WHERE handle = ?", row).rowcount
                )
            )
        del relay.relay.services.directory._renew_skeletons  # type: ignore[union-attr]
        for imitator in ("mìnsu", "zoe", "cöw"):
            async with refused("taken"):
                await put(record_of(people[imitator], relay).encoded)
        await put(record_of(people["ox"], relay).encoded)
        for handle in older:
            person = people[handle]
            person.link()
            await put(record_of(person, relay).encoded)
            assert await user.relay.directory_get(handle=handle) is not None


async def test_handles_of_any_script_live_side_by_side(relay: RunningRelay) -> None:
    handles = ["외양간", "외양칸", "가까", "각가", "소농부", "바구니", "korova", "корова", "牛小屋", "うしごや"]
    async with users(relay.url, 1) as (user,):
        for handle in handles:
            await user.relay.directory_put_account(record_of(Person(handle), relay).encoded)
        for handle in handles:
            assert await user.relay.directory_get(handle=handle) is not None
        decomposed = "\u110b\u116c\u110b\u1163\u11bc\u1100\u1161\u11ab"  # 외양간, as some systems type it
        assert await user.relay.directory_get(handle=decomposed) is not None


class Watched:
    """A connection that notes every statement."""

    def __init__(self, connection: Connection, notes: list[str]) -> None:
        self._connection, self._notes = connection, notes

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        self._notes.append(sql)
        return self._connection.execute(sql, parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that a read of the durable file runs from now on."""
    notes: list[str] = []
    real = Durable.read

    async def read(self: Durable, work: Callable[[Connection], Any]) -> Any:
        return await real(self, lambda connection: work(Watched(connection, notes)))  # type: ignore[arg-type]

    monkeypatch.setattr(Durable, "read", read)
    return notes


async def with_recovery(user: User, relay: RunningRelay) -> bytes:
    """Publish an account with a recovery file; return its fetch key."""
    person = Person("farmer")
    code = new_recovery_code(person.random)
    file = seal_recovery_file(code, person.key, person.random)
    record = AccountRecord.issue(
        person.key,
        binding=Binding.issue(person.key, handle="farmer", host=authority_of(relay.url), now_ms=NOW_MS),
        device_list=person.device_list,
        recovery_file=file,
        fetch_key=fetch_key(code),
        now_ms=NOW_MS,
    )
    await user.relay.directory_put_account(record.encoded, recovery_file=file)
    return fetch_key(code)


async def test_unknown_and_refused_lookups_are_the_same_bytes_after_the_same_statements(
    relay: RunningRelay, statements: list[str]
) -> None:
    async with users(relay.url, 1) as (user,), raw_socket(relay.url, "/s") as socket:
        right = await with_recovery(user, relay)
        person = Person("farmer")

        async def asked(by: int, key: bytes, fetch: bytes | None) -> tuple[bytes, tuple[str, ...]]:
            statements.clear()
            await socket.send(DirectoryGet(ID, by, key, 0, fetch))
            answer = await socket.receive()
            assert isinstance(answer, DirectoryFound)
            return encode_frame(answer), tuple(statements)

        found: dict[str, Counter[tuple[bytes, tuple[str, ...]]]] = {"unknown": Counter(), "refused": Counter()}
        source = seeded(5)
        for number in range(40):
            wrong = source(32)
            unknown = [
                (BY_HANDLE, b"nobody%d" % number, wrong),
                (BY_ACCOUNT, source(32), wrong),
                (BY_HANDLE, b"\xff\xfe", wrong),
                (BY_HANDLE, b"not a handle!", None),
                (BY_HANDLE, b"nobody%d" % number, None),
            ]
            known = [(BY_HANDLE, b"farmer", wrong), (BY_ACCOUNT, person.account_id, wrong)]
            for question in unknown:
                found["unknown"][await asked(*question)] += 1
            for question in known:
                found["refused"][await asked(*question)] += 1
        assert found["unknown"].keys() == found["refused"].keys()  # one kind of answer after one kind of work
        assert len(found["unknown"]) == 1
        answer, work = await asked(BY_HANDLE, b"farmer", right)
        assert answer not in {bytes_ for bytes_, _ in found["unknown"]}
        assert (work,) == tuple({statements_ for _, statements_ in found["unknown"]})  # also when it is given


async def test_every_failed_authentication_costs_one_verification(
    relay: RunningRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: Counter[str] = Counter()
    real = receive_socket.verify_auth

    def counted(*args: Any, **kwargs: Any) -> None:
        counts["verified"] += 1
        real(*args, **kwargs)

    monkeypatch.setattr(receive_socket, "verify_auth", counted)
    async with users(relay.url, 1) as (alice,), raw_socket(relay.url, "/r") as socket:
        counts.clear()
        stranger = MailboxKeys.generate(seeded(9))
        work = []
        for entry in (
            (alice.mailbox, alice.keys.auth_public, bytes(64)),
            (alice.mailbox, stranger.auth_public, sign(replace(stranger, mailbox_id=alice.mailbox), socket, relay)),
            (stranger.mailbox_id, stranger.auth_public, sign(stranger, socket, relay)),
            (stranger.mailbox_id, stranger.auth_public, bytes(64)),
        ):
            before = counts["verified"]
            await socket.send(Auth((entry,)))
            assert await socket.receive() == Err("auth", 0, entry[0])
            work.append(counts["verified"] - before)
        assert work == [1, 1, 1, 1]


async def test_a_flood_of_signatures_is_told_its_rate(tmp_path: Path) -> None:
    limits = replace(TEST_LIMITS, requests_burst=3, requests_per_s=1)
    async with (
        running_relay(tmp_path / "relay", limits=limits) as relay,
        users(relay.url, 1) as (alice,),
        raw_socket(relay.url, "/r") as socket,
    ):
        for _ in range(5):
            await socket.send(Auth(((alice.mailbox, alice.keys.auth_public, bytes(64)),)))
        answers = [await socket.receive() for _ in range(5)]
        codes = sorted(answer.code for answer in answers if isinstance(answer, Err))
        assert codes == ["auth"] * 3 + ["rate"] * 2
        assert relay.counters["rate_fail"] == 2


def sign(keys: MailboxKeys, socket: RawSocket, relay: RunningRelay) -> bytes:
    return keys.sign_auth(relay_id=socket.hello.relay_id, origin=relay.url, nonce=socket.hello.nonce)
