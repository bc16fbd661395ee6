"""Copies of outer secrets: sent until kept, sent anew after a wipe, kept for listed devices, laid at the relay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from byre.client.key_copies import ASK_AGAIN_MS, COPY_PUBLIC, RENEW_MS, KeyCopies, kept_copy, read_state
from byre.client.registration import Registration, read_recovery, write_recovery
from byre.client.room_keeper import DeviceMessage
from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault
from byre.identity.device_list import DeviceList
from byre.identity.key_copy import KeyCopy, open_key_copy
from byre.identity.recovery import copy_key_pair, new_recovery_code, split_copy
from byre.store import MemberRow, OwnDeviceRow, RoomRow
from byre.wire.key_bodies import KeyCopyGiven, KeyCopyKept
from tests.fakes.account_desk import AccountDesk
from tests.fakes.delivery_context import NOW, DeliveryContext
from tests.fakes.identities import Person, SeededRandom

PROFILE = b"p" * 16
CODE = new_recovery_code(SeededRandom("code"))


class Returning:
    """A vault: `generation` 0 is mode C, which has no outer secret."""

    def __init__(self) -> None:
        self.generation = 1

    def copy(self) -> tuple[bytes, int, Secret] | None:
        return (PROFILE, self.generation, self.secret()) if self.generation else None

    def secret(self) -> Secret:
        return Secret(bytes([self.generation]) * 32)


class Bench:
    def __init__(self, around: DeliveryContext, *, is_pc: bool) -> None:
        self.person = Person("anna")
        self.pc = self.person.link()
        self.desk = AccountDesk(around, self.person, self.pc if is_pc else None)
        self.vault = Returning()
        context = self.desk.context
        registration = Registration(context, None, None)  # type: ignore[arg-type]
        self.copies = KeyCopies(context, self.desk.keeper, registration, self.vault)  # type: ignore[arg-type]
        self.store = around.store
        self.folds = 0
        self.store.fold = self._fold  # type: ignore[attr-defined]

    async def _fold(self) -> None:
        self.folds += 1

    def in_device_room(self) -> None:
        phone = self.person.primary
        row = RoomRow(0, b"d" * 32, "device", "active", "https://relay.test", b"t" * 16, NOW, NOW)
        number = self.store.now(lambda tx: tx.rooms.add(row))
        member = MemberRow(number, phone.id, self.person.account_id, 0, phone.info().encode())
        self.store.now(lambda tx: tx.members.replace(number, [member]))
        self.store.now(lambda tx: tx.own_devices.put(OwnDeviceRow(phone.id, "", "primary", 1)))

    def lists(self, device_list: DeviceList) -> None:
        """The account has signed another list."""
        self.desk.around.own = replace(self.desk.own, device_list=device_list)  # type: ignore[assignment]

    def hear(self, body: Any, sender: bytes) -> Any:
        handler = self.desk.keeper.handlers[body.KIND]
        return self.store.now(lambda tx: handler(tx, DeviceMessage(sender, body, NOW)))

    def state(self) -> tuple[int, bool] | None:
        state = self.store.now(read_state)
        return None if state is None else (state.generation, state.is_kept)


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[DeliveryContext]:
    surroundings = DeliveryContext(tmp_path)
    yield surroundings
    await surroundings.close()


async def test_a_pc_sends_its_copy_until_the_phone_says_that_it_keeps_it(around: DeliveryContext) -> None:
    bench = Bench(around, is_pc=True)
    await bench.copies.run()
    assert bench.desk.keeper.sent == []  # the phone is not in the device room yet
    bench.in_device_room()
    for _ in range(2):
        await bench.copies.run()
    (given,) = bench.desk.keeper.sent
    assert isinstance(given, KeyCopyGiven)
    copy = open_key_copy(bench.person.primary.mailbox.box_private, given.sealed)
    assert copy == KeyCopy(PROFILE, 1, bench.vault.secret())
    around.clock.advance(ASK_AGAIN_MS / 1000)
    await bench.copies.run()
    assert (len(bench.desk.keeper.sent), bench.state()) == (2, (1, False))
    bench.hear(KeyCopyKept(PROFILE, 1), b"s" * 16)  # not from the phone
    bench.hear(KeyCopyKept(PROFILE, 2), bench.person.primary.id)
    assert bench.state() == (1, False)
    bench.hear(KeyCopyKept(PROFILE, 1), bench.person.primary.id)
    around.clock.advance(ASK_AGAIN_MS / 1000)
    await bench.copies.run()
    assert (len(bench.desk.keeper.sent), bench.state()) == (2, (1, True))
    around.clock.advance(RENEW_MS / 1000)
    await bench.copies.run()  # a phone out of a backup has none
    assert (len(bench.desk.keeper.sent), bench.state()) == (3, (1, False))
    bench.desk.keeper.sent.pop()
    bench.vault.generation = 2
    await bench.copies.run()
    assert (len(bench.desk.keeper.sent), bench.state()) == (3, (2, False))
    bench.vault.generation = 0  # a passphrase alone from now on: what is kept is withdrawn, once
    for _ in range(2):
        await bench.copies.run()
    assert (bench.desk.keeper.sent[3:], bench.state()) == ([KeyCopyGiven(PROFILE, 2, b"")], None)


async def test_who_was_linked_again_is_another_device_and_sends_anew(around: DeliveryContext) -> None:
    bench = Bench(around, is_pc=True)
    bench.in_device_room()
    await bench.copies.run()
    bench.hear(KeyCopyKept(PROFILE, 1), bench.person.primary.id)
    account = bench.store.now(lambda tx: tx.account.get())
    assert account is not None
    bench.store.now(lambda tx: tx.account.put(replace(account, device_id=b"n" * 16)))
    await bench.copies.run()
    assert (len(bench.desk.keeper.sent), bench.state()) == (2, (1, False))


async def test_without_an_outer_secret_nothing_is_copied(around: DeliveryContext) -> None:
    bench = Bench(around, is_pc=True)
    bench.in_device_room()
    bench.vault.generation = 0
    await bench.copies.run()
    assert (bench.desk.keeper.sent, bench.state()) == ([], None)


async def test_the_phone_keeps_the_newest_of_each_listed_device(around: DeliveryContext) -> None:
    bench = Bench(around, is_pc=False)
    box = bench.person.primary.mailbox.box_public

    def given(generation: int, profile: bytes = PROFILE, said: int = 0) -> KeyCopyGiven:
        sealed = KeyCopy(profile, generation, Secret(bytes([generation]) * 32)).seal(box)
        return KeyCopyGiven(profile, said or generation, sealed)

    for generation in (1, 2):
        bench.hear(given(generation), bench.pc.id)()
    await around.settle()
    assert bench.folds == 2  # no page of the WAL holds the one before
    assert bench.desk.keeper.sent == [KeyCopyKept(PROFILE, 1), KeyCopyKept(PROFILE, 2)]
    kept = bench.store.now(lambda tx: kept_copy(tx, PROFILE))
    assert kept is not None
    assert (kept.holder_of, kept.copy.generation) == (bench.pc.id.hex(), 2)
    assert bench.store.now(lambda tx: tx.erasures.debt()) == 2
    laptop = bench.person.link()
    bench.lists(bench.person.device_list)
    assert bench.hear(given(9), laptop.id) is None  # another device's profile
    assert bench.hear(given(3, said=4), bench.pc.id) is None
    assert bench.hear(KeyCopyGiven(PROFILE, 3, b"x" * 102), bench.pc.id) is None
    assert bench.hear(KeyCopyGiven(PROFILE, 2, b""), laptop.id) is None
    assert bench.store.now(lambda tx: kept_copy(tx, PROFILE)) == kept
    assert bench.hear(given(7, b"q" * 16), laptop.id) is not None
    bench.hear(KeyCopyGiven(b"q" * 16, 7, b""), laptop.id)()
    await around.settle()
    assert bench.store.now(lambda tx: kept_copy(tx, b"q" * 16)) is None
    bench.folds = 2
    bench.vault.generation = 1
    await bench.copies.run()
    bench.lists(bench.person.unlink(bench.pc))
    bench.vault.generation = 0
    await bench.copies.run()
    assert bench.store.now(lambda tx: kept_copy(tx, PROFILE)) is None
    assert bench.folds == 3


async def test_the_phone_s_own_copy_lies_beside_its_recovery_file(around: DeliveryContext) -> None:
    bench = Bench(around, is_pc=False)
    private, public = copy_key_pair(CODE)
    bench.store.now(lambda tx: write_recovery(tx, b"\0\1file", b"k" * 32))
    await bench.copies.run()
    assert bench.desk.relay.published == []  # an account from before there was a copy key
    bench.store.now(lambda tx: tx.settings.put(COPY_PUBLIC, public.hex()))
    bench.desk.is_away()
    with pytest.raises(EnvironmentFault):
        await bench.copies.run()
    assert bench.state() == (1, False)
    bench.desk.relay.fault = None
    for generation in (1, 1, 2):
        bench.vault.generation = generation
        await bench.copies.run()
    assert (len(bench.desk.relay.published), bench.state()) == (2, (2, True))
    file, sealed = split_copy(bench.store.now(read_recovery)[0])
    assert (file, open_key_copy(private, sealed).generation) == (b"\0\1file", 2)
    bench.vault.generation = 0
    for _ in range(2):
        await bench.copies.run()
    assert (len(bench.desk.relay.published), bench.state()) == (3, None)
    assert bench.store.now(read_recovery)[0] == b"\0\1file"
