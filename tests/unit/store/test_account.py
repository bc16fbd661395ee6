"""The account of a profile, its mailboxes and devices."""

from __future__ import annotations

from dataclasses import replace

from byre.crypto.secret import Secret
from byre.store import AccountRow, MailboxRow, OwnDeviceRow, SignedClaimRow, Transaction
from tests.unit.store.profile import ALICE, LAPTOP, NOW, PHONE, RUN, room, text

ACCOUNT = AccountRow(
    account_id=ALICE,
    account_public=b"p" * 32,
    account_seed=Secret(b"s" * 32),
    role="primary",
    handle="alice",
    host="relay.test",
    name="앨리스",
    relay="http://relay.test",
    binding=b"binding",
    device_id=PHONE,
    device_seed=Secret(b"d" * 32),
    certificate=b"certificate",
    run_id=RUN,
    created_at=NOW,
)
MAILBOX = MailboxRow(b"m" * 16, "http://relay.test", Secret(b"a"), Secret(b"b"), b"pub", Secret(b"t"), NOW)


def test_there_is_one_account(tx: Transaction) -> None:
    assert tx.account.get() is None
    tx.account.put(ACCOUNT)
    tx.account.put(replace(ACCOUNT, name="A", account_seed=None, role="linked", is_linked=False))
    stored = tx.account.get()
    assert stored == replace(ACCOUNT, name="A", account_seed=None, role="linked", is_linked=False)


def test_seeds_do_not_print(tx: Transaction) -> None:
    tx.account.put(ACCOUNT)
    assert "ssss" not in repr(tx.account.get())


def test_clearing_returns_to_new(tx: Transaction) -> None:
    tx.account.put(ACCOUNT)
    tx.mailboxes.put(MAILBOX)
    tx.own_devices.put(OwnDeviceRow(PHONE, "phone", "primary", NOW))
    tx.account.clear()
    assert tx.account.get() is None
    assert tx.mailboxes.active() == []
    assert tx.own_devices.all(with_removed=True) == []


def test_a_retired_mailbox_is_not_active(tx: Transaction) -> None:
    other = replace(MAILBOX, mailbox_id=b"n" * 16, created_at=NOW + 1, is_registered=True)
    tx.mailboxes.put(other)
    tx.mailboxes.put(MAILBOX)
    assert tx.mailboxes.active() == [MAILBOX, other]
    tx.mailboxes.retire(b"m" * 16, NOW + 5)
    assert tx.mailboxes.active() == [other]
    assert tx.mailboxes.get(b"m" * 16) == replace(MAILBOX, retired_at=NOW + 5)
    tx.mailboxes.delete(b"m" * 16)
    assert tx.mailboxes.get(b"m" * 16) is None


def test_a_removed_device_keeps_its_name(tx: Transaction) -> None:
    phone = OwnDeviceRow(PHONE, "phone", "primary", NOW)
    laptop = OwnDeviceRow(LAPTOP, "PC", "linked", NOW + 1, is_removal_wanted=True)
    tx.own_devices.put(laptop)
    tx.own_devices.put(phone)
    assert tx.own_devices.all() == [phone, laptop]
    tx.own_devices.put(replace(laptop, removed_at=NOW + 2))
    assert tx.own_devices.all() == [phone]
    assert [row.name for row in tx.own_devices.all(with_removed=True)] == ["phone", "PC"]
    tx.own_devices.delete(LAPTOP)
    assert tx.own_devices.get(LAPTOP) is None


def test_what_a_removed_device_had_is_forgotten_and_its_history_stays(tx: Transaction) -> None:
    number = tx.rooms.add(room())
    left = tx.rooms.add(room(2, state="left"))
    tx.messages.add(text(1, "history", in_room=number, own=True, state="queued"))
    tx.messages.add(text(2, "read", in_room=number, own=True, state="read", at=1))
    tx.groups.save_epoch(bytes([1]) * 32, 3, b"epoch", b"ratchets")
    tx.claims.put(SignedClaimRow(bytes([1]) * 32, 3, "https://relay", b"t", b"c", b"h", b"n", b"s", b"body"))
    tx.own_devices.put(OwnDeviceRow(PHONE, "phone", "primary", NOW))
    tx.peers.note_told(number, [PHONE], 5)
    tx.account.forget_device()
    assert tx.claims.groups_with_granted() == []
    assert tx.account.get() is None
    assert tx.groups.current(bytes([1]) * 32) is None
    assert tx.own_devices.all() == []
    assert tx.peers.told(number) == {}
    assert {row.id: row.state for row in tx.rooms.all(with_hidden=True)} == {number: "removed", left: "left"}
    assert [(row.body, row.state) for row in tx.messages.page(number, 9)] == [("read", "read"), ("history", "failed")]
