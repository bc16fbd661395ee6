"""Joining by a Welcome: group, row, members, package and token in one transaction, or a note of why not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.events import RoomChanged, RoomRequested
from byre.client.leaf_check import validate_leaf
from byre.client.rooms.acceptance import accept
from byre.client.rooms.intents import RenewLeaf
from byre.client.rooms.joining import Joining
from byre.client.rooms.live_room import LiveRoom
from byre.crypto.secret import Secret
from byre.identity.room_context import RoomContext, RoomKind
from byre.mls import (
    HYBRID,
    LEAF_PROFILE,
    ROOM_CONTEXT,
    AddProposal,
    Credential,
    Extension,
    Group,
    suite_by_id,
)
from byre.store import KeyPackageRow, RejoiningRow, Transaction
from byre.wire.ids import GroupTag
from tests.fakes.identities import NOW_MS, RELAY, Person
from tests.fakes.paper_rooms import DAY_S, NOW_S, package_of
from tests.fakes.room_desk import RoomDesk

GROUP = b"g" * 32


class Invited:
    """Ben at his desk, with a package that anna used to add him to a room of hers."""

    def __init__(self, tx: Transaction, kind: RoomKind = RoomKind.GROUP, *, last_resort: bool = False) -> None:
        self.anna, self.ben = Person("anna"), Person("ben")
        self.desk = RoomDesk(tx, self.ben)
        self.desk.context.own.device_key = self.ben.primary.key
        self.contacts = {self.anna.account_id}
        self.learned: list[bytes] = []
        self.joined: list[bytes] = []
        self.back: list[str] = []
        peers: Any = SimpleNamespace(
            is_contact=lambda tx, account: account in self.contacts,
            learn=lambda tx, credential, relay: self.learned.append(credential.account_id),
        )
        showing: Any = SimpleNamespace(sender=lambda tx, account, device: SimpleNamespace(handle="anna"))
        self.joining = Joining(
            self.desk.context,
            self.desk.groups,  # type: ignore[arg-type]
            peers,
            showing,
            self.joined.append,
            lambda tx, row: self.back.append(row.state),
        )
        self.joining.on_joined(lambda tx, room: self.learned.append(room.kind.encode()))  # type: ignore[func-returns-value, arg-type]
        self.bundle = package_of(self.ben)
        if kind is RoomKind.DIRECT:
            context = RoomContext.direct(
                self.anna.account_id, self.ben.account_id, home_url=RELAY, group_tag=GroupTag(bytes(16))
            )
        else:
            context = RoomContext.owned(
                kind, self.anna.account_id, home_url=RELAY, group_tag=GroupTag(bytes(16)), title="a room"
            )
        group = Group.create(
            suite_by_id(HYBRID),
            group_id=GROUP,
            signature_key=self.anna.primary.key,
            credential=Credential(self.anna.credential(self.anna.primary)),
            leaf_extensions=(Extension(LEAF_PROFILE, self.anna.primary.info().encode()),),
            extensions=(Extension(ROOM_CONTEXT, context.encode()),),
            not_before_s=NOW_S - DAY_S,
            not_after_s=NOW_S + DAY_S,
            random=self.anna.random,
        )
        pending = group.commit(
            [AddProposal(self.bundle.key_package)], validate=validate_leaf, now_s=NOW_S, random=self.anna.random
        )
        self.welcome = pending.welcomes[0].message
        self.room = LiveRoom.read(pending.group)
        secret = Secret(self.bundle.to_bytes())
        tx.key_packages.put(
            KeyPackageRow(
                self.bundle.reference, secret, Secret(bytes(32)), "used", NOW_MS, NOW_MS, is_last_resort=last_resort
            )
        )

    def package(self) -> KeyPackageRow | None:
        return self.desk.tx.key_packages.get(self.bundle.reference)


async def test_who_is_welcomed_by_a_contact_is_in(tx: Transaction) -> None:
    at = Invited(tx)
    assert await at.joining.take(at.welcome, b"m" * 16) == GROUP
    row = tx.rooms.get(GROUP)
    assert row is not None
    assert (row.kind, row.state, row.title, row.relay) == ("group", "active", "a room", RELAY)
    assert {member.account_id for member in tx.members.of_room(row.id)} == {at.anna.account_id, at.ben.account_id}
    stored = tx.groups.current(GROUP)
    assert stored is not None
    assert stored.epoch_bytes == at.desk.groups.rooms[GROUP].group.epoch_bytes()
    assert (at.package(), at.joined) == (None, [GROUP])
    assert at.learned == [at.anna.account_id, at.ben.account_id, b"group"]
    assert at.desk.told == [RoomChanged(GROUP.hex())]  # type: ignore[arg-type]
    exported = [group.export_secret("x", b"", 32) for group in (at.room.group, at.desk.groups.rooms[GROUP].group)]
    assert exported[0] == exported[1]


async def test_a_welcome_that_comes_twice_is_taken_once(tx: Transaction) -> None:
    at = Invited(tx)
    await at.joining.take(at.welcome, b"m" * 16)
    assert await at.joining.take(at.welcome, b"m" * 16) is None
    assert (at.joined, tx.inbox.undecryptable()) == ([GROUP], [])


async def test_a_strangers_room_is_a_request_that_names_who_asks(tx: Transaction) -> None:
    at = Invited(tx)
    at.contacts.clear()
    await at.joining.take(at.welcome, b"m" * 16)
    row = tx.rooms.get(GROUP)
    assert row is not None
    assert (row.state, row.requester_account) == ("request", at.anna.account_id)
    assert row.requester_device == at.anna.primary.id
    assert [type(event) for event in at.desk.told] == [RoomRequested, RoomChanged]


async def test_a_direct_room_knows_its_peer(tx: Transaction) -> None:
    at = Invited(tx, RoomKind.DIRECT)
    await at.joining.take(at.welcome, b"m" * 16)
    row = tx.rooms.get(GROUP)
    assert row is not None
    assert (row.kind, row.peer_account) == ("direct", at.anna.account_id)


@pytest.mark.parametrize("kind", [RoomKind.DEVICE, RoomKind.NOTE])
async def test_nobody_is_let_into_a_strangers_own_room(tx: Transaction, kind: RoomKind) -> None:
    at = Invited(tx, kind)
    assert await at.joining.take(at.welcome, b"m" * 16) is None
    assert [row.reason for row in tx.inbox.undecryptable()] == ["room_too_many_accounts"]
    assert (tx.rooms.get(GROUP), at.package() is None, at.joined) == (None, False, [])


async def test_what_cannot_be_opened_is_recorded_once(tx: Transaction) -> None:
    at = Invited(tx)
    for message, code in (
        (at.welcome[:-1], "malformed"),
        (at.bundle.key_package.encoded, "malformed"),
        (at.welcome[:-2] + b"\x00\x00", "bad_ciphertext"),
    ):
        mid = code.encode().ljust(16, b"0") + message[:0]
        for _ in range(2):
            assert await at.joining.take(message, mid) is None
    at.desk.tx.key_packages.delete(at.bundle.reference)
    assert await at.joining.take(at.welcome, b"n" * 16) is None
    assert sorted(row.reason for row in tx.inbox.undecryptable()) == ["bad_ciphertext", "malformed", "not_for_us"]
    assert (tx.rooms.get(GROUP), at.joined) == (None, [])


async def test_the_last_resort_package_stays_and_the_leaf_is_renewed(tx: Transaction) -> None:
    at = Invited(tx, last_resort=True)
    await at.joining.take(at.welcome, b"m" * 16)
    assert at.package() is not None
    (intent,) = tx.intents.of_group(GROUP)
    assert intent.kind == "renew_leaf"
    assert RenewLeaf(at.desk.groups.rooms[GROUP].own_seat.package_key).package_key in intent.payload


async def test_a_welcome_into_a_room_that_one_is_in_waits_until_the_room_is_rejoined(tx: Transaction) -> None:
    at = Invited(tx)
    await at.joining.take(at.welcome, b"m" * 16)
    row = tx.rooms.get(GROUP)
    assert row is not None
    secret = Secret(at.bundle.to_bytes())
    tx.key_packages.put(KeyPackageRow(at.bundle.reference, secret, Secret(bytes(32)), "used", NOW_MS, NOW_MS))
    assert await at.joining.take(at.welcome, b"n" * 16) is None
    assert [kept.reason for kept in tx.inbox.kept(GROUP)] == ["welcome"]
    assert not await at.joining.retry(GROUP)
    assert len(tx.inbox.kept(GROUP)) == 1
    tx.rooms.change(row.id, state="rejoining")
    tx.joins.put_rejoining(RejoiningRow(GROUP, b"", b"", NOW_MS, NOW_MS))
    assert await at.joining.retry(GROUP)
    again = tx.rooms.get(GROUP)
    assert again is not None
    assert (again.id, again.state, tx.inbox.kept(GROUP), tx.joins.rejoining(GROUP)) == (row.id, "active", [], None)


async def test_a_request_that_is_rejoined_is_a_request_again(tx: Transaction) -> None:
    at = Invited(tx)
    at.contacts.clear()
    await at.joining.take(at.welcome, b"m" * 16)
    row = tx.rooms.get(GROUP)
    assert row is not None
    for accepted, state in ((False, "request"), (True, "active")):
        secret = Secret(at.bundle.to_bytes())
        tx.key_packages.put(KeyPackageRow(at.bundle.reference, secret, Secret(bytes(32)), "used", NOW_MS, NOW_MS))
        tx.rooms.change(row.id, state="rejoining")
        if accepted:
            assert accept(tx, tx.rooms.get(GROUP) or row)
        at.contacts.add(at.anna.account_id)  # who is known by now asks nothing less
        assert await at.joining.take(at.welcome, bytes([accepted]) * 16) == GROUP
        again = tx.rooms.get(GROUP)
        assert again is not None
        assert (again.state, again.requester_account is None) == (state, accepted)


async def test_who_is_invited_back_by_a_stranger_is_asked_by_that_one(tx: Transaction) -> None:
    at = Invited(tx)
    at.desk.write_room(state="left", title="before")
    at.contacts.clear()
    await at.joining.take(at.welcome, b"m" * 16)
    row = tx.rooms.get(GROUP)
    assert row is not None
    assert (row.state, row.requester_account) == ("request", at.anna.account_id)


async def test_a_kept_welcome_keeps_the_tree_that_came_beside(tx: Transaction) -> None:
    at = Invited(tx)
    await at.joining.take(at.welcome, b"m" * 16)
    secret = Secret(at.bundle.to_bytes())
    tx.key_packages.put(KeyPackageRow(at.bundle.reference, secret, Secret(bytes(32)), "used", NOW_MS, NOW_MS))
    assert await at.joining.take(at.welcome, b"n" * 16, tree=at.room.group.ratchet_tree) is None
    assert [kept.reason for kept in tx.inbox.kept(GROUP)] == ["welcome+tree"]
    row = tx.rooms.get(GROUP)
    assert row is not None
    tx.rooms.change(row.id, state="rejoining")
    assert await at.joining.retry(GROUP)


async def test_a_room_that_this_device_opened_is_announced_to_the_handlers(tx: Transaction) -> None:
    at = Invited(tx)
    await at.joining.announce(GROUP, "note")
    assert at.learned == [b"note"]
