"""A locked profile asks for its key: what it takes, what it refuses, and that it never gives anything up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.connection import DirectoryAnswer
from byre.client.events import KeyReturned, LinkCodeShown
from byre.client.key_recovery import KeyRecovery
from byre.client.rendezvous import ANSWER, DONE, GRANT, REVEAL
from byre.crypto.secret import Secret
from byre.errors import ByreError, EnvironmentFault, UsageError
from byre.identity.key_copy import KeyCopy
from byre.identity.linking.key_return import KeyHolder
from byre.identity.recovery import copy_key_pair, fetch_key, new_recovery_code, seal_recovery_file, with_copy
from tests.fakes.account_desk import answer_of
from tests.fakes.delivery_context import DeliveryContext
from tests.fakes.identities import HOST, NOW_MS, RELAY, Person, SeededRandom
from tests.fakes.rendezvous_table import Table
from tests.refusals import refused

PROFILE, SECRET = b"p" * 16, Secret(b"s" * 32)
CODE = new_recovery_code(SeededRandom("code"))


class Locked:
    """A locked profile that waits for generation 3 of its key; `given` is what it was brought."""

    def __init__(self) -> None:
        self.waits_for: tuple[bytes, int] | None = (PROFILE, 3)
        self.given: list[Secret] = []
        self.has_passphrase = False
        self.changing = asyncio.Lock()
        self.returning = SimpleNamespace(wanted=lambda: self.waits_for, give=self._give)
        self.fault: ByreError | None = None

    async def _give(self, secret: Secret) -> None:
        assert self.changing.locked(), "nobody else may change the profile meanwhile"
        if self.fault is not None:
            raise self.fault
        self.given.append(secret)


class Bench:
    def __init__(self, around: DeliveryContext) -> None:
        around.clock._now_ms = NOW_MS
        self.around, self.table, self.profile = around, Table(), Locked()
        self.person, self.answers = Person("anna"), dict[tuple[str, bool], DirectoryAnswer]()
        relay: Any = self.table
        relay.directory_get = self._look_up
        around.network.relay = lambda url: relay  # type: ignore[method-assign]
        self.unlocked: list[str | None] = []
        self.unlock_fault: ByreError | None = None
        self.recovery = KeyRecovery(
            self.profile,  # type: ignore[arg-type]
            SimpleNamespace(  # type: ignore[arg-type]
                network=around.network, events=around.events, clock=around.clock, random=SeededRandom("pc")
            ),
            around.tasks,
            unlock=self._unlock,
        )

    async def _unlock(self, passphrase: str | None) -> None:
        self.unlocked.append(passphrase)
        if self.unlock_fault is not None:
            raise self.unlock_fault

    async def _look_up(self, *, handle: str, fetch_key: bytes = b"") -> DirectoryAnswer | None:
        return self.answers.get((handle, bool(fetch_key)))

    def lies_at_the_relay(self, file: bytes | None) -> None:
        """What anna's directory entry holds for who knows the fetch key."""
        plain = answer_of(self.person)
        self.answers[("anna", False)] = plain
        self.answers[("anna", True)] = DirectoryAnswer(plain.account_record, plain.device_lists, (), file)

    def file(self, generation: int = 3, profile: bytes = PROFILE, code: str = CODE) -> bytes:
        copy = KeyCopy(profile, generation, SECRET).seal(copy_key_pair(code)[1])
        return with_copy(seal_recovery_file(CODE, self.person.key, SeededRandom("file")), copy)

    async def with_code(self, code: str = CODE, passphrase: str | None = None) -> None:
        await self.recovery.with_code(code, relay=RELAY, handle="Anna", passphrase=passphrase)

    async def answered_by(self, uri: str, copy: KeyCopy) -> None:
        """A phone goes through the handshake and gives what it keeps."""
        holder = KeyHolder(uri, now_ms=NOW_MS)
        holder.receive_blob1(self.table.slots[1], now_ms=NOW_MS)
        assert holder.wanted().profile_id == PROFILE
        blob2 = holder.agree(
            account_public=self.person.key.public, handle="anna", host=HOST, now_ms=NOW_MS, random=SeededRandom("phone")
        )
        await self.table.rendezvous_put(b"", ANSWER, blob2)
        await self.around.settle()
        holder.receive_blob3(self.table.slots[REVEAL], now_ms=NOW_MS)
        (shown,) = [event for event in self.around.told if isinstance(event, LinkCodeShown)]
        holder.enter_code(shown.code, now_ms=NOW_MS)
        await self.table.rendezvous_put(b"", GRANT, holder.give(copy, now_ms=NOW_MS))
        await self.around.settle()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    around = DeliveryContext(tmp_path)
    yield Bench(around)
    await around.close()


async def test_the_code_brings_the_key_and_opens_the_profile(bench: Bench) -> None:
    bench.lies_at_the_relay(bench.file())
    await bench.with_code(CODE.lower().replace("-", " "), passphrase="소")
    assert (bench.profile.given, bench.unlocked) == ([SECRET], ["소"])


