"""A new recovery code: nothing before it is typed back, then stored, then told to the relay until the relay has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from byre.client.connection import DirectoryAnswer
from byre.client.events import RecoveryCodeChanged
from byre.client.key_copies import KeyCopies
from byre.client.own_list import OwnList
from byre.client.recovery_code import RecoveryCode
from byre.client.registration import Registration, read_recovery, write_recovery
from byre.crypto.secret import Secret
from byre.errors import ByreError, EnvironmentFault, PeerError
from byre.identity.key_copy import open_key_copy
from byre.identity.records import AccountRecord
from byre.identity.recovery import (
    copy_key_pair,
    fetch_key,
    new_recovery_code,
    open_recovery_file,
    seal_recovery_file,
    split_copy,
)
from tests.fakes.account_desk import AccountDesk
from tests.fakes.delivery_context import DeliveryContext
from tests.fakes.identities import NOW_MS, Person, SeededRandom
from tests.refusals import refused

OLD = new_recovery_code(SeededRandom("old"))


class Vault:
    """A vault with an outer secret, or without one."""

    secret: Secret | None = Secret(b"s" * 32)

    def copy(self) -> tuple[bytes, int, Secret] | None:
        return None if self.secret is None else (b"p" * 16, 1, self.secret)


class Bench:
    def __init__(self, around: DeliveryContext, *, is_pc: bool = False) -> None:
        self.person = Person("anna")
        pc = self.person.link()
        self.desk = AccountDesk(around, self.person, pc if is_pc else None)
        self.vault, self.around = Vault(), around
        file = seal_recovery_file(OLD, self.person.key, SeededRandom("file"))
        around.store.now(lambda tx: write_recovery(tx, file, fetch_key(OLD)))
        self._open()

    def _open(self) -> None:
        context = self.desk.context
        registration = Registration(context, None, None)  # type: ignore[arg-type]
        copies = KeyCopies(context, self.desk.keeper, registration, self.vault)  # type: ignore[arg-type]
        self.list = OwnList(context, None, registration)  # type: ignore[arg-type]
        self.codes = RecoveryCode(context, self.list, copies)

    def restart(self) -> None:
        """What was in memory is gone."""
        self._open()

    @property
    def told(self) -> int:
        return self.around.told.count(RecoveryCodeChanged())

    def opens(self, code: str) -> bool:
        """Whether a code opens what the relay was told last."""
        relay = self.desk.relay
        if not relay.published:
            return code == OLD
        record, file = AccountRecord.decode(relay.published[-1]), relay.recovery_files[-1]
        assert file is not None
        record.expect_recovery_file(file)
        if not record.is_fetch_key(fetch_key(code)):
            return False
        return open_recovery_file(code, split_copy(file)[0]).account_id == self.person.account_id


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[DeliveryContext]:
    surroundings = DeliveryContext(tmp_path)
    yield surroundings
    await surroundings.close()


async def test_a_proposed_code_changes_nothing_until_it_is_typed_back(around: DeliveryContext) -> None:
    bench = Bench(around)
    assert await refused(bench.codes.confirm(OLD)) == "wrong_state"
    first, second = [await bench.codes.propose() for _ in range(2)]
    for wrong in (first, OLD, "not a code", "", second[:-1]):
        assert await refused(bench.codes.confirm(wrong)) == "wrong_recovery_code"
    assert (bench.desk.relay.published, await bench.codes.is_pending()) == ([], False)
    bench.restart()
    assert await refused(bench.codes.confirm(second)) == "wrong_state"


async def test_a_confirmed_code_takes_the_place_of_the_old_one(around: DeliveryContext) -> None:
    bench = Bench(around)
    code = await bench.codes.propose()
    assert await bench.codes.confirm(code.lower().replace("-", " ")) is True
    assert (bench.opens(code), bench.opens(OLD), bench.told) == (True, False, 1)
    sealed = split_copy(bench.desk.relay.recovery_files[-1] or b"")[1]
    assert open_key_copy(copy_key_pair(code)[0], sealed).secret == bench.vault.secret
    with pytest.raises(PeerError):
        open_key_copy(copy_key_pair(OLD)[0], sealed)
    assert await refused(bench.codes.confirm(code)) == "wrong_state"  # once
    await bench.codes.resume()
    assert bench.told == 1


async def test_without_an_outer_secret_the_file_alone_is_told(around: DeliveryContext) -> None:
    bench = Bench(around)
    bench.vault.secret = None
    code = await bench.codes.propose()
    assert await bench.codes.confirm(code) is True
    assert bench.opens(code)
    assert split_copy(bench.desk.relay.recovery_files[-1] or b"")[1] == b""


@pytest.mark.parametrize(
    "fault",
    [EnvironmentFault("away", code="relay_unreachable"), PeerError("a newer list is there", code="relay_stale")],
)
async def test_what_the_relay_has_not_confirmed_is_told_again_after_a_crash(
    around: DeliveryContext, fault: ByreError
) -> None:
    bench = Bench(around)
    code = await bench.codes.propose()
    bench.desk.relay.fault = fault
    assert await bench.codes.confirm(code) is False
    assert (bench.opens(OLD), await bench.codes.is_pending(), bench.told) == (True, True, 0)
    bench.restart()
    assert await refused(bench.codes.resume()) == fault.code
    bench.desk.relay.fault = None
    await bench.codes.resume()
    assert (bench.opens(code), bench.opens(OLD), bench.told) == (True, False, 1)
    assert not await bench.codes.is_pending()


async def test_a_full_disk_leaves_the_old_code_and_the_proposed_one(around: DeliveryContext) -> None:
    bench = Bench(around)
    code = await bench.codes.propose()
    around.store.fault = EnvironmentFault("full", code="disk_full")
    assert await refused(bench.codes.confirm(code)) == "disk_full"
    around.store.fault = None
    assert around.store.now(read_recovery)[1] == fetch_key(OLD)
    assert await bench.codes.confirm(code) is True


async def test_a_profile_out_of_an_older_copy_does_not_bring_the_old_code_back(around: DeliveryContext) -> None:
    bench = Bench(around)
    copy = around.store.now(lambda tx: {name: tx.settings.get(name) for name in tx.settings.names()})
    code = await bench.codes.propose()
    around.clock.advance(60)
    assert await bench.codes.confirm(code) is True
    (published, file) = bench.desk.relay.published[-1], bench.desk.relay.recovery_files[-1]
    bench.desk.relay.entries[bench.person.account_id.hex()] = DirectoryAnswer(published, (), (), None)

    def put_back(tx: Any) -> None:
        for name in list(tx.settings.names()):
            tx.settings.delete(name)
        for name, value in copy.items():
            tx.settings.put(name, value)

    around.store.now(put_back)
    bench.restart()
    await bench.codes.look_back()
    await bench.codes.resume()
    await bench.list.republish()
    record = AccountRecord.decode(bench.desk.relay.published[-1])
    assert record.hashes == AccountRecord.decode(published).hashes
    assert bench.desk.relay.recovery_files[-1] is None  # the relay keeps what it has
    assert (record.is_fetch_key(fetch_key(code)), record.is_fetch_key(fetch_key(OLD))) == (True, False)
    record.expect_recovery_file(file or b"")
    again = await bench.codes.propose()  # and a further one may be made
    assert await bench.codes.confirm(again) is True
    assert (bench.opens(again), bench.opens(code)) == (True, False)


async def test_a_relay_that_shows_an_older_record_takes_no_code_back(around: DeliveryContext) -> None:
    bench = Bench(around)
    await bench.list.republish()
    older = bench.desk.relay.published[-1]
    around.clock.advance(60)
    code = await bench.codes.propose()
    assert await bench.codes.confirm(code) is True
    entries, own_id = bench.desk.relay.entries, bench.person.account_id.hex()
    await bench.codes.look_back()  # nothing there
    entries[own_id] = DirectoryAnswer(older, (), (), None)
    await bench.codes.look_back()
    await bench.list.republish()
    assert (bench.opens(code), bench.opens(OLD)) == (True, False)
    mallory = AccountRecord.issue(
        (other := Person("mallory")).key, binding=other.binding, device_list=other.device_list, now_ms=NOW_MS
    )
    entries[own_id] = DirectoryAnswer(mallory.encoded, (), (), None)
    assert await refused(bench.codes.look_back()) == "wrong_account"


async def test_only_the_phone_makes_codes(around: DeliveryContext) -> None:
    bench = Bench(around, is_pc=True)
    assert await refused(bench.codes.propose()) == "not_allowed"
    assert await refused(bench.codes.confirm(OLD)) == "not_allowed"
    await bench.codes.look_back()
