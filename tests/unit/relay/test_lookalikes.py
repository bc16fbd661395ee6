"""Look-alikes have one skeleton, what nobody confuses has two; the table is that of the Unicode data."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from byre.errors import PeerError
from byre.identity.handle import normalise
from byre.relay.lookalikes import Lookalikes
from tests.unit.relay.lookalikes import table


@pytest.fixture(scope="module")
def lookalikes() -> Lookalikes:
    return Lookalikes()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("bob", "b0b"),
        ("coco", "сосо"),
        ("paypal", "paypa1"),
        ("modern", "rnodern"),
        ("hello", "he11o"),
        ("scope", "ѕсоре"),
        ("カロ", "力口"),
        ("soso", "ѕоѕо"),
        ("æther", "aether"),
        ("minsu", "m1nsu"),
        ("minsu", "mlnsu"),
        ("minsu", "mìnsu"),
        ("minsu", "mïnsu"),
        ("straße", "strasse"),
        ("søren", "soren"),
        ("łódź", "lodz"),
        ("zoë", "zoe"),
        ("ðor", "dor"),
        ("андрей", "андреи"),
        ("ёлка", "елка"),
        ("ιασων", "ιάσων"),
        ("أحمد", "احمد"),
        ("wool", "vvool"),
        ("cow_shed", "cow__shed"),
        ("ivan", "1van"),
    ],
)
def test_what_looks_alike_has_one_skeleton(lookalikes: Lookalikes, first: str, second: str) -> None:
    assert lookalikes.skeleton(normalise(first)) == lookalikes.skeleton(normalise(second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("farmer", "former"),
        ("외양간", "외양칸"),
        ("가까", "각가"),
        ("어이", "에"),
        ("minsu", "minso"),
        ("か", "が"),
        ("は", "ば"),
        ("س", "ش"),
        ("a.b", "ab"),
        ("a_b", "a.b"),
        ("cow2", "cow3"),
        ("ab", "ba"),
    ],
)
def test_what_nobody_confuses_has_two(lookalikes: Lookalikes, first: str, second: str) -> None:
    assert lookalikes.skeleton(first) != lookalikes.skeleton(second)


def test_hangul_stands_for_itself(lookalikes: Lookalikes) -> None:
    assert lookalikes.skeleton("외양간") == "외양간"


def test_a_skeleton_is_its_own(lookalikes: Lookalikes) -> None:
    for handle in ("modern", "b0b", "сосо", "ћало", "カロ", "ünder", "wïn1__w", "فواد"):
        once = lookalikes.skeleton(handle)
        assert lookalikes.skeleton(once) == once


@pytest.mark.parametrize("mixed", ["pаypal", "аdmin", "b0ь", "외yang", "カ力", "ο0o", "bοb"])
def test_mixed_scripts_are_no_handle_at_all(mixed: str) -> None:
    with pytest.raises(PeerError):
        normalise(mixed)


def test_the_table_is_that_of_the_unicode_data() -> None:
    committed = resources.files("byre.relay").joinpath("lookalikes.json").read_text(encoding="utf-8")
    assert json.loads(committed) == table()
