"""Contacts: who is added, whose key changed, what the user's word makes of it, what other own devices say."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from byre.client.contacts import Contacts
from byre.client.directory import Directory
from byre.client.events import ContactChanged, KeyChanged
from byre.client.peers import Peers
from byre.client.views import AccountId, Trust
from byre.identity.handle import Binding
from byre.wire.content_bodies import Contact
from tests.fakes.account_desk import AccountDesk, answer_of
from tests.fakes.delivery_context import DeliveryContext
from tests.fakes.identities import HOST, NOW_MS, Person
from tests.refusals import refused


class Bench:
    def __init__(self, around: DeliveryContext) -> None:
        self.desk = AccountDesk(around, Person("anna"))
        context = self.desk.context
        self.contacts = Contacts(context, Directory(context, Peers(context)))
        self.contacts.attach(self.desk.keeper)  # type: ignore[arg-type]

    def knows(self, person: Person) -> AccountId:
        self.desk.relay.entries[person.handle] = answer_of(person)
        return AccountId(person.account_id.hex())

    @property
    def told(self) -> list[type]:
        return [type(event) for event in self.desk.around.told]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    around = DeliveryContext(tmp_path)
    yield Bench(around)
    await around.close()


async def test_a_contact_is_added_once_and_told_to_the_own_devices(bench: Bench) -> None:
    ben = Person("ben")
    account = bench.knows(ben)
    view = await bench.contacts.add("BEN")
    assert (view.account_id, view.handle, view.trust) == (account, "ben", Trust.UNVERIFIED)
    assert bench.desk.keeper.sent == [Contact(ben.key.public, "ben", HOST, "", False, True)]
    await bench.contacts.add("ben@" + HOST)
    assert len(bench.desk.keeper.sent) == 1
    assert [each.account_id for each in await bench.contacts.list()] == [account]


async def test_safety_numbers_are_reckoned_once_and_beside_the_loop(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    reckoned: list[tuple[bytes, bool]] = []
    loop_thread = threading.get_ident()

    def number(own: bytes, other: bytes) -> str:
        reckoned.append((other, threading.get_ident() == loop_thread))
        return other.hex()[:60]

    monkeypatch.setattr("byre.client.contacts.safety_number", number)
    people = [Person(f"ben.{i}") for i in range(5)]
    for person in people:
        bench.knows(person)
        await bench.contacts.resolve(person.handle)
    lists = await asyncio.gather(*(bench.contacts.list() for _ in range(3)))
    assert [view.safety_number for view in lists[0]] == [person.account_id.hex()[:60] for person in people]
    assert sorted(reckoned) == sorted((person.account_id, False) for person in people)


async def test_oneself_and_nobody_are_no_contacts(bench: Bench) -> None:
    assert await refused(bench.contacts.add("anna")) == "not_allowed"
    assert await refused(bench.contacts.add("nobody")) == "no_such_handle"
    assert await refused(bench.contacts.add("b")) == "bad_handle"
    assert await refused(bench.contacts.add("ben@no host")) in ("bad_handle", "bad_relay")
    bench.desk.is_away()
    assert await refused(bench.contacts.add("ben")) == "relay_unreachable"


async def test_another_key_behind_a_handle_blocks_until_it_is_accepted(bench: Bench) -> None:
    old = bench.knows(Person("ben"))
    await bench.contacts.add("ben")
    await bench.contacts.mark_verified(old)
    other = Person("ben.two")
    other.handle, other.binding = "ben", _binding(other)
    new = bench.knows(other)
    assert await refused(bench.contacts.add("ben")) == "key_changed"
    assert KeyChanged in bench.told
    view = await bench.contacts.get(old)
    assert (view.trust, view.change) == (Trust.CHANGED, "key")
    assert view.changed_safety_number not in ("", view.safety_number)
    assert await refused(bench.contacts.mark_verified(old)) == "key_changed"
    await bench.contacts.accept_changed_key(old)
    assert [(each.account_id, each.trust) for each in await bench.contacts.list()] == [(new, Trust.UNVERIFIED)]
    assert await refused(bench.contacts.get(old)) == "no_such_contact"
    assert await refused(bench.contacts.accept_changed_key(new)) == "wrong_state"


def _binding(person: Person) -> Any:
    return Binding.issue(person.key, handle="ben", host=HOST, now_ms=NOW_MS)


async def test_safety_numbers_are_compared_as_text_and_as_a_code(bench: Bench) -> None:
    account = bench.knows(Person("ben"))
    view = await bench.contacts.add("ben")
    assert await bench.contacts.check_qr(account, f" {view.safety_number[:30]} {view.safety_number[30:]}\n")
    assert await bench.contacts.check_qr(account, view.safety_qr)
    assert not await bench.contacts.check_qr(account, "0" * 60)
    assert await refused(bench.contacts.check_qr(account, "not a number")) == "bad_safety_number"


async def test_what_another_own_device_says_is_taken(bench: Bench) -> None:
    ben, other = Person("ben"), Person("ben.too")
    store = bench.desk.around.store
    first = Contact(ben.key.public, "ben", HOST, "밥", True, True)
    store.now(lambda tx: bench.contacts.take_synced(tx, first))
    (view,) = await bench.contacts.list()
    assert (view.name, view.trust) == ("밥", Trust.VERIFIED)
    store.now(lambda tx: bench.contacts.take_synced(tx, Contact(other.key.public, "ben", HOST)))
    assert [each.account_id for each in await bench.contacts.list()] == [other.account_id.hex()]
    bench.desk.keeper.sent.clear()
    await bench.contacts.introduce_all()
    assert [body.account_public for body in bench.desk.keeper.sent if isinstance(body, Contact)] == [other.key.public]
    assert ContactChanged not in bench.told
