from __future__ import annotations

from byre.client.delivery.states import Advance, account_advance, message_state, shown
from byre.client.views import MessageState

ME, ANNA, BEN = b"m", b"a", b"b"


def test_an_account_counts_by_its_most_advanced_device() -> None:
    assert account_advance([Advance.QUEUED, Advance.DELIVERED, Advance.EXPIRED]) is Advance.DELIVERED


def test_a_receipt_outlives_the_devices_rows() -> None:
    assert account_advance([], Advance.READ) is Advance.READ
    assert account_advance([Advance.STORED], Advance.DELIVERED) is Advance.DELIVERED
    assert account_advance([Advance.READ], Advance.DELIVERED) is Advance.READ


def test_an_account_without_device_or_receipt_has_failed() -> None:
    assert account_advance([]) is Advance.FAILED


def test_a_message_counts_by_its_least_advanced_account() -> None:
    state, unread_by = message_state({ANNA: Advance.READ, BEN: Advance.STORED}, ME)
    assert (state, unread_by) == (MessageState.STORED, 1)


def test_ones_own_account_does_not_hold_a_message_back() -> None:
    state, unread_by = message_state({ME: Advance.QUEUED, ANNA: Advance.READ}, ME)
    assert (state, unread_by) == (MessageState.READ, 0)


def test_in_the_note_room_ones_own_devices_count() -> None:
    assert message_state({ME: Advance.STORED}, ME) == (MessageState.STORED, 0)
    assert message_state({}, ME) == (MessageState.DELIVERED, 0)


def test_expired_and_failed_are_less_advanced_than_queued() -> None:
    assert message_state({ANNA: Advance.EXPIRED, BEN: Advance.QUEUED}, ME)[0] is MessageState.EXPIRED
    assert message_state({ANNA: Advance.FAILED, BEN: Advance.EXPIRED}, ME)[0] is MessageState.FAILED


def test_every_advance_has_a_word() -> None:
    assert [shown(a) for a in Advance] == ["failed", "expired", "queued", "relayed", "stored", "delivered", "read"]
