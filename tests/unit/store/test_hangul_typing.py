"""What a syllable may become while it is typed."""

from __future__ import annotations

import pytest

from byre.store.hangul_typing import endings_of


def test_a_lone_consonant_begins_any_syllable_but_only_after_something() -> None:
    found = endings_of("ㅇ", has_before=True)
    assert found[0] == "ㅇ"
    assert set(found[1:]) == {chr(number) for number in range(ord("아"), ord("자"))}
    assert endings_of("ㅇ", has_before=False) == ()


@pytest.mark.parametrize(
    ("last", "becomes", "never"),
    [
        ("으", "으은음의읜", "이어그"),
        ("오", "오온와왜외왼", "우워아"),
        ("우", "우운워웨위", "오이"),
        ("아", "아안앉않", "야애하"),
        ("달", "달닭닮닳", "당다"),
        ("각", "각갃", "갂간"),
    ],
)
def test_a_syllable_grows_as_the_keyboard_composes(last: str, becomes: str, never: str) -> None:
    found = endings_of(last, has_before=False)
    assert set(becomes) <= set(found)
    assert not set(never) & set(found)


@pytest.mark.parametrize(
    ("last", "becomes", "never"),
    [("핫", "하세", "하제"), ("달", "다리", "달기"), ("닭", "달걀", "다걀"), ("값", "갑시", "가시")],
)
def test_a_final_consonant_may_begin_the_next_syllable(last: str, becomes: str, never: str) -> None:
    found = endings_of(last, has_before=False)
    assert becomes in found
    assert never not in found


@pytest.mark.parametrize("last", ["a", "日", "ア", "ᅡ", "1"])
def test_other_letters_do_not_grow(last: str) -> None:
    assert endings_of(last, has_before=True) == ()
