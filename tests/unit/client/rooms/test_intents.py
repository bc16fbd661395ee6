from __future__ import annotations

from byre.client.rooms.intents import (
    MAX_DEVICES,
    AddDevices,
    CommitLeaving,
    CommitPlan,
    Done,
    Package,
    ReAdd,
    Refused,
    RemoveAccount,
    RemoveDevices,
    RenewLeaf,
    Seat,
    Situation,
    plan,
)

ME, ANNA, BEN = b"me", b"anna", b"ben"


def seat(leaf: int, account: bytes, device: bytes) -> Seat:
    return Seat(leaf, account, device, b"key " + device, b"hpke " + device)


def package(account: bytes, device: bytes, key: bytes = b"fresh") -> Package:
    return Package(account, device, key, b"package of " + device)


ROOM = Situation((seat(0, ME, b"phone"), seat(1, ANNA, b"a1"), seat(2, ANNA, b"a2"), seat(4, BEN, b"b1")))


def test_only_devices_that_are_not_there_are_added() -> None:
    made = plan(AddDevices((package(ANNA, b"a1"), package(ANNA, b"a3"))), ROOM, 0)
    assert isinstance(made, CommitPlan)
    assert [p.device_id for p in made.adds] == [b"a3"]


def test_an_add_that_somebody_else_made_is_done() -> None:
    assert plan(AddDevices((package(ANNA, b"a1"),)), ROOM, 0) == Done()


def test_a_device_that_is_leaving_can_be_added_again() -> None:
    made = plan(AddDevices((package(ANNA, b"a1"),)), Situation(ROOM.seats, frozenset({1})), 0)
    assert isinstance(made, CommitPlan)
    assert len(made.adds) == 1


def test_more_than_a_thousand_devices_are_refused() -> None:
    assert MAX_DEVICES == 1000
    adds = tuple(package(BEN, n.to_bytes(2)) for n in range(MAX_DEVICES - 3))
    assert plan(AddDevices(adds), ROOM, 0) == Refused("room_too_large")
    assert isinstance(plan(AddDevices(adds[1:]), ROOM, 0), CommitPlan)


def test_removing_an_account_takes_all_its_leaves() -> None:
    assert plan(RemoveAccount(ANNA), ROOM, 0) == CommitPlan(removes=(1, 2))
    assert plan(RemoveAccount(b"nobody"), ROOM, 0) == Done()


def test_nobody_removes_oneself_by_a_commit() -> None:
    assert plan(RemoveAccount(ME), ROOM, 0) == Refused("not_allowed")


def test_a_leaf_whose_removal_is_proposed_is_not_removed_twice() -> None:
    assert plan(RemoveAccount(ANNA), Situation(ROOM.seats, frozenset({2})), 0) == CommitPlan(removes=(1,))


def test_devices_outside_the_signed_list_go_with_the_list() -> None:
    intent = RemoveDevices(ANNA, frozenset({b"a2", b"b1"}), b"list 7")
    assert plan(intent, ROOM, 0) == CommitPlan(removes=(2,), signed_list=b"list 7")


def test_a_rejoin_is_a_remove_and_an_add_of_the_same_device() -> None:
    wanted = package(BEN, b"b1")
    assert plan(ReAdd(wanted), ROOM, 0) == CommitPlan(removes=(4,), adds=(wanted,))


def test_a_rejoin_that_somebody_else_answered_is_done() -> None:
    assert plan(ReAdd(package(BEN, b"b1", b"hpke b1")), ROOM, 0) == Done()


def test_a_rejoin_of_a_device_without_a_leaf_is_refused() -> None:
    assert plan(ReAdd(package(BEN, b"b2")), ROOM, 0) == Refused("not_member")
    assert plan(ReAdd(package(BEN, b"b1")), Situation(ROOM.seats, frozenset({4})), 0) == Refused("not_member")


def test_leaving_is_committed_by_those_who_stay() -> None:
    assert plan(CommitLeaving(), ROOM, 0) == Done()
    assert plan(CommitLeaving(), Situation(ROOM.seats, frozenset({4})), 0) == CommitPlan()
    assert plan(CommitLeaving(), Situation(ROOM.seats, frozenset({4})), 4) == Done()


def test_half_an_account_s_leaving_is_left_out() -> None:
    half = Situation(ROOM.seats, frozenset({1}), is_whole=False)
    assert plan(CommitLeaving(), half, 0) == Done()
    assert plan(RemoveAccount(BEN), half, 0) == CommitPlan(removes=(4,), include_leaving=False)
    assert plan(RemoveAccount(b"nobody"), half, 0) == Done()


def test_who_is_leaving_changes_nothing_any_more() -> None:
    assert plan(RemoveAccount(BEN), Situation(ROOM.seats, frozenset({0})), 0) == Refused("wrong_state")


def test_a_leaf_is_renewed_once() -> None:
    assert plan(RenewLeaf(b"hpke phone"), ROOM, 0) == CommitPlan()
    assert plan(RenewLeaf(b"an older key"), ROOM, 0) == Done()
