"""Safety numbers."""

import pytest

from byre.errors import PeerError, UsageError
from byre.identity.safety_number import grouped, is_match, parse_safety_uri, safety_number, safety_uri
from tests.fakes.identities import Person

ALICE, BOB, EVE = (Person(name).account_id for name in ("alice", "bob", "eve"))


def test_both_sides_see_the_same_sixty_digits() -> None:
    number = safety_number(ALICE, BOB)
    assert number == safety_number(BOB, ALICE)
    assert len(number) == 60
    assert number.isdecimal()


def test_another_account_has_another_number() -> None:
    assert safety_number(ALICE, BOB) != safety_number(ALICE, EVE)


def test_it_survives_new_devices() -> None:
    alice = Person("alice")
    alice.link()
    assert safety_number(alice.account_id, BOB) == safety_number(ALICE, BOB)


def test_it_is_read_in_twelve_groups() -> None:
    number = safety_number(ALICE, BOB)
    assert [len(group) for group in grouped(number).split()] == [5] * 12
    assert is_match(number, grouped(number))
    assert not is_match(number, "0" * 60)


def test_the_qr_carries_the_digits() -> None:
    number = safety_number(ALICE, BOB)
    assert parse_safety_uri(f" {safety_uri(number)}\n") == number


@pytest.mark.parametrize(
    "text", ["", "0" * 60, "byre://safety#", "byre://safety#" + "0" * 59, "byre://safety#" + "٠" * 60, "byre://link#x"]
)
def test_another_qr_is_refused(text: str) -> None:
    with pytest.raises(PeerError) as caught:
        parse_safety_uri(text)
    assert caught.value.code == "bad_safety_uri"


def test_what_is_no_account_has_no_number() -> None:
    with pytest.raises(UsageError):
        safety_number(ALICE, b"short")  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        safety_number(b"short", ALICE)  # type: ignore[arg-type]
