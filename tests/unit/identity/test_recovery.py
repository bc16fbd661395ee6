"""Recovery code and recovery file."""

import pytest

from byre.errors import PeerError
from byre.identity import recovery
from tests.fakes.identities import Person, SeededRandom

CODE = recovery.new_recovery_code(SeededRandom("code"))
FILE = recovery.seal_recovery_file(CODE, Person("alice").key, SeededRandom("file"))


def test_a_code_has_130_bits_and_a_checksum_in_seven_groups() -> None:
    assert [len(group) for group in CODE.split("-")] == [4] * 7
    assert recovery.new_recovery_code(lambda length: bytes(length)).startswith("0000-0000-0000-0000-0000-0000-00")
    assert recovery.new_recovery_code(lambda length: b"\xff" * length).startswith("ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZ")


def test_a_code_may_be_typed_carelessly() -> None:
    plain = recovery.new_recovery_code(lambda length: bytes(length - 1) + b"\x40")
    assert plain.replace("-", "")[25] == "1"
    typed = plain.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert recovery.normalise_code(f" {typed}\n") == plain
    assert recovery.normalise_code(typed.replace("l", "I")) == plain


@pytest.mark.parametrize("length", range(26))
def test_one_wrong_character_is_noticed(length: int) -> None:
    body = CODE.replace("-", "")
    wrong = "X" if body[length] != "X" else "Y"
    with pytest.raises(PeerError) as caught:
        recovery.normalise_code(body[:length] + wrong + body[length + 1 :])
    assert caught.value.code == "wrong_recovery_code"


@pytest.mark.parametrize("text", ["", CODE[:-1], CODE + "0", "U" * 28, "!" * 28, "0" * 300, "가" * 28])
def test_other_text_is_no_code(text: str) -> None:
    with pytest.raises(PeerError) as caught:
        recovery.normalise_code(text)
    assert caught.value.code == "wrong_recovery_code"


def test_the_file_gives_the_account_back() -> None:
    assert len(FILE) <= recovery.LARGEST_FILE
    assert recovery.open_recovery_file(CODE.lower(), FILE).public == Person("alice").key.public


def test_the_file_does_not_show_the_key() -> None:
    assert Person("alice").key.seed.reveal() not in FILE


def test_another_code_does_not_open_the_file() -> None:
    other = recovery.new_recovery_code(SeededRandom("another code"))
    with pytest.raises(PeerError) as caught:
        recovery.open_recovery_file(other, FILE)
    assert caught.value.code == "wrong_recovery_code"


def test_a_file_for_another_account_id_is_refused() -> None:
    with pytest.raises(PeerError) as caught:
        recovery.open_recovery_file(CODE, FILE[:2] + Person("bob").account_id + FILE[34:])
    assert caught.value.code == "wrong_recovery_code"


class Impostor:
    """An account key that claims another account's id."""

    account_id = Person("bob").account_id
    seed = Person("alice").key.seed


def test_a_file_that_holds_another_accounts_key_is_refused() -> None:
    forged = recovery.seal_recovery_file(CODE, Impostor(), SeededRandom("forged"))  # type: ignore[arg-type]
    with pytest.raises(PeerError) as caught:
        recovery.open_recovery_file(CODE, forged)
    assert caught.value.code == "wrong_recovery_code"


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "malformed"), (FILE + b"\0", "malformed"), (b"\0\2", "newer_version")]
)
def test_a_broken_file_is_named_as_such(data: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        recovery.open_recovery_file(CODE, data)
    assert caught.value.code == code


def test_a_code_that_is_none_opens_nothing() -> None:
    with pytest.raises(PeerError) as caught:
        recovery.open_recovery_file("nothing", FILE)
    assert caught.value.code == "wrong_recovery_code"


def test_the_fetch_key_is_not_the_file_key() -> None:
    key = recovery.fetch_key(CODE)
    assert len(key) == 32
    assert key == recovery.fetch_key(CODE.lower())
    assert key not in FILE


def test_a_key_copy_lies_beside_the_file() -> None:
    both = recovery.with_copy(FILE, b"sealed")
    assert recovery.split_copy(both) == (FILE, b"sealed")
    assert recovery.split_copy(FILE) == (FILE, b"")
    assert len(recovery.with_copy(FILE, bytes(102))) < recovery.LARGEST_FILE
    for broken in (both[:-1], both + b"\0", b"\0\2"):
        with pytest.raises(PeerError):
            recovery.split_copy(broken)


def test_the_copy_s_key_pair_follows_from_the_code_alone() -> None:
    assert recovery.copy_key_pair(CODE) == recovery.copy_key_pair(CODE.lower())
    assert recovery.copy_key_pair(CODE)[1] != recovery.copy_key_pair(recovery.new_recovery_code(SeededRandom("b")))[1]
