"""What a directory may make us believe, and where it is looked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from byre.client.directory import Directory, typed_account, typed_relay
from byre.client.peers import Peers
from byre.errors import UsageError
from tests.fakes.account_desk import AccountDesk, answer_of
from tests.fakes.delivery_context import DeliveryContext
from tests.fakes.identities import HOST, RELAY, Person
from tests.refusals import refused


class Bench:
    def __init__(self, around: DeliveryContext) -> None:
        self.desk = AccountDesk(around, Person("anna"))
        context = self.desk.context
        self.directory = Directory(context, Peers(context))
        self.asked: list[str] = []
        around.network.relay = self._relay  # type: ignore[method-assign]

    def _relay(self, url: str) -> Any:
        self.asked.append(url)
        return self.desk.relay


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    around = DeliveryContext(tmp_path)
    yield Bench(around)
    await around.close()


async def test_a_handle_is_looked_for_at_its_own_relay(bench: Bench) -> None:
    for handle in ("ben", f"ben@{HOST}", "ben@other.example", "ben@127.0.0.1:8440", "ben@[::1]:8440"):
        assert await refused(bench.directory.lookup(handle)) == "no_such_handle"
    hosts = ["https://other.example", "http://127.0.0.1:8440", "http://[::1]:8440"]
    assert bench.asked == [RELAY, RELAY, *hosts]


async def test_an_answer_about_somebody_else_is_refused(bench: Bench) -> None:
    bench.desk.relay.entries["ben"] = answer_of(Person("carl"))
    assert await refused(bench.directory.lookup("ben")) == "wrong_account"


async def test_what_is_learnt_is_kept_and_nothing_older_is_taken(bench: Bench) -> None:
    ben = Person("ben")
    before = answer_of(ben)
    pc = ben.link()
    bench.desk.relay.entries["ben"] = answer_of(ben, ben.primary, pc)
    account = await bench.directory.lookup("ben")
    assert (account.device_list.version, set(account.devices)) == (2, {ben.primary.id, pc.id})
    row = bench.desk.around.store.now(lambda tx: tx.peers.get(ben.account_id))
    assert row is not None
    assert (row.handle, row.host, row.list_version) == ("ben", HOST, 2)
    bench.desk.relay.entries["ben"] = before
    assert await refused(bench.directory.lookup("ben")) == "list_rollback"


async def test_a_known_account_is_asked_for_where_its_handle_lives(bench: Bench) -> None:
    ben = Person("ben")
    bench.desk.relay.entries[ben.account_id.hex()] = answer_of(ben)
    assert (await bench.directory.lookup_known(ben.account_id)).handle == "ben"
    assert bench.asked == [RELAY]


async def test_a_relay_gives_no_handle_of_another_relay(bench: Bench) -> None:
    eve = Person("ben")  # she signs herself the handle of somebody at our relay, and her own relay serves it
    bench.desk.relay.entries[eve.account_id.hex()] = answer_of(eve)
    assert await refused(bench.directory.learn_name(eve.account_id, "https://eve.example")) == "wrong_account"
    assert bench.asked == ["https://eve.example"]
    assert bench.desk.around.store.now(lambda tx: tx.peers.get(eve.account_id)) is None


@pytest.mark.parametrize("text", ["", "relay.example", "ftp://relay.example", "http://relay.example", "https://"])
def test_what_is_no_relay_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        typed_relay(text)
    assert caught.value.code == "bad_relay"


def test_a_handle_belongs_to_its_relay() -> None:
    assert typed_account("Ben", RELAY) == typed_account(f"ben@{HOST}", RELAY)
    for handle in ("ben@other.example", "b"):
        with pytest.raises(UsageError) as caught:
            typed_account(handle, RELAY)
        assert caught.value.code == "bad_handle"
