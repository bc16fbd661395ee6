from __future__ import annotations

from byre.client.rooms.intents import Seat
from byre.client.rooms.transcript import lines_of

ME, ANNA, BEN = b"me", b"anna", b"ben"


def seat(leaf: int, account: bytes, device: bytes, key: str = "1") -> Seat:
    return Seat(leaf, account, device, b"sig " + device, device + key.encode())


PHONE, A1, A2, B1 = seat(0, ME, b"phone"), seat(1, ANNA, b"a1"), seat(2, ANNA, b"a2"), seat(3, BEN, b"b1")
BEFORE = (PHONE, A1, A2, B1)


def events(
    after: tuple[Seat, ...], removers: dict[int, int], committer: int = 0, retitled: bool = False
) -> list[tuple[str, bytes, bytes]]:
    return [
        (x.event, x.actor.account_id, x.subject)
        for x in lines_of(BEFORE, after, committer, removers, retitled=retitled)
    ]


def test_a_commit_that_only_renews_keys_leaves_no_line() -> None:
    assert events((seat(0, ME, b"phone", "2"), A1, A2, B1), {}) == []


def test_a_new_account_is_one_line_whatever_its_devices() -> None:
    after = (*BEFORE, seat(4, b"carl", b"c1"), seat(5, b"carl", b"c2"))
    assert events(after, {}) == [("member_added", ME, b"carl")]


def test_a_device_of_a_member_is_a_device_added() -> None:
    assert events((*BEFORE, seat(4, BEN, b"b2")), {}) == [("device_added", ME, BEN)]


def test_a_removed_account_names_who_proposed_it() -> None:
    assert events((PHONE, B1), {1: 0, 2: 0}) == [("member_removed", ME, ANNA)]


def test_an_account_that_removes_its_own_leaves_has_left() -> None:
    assert events((PHONE, B1), {1: 1, 2: 1}) == [("member_left", ANNA, ANNA)]


def test_one_device_less_is_a_device_removed() -> None:
    assert events((PHONE, A1, B1), {2: 1}) == [("device_removed", ANNA, ANNA)]


def test_a_removed_and_added_device_has_rejoined() -> None:
    after = (PHONE, A1, A2, seat(3, BEN, b"b1", "2"))
    assert events(after, {3: 0}) == [("device_rejoined", ME, BEN)]
    elsewhere = (PHONE, A1, A2, seat(4, BEN, b"b1", "2"))
    assert events(elsewhere, {3: 0}) == [("device_rejoined", ME, BEN)]


def test_a_new_member_on_a_freed_leaf_is_told_from_the_old_one() -> None:
    after = (PHONE, A1, A2, seat(3, b"carl", b"c1"))
    assert events(after, {3: 0}) == [("member_removed", ME, BEN), ("member_added", ME, b"carl")]


def test_a_new_title_is_a_line() -> None:
    assert events(BEFORE, {}, committer=1, retitled=True) == [("title_changed", ANNA, ANNA)]
    assert [line.event for line in lines_of(BEFORE, BEFORE, 1, {}, retimed=True)] == ["retention_changed"]