@pytest.mark.parametrize(
    ("generation", "profile"), [(2, PROFILE), (4, PROFILE), (3, b"q" * 16)], ids=["older", "newer", "another's"]
)
async def test_a_key_of_another_generation_or_profile_is_no_key(bench: Bench, generation: int, profile: bytes) -> None:
    bench.lies_at_the_relay(bench.file(generation, profile))
    assert await refused(bench.with_code()) == "no_key_copy"
    assert (bench.profile.given, bench.unlocked) == ([], [])


async def test_what_lies_there_is_told_apart(bench: Bench) -> None:
    assert await refused(bench.with_code()) == "no_such_handle"
    bench.lies_at_the_relay(None)
    assert await refused(bench.with_code()) == "wrong_recovery_code"
    del bench.answers[("anna", True)]  # the relay does not know that fetch key
    assert await refused(bench.with_code()) == "wrong_recovery_code"
    assert await refused(bench.with_code("no code")) == "wrong_recovery_code"
    plain = seal_recovery_file(CODE, bench.person.key, SeededRandom("file"))
    bench.lies_at_the_relay(plain)
    assert await refused(bench.with_code()) == "no_key_copy"
    bench.lies_at_the_relay(bench.file(code=new_recovery_code(SeededRandom("other"))))
    assert await refused(bench.with_code()) == "wrong_recovery_code"
    assert bench.profile.given == []
    assert len(fetch_key(CODE)) == 32


async def test_typos_are_told_before_anybody_is_asked(bench: Bench) -> None:
    for relay, handle, code in (
        ("ftp://x", "anna", "bad_relay"),
        (RELAY, "a", "bad_handle"),
        (RELAY, "anna@other.example", "bad_handle"),
    ):
        assert await refused(bench.recovery.with_code(CODE, relay=relay, handle=handle)) == code
    assert await refused(bench.recovery.ask_phone("relay")) == "bad_relay"
    assert bench.table.slots == {}


async def test_a_profile_that_waits_for_nothing_asks_nobody(bench: Bench) -> None:
    bench.profile.waits_for = None
    assert not bench.recovery.is_possible()
    assert await refused(bench.recovery.ask_phone(RELAY)) == "wrong_state"
    assert await refused(bench.with_code()) == "wrong_state"
    assert not await bench.recovery.cancel()


@pytest.mark.parametrize("has_passphrase", [False, True])
async def test_the_phone_brings_the_key(bench: Bench, has_passphrase: bool) -> None:
    bench.profile.has_passphrase = has_passphrase
    offer = await bench.recovery.ask_phone(RELAY)
    await bench.answered_by(offer.uri, KeyCopy(PROFILE, 3, SECRET))
    assert bench.profile.given == [SECRET]
    assert bench.unlocked == ([] if has_passphrase else [None])  # in mode B its user types the passphrase now
    assert bench.around.told[-1] == KeyReturned()
    assert not await bench.recovery.cancel()


async def test_a_phone_that_gives_another_key_is_told_so(bench: Bench) -> None:
    offer = await bench.recovery.ask_phone(RELAY)
    await bench.answered_by(offer.uri, KeyCopy(PROFILE, 2, SECRET))
    assert (bench.around.link_endings, bench.profile.given) == (["wrong_key"], [])


@pytest.mark.parametrize(
    ("where", "fault", "told"),
    [
        ("profile", UsageError("another secret", code="wrong_key"), "wrong_key"),
        ("profile", EnvironmentFault("full", code="disk_full"), "link_failed"),
        ("unlock", EnvironmentFault("damaged", code="db_damaged"), "db_damaged"),
    ],
)
async def test_what_goes_wrong_with_the_key_in_hand_is_told(
    bench: Bench, where: str, fault: ByreError, told: str
) -> None:
    if where == "profile":
        bench.profile.fault = fault
    else:
        bench.unlock_fault = fault
    offer = await bench.recovery.ask_phone(RELAY)
    await bench.answered_by(offer.uri, KeyCopy(PROFILE, 3, SECRET))
    assert bench.around.link_endings == [told]
    assert KeyReturned() not in bench.around.told


async def test_a_cancel_tells_the_phone(bench: Bench) -> None:
    await bench.recovery.ask_phone(RELAY)
    assert await bench.recovery.cancel()
    await bench.around.settle()
    assert bench.around.link_endings == ["cancelled"]
    assert (REVEAL in bench.table.slots, DONE in bench.table.slots) == (True, False)
    assert not await bench.recovery.cancel()


async def test_a_second_asking_takes_the_place_of_the_first(bench: Bench) -> None:
    first = await bench.recovery.ask_phone(RELAY)
    bench.table.slots.clear()
    second = await bench.recovery.ask_phone(RELAY)
    assert first.uri != second.uri
    await bench.answered_by(second.uri, KeyCopy(PROFILE, 3, SECRET))
    assert (bench.profile.given, bench.around.link_endings) == ([SECRET], [])


async def test_nobody_comes(bench: Bench) -> None:
    await bench.recovery.ask_phone(RELAY)
    await bench.around.settle(301)
    assert bench.around.link_endings == ["offer_expired"]
    assert not await bench.recovery.cancel()
