"""The account over a profile on paper: what is refused before anything is done, and what a crash goes on with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.account import Account
from byre.client.connection import DirectoryAnswer
from byre.client.context import OwnIdentity, read_own
from byre.client.events import StatusChanged
from byre.client.interruption import Interruptible
from byre.client.key_copies import COPY_PUBLIC
from byre.client.registration import read_recovery
from byre.client.views import ProfileState, Role
from byre.errors import ByreError, EnvironmentFault, PeerError, UsageError
from byre.identity.recovery import fetch_key, new_recovery_code, open_recovery_file, seal_recovery_file, split_copy
from byre.store import Transaction
from tests.fakes.account_desk import answer_of, own_of
from tests.fakes.delivery_context import DeliveryContext
from tests.fakes.identities import NOW_MS, RELAY, Person, SeededRandom
from tests.refusals import refused

CODE = new_recovery_code(SeededRandom("code"))
GIVEN = {"handle": "anna", "name": "Anna", "relay": RELAY}


class Bench:
    """A profile that is new, and a directory; `steps` is what was done, in order."""

    def __init__(self, around: DeliveryContext) -> None:
        around.clock._now_ms = NOW_MS
        self.around, self.steps = around, list[str]()
        self.entries: dict[tuple[str, bool], DirectoryAnswer] = {}
        self.faults: dict[str, ByreError] = {}
        relay: Any = SimpleNamespace(directory_get=self._look_up)
        around.network.relay = lambda url: relay  # type: ignore[method-assign]
        self.profile: Any = SimpleNamespace(
            state=ProfileState.NEW,
            incomplete=None,
            removed=None,
            open_session=None,
            session=None,
            readable=None,
            has_passphrase=False,
            is_damaged=False,
            changing=asyncio.Lock(),
            relay_waits=Interruptible(),
            require_undamaged=lambda: None,
            require_lockable=self._lockable,
            begin=self._begin,
            open=self._opened,
            destroy=self._done("destroy"),
            close=self._done("close"),
            panic=self._done("panic"),
            retire=self._done("retire"),
        )
        surroundings: Any = SimpleNamespace(
            network=around.network, events=around.events, clock=around.clock, random=SeededRandom("account")
        )
        self.account = Account(self.profile, surroundings, device_name="전화", is_connected=lambda url: True)

    def _done(self, name: str) -> Any:
        async def done(*_: Any, **__: Any) -> None:
            if name in self.faults:
                raise self.faults[name]
            self.steps.append(name)

        return done

    async def _look_up(self, *, handle: str, fetch_key: bytes = b"") -> DirectoryAnswer | None:
        if "look up" in self.faults:
            raise self.faults["look up"]
        return self.entries.get((handle, bool(fetch_key)))

    async def _lockable(self, passphrase: str | None) -> None:
        if passphrase is None and "lock" in self.faults:
            raise self.faults["lock"]

    async def _opened(self, passphrase: str | None) -> Any:
        if "open" in self.faults:
            raise self.faults["open"]
        self.steps.append("open")
        return self.profile.open_session

    async def _begin(self, passphrase: str | None, own: OwnIdentity, fill: Callable[[Transaction], None]) -> Any:
        self.steps.append("begin")
        await self.around.store.write(fill)
        return self.session_of(own)

    def session_of(self, own: OwnIdentity) -> Any:
        self.around.own = own  # type: ignore[assignment]
        store: Any = self.around.store
        store.fold, store.key_mode = self._done("fold"), "A"
        session = SimpleNamespace(
            context=self.around.context,
            registration=SimpleNamespace(
                register_mailbox=self._done("mailbox"),
                publish_account=self._done("publish"),
                publish_device=self._done("device record"),
            ),
            key_packages=SimpleNamespace(publish_first=self._done("packages")),
            rooms=SimpleNamespace(ensure_own_rooms=self._done("own rooms")),
            start_delivery=self._done("deliver"),
            start_reading=self._done("read"),
            is_removed=False,
            is_complete=False,
        )
        session.complete = lambda: self._complete(session)
        self.profile.open_session = session
        return session

    def _complete(self, session: Any) -> None:
        self.steps.append("complete")
        self.profile.state, self.profile.session = ProfileState.READY, session

    def row(self) -> Any:
        return self.around.store.now(lambda tx: tx.account.get())


CREATED = ["begin", "mailbox", "publish", "fold", "deliver", "device record", "packages", "own rooms", "complete"]
AWAY = EnvironmentFault("away", code="relay_unreachable")


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    around = DeliveryContext(tmp_path)
    yield Bench(around)
    await around.close()


async def test_an_account_is_stored_before_the_relay_hears_of_it(bench: Bench) -> None:
    created = await bench.account.create(**GIVEN)
    assert bench.steps == CREATED
    own = bench.around.store.now(read_own)
    assert own is not None
    assert (created.account_id, own.is_primary, bench.row().is_published) == (own.account_id.hex(), True, True)
    file, fetch = bench.around.store.now(read_recovery)
    assert fetch == fetch_key(created.recovery_code)
    assert open_recovery_file(created.recovery_code, file).account_id == own.account_id
    assert isinstance(bench.around.store.now(lambda tx: tx.settings.get(COPY_PUBLIC)), str)
    assert StatusChanged(bench.account.status()) in bench.around.told
    assert (bench.account.status().role, bench.account.status().key_mode) == (Role.PRIMARY, "A")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"handle": "a"}, "bad_handle"),
        ({"handle": "anna@other.example"}, "bad_handle"),
        ({"relay": "ftp://x"}, "bad_relay"),
        ({"name": "\u200b"}, "bad_params"),
    ],
)
async def test_typos_are_told_before_anything_is_done(bench: Bench, given: dict[str, str], code: str) -> None:
    assert await refused(bench.account.create(**{**GIVEN, **given})) == code
    assert bench.steps == []


async def test_a_handle_that_is_taken_makes_no_profile(bench: Bench) -> None:
    bench.entries[("anna", False)] = answer_of(Person("anna"))
    assert await refused(bench.account.create(**GIVEN)) == "handle_taken"
    assert bench.steps == []


async def test_a_handle_that_was_taken_meanwhile_leaves_no_profile(bench: Bench) -> None:
    bench.faults["publish"] = PeerError("taken", code="relay_taken")
    assert await refused(bench.account.create(**GIVEN)) == "handle_taken"
    assert bench.steps == ["begin", "mailbox", "destroy"]
    bench.faults["publish"] = PeerError("odd", code="relay_auth")
    assert await refused(bench.account.create(**GIVEN)) == "relay_auth"
    assert bench.steps[-1] == "destroy"


async def test_a_relay_that_goes_away_in_the_middle_keeps_what_was_made(bench: Bench) -> None:
    bench.faults["publish"] = AWAY
    assert await refused(bench.account.create(**GIVEN)) == "relay_unreachable"
    assert bench.steps == ["begin", "mailbox"]
    assert bench.row().is_published is False


async def test_an_account_counts_although_the_rest_has_to_wait(bench: Bench) -> None:
    bench.faults["device record"] = AWAY
    await bench.account.create(**GIVEN)
    assert bench.steps == [*CREATED[:5], "complete"]


async def test_where_no_key_store_works_a_passphrase_is_wanted_first(bench: Bench) -> None:
    assert not await bench.account.needs_passphrase()
    bench.faults["lock"] = UsageError("no key store", code="passphrase_required")
    assert await bench.account.needs_passphrase()
    assert await refused(bench.account.create(**GIVEN)) == "passphrase_required"
    assert await refused(bench.account.restore(code=CODE, relay=RELAY, handle="anna")) == "passphrase_required"
    assert bench.steps == []
    bench.profile.state = ProfileState.LOCKED
    assert not await bench.account.needs_passphrase()


@pytest.mark.parametrize(("state", "code"), [(ProfileState.LOCKED, "locked"), (ProfileState.READY, "wrong_state")])
async def test_over_a_profile_that_is_there_nothing_is_made(bench: Bench, state: ProfileState, code: str) -> None:
    bench.profile.state = state
    assert await refused(bench.account.create(**GIVEN)) == code
    assert await refused(bench.account.restore(code=CODE, relay=RELAY, handle="anna")) == code
    assert bench.steps == []


def lies_at_the_relay(bench: Bench, person: Person, file: bytes | None) -> None:
    plain = answer_of(person)
    bench.entries[(person.handle, False)] = plain
    bench.entries[(person.handle, True)] = DirectoryAnswer(
        plain.account_record, plain.device_lists, plain.device_records, file
    )


async def test_a_code_that_opens_nothing_makes_no_profile(bench: Bench) -> None:
    restore = {"relay": RELAY, "handle": "anna"}
    assert await refused(bench.account.restore(code=CODE, **restore)) == "no_such_handle"
    lies_at_the_relay(bench, Person("anna"), None)
    assert await refused(bench.account.restore(code=CODE, **restore)) == "wrong_recovery_code"
    assert await refused(bench.account.restore(code="no code", **restore)) == "wrong_recovery_code"
    foreign = seal_recovery_file(CODE, Person("mallory").key, SeededRandom("file"))
    lies_at_the_relay(bench, Person("anna"), foreign)  # not the file that anna's record names
    assert await refused(bench.account.restore(code=CODE, **restore)) == "malformed"
    assert bench.steps == []
    assert split_copy(foreign)[1] == b""


async def test_unlocking_goes_on_with_what_the_store_says(bench: Bench) -> None:
    assert await refused(bench.account.unlock()) == "wrong_state"
    bench.profile.state = ProfileState.LOCKED
    bench.faults["open"] = UsageError("no", code="wrong_passphrase")
    assert await refused(bench.account.unlock("x")) == "wrong_passphrase"
    assert bench.steps == []
    del bench.faults["open"]
    await bench.account.unlock()  # nothing comes of it: what was begun here is gone
    assert bench.steps == ["open"]


async def test_a_complete_account_runs_and_one_that_was_removed_only_reads(bench: Bench) -> None:
    await bench.account.create(**GIVEN)
    bench.steps.clear()
    session = bench.session_of(bench.around.own)  # type: ignore[arg-type]
    await bench.account.go_on(session)
    assert bench.steps == ["deliver", "complete"]
    session.is_removed = True
    await bench.account.go_on(session)
    assert bench.steps[2:] == ["read"]


async def test_a_device_that_is_listed_no_more_retires_at_its_next_start(bench: Bench) -> None:
    await bench.account.create(**GIVEN)
    bench.steps.clear()
    anna = Person("anna")
    laptop = anna.link()
    anna.unlink(laptop)
    session = bench.session_of(own_of(anna, laptop))
    await bench.account.go_on(session)
    assert bench.steps == ["retire"]


async def test_panic_asks_for_nothing_but_a_profile(bench: Bench) -> None:
    assert await refused(bench.account.panic()) == "wrong_state"
    bench.profile.state = ProfileState.LOCKED
    await bench.account.panic()
    assert bench.steps == ["panic"]


async def test_a_profile_without_account_says_little(bench: Bench) -> None:
    assert bench.account.status().state is ProfileState.NEW
    bench.profile.state, bench.profile.has_passphrase, bench.profile.is_damaged = ProfileState.LOCKED, True, True
    status = bench.account.status()
    assert (status.role, status.connected, status.has_passphrase, status.is_damaged) == (None, False, True, True)
