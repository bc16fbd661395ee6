"""Order among lists, and the proof of two histories."""

import pytest

from byre.errors import PeerError
from byre.identity.device_list import DeviceList
from byre.identity.fork import ForkProof, fork_of, is_newer, newest_of_chain
from byre.wire.tls import Writer
from tests.fakes.identities import NOW_MS, Person


def history(length: int, twist: int = 0) -> list[DeviceList]:
    """Lists 1 to `length` of alice; `twist` changes every list but the first."""
    alice = Person("alice")
    lists = [alice.device_list]
    while len(lists) < length:
        lists.append(lists[-1].renewed(alice.key, NOW_MS + len(lists) + twist))
    return lists


ALICE = Person("alice").key.public
ONE, TWO, THREE, FOUR = history(4)
_, OTHER_TWO, OTHER_THREE, OTHER_FOUR = history(4, twist=1000)


def code_of(call: object) -> str:
    with pytest.raises(PeerError) as caught:
        call()  # type: ignore[operator]
    return caught.value.code


def test_a_higher_version_is_newer_even_over_a_gap() -> None:
    assert is_newer(ONE, TWO)
    assert is_newer(ONE, FOUR)
    assert not is_newer(TWO, TWO)


def test_a_lower_version_is_a_rollback() -> None:
    assert code_of(lambda: is_newer(THREE, ONE)) == "list_rollback"


@pytest.mark.parametrize(("known", "offered"), [(TWO, OTHER_TWO), (TWO, OTHER_THREE), (OTHER_THREE, TWO)])
def test_contradicting_lists_are_a_fork(known: DeviceList, offered: DeviceList) -> None:
    assert code_of(lambda: is_newer(known, offered)) == "list_fork"


def test_lists_of_two_accounts_have_no_order() -> None:
    assert code_of(lambda: is_newer(ONE, Person("bob").device_list)) == "wrong_account"


def test_a_chain_ends_with_its_newest_list() -> None:
    assert newest_of_chain([ONE, TWO, THREE]) == THREE
    assert newest_of_chain([TWO, THREE]) == THREE
    assert newest_of_chain([ONE, TWO, THREE], known=TWO) == THREE
    assert newest_of_chain([THREE, FOUR], known=TWO) == FOUR
    assert newest_of_chain([TWO], known=TWO) == TWO


@pytest.mark.parametrize(
    ("lists", "known", "code"),
    [
        ([], None, "malformed"),
        ([ONE, THREE], None, "malformed"),
        ([TWO, TWO], None, "malformed"),
        ([TWO, ONE], None, "list_rollback"),
        ([ONE, TWO, OTHER_THREE], None, "list_fork"),
        ([FOUR], TWO, "malformed"),
        ([ONE], TWO, "list_rollback"),
        ([ONE, OTHER_TWO, OTHER_THREE, OTHER_FOUR], TWO, "list_fork"),
        ([OTHER_THREE], TWO, "list_fork"),
        ([Person("bob").device_list], ONE, "wrong_account"),
    ],
)
def test_a_broken_chain_is_refused(lists: list[DeviceList], known: DeviceList | None, code: str) -> None:
    assert code_of(lambda: newest_of_chain(lists, known)) == code


@pytest.mark.parametrize("pair", [(TWO, OTHER_TWO), (OTHER_TWO, TWO), (TWO, OTHER_THREE), (OTHER_THREE, TWO)])
def test_a_fork_has_a_proof_that_others_can_check(pair: tuple[DeviceList, DeviceList]) -> None:
    proof = fork_of(ALICE, *pair)
    assert proof is not None
    assert ForkProof.decode(proof.encode()) == proof
    swapped = fork_of(ALICE, *reversed(pair))
    assert swapped == proof


@pytest.mark.parametrize("pair", [(ONE, TWO), (TWO, TWO), (ONE, OTHER_THREE)])
def test_lists_of_one_history_prove_nothing(pair: tuple[DeviceList, DeviceList]) -> None:
    assert fork_of(ALICE, *pair) is None
    data = Writer().u16(1).fixed(ALICE).opaque_v(pair[0].encoded).opaque_v(pair[1].encoded).done()
    assert code_of(lambda: ForkProof.decode(data)) == "malformed"


def test_a_proof_has_one_encoding() -> None:
    proof = fork_of(ALICE, TWO, OTHER_TWO)
    assert proof is not None
    data = Writer().u16(1).fixed(ALICE).opaque_v(proof.second.encoded).opaque_v(proof.first.encoded).done()
    assert code_of(lambda: ForkProof.decode(data)) == "malformed"
