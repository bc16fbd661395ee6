"""The choice of needles, and their seal."""

from __future__ import annotations

import itertools

import pytest

from byre.crypto.secret import Secret
from byre.errors import PeerError
from byre.store import wipe_needles
from byre.store.forensics_needles import LONGEST, NeedleSet
from byre.store.wipe_needles import choose_needles, decode_needles, open_needles, seal_needles
from tests.unit.store.profile import seeded

KEY = Secret(b"k" * 32)


def test_every_long_value_gives_a_needle_while_there_is_room() -> None:
    needles = choose_needles(f"message number {n}, sir".encode() for n in range(50))
    assert len(needles) == 50


def test_many_values_are_sampled_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wipe_needles, "MOST_NEEDLES", 64)
    needles = choose_needles(f"message number {n:05d}, sir".encode() for n in range(1000))
    numbers = [int(needle.split()[2].rstrip(b",")) for needle in needles.needles]
    assert 32 <= len(numbers) <= 64
    assert {b - a for a, b in itertools.pairwise(numbers)} == {16}
    assert numbers[-1] > 950


def test_the_seal_opens_and_hides() -> None:
    needles = NeedleSet([b"a needle of some length", b"another one of these"])
    sealed = seal_needles(needles, KEY, seeded("seal"))
    assert open_needles(sealed, KEY).needles == needles.needles
    assert b"needle" not in sealed
    with pytest.raises(PeerError):
        open_needles(sealed, Secret(b"x" * 32))
    with pytest.raises(PeerError):
        open_needles(sealed[:20], KEY)


def test_no_needles_is_an_empty_list() -> None:
    assert len(open_needles(seal_needles(NeedleSet([]), KEY, seeded("none")), KEY)) == 0


@pytest.mark.parametrize("packed", [b"\x0e" + b"x" * 14, b"\x31" + b"x" * 49, b"\x10" + b"x" * 15, b"\x00"])
def test_a_damaged_list_is_malformed(packed: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        decode_needles(packed)
    assert caught.value.code == "malformed"


def test_where_there_are_thousands_of_long_ones_the_others_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wipe_needles, "MOST_NEEDLES", 40)
    contents = [f"a message with a number, {n:03d}, that is long enough for it".encode() for n in range(12)]
    assert len(choose_needles([*contents[:9], b"a short one, sir"])) == 10
    assert {len(needle) for needle in choose_needles([*contents, b"a short one, sir"]).needles} == {LONGEST}
