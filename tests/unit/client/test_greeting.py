"""A greeting: a rejoin request for no room, sealed to a PC, that shows the newest own list."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.greeting import Greeting
from byre.client.leaf_check import credential_of
from byre.errors import EnvironmentFault
from byre.identity.mailbox import open_envelope
from byre.identity.rejoin import RejoinRequestIn
from byre.mls import KeyPackage
from byre.store import Transaction
from byre.wire.envelope import REJOIN_REQUEST
from tests.fakes.identities import NOW_MS, RELAY, Person
from tests.fakes.paper_rooms import context_of, package_of


class Bench:
    """A restored phone, and its PC's package at the relay."""

    def __init__(self, tx: Transaction) -> None:
        self.anna = Person("anna")
        self.pc = self.anna.link()
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.fault: Exception | None = None
        network = SimpleNamespace(
            relay=lambda url: SimpleNamespace(send=lambda **envelope: self.sent.append((url, envelope)))
        )
        packages: Any = SimpleNamespace(take_device=self._take, fresh_bundle=self._fresh)
        context = context_of(self.anna, tx, network=network)
        context.own.device_key = self.anna.primary.key
        self.greeting = Greeting(context, packages)

    async def _take(self, account_id: bytes, device_id: bytes) -> Any:
        if self.fault is not None:
            raise self.fault
        assert (account_id, device_id) == (self.anna.account_id, self.pc.id)
        return SimpleNamespace(key_package=package_of(self.anna, self.pc).key_package)

    async def _fresh(self) -> Any:
        return package_of(self.anna)


async def test_a_greeting_shows_the_newest_list_to_who_can_open_it(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.greeting.greet(bench.pc.id)
    ((url, envelope),) = bench.sent
    address = bench.pc.info().address
    assert (url, envelope["mailbox"], envelope["token"]) == (RELAY, address.mailbox_id, address.token)
    opened = open_envelope(bench.pc.mailbox.box_private, envelope["body"])
    assert opened.type == REJOIN_REQUEST
    asked = RejoinRequestIn.decode(opened.body)
    credential = credential_of(KeyPackage.decode(asked.unverified_key_package).leaf_node)
    assert asked.verified(credential.device_key).is_fresh(NOW_MS)
    assert (credential.device_id, credential.device_list.version) == (
        bench.anna.primary.id,
        bench.anna.device_list.version,
    )


async def test_a_pc_without_a_package_is_greeted_another_time(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.fault = EnvironmentFault("nothing there", code="relay_absent")
    with pytest.raises(EnvironmentFault):
        await bench.greeting.greet(bench.pc.id)
    assert bench.sent == []
