"""What the phone keeps of a linking, and the PC of a confirmed one: written, read back, and forgotten."""

from __future__ import annotations

import dataclasses

import pytest

from byre.client.admission import (
    Admission,
    Stage,
    delete_admission,
    is_list_pending,
    read_admission,
    write_admission,
)
from byre.client.joining_pc import Joining, delete_joining, read_joining, write_joining
from byre.errors import InternalBug
from byre.store import Transaction
from byre.wire.ids import RendezvousId

GRANTED = Admission(Stage.GRANTED, b"link", b"blob 4", b"certificate", b"list", name="서재 PC")


@pytest.mark.parametrize(
    ("stage", "is_pending"),
    [(Stage.GRANTED, True), (Stage.ANSWERED, True), (Stage.WITHDRAWN, True), (Stage.INTRODUCED, False)],
)
def test_a_signed_list_is_pending_until_it_is_out(tx: Transaction, stage: Stage, is_pending: bool) -> None:
    assert not is_list_pending(tx)
    admission = GRANTED.at(stage, key_package=b"package")
    write_admission(tx, admission)
    assert (read_admission(tx), is_list_pending(tx)) == (admission, is_pending)
    delete_admission(tx)
    assert (read_admission(tx), is_list_pending(tx)) == (None, False)


def test_an_admission_that_an_older_version_stored_has_no_name(tx: Transaction) -> None:
    write_admission(tx, GRANTED)
    stored = tx.settings.get("engine.admission")
    assert isinstance(stored, dict)
    tx.settings.put("engine.admission", {key: value for key, value in stored.items() if key != "name"})
    assert read_admission(tx) == dataclasses.replace(GRANTED, name="")


def test_a_key_package_once_given_stays() -> None:
    answered = GRANTED.at(Stage.ANSWERED, key_package=b"package")
    assert answered.at(Stage.INTRODUCED).key_package == b"package"
    assert "certificate" not in repr(answered).replace("certificate=", "")


def test_a_stored_admission_of_another_shape_is_a_bug(tx: Transaction) -> None:
    tx.settings.put("engine.admission", "nonsense")
    with pytest.raises(InternalBug):
        read_admission(tx)


def test_a_confirmed_linking_comes_back_as_it_was(tx: Transaction) -> None:
    joining = Joining("https://relay.test", RendezvousId(b"r" * 16), b"blob 5", 1_800_000_000_000, "서재 PC", "Linux")
    assert read_joining(tx) is None
    write_joining(tx, joining)
    assert read_joining(tx) == joining
    assert "blob 5" not in repr(joining)
    delete_joining(tx)
    assert read_joining(tx) is None
